"""Every row of the table of bad input, as `linetest copper check` answers it: refused, inconclusive, or with a warning.

A refusal is exit code 2, one or two lines that name file and line, and no record; inconclusive is 3; what is judged all
the same is 0 or 1 with a warning in the record.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

import pytest

from linetest.bench.binder import binder_file

Change = Callable[[list[str]], list[str]]
LABELS = ",".join(f"PAIR{pair}_{end}" for pair in range(1, 5) for end in ("NEAR", "FAR"))


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def check(call: Callable[..., CompletedProcess[str]]) -> Callable[..., Answer]:
    """Return the function that runs `linetest copper check ... --json`."""

    def run(*arguments: str | Path) -> Answer:
        done = call("copper", "check", *arguments, "--json")
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def damaged(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the bench's good binder, its lines changed."""

    def write(change: Change, name: str = "binder.s8p") -> Path:
        _ending, text = binder_file()
        path = tmp_path / name
        path.write_text("\n".join(change(text.split("\n"))))
        return path

    return write


def option_line(lines: list[str]) -> int:
    return next(number for number, line in enumerate(lines) if line.startswith("#"))


def first_rows(lines: list[str]) -> list[int]:
    """Return where each frequency begins, by the odd number of its words."""
    start = option_line(lines) + 1
    return [at for at, line in enumerate(lines) if at >= start and len(line.split()) % 2]


def record_at(lines: list[str], number: int) -> slice:
    """Return the lines of a frequency."""
    at = first_rows(lines)
    return slice(at[number], at[number + 1])


def with_word(number: int, word: int, text: str) -> Change:
    """Return the change of one word of the first row of a frequency."""

    def change(lines: list[str]) -> list[str]:
        at = first_rows(lines)[number]
        words = lines[at].split()
        words[word] = text
        return [*lines[:at], " ".join(words), *lines[at + 1 :]]

    return change


def without(number: int) -> Change:
    """Return the change that leaves out the last word of a frequency's first row."""

    def change(lines: list[str]) -> list[str]:
        at = first_rows(lines)[number]
        return [*lines[:at], lines[at].rsplit(maxsplit=1)[0], *lines[at + 1 :]]

    return change


def swapped(lines: list[str]) -> list[str]:
    one, other = record_at(lines, 3), record_at(lines, 4)
    return [*lines[: one.start], *lines[other], *lines[one], *lines[other.stop :]]


def twice(lines: list[str]) -> list[str]:
    """Return one frequency again at the end, with other data."""
    again = with_word(5, 1, "0.123")(lines)
    return [line for line in [*lines, *again[record_at(again, 5)]] if line]


def second_option_line(lines: list[str]) -> list[str]:
    at = first_rows(lines)[7]
    return [*lines[:at], lines[option_line(lines)], *lines[at:]]


REFUSED: dict[str, tuple[Change, str, str]] = {
    "NaN": (with_word(2, 3, "nan"), "binder.s8p", r"binder\.s8p: line \d+: 'nan' is not a measured value"),
    "infinity": (with_word(2, 3, "-inf"), "binder.s8p", r"binder\.s8p: line \d+: '-inf' is not a measured value"),
    "above one": (with_word(2, 1, "1.05"), "binder.s8p", r"line \d+: S\[1,1\] is above 1"),
    "frequency twice": (twice, "binder.s8p", r"line \d+: this frequency stands twice, with different data"),
    "no option line": (
        lambda lines: [line for line in lines if not line.startswith("#")],
        "binder.s8p",
        r"line \d+: no option line",
    ),
    "wrong number of ports": (
        lambda lines: lines,
        "binder.s6p",
        r"line \d+: 129 numbers for the first frequency; 6 |p",
    ),
    "row cut short": (without(4), "binder.s8p", r"line \d+: \d+ numbers in this row; \d+ expected"),
    "cut in the middle": (lambda lines: lines[:-6], "binder.s8p", r"line \d+: the file ends in the middle"),
    "comma decimals": (with_word(2, 3, "0,12"), "binder.s8p", r"line \d+: '0,12' has a comma"),
    "stray text": (with_word(2, 3, "overload"), "binder.s8p", r"line \d+: 'overload' is not a number"),
    "empty": (lambda lines: [], "binder.s8p", r"binder\.s8p: line 1: the file is empty"),
    "contradicting second option line": (
        lambda lines: [*lines, "# GHZ S MA R 50"],
        "binder.s8p",
        r"line \d+: a second option line",
    ),
    "no port names": (
        lambda lines: [line for line in lines if not line.startswith("!")],
        "binder.s8p",
        "it does not say which port is which end",
    ),
    "pair without far end": (
        lambda lines: [line.replace("PAIR2_FAR", "PAIR9_FAR") for line in lines],
        "binder.s8p",
        "pair PAIR2 has no far end",
    ),
    "another format": (lambda lines: lines, "binder.txt", "not a name of a sweep file"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_refused_says_where_and_leaves_no_record(
    check: Callable[..., Answer], damaged: Callable[..., Path], private_home: Path, fault: str
) -> None:
    change, name, said = REFUSED[fault]
    done = check(damaged(change, name))
    assert (done.code, done.out) == (2, "")
    assert re.search(said, done.err), done.err
    assert 1 <= len(done.err.splitlines()) <= 2
    assert not list(private_home.rglob("evidence/*/*"))


def test_the_default_unit_only_when_the_person_says_so(
    check: Callable[..., Answer], damaged: Callable[..., Path]
) -> None:
    path = damaged(lambda lines: [line for line in lines if not line.startswith("#")])
    assert "--assume-ghz" in check(path).err
    done = check(path, "--assume-ghz")  # 25.875 kHz read as 25875 GHz is beyond every analyser
    assert (done.code, done.out) == (2, "")
    assert re.search(r"line \d+: a frequency below zero or beyond every analyser|magnitude below zero", done.err)


def test_a_wrong_port_map_is_refused_with_both_names(
    check: Callable[..., Answer], damaged: Callable[..., Path]
) -> None:
    path = damaged(lambda lines: [line for line in lines if not line.startswith("! Port")])
    crossed = LABELS.replace("PAIR1_FAR", "x").replace("PAIR3_FAR", "PAIR1_FAR").replace("x", "PAIR3_FAR")
    done = check(path, "--ports", crossed)
    assert (done.code, done.out) == (2, "")
    assert "wrong port map or crossed pair" in done.err
    assert "1 (PAIR1)" in done.err
    assert "2 (PAIR3)" in done.err  # the second of that map
    assert check(path, "--ports", LABELS).code == 0
    assert "it has 8 ports; the port map names 2" in check(path, "--ports", "PAIR1_NEAR,PAIR1_FAR").err


def test_too_little_of_the_band_or_too_few_points_are_inconclusive(
    check: Callable[..., Answer], damaged: Callable[..., Path]
) -> None:
    def part(start: int, stop: int, step: int) -> Change:
        def change(lines: list[str]) -> list[str]:
            at = [*first_rows(lines), len(lines)]
            kept = [line for n in range(start, min(stop, len(at) - 1), step) for line in lines[at[n] : at[n + 1]]]
            return [*lines[: at[0]], *kept]

        return change

    for change, reason in ((part(50, 150, 1), "band-not-covered"), (part(0, 999, 5), "too-few-points")):
        done = check(damaged(change))
        assert done.code == 3
        assert {one["reason"] for one in done.record()["checks"]} == {reason}
        assert {one["verdict"] for one in done.record()["checks"]} == {"inconclusive"}


HARMLESS: dict[str, tuple[Change, list[str]]] = {
    "unsorted": (swapped, ["unsorted"]),
    "second option line": (second_option_line, []),
    "byte order mark": (lambda lines: ["\ufeff" + lines[0], *lines[1:]], []),
    "line ends": (lambda lines: [f"{line}\r" for line in lines], []),
}


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_does_no_harm_is_judged_with_its_warning(
    check: Callable[..., Answer], damaged: Callable[..., Path], fault: str
) -> None:
    change, warnings = HARMLESS[fault]
    done = check(damaged(change))
    assert (done.code, done.record()["verdict"], done.record()["warnings"]) == (0, "pass", warnings)
    plain = check(damaged(lambda lines: lines)).record()
    values = [[one["value"] for one in record["checks"]] for record in (done.record(), plain)]
    assert values[0] == values[1]


def test_directions_that_differ_are_warned_of(check: Callable[..., Answer], damaged: Callable[..., Path]) -> None:
    done = check(damaged(with_word(9, 5, "0.004")))  # S13 and not S31
    assert "not-reciprocal" in done.record()["warnings"]


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes the shipped profile with one setting more."""

    def write(setting: str) -> Path:
        text = (Path(__file__).resolve().parents[2] / "profiles" / "adsl-prequal.toml").read_text()
        path = tmp_path / "own.toml"
        path.write_text(text.replace("[step.settings]", f"[step.settings]\n{setting}"))
        return path

    return write


def test_what_is_as_quiet_as_the_instrument_is_that_or_lower(
    check: Callable[..., Answer], damaged: Callable[..., Path], profile: Callable[[str], Path]
) -> None:
    path = damaged(lambda lines: lines)
    loud = max(one["value"] for one in check(path).record()["checks"])
    done = check(path, "--profile", profile(f"instrument_floor_db = {loud:.1f}"))
    assert done.code == 0
    assert {one["bound"] for one in done.record()["checks"]} == {"at-most"}
    assert "floor-limited" in done.record()["warnings"]


def test_near_end_results_of_a_short_pair_only_inform(
    check: Callable[..., Answer], damaged: Callable[..., Path], profile: Callable[[str], Path]
) -> None:
    done = check(damaged(lambda lines: lines), "--profile", profile("insertion_loss_floor_db = 60.0"))
    record = done.record()
    of_next = [one for one in record["checks"] if one["metric"] == "copper.next_db"]
    assert {(one["verdict"], one["reason"]) for one in of_next} == {("inconclusive", "not-decidable")}
    informs = [one for one in record["readings"] if one["metric"] == "copper.next_low_loss_db"]
    assert [one["where"]["pair"] for one in informs] == ["1", "2", "3", "4"]
    assert all(one["value"] < -40.0 for one in informs)
    assert "copper.next_low_loss_db" not in {one["metric"] for one in record["checks"]}


ROWS = [25875.0 + 4312.5 * tone for tone in range(251)]
SIGNS = {
    "gain said, loss measured": ("next_gain_db", 35.0, [], "is said to be gain"),
    "loss said, gain measured": ("next_loss_db", -35.0, [], "is said to be loss"),
    "gain by option, loss measured": ("next_db", 35.0, ["--sign", "gain"], "is said to be gain"),
    "loss by option, gain measured": ("next_db", -35.0, ["--sign", "loss"], "is said to be loss"),
    "header and option": ("next_gain_db", -35.0, ["--sign", "loss"], "contradicts --sign loss"),
    "nothing said": ("next_db", -35.0, [], "does not say whether it is gain or loss"),
    "beyond 160 dB": ("next_gain_db", -1600.0, [], "is beyond 160 dB"),
    "not a number": ("next_gain_db", float("nan"), [], "'nan' is not a measured value"),
}


@pytest.mark.parametrize("fault", SIGNS)
def test_a_sign_is_never_guessed(check: Callable[..., Answer], tmp_path: Path, private_home: Path, fault: str) -> None:
    column, level_db, options, said = SIGNS[fault]
    path = tmp_path / "sweep.csv"
    path.write_text(f"freq_hz,{column}\n" + "".join(f"{hz},{level_db}\n" for hz in ROWS))
    done = check(path, *options)
    assert (done.code, done.out) == (2, "")
    assert re.search(rf"sweep\.csv: line \d+: .*{said}", done.err), done.err
    assert not list(private_home.rglob("evidence/*/*"))


def test_the_shared_twins_are_never_judged_by_the_wrong_sign(
    check: Callable[..., Answer], shared_data: Callable[[str], Path]
) -> None:
    folder = shared_data("dsl") / "synthetic"
    assert check(folder / "sweep_next_1_3_gain_db.csv", "--sign", "loss").code == 2
    assert check(folder / "sweep_next_1_3_loss_db.csv", "--sign", "gain").code == 2
