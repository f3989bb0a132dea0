"""One cable out of many files: folders, manifests, and what they may not contradict."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from linetest.copper.crosstalk import measure
from linetest.copper.files import load_body, read_sweep
from linetest.copper.manifest import load_sweep
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.copper.touchstone import read_touchstone
from linetest.errors import BadFile, FileError, UsageError
from linetest.model.limit import Limit

Frequencies = NDArray[np.float64]
Matrices = NDArray[np.complex128]
Binder = Callable[..., tuple[Frequencies, Matrices]]
Writer = Callable[..., bytes]
Names = Callable[[int], list[str]]
Cable = tuple[Frequencies, Matrices, list[str]]

LIMITS = [
    Limit(metric=f"copper.{metric}_db", max=-40.0, source="test", band_hz=(25875.0, 1104000.0))
    for metric in ("next", "fext")
]


@pytest.fixture
def cable(binder: Binder, names: Names) -> Cable:
    """Return frequencies, S and labels of four pairs, every path with a level of its own."""
    frequency_hz, s = binder(4)
    level = np.random.default_rng(8).uniform(0.7, 1.0, s.shape[1:])
    return frequency_hz, s * np.maximum(level, level.T), names(4)


@pytest.fixture
def write_parts(cable: Cable, write_touchstone: Writer, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes files of some ports each into a folder."""

    def write(groups: list[list[int]], named: bool = True) -> Path:
        frequency_hz, s, labels = cable
        folder = tmp_path / "binder"
        folder.mkdir()
        for ports in groups:
            part = s[:, ports][:, :, ports]
            own = [labels[port] for port in ports]
            name = "-".join(own if len(ports) == 2 else [own[0][4:5], own[-1][4:5]])
            text = write_touchstone(frequency_hz, part, own if named else None)
            (folder / f"{name}.s{len(ports)}p").write_bytes(text)
        return folder

    return write


def pairs_of_pairs() -> list[list[int]]:
    return [[2 * one, 2 * one + 1, 2 * other, 2 * other + 1] for one, other in combinations(range(4), 2)]


def load(path: Path, options: SweepOptions | None = None) -> Sweep:
    return load_sweep(path, options or SweepOptions(), CopperSettings())


def whole(cable: Cable, write_touchstone: Writer) -> Sweep:
    frequency_hz, s, labels = cable
    return read_sweep("whole.s8p", write_touchstone(frequency_hz, s, labels), SweepOptions())


@pytest.mark.parametrize("groups", [pairs_of_pairs(), [list(two) for two in combinations(range(8), 2)]])
def test_a_folder_is_the_cable_that_its_files_make(
    cable: Cable, write_parts: Callable[..., Path], write_touchstone: Writer, groups: list[list[int]]
) -> None:
    sweep, one = load(write_parts(groups)), whole(cable, write_touchstone)
    assert [(pair.number, pair.name) for pair in sweep.pairs] == [(str(n), f"PAIR{n}") for n in range(1, 5)]
    np.testing.assert_array_equal(sweep.gain_db, one.gain_db)
    many, single = (measure(each, LIMITS, CopperSettings()) for each in (sweep, one))
    assert many.readings == single.readings
    for key in ("combinations", "pairs", "curves"):
        assert many.details[key] == single.details[key]
    assert len(many.evidence) == len(groups) == len(many.details["sweeps"])
    assert not sweep.warnings
    assert not sweep.contradictions


def test_one_direction_of_a_path_counts_for_both(
    cable: Cable, write_parts: Callable[..., Path], write_touchstone: Writer
) -> None:
    frequency_hz, s, labels = cable
    folder = write_parts([])
    for one, other in combinations(range(8), 2):
        part = s[:, [one, other]][:, :, [one, other]]
        part[:, 0, 1] = part[:, 1, 1] = 0.0  # an analyser that sends from its first port only
        (folder / f"{one}{other}.s2p").write_bytes(write_touchstone(frequency_hz, part, [labels[one], labels[other]]))
    sweep, complete = load(folder), whole(cable, write_touchstone)
    off = ~np.eye(8, dtype=bool)
    one_db, two_db = (each.gain_db.reshape(-1, 8, 8)[:, off] for each in (sweep, complete))
    np.testing.assert_allclose(one_db, two_db, atol=1e-9)


def test_missing_combinations_are_named(write_parts: Callable[..., Path]) -> None:
    groups = [ports for ports in pairs_of_pairs() if ports not in ([0, 1, 4, 5], [0, 1, 6, 7])]
    measured = measure(load(write_parts(groups)), LIMITS, CopperSettings())
    missing = {
        (reading.metric, reading.where["pair"]): reading.where["missing"]
        for reading in measured.readings
        if reading.reason == "not-measured"
    }
    expected = {"1": ["3", "4"], "3": ["1"], "4": ["1"]}
    assert missing == {(limit.metric, pair): others for limit in LIMITS for pair, others in expected.items()}


def manifest(folder: Path, text: str) -> Path:
    path = folder / "binder.toml"
    path.write_text(text)
    return path


def entries(groups: list[list[int]], labels: list[str]) -> str:
    return "".join(
        f'[[sweep]]\nfile = "{labels[g[0]][4]}-{labels[g[-1]][4]}.s4p"\nports = {[labels[port] for port in g]}\n'
        for g in groups
    )


def test_a_manifest_says_what_the_files_do_not(
    cable: Cable, write_parts: Callable[..., Path], write_touchstone: Writer
) -> None:
    folder = write_parts(pairs_of_pairs(), named=False)
    with pytest.raises(BadFile, match=r"1-2\.s4p: it does not say which port"):
        load(folder)
    path = manifest(folder, 'pairs = ["PAIR4", "PAIR3", "PAIR2", "PAIR1"]\n' + entries(pairs_of_pairs(), cable[2]))
    one, other = load(folder), load(path)
    np.testing.assert_array_equal(one.gain_db, other.gain_db)
    np.testing.assert_array_equal(one.gain_db, whole(cable, write_touchstone).gain_db[:, :, ::-1][..., ::-1])
    assert [pair.name for pair in one.pairs] == ["PAIR4", "PAIR3", "PAIR2", "PAIR1"]
    kept = measure(one, LIMITS, CopperSettings())
    assert [file.name for file in kept.evidence][:2] == ["binder.toml", "1-2.s4p"]
    assert kept.details["pair_order"] == ["PAIR4", "PAIR3", "PAIR2", "PAIR1"]
    assert len(kept.details["sweeps"]) == 6


MANIFESTS = {
    "missing pair": ('pairs = ["PAIR1", "PAIR9"]\n[[sweep]]\nfile = "1-2.s4p"\n', "no sweep has pair PAIR9"),
    "pairs twice": ('pairs = ["PAIR1", "PAIR1"]\n[[sweep]]\nfile = "1-2.s4p"\n', "pairs needs 1 to 64 labels"),
    "outside": ('[[sweep]]\nfile = "../1-2.s4p"\n', r"binder.toml: \[\[sweep\]\] 1: '../1-2.s4p' is not a sweep file"),
    "absolute": ('[[sweep]]\nfile = "/etc/passwd"\n', r"\[\[sweep\]\] 1: '/etc/passwd' is not a sweep file"),
    "unknown key": ('[[sweep]]\nfile = "1-2.s4p"\nport = []\n', r"\[\[sweep\]\] 1: there is no key 'port'"),
    "no file": ("[[sweep]]\n", r"\[\[sweep\]\] 1: the key 'file' is missing"),
    "no sweeps": ("sweep = []\n", "there is no sweep in it"),
    "not TOML": ("[[sweep\n", "not valid TOML"),
    "gone": ('[[sweep]]\nfile = "7-8.s4p"\n', r"7-8\.s4p: cannot be read"),
    "wrong port count": (
        '[[sweep]]\nfile = "1-2.s4p"\nports = ["PAIR1_NEAR", "PAIR1_FAR"]\n',
        r"1-2\.s4p: it has 4 ports; the port map names 2",
    ),
    "crossed": (
        '[[sweep]]\nfile = "1-2.s4p"\nports = ["PAIR1_NEAR", "PAIR2_FAR", "PAIR2_NEAR", "PAIR1_FAR"]\n',
        r"1-2\.s4p: wrong port map or crossed pair: what goes in at pair 1 \(PAIR1\) comes out at pair 2 \(PAIR2\)",
    ),
}


@pytest.mark.parametrize("fault", MANIFESTS)
def test_manifests_that_cannot_be_meant(write_parts: Callable[..., Path], fault: str) -> None:
    text, said = MANIFESTS[fault]
    folder = write_parts(pairs_of_pairs())
    manifest(folder, text)
    with pytest.raises(FileError, match=said) as refused:
        load(folder)
    assert refused.value.hint


def test_a_label_that_is_none_is_refused(write_parts: Callable[..., Path]) -> None:
    path = manifest(write_parts(pairs_of_pairs()), '[[sweep]]\nfile = "1-2.s4p"\nports = ["a", "b", "c", "d"]\n')
    with pytest.raises(UsageError, match="'a' is not a label of a port"):
        load(path)


def test_options_speak_of_one_file(write_parts: Callable[..., Path]) -> None:
    folder = write_parts(pairs_of_pairs())
    with pytest.raises(UsageError, match="speak of one file"):
        load(folder, SweepOptions(ports=("PAIR1_NEAR", "PAIR1_FAR")))


def test_an_empty_folder_and_other_files_in_one(write_parts: Callable[..., Path]) -> None:
    folder = write_parts([])
    (folder / "notes.txt").write_text("x")
    (folder / "folder.s4p").mkdir()
    with pytest.raises(BadFile, match="no sweep file in this folder"):
        load(folder)


def change(
    path: Path, edit: Callable[[Frequencies, Matrices], None], write_touchstone: Writer, labels: list[str]
) -> None:
    sweep_labels = [labels[int(digit) * 2 - 2 + end] for digit in (path.name[0], path.name[2]) for end in (0, 1)]
    network = read_touchstone(path.name, load_body(path), 4)
    frequency_hz, s = network.frequency_hz.copy(), network.s.copy()
    edit(frequency_hz, s)
    path.write_bytes(write_touchstone(frequency_hz, s, sweep_labels))


def test_repeated_losses_that_differ_warn_and_name_the_files(
    cable: Cable, write_parts: Callable[..., Path], write_touchstone: Writer
) -> None:
    folder = write_parts(pairs_of_pairs())

    def corroded(_frequency_hz: Frequencies, s: Matrices) -> None:
        s[:, 0, 1] *= 10.0 ** (-3.0 / 20.0)
        s[:, 1, 0] *= 10.0 ** (-3.0 / 20.0)

    change(folder / "1-3.s4p", corroded, write_touchstone, cable[2])
    sweep = load(folder)
    (found,) = [one for one in sweep.contradictions if one.files == ("1-2.s4p", "1-3.s4p")]
    assert found.pair == "PAIR1"
    assert found.difference_db == pytest.approx(3.0)
    measured = measure(sweep, LIMITS, CopperSettings())
    assert "losses-differ" in measured.warnings
    assert measured.details["contradictions"][0]["files"] == ("1-2.s4p", "1-3.s4p")
    lenient = load_sweep(folder, SweepOptions(), CopperSettings(repeated_loss_db=4.0))
    assert lenient.contradictions == []


def test_crosstalk_that_stands_twice_with_different_data_is_refused(
    cable: Cable, write_parts: Callable[..., Path], write_touchstone: Writer
) -> None:
    folder = write_parts(pairs_of_pairs())
    (folder / "1-2 again.s4p").write_bytes((folder / "1-2.s4p").read_bytes())
    assert load(folder).contradictions == []  # the same data twice do no harm

    def louder(_frequency_hz: Frequencies, s: Matrices) -> None:
        s[:, 0, 2] *= 1.1

    change(folder / "1-2.s4p", louder, write_touchstone, cable[2])
    with pytest.raises(BadFile, match=r"1-2\.s4p: crosstalk of pair PAIR1 from PAIR2 is already in .*1-2 again\.s4p"):
        load(folder)


def test_files_of_other_frequencies_are_refused(
    cable: Cable, write_parts: Callable[..., Path], write_touchstone: Writer
) -> None:
    folder = write_parts(pairs_of_pairs())

    def shifted(frequency_hz: Frequencies, _s: Matrices) -> None:
        frequency_hz += 100.0

    change(folder / "2-3.s4p", shifted, write_touchstone, cable[2])
    with pytest.raises(BadFile, match=r"2-3\.s4p: swept at other frequencies than .*1-2\.s4p"):
        load(folder)


def test_single_ended_files_and_csv_by_a_manifest(tmp_path: Path, write_touchstone: Writer, binder: Binder) -> None:
    frequency_hz, s = binder(2)
    wires = np.kron(s[:, :2, :2], np.array([[0.5, -0.5], [-0.5, 0.5]]))
    (tmp_path / "own.s4p").write_bytes(write_touchstone(frequency_hz, wires))
    next_db = 20.0 * np.log10(np.abs(s[:, 0, 2]))
    rows = [f"{hz!r},{level!r}" for hz, level in zip(frequency_hz.tolist(), (-next_db).tolist(), strict=True)]
    (tmp_path / "near.csv").write_text("\n".join(["freq_hz,next_db", *rows]))
    ports = [f"A_{end}_{wire}" for end in ("NEAR", "FAR") for wire in "AB"]
    path = manifest(
        tmp_path,
        f'[[sweep]]\nfile = "own.s4p"\nports = {ports}\n'
        '[[sweep]]\nfile = "near.csv"\nsign = "loss"\npair = "A"\ndisturber = "B"\n',
    )
    sweep = load(path)
    assert [(pair.number, pair.name) for pair in sweep.pairs] == [("1", "A"), ("2", "B")]
    np.testing.assert_allclose(sweep.gain_db[:, 0, 0, 0, 1], next_db, atol=1e-9)
    np.testing.assert_allclose(sweep.gain_db[:, 0, 1, 0, 0], next_db, atol=1e-9)
    np.testing.assert_allclose(sweep.gain_db[:, 1, 0, 0, 0], 20.0 * np.log10(np.abs(s[:, 1, 0])), atol=1e-9)
    assert sweep.interpreted_as == "gain (negative dB), loss (positive dB)"


def test_pairs_are_sorted_as_people_count(tmp_path: Path) -> None:
    for pair in (2, 10):
        rows = "".join(f"{hz},-60.0\n" for hz in (26000, 27000))
        (tmp_path / f"{pair}.csv").write_text(
            "freq_hz,pair,disturber,next_gain_db\n" + rows.replace(",", f",{pair},1,")
        )
    assert [pair.number for pair in load(tmp_path).pairs] == ["1", "2", "10"]
    (tmp_path / "x.csv").write_text("freq_hz,next_gain_db\n26000,-60\n27000,-61\n")
    with pytest.raises(BadFile, match=r"x\.csv: it does not say which pair hears which"):
        load(tmp_path)
