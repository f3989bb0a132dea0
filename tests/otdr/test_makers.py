"""Who wrote a file, and where its table's zero lies in its samples."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linetest.devices.driver_file import read_driver
from linetest.errors import BadFile
from linetest.otdr.makers import maker_named, maker_of, makers, origin
from linetest.otdr.sor import read_sor

Build = Callable[..., bytes]

DRIVER = """
name = "own_files"
kind = "trace-file"
make = "any"
model = "a trace"
source = "a source that is long enough"
[[maker]]
name = "one"
"""


@pytest.mark.parametrize(
    ("blocks", "supplier", "name"),
    [
        (["ExfoNewProprietaryBlock 01"], "the contractor", "exfo"),
        (["ExfoNewProprietaryBlock 01"], "OPWILL", "exfo"),  # the block proves who wrote it
        (["WaveMTSParams", "AREvent"], "", "anritsu"),
        (["NetTestTSI "], "", "anritsu"),
        (["WaveMTSParams", "JDSUEvenementsMTS"], "Wavetek", "viavi"),
        (["Noyes2", "Noyes3"], "", "noyes"),
        (["IITEvents"], "", "optixs"),
        ([], "SvPribor", "svpribor"),
        ([], " opwill ltd", "opwill"),
        ([], "", "other"),
        (["Unheard"], "not Grandway", "other"),
    ],
)
def test_maker(blocks: list[str], supplier: str, name: str) -> None:
    assert maker_of([*blocks, "GenParams"], supplier).name == name


def test_each_maker_is_found_again_by_its_name_and_says_its_source() -> None:
    assert len({maker.name for maker in makers()}) == len(makers())
    for maker in makers():
        assert maker_named(maker.name) is maker
        assert len(maker.source) > 15
        assert maker.blocks or maker.supplier
    assert maker_named("gone").name == "other"


@pytest.mark.parametrize(
    ("extra", "wanted"),
    [
        ("ExfoNewProprietaryBlock 01", 5000 - 300),
        ("FodParams", 5000 + 70),
        ("IITEvents", 70),
        ("AREvent", 300),
        ("WaveMTSParams", 0),
        ("Unheard", 5000 + 70),
    ],
)
def test_origin_is_the_sum_that_the_maker_takes(build_sor: Build, extra: str, wanted: int) -> None:
    trace = read_sor("a.sor", build_sor(offsets=(5000, -70, 300), extra=[(extra, b"")]))
    assert trace.fixed is not None
    assert origin(maker_named(trace.maker), trace.general, trace.fixed) == wanted
    [one] = trace.acquisitions
    assert one.first_m == pytest.approx(-wanted * 1e-10 * 299_792_458 / 1.4677)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('source = "x"\norigin = ["user_offset"]', r"\[\[maker\]\] 1"),
        ('source = "x"\nchecksum = ["md5"]', r"\[\[maker\]\] 1"),
        ('source = "x"\nblock = ["A"]', r"no key 'block'"),
        ('blocks = ["A"]', r"'source' is missing"),
        ('source = "x"\nsupplier = "("', r"one: supplier"),
    ],
)
def test_a_wrong_maker_is_named(tmp_path: Path, line: str, fault: str) -> None:
    folder = tmp_path / "own_files"
    folder.mkdir()
    (folder / "driver.toml").write_text(DRIVER + line)
    with pytest.raises(BadFile, match=fault):
        read_driver(folder)


def test_makers_belong_to_trace_files(tmp_path: Path) -> None:
    folder = tmp_path / "own_files"
    folder.mkdir()
    (folder / "driver.toml").write_text(DRIVER.partition("[[maker]]")[0])
    with pytest.raises(BadFile, match="belong together"):
        read_driver(folder)


def test_the_commands_about_drivers_know_it(call: Callable[..., object]) -> None:
    for words in (["list"], ["show", "sor_file"], ["check", "sor_file"]):
        done = call("driver", *words)
        assert getattr(done, "returncode") == 0  # noqa: B009
        assert "sor_file" in getattr(done, "stdout")  # noqa: B009
