"""The Touchstone reader: every notation, both versions, and a file for every way to be broken."""

import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from linetest.copper.files import read_sweep
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.copper.touchstone import Network, read_touchstone
from linetest.errors import BadFile, FileError, UnknownFormat

Binder = Callable[..., tuple[NDArray[np.float64], NDArray[np.complex128]]]
Writer = Callable[..., bytes]
Names = Callable[[int], list[str]]


def read(text: bytes, ports: int | None = 4, *, assume_ghz: bool = False) -> Network:
    return read_touchstone("cable.s4p", text, ports, assume_ghz=assume_ghz)


def random_network(ports: int, count: int = 7, seed: int = 3) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    random = np.random.default_rng(seed)
    shape = (count, ports, ports)
    s = random.uniform(-0.6, 0.6, shape) + 1j * random.uniform(-0.6, 0.6, shape)
    return np.sort(random.uniform(2e4, 2e6, count)), s


@pytest.mark.parametrize("notation", ["RI", "MA", "DB"])
@pytest.mark.parametrize("unit", ["HZ", "KHZ", "MHZ", "GHZ"])
@pytest.mark.parametrize("ports", [1, 2, 3, 8])
def test_every_notation_unit_and_size_gives_the_same_numbers(
    write_touchstone: Writer, notation: str, unit: str, ports: int
) -> None:
    frequency_hz, s = random_network(ports)
    network = read(write_touchstone(frequency_hz, s, notation=notation, unit=unit), ports)
    np.testing.assert_allclose(network.frequency_hz, frequency_hz, rtol=1e-14)
    np.testing.assert_allclose(network.s, s, atol=1e-14)


@pytest.mark.parametrize("order", ["12_21", "21_12"])
@pytest.mark.parametrize("ports", [2, 5])
def test_both_versions_of_the_same_data_are_equal(write_touchstone: Writer, ports: int, order: str) -> None:
    frequency_hz, s = random_network(ports)
    one = read(write_touchstone(frequency_hz, s), ports)
    two = read(write_touchstone(frequency_hz, s, version=2, order=order), None)
    np.testing.assert_array_equal(one.s, two.s)
    np.testing.assert_array_equal(one.frequency_hz, two.frequency_hz)
    assert one.reference_ohm == two.reference_ohm


@pytest.mark.parametrize("form", ["lower", "upper"])
@pytest.mark.parametrize("ports", [2, 5])
def test_half_a_symmetric_matrix_is_the_whole(write_touchstone: Writer, form: str, ports: int) -> None:
    frequency_hz, s = random_network(ports)
    s = s + s.transpose(0, 2, 1)
    s /= 3.0
    np.testing.assert_array_equal(read(write_touchstone(frequency_hz, s, version=2, form=form), None).s, s)


@pytest.mark.parametrize("ports", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("notation", ["RI", "MA", "DB"])
@pytest.mark.parametrize("version", [1, 2])
def test_scikit_rf_reads_the_same(
    write_touchstone: Writer, tmp_path: Path, ports: int, notation: str, version: int
) -> None:
    touchstone = pytest.importorskip("skrf.io.touchstone")
    text = write_touchstone(*random_network(ports), notation=notation, unit="MHZ", version=version)
    path = tmp_path / (f"own.s{ports}p" if version == 1 else "own.ts")
    path.write_bytes(text)
    theirs = touchstone.Touchstone(str(path))  # never skrf.Network: it would unpickle
    their_hz, their_s = theirs.get_sparameter_arrays()
    ours = read(text, ports)
    np.testing.assert_allclose(ours.frequency_hz, their_hz, rtol=1e-12)
    np.testing.assert_allclose(ours.s, their_s, atol=1e-9)


def test_mark_line_ends_and_comments_change_nothing(binder: Binder, write_touchstone: Writer, names: Names) -> None:
    frequency_hz, s = binder()
    text = write_touchstone(frequency_hz, s, names(2))
    lines = text.split(b"\n")
    lines.insert(6, b"! a comment between the rows")
    lines[9] += b" ! one behind numbers, with 3 numbers 1 2 3 and [brackets] # and more"
    lines.insert(12, b"# hz s ri r 100 ! the same option line again")
    lines.insert(13, b"")
    strange = b"\xef\xbb\xbf" + b"\r\n".join(lines)
    network = read(strange.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))
    np.testing.assert_array_equal(network.s, s)
    sweep, plain = (read_sweep("a.s4p", body, SweepOptions()) for body in (strange, text))
    np.testing.assert_array_equal(sweep.gain_db, plain.gain_db)
    assert sweep.files[0].body == strange


def test_information_block_reference_and_names_of_version_2(write_touchstone: Writer, names: Names) -> None:
    text = write_touchstone(*random_network(4), names=names(2), version=2)
    text = text.replace(b"[Number of Freq", b"[Begin Information]\n[Foo] bar\n1 2\n[End Information]\n[Number of Freq")
    text = text.replace(b"100 100 100 100", b"100 100\n120 120")
    network = read(text, None)
    assert network.reference_ohm == [100.0, 100.0, 120.0, 120.0]
    assert network.port_names == dict(enumerate(names(2), start=1))


def test_noise_data_of_version_2_is_passed_over(write_touchstone: Writer) -> None:
    frequency_hz, s = random_network(2)
    text = write_touchstone(frequency_hz, s, version=2)
    noise = b"[Noise Data]\n4 .7 .64 69 .38\n"
    text = text.replace(b"[Network", b"[Number of Noise Frequencies] 1\n[Network").replace(b"[End]", noise + b"[End]")
    np.testing.assert_array_equal(read(text, None).s, s)


def test_frequencies_out_of_order_are_sorted_with_a_warning(write_touchstone: Writer) -> None:
    frequency_hz, s = random_network(4)
    shuffled = np.random.default_rng(1).permutation(len(s))
    network = read(write_touchstone(frequency_hz[shuffled], s[shuffled]))
    np.testing.assert_array_equal(network.s, s)
    assert network.warnings == ["unsorted"]


def test_a_frequency_twice_with_the_same_data_counts_once(write_touchstone: Writer) -> None:
    frequency_hz, s = random_network(4)
    twice = np.array([0, 1, 1, 2, 3])
    network = read(write_touchstone(frequency_hz[twice], s[twice]))
    np.testing.assert_array_equal(network.frequency_hz, frequency_hz[:4])
    assert network.warnings == []


def _replace_line(text: bytes, line: int, change: Callable[[bytes], bytes]) -> bytes:
    lines = text.split(b"\n")
    lines[line - 1] = change(lines[line - 1])
    return b"\n".join(lines)


# Line 1 is the option line, lines 2 to 5 the first frequency, lines 6 to 9 the second.
ZOO: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "not a number": (lambda t: _replace_line(t, 7, lambda row: row + b" x"), r"line 7: 'x' is not a number"),
    "NaN": (lambda t: _replace_line(t, 6, lambda r: b"nan" + r[r.index(b" ") :]), r"line 6: 'nan' is not a measured"),
    "infinity": (lambda t: _replace_line(t, 8, lambda r: b"-inf" + r[r.index(b" ") :]), r"line 8: '-inf' is not a mea"),
    "too large to be a number": (lambda t: _replace_line(t, 8, lambda r: r + b" 1e999"), r"line 8: '1e999'"),
    "comma decimals": (lambda t: _replace_line(t, 6, lambda r: r.replace(b".", b",")), r"line 6: .* has a comma where"),
    "row cut short": (
        lambda t: _replace_line(t, 7, lambda r: r.rsplit(b" ", 1)[0]),
        r"line 7: 7 numbers in this row; 8",
    ),
    "row missing": (lambda t: _replace_line(t, 8, lambda r: b""), r"line 10: 9 numbers in this row; 8 expected"),
    "cut in a record": (lambda t: b"\n".join(t.split(b"\n")[:11]), r"line 11: the file ends in the middle"),
    "no option line": (lambda t: t.split(b"\n", 1)[1], r"line 1: no option line such as"),
    "numbers before the option line": (lambda t: b"1 2\n" + t, r"line 1: numbers before the option line"),
    "no unit": (lambda t: t.replace(b"# HZ", b"#"), r"line 1: the option line does not name the unit"),
    "other parameters": (lambda t: t.replace(b"HZ S", b"HZ Z"), r"line 1: these are Z parameters"),
    "nonsense on the option line": (lambda t: t.replace(b"HZ S", b"HZ S AM"), r"line 1: 'am' does not belong"),
    "no ohms": (lambda t: t.replace(b"R 100", b"R"), r"line 1: the reference resistance '' is not"),
    "contradicting option line": (
        lambda t: _replace_line(t, 6, lambda r: b"# MHZ S RI R 100\n" + r),
        r"line 6: a second",
    ),
    "above one": (
        lambda t: _replace_line(t, 7, lambda r: b"1.02 " + r.split(b" ", 1)[1]),
        r"line 6: S\[2,1\] is above 1",
    ),
    "below zero": (lambda t: _replace_line(t, 6, lambda r: b"-" + r), r"line 6: a frequency below zero"),
    "beyond every analyser": (
        lambda t: _replace_line(t, 6, lambda r: b"1e300" + r[r.index(b" ") :]),
        r"line 6: a freq",
    ),
    "keyword": (lambda t: _replace_line(t, 6, lambda r: b"[End]"), r"line 6: '\[End\]' is not a number"),
    "no numbers": (lambda t: t.split(b"\n")[0], r"line 1: no numbers after"),
}


@pytest.mark.parametrize("fault", ZOO)
def test_a_broken_file_is_refused_with_its_line(write_touchstone: Writer, fault: str) -> None:
    frequency_hz, s = random_network(4)
    damage, said = ZOO[fault]
    text = damage(write_touchstone(frequency_hz, s * 0.5))
    with pytest.raises(BadFile) as refused:
        read(text)
    assert re.search(said, refused.value.what), refused.value.what
    assert refused.value.what.startswith("cable.s4p: ")
    assert refused.value.hint


def test_a_frequency_twice_with_different_data_is_refused_with_its_line(write_touchstone: Writer) -> None:
    frequency_hz, s = random_network(4)
    with pytest.raises(BadFile, match="line 14: this frequency stands twice"):
        read(write_touchstone(frequency_hz[[0, 1, 2, 1]], s[[0, 1, 2, 3]]))


def test_the_number_of_ports_in_the_name_is_checked(write_touchstone: Writer) -> None:
    frequency_hz, s = random_network(8)
    with pytest.raises(BadFile, match="line 2: 129 numbers for the first frequency; 4 ports need 33") as refused:
        read(write_touchstone(frequency_hz, s))
    assert "s8p" in refused.value.hint


def test_a_name_for_a_port_that_is_not_there_is_refused(write_touchstone: Writer, names: Names) -> None:
    with pytest.raises(BadFile, match="line 5: it names port 5, but the file has 4 ports"):
        read(write_touchstone(*random_network(4), names=names(3)))


def test_two_names_for_a_port_are_refused_with_the_line(write_touchstone: Writer, names: Names) -> None:
    text = write_touchstone(*random_network(4), names=names(2)) + b"! a comment, then Port[ 2 ] = other\n"
    with pytest.raises(BadFile, match="line 34: a second name for port 2"):
        read(text)


def test_noise_data_of_version_1_is_refused_clearly(write_touchstone: Writer) -> None:
    text = write_touchstone(*random_network(2)) + b"4e4 .7 .64 69 .38\n" * 9  # 45 numbers fit into five records
    with pytest.raises(BadFile, match="line 9: 5 numbers in this row; 9 expected") as refused:
        read(text, 2)
    assert "noise" in refused.value.hint


def test_the_default_of_version_1_only_when_the_person_says_so(write_touchstone: Writer) -> None:
    frequency_hz, s = random_network(4)
    text = write_touchstone(frequency_hz, s, notation="MA", unit="GHZ").split(b"\n", 1)[1]
    np.testing.assert_allclose(read(text, assume_ghz=True).s, s, atol=1e-12)
    plain = write_touchstone(frequency_hz, s, unit="GHZ").split(b"\n", 1)[1]  # RI has negative "magnitudes"
    with pytest.raises(BadFile, match="a magnitude below zero"):
        read(plain, assume_ghz=True)


V2_ZOO = {
    "version": (b"[Version] 2.0", b"[Version] 3.0", "line 1: .Version.: 2.0 and 2.1 are read"),
    "no end": (b"[End]", b"", r"\[End\] is missing"),
    "no data": (b"[Network Data]", b"", "reference resistance|is missing"),
    "ports": (
        b"[Number of Ports] 2",
        b"[Number of Ports] two",
        "line 3: .Number Of Ports.: a whole number from 1 to 128 belongs here, not 'two'",
    ),
    "huge": (b"[Number of Ports] 2", b"[Number of Ports] 99999999", "line 3: .* a whole number from 1 to 128"),
    "count": (
        b"[Number of Frequencies] 7",
        b"[Number of Frequencies] 8",
        "line 10: 7 frequencies begin here, but the head says 8",
    ),
    "order": (b"21_12", b"sideways", "line 4: .*12_21 or 21_12"),
    "matrix": (b"Full", b"Diagonal", "line 8: .*Full, Lower or Upper"),
    "keyword": (b"[Reference]", b"[Referense]", r"line 6: 'referense' is not known here; nearest: reference"),
    "reference": (b"100 100", b"100", "line 6: .*1 values for 2 ports"),
    "mixed": (b"[Matrix", b"[Mixed-Mode Order] D1,2 C1,2\n[Matrix", "line 8: .*mixed-mode parameters are not read"),
    "option": (b"# HZ S RI R 100", b"", "line 9: no option line"),
}


@pytest.mark.parametrize("fault", V2_ZOO)
def test_a_broken_head_of_version_2_is_refused(write_touchstone: Writer, fault: str) -> None:
    old, new, said = V2_ZOO[fault]
    text = write_touchstone(*random_network(2), version=2)
    assert old in text
    with pytest.raises(BadFile, match=said):
        read(text.replace(old, new), None)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.s2p", b"", "line 1: the file is empty"),
        ("a.s2p", b" \r\n\n", "line 1: the file is empty"),
        ("a.s2p", "# HZ S RI\n".encode("utf-16"), "line 1: this is UTF-16"),
        ("a.s2p", b"# HZ S RI R 50\n1 2\0 3", "line 2: byte 18 is zero"),
        ("a.s0p", b"# HZ S RI R 50\n1", "1 to 128 ports are read, not 0"),
        ("a.s999p", b"# HZ S RI R 50\n1", "1 to 128 ports are read, not 999"),
        ("a.ts", b"# HZ S RI R 50\n1 2 3", "does not say how many ports"),
    ],
)
def test_what_is_no_sweep_at_all(name: str, body: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        read_sweep(name, body, SweepOptions())


def test_other_names_are_refused_with_those_that_are_read() -> None:
    with pytest.raises(UnknownFormat) as refused:
        read_sweep("trace.sor", b"x", SweepOptions())
    assert ".s8p" in refused.value.hint


class _Bomb:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.mkdir, ("exploded",)  # type: ignore[return-value]


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_refused_and_not_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadFile):
        read_sweep("hostile.s2p", pickle.dumps(_Bomb(), protocol), SweepOptions())
    assert not (tmp_path / "exploded").exists()


def _read_or_refuse(name: str, body: bytes) -> Sweep | None:
    try:
        return read_sweep(name, body, SweepOptions(sign="gain"))
    except FileError:
        return None


@settings(max_examples=150)
@given(data=st.data(), version=st.sampled_from([1, 2]), ports=st.sampled_from([2, 4]))
def test_a_file_cut_anywhere_is_read_or_refused(
    write_touchstone: Writer, names: Names, data: st.DataObject, version: int, ports: int
) -> None:
    frequency_hz, s = random_network(ports, count=3)
    body = write_touchstone(frequency_hz, s, names=names(ports // 2), version=version)
    cut = data.draw(st.integers(0, len(body)))
    sweep = _read_or_refuse(f"cut.s{ports}p", body[:cut])
    if sweep is not None:
        assert set(sweep.frequency_hz) <= set(frequency_hz)


def test_a_file_cut_at_every_line_is_read_up_to_a_whole_frequency_or_refused(
    write_touchstone: Writer, names: Names
) -> None:
    frequency_hz, s = random_network(4, count=5)
    lines = write_touchstone(frequency_hz, s * 0.4, names=names(2)).splitlines(keepends=True)
    for count in range(len(lines)):
        whole, rest = divmod(count - 5, 4)
        sweep = _read_or_refuse("cut.s4p", b"".join(lines[:count]))
        assert (sweep is not None) == (whole > 0 and rest == 0), count


@settings(max_examples=100)
@given(
    head=st.sampled_from([b"", b"# HZ S RI R 50\n", b"[Version] 2.0\n# HZ S DB\n", b"freq_hz,next_db\n"]),
    body=st.binary(),
)
@pytest.mark.parametrize("name", ["a.s1p", "a.s2p", "a.ts", "a.csv"])
def test_any_bytes_are_read_or_refused(name: str, head: bytes, body: bytes) -> None:
    _read_or_refuse(name, head + body)
