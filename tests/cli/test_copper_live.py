"""`copper check --meter`: one cabling in a script, and a whole binder with a person at a pseudo-terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from linetest import catalog
from linetest.bench.cabling import Cabling
from linetest.bench.faults import BinderFault, Fault
from linetest.bench.nanovna import NanoVna
from linetest.bench.scpi_vna import ScpiVna
from linetest.bench.wire import plugged_in

Run = Callable[..., subprocess.CompletedProcess[str]]
PORT = re.compile(r"port \d: pair (\d+), (near|far) end")
ANALYSERS: dict[str, type[NanoVna] | type[ScpiVna]] = {"nanovna_h": NanoVna, "scpi_vna": ScpiVna}
QUESTION = "leaves this one out:"


class Table:
    """A binder on the table with an analyser beside it, and a station file that names it."""

    def __init__(
        self, folder: Path, stack: ExitStack, driver: str, fault: BinderFault | None = None, seed: int = 14
    ) -> None:
        self.cabling = Cabling(fault, seed)
        self.analyser = ANALYSERS[driver](self.cabling)
        address = stack.enter_context(plugged_in(self.analyser, terminal=driver == "nanovna_h"))
        self.station = folder / "station.toml"
        self.station.write_text(
            f'name = "van"\n[device.vna]\ndriver = "{driver}"\naddress = "{address}"\n', encoding="utf-8"
        )
        make_hasty(driver)


def make_hasty(driver: str) -> None:
    """Give the user a copy of the driver that does not wait for a real analyser's sweep."""
    text = (catalog.shipped("drivers") / driver / "driver.toml").read_text(encoding="utf-8")
    folder = Path(os.environ["LINETEST_CONFIG"]) / "drivers" / driver
    folder.mkdir(parents=True, exist_ok=True)
    text = re.sub(r"settle_s = [\d.]+", "settle_s = 0.0", text)
    (folder / "driver.toml").write_text(re.sub(r"reply_s = [\d.]+", "reply_s = 3.0", text), encoding="utf-8")


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Callable[..., Table]]:
    """Return a function that lays out a binder and an analyser."""
    with ExitStack() as stack:
        yield lambda driver="scpi_vna", fault=None, seed=14: Table(tmp_path, stack, driver, fault, seed)


class Person:
    """Somebody at the terminal of a running `copper check`, who does as told."""

    def __init__(self, table: Table, *arguments: str) -> None:
        self.table = table
        self.said = ""
        self._near, far = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "linetest", "copper", "check", *arguments],
            stdin=far,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=table.station.parent,
            env={**os.environ, "LINETEST_STATION": str(table.station)},
        )
        os.close(far)

    def asked(self) -> str:
        """Wait for the next question; return what was said since the last one."""
        assert self.process.stderr is not None
        new, until = "", time.monotonic() + 60.0
        while not new.rstrip().endswith(QUESTION):
            assert select.select([self.process.stderr], [], [], until - time.monotonic())[0], new
            piece = os.read(self.process.stderr.fileno(), 4096).decode()
            assert piece, f"it ended instead of asking: {new}"
            new += piece
        self.said += new
        return new

    def connects(self, words: str) -> None:
        """Put the leads where the words say."""
        (one, one_end), (two, two_end) = PORT.findall(words)[-2:]
        self.table.cabling.connect(f"PAIR{one}_{one_end.upper()}", f"PAIR{two}_{two_end.upper()}")

    def answers(self, text: str = "") -> None:
        """Type something and press Enter."""
        os.write(self._near, f"{text}\n".encode())

    def does(self, count: int) -> None:
        """Do the next cablings as told."""
        for _number in range(count):
            self.connects(self.asked())
            self.answers()

    def is_killed(self) -> None:
        """Lose the process as with a dead battery."""
        self.process.kill()
        self.process.communicate(timeout=20)
        os.close(self._near)

    def presses_ctrl_c(self) -> None:
        """Stop it. A signal that comes just before Python waits for a line is seen only with the next one."""
        for _try in range(5):
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                return

    def ends(self) -> tuple[int, str, str]:
        """Return exit code, standard output, and all that was said."""
        out, said = self.process.communicate(timeout=60)
        os.close(self._near)
        return self.process.returncode, out.decode(), self.said + said.decode()


@pytest.fixture
def person() -> Iterator[Callable[..., Person]]:
    """Return a function that sits somebody down at the terminal; who is still there at the end is sent home."""
    people: list[Person] = []

    def sit_down(table: Table, *arguments: str) -> Person:
        people.append(Person(table, *arguments))
        return people[-1]

    yield sit_down
    for one in people:
        if one.process.poll() is None:
            one.is_killed()


GUIDED = ("--meter", "vna", "--pairs", "2", "--folder", "binder", "--json")
CABLINGS = 5  # of two pairs from one end: two losses, one near-end, two far-end crosstalks


def test_a_person_is_led_through_a_binder(
    person: Callable[..., Person], table: Callable[..., Table], tmp_path: Path
) -> None:
    someone = person(table(), *GUIDED)
    first = someone.asked()
    assert "2 pairs, 5 cablings" in first
    assert "balun to 100 ohm" in first
    assert "Cabling 1 of 5" in first
    assert "all other ends: 100 ohm" in first
    someone.connects(first)
    someone.answers()
    someone.does(CABLINGS - 1)
    code, out, said = someone.ends()
    assert code == 0, said
    record = json.loads(out)
    assert (record["kind"], record["verdict"], record["simulated"]) == ("copper", "pass", True)
    assert {check["metric"] for check in record["checks"]} == {"copper.next_db", "copper.fext_db"}
    assert {check["where"]["pair"] for check in record["checks"]} == {"1", "2"}
    assert {check["device"] for check in record["checks"]} == {"vna"}
    assert len([step for step in record["steps"] if step["state"] == "done"]) == CABLINGS
    assert record["details"]["reference_ohm"][0] == 100.0
    files = sorted(path.name for path in (tmp_path / "binder").glob("*.s2p"))
    assert "PAIR1_NEAR-PAIR2_FAR.s2p" in files
    assert len(files) == CABLINGS
    assert len([one for one in record["evidence"] if one["name"].endswith(".jsonl")]) == CABLINGS


@pytest.mark.slow
def test_a_bare_nanovna_never_passes_a_pair(person: Callable[..., Person], table: Callable[..., Table]) -> None:
    someone = person(table("nanovna_h"), *GUIDED)
    someone.does(CABLINGS)
    code, out, said = someone.ends()
    assert code == 3, said
    record = json.loads(out)
    assert record["verdict"] == "inconclusive"
    assert {check["reason"] for check in record["checks"]} == {"band-not-covered"}
    assert "it can find a pair that fails, and never pass one" in said
    assert all(len(line) <= 80 for line in said.splitlines() if "leaves this" not in line)


@pytest.mark.slow
def test_a_fail_inside_the_covered_part_is_a_fail(person: Callable[..., Person], table: Callable[..., Table]) -> None:
    someone = person(table("nanovna_h", "next", seed=29), *GUIDED)
    someone.does(CABLINGS)
    code, out, said = someone.ends()
    assert code == 1, said
    failed = [check for check in json.loads(out)["checks"] if check["verdict"] == "fail"]
    assert {check["metric"] for check in failed} == {"copper.next_db"}


@pytest.mark.slow
@pytest.mark.parametrize("how", ["ctrl-c", "killed"])
def test_stopped_and_resumed(
    person: Callable[..., Person], table: Callable[..., Table], tmp_path: Path, how: str
) -> None:
    on_table = table()
    someone = person(on_table, *GUIDED)
    someone.does(2)
    someone.asked()
    if how == "killed":
        someone.is_killed()
    else:
        someone.presses_ctrl_c()
        code, _out, said = someone.ends()
        assert code == 4, said
        assert "copper check --resume" in said
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "binder").glob("*.s2p")}
    assert len(before) == 2
    again = person(on_table, "--resume", "last", "--json")
    first = again.asked()
    assert first.count("measured before") == 2
    assert "Cabling 3 of 5" in first
    again.connects(first)
    again.answers()
    again.does(CABLINGS - 3)
    code, out, said = again.ends()
    assert code == 0, said
    assert json.loads(out)["verdict"] == "pass"
    assert all((tmp_path / "binder" / name).stat().st_mtime_ns == at for name, at in before.items())


@pytest.mark.slow
def test_a_changed_file_is_measured_again(
    person: Callable[..., Person], table: Callable[..., Table], tmp_path: Path
) -> None:
    on_table = table()
    someone = person(on_table, *GUIDED)
    someone.does(2)
    someone.asked()
    someone.is_killed()
    next(iter((tmp_path / "binder").glob("*.s2p"))).write_text("! cut", encoding="ascii")
    again = person(on_table, "--resume", "last")
    assert again.asked().count("measured before") <= 1
    again.is_killed()


@pytest.mark.slow
def test_one_is_repeated_and_one_is_left_out(
    person: Callable[..., Person], table: Callable[..., Table], tmp_path: Path
) -> None:
    someone = person(table(), *GUIDED)
    someone.does(2)
    someone.asked()
    someone.answers("b")
    back = someone.asked()
    assert "Cabling 2 of 5" in back
    someone.connects(back)
    someone.answers()
    someone.asked()
    someone.answers("x")
    someone.does(2)
    code, out, said = someone.ends()
    assert code == 3, said
    record = json.loads(out)
    assert "not-measured" in {check["reason"] for check in record["checks"]}
    assert len(list((tmp_path / "binder").glob("*.s2p"))) == CABLINGS - 1


@pytest.mark.slow
def test_trouble_is_told_and_the_same_cabling_asked_again(
    person: Callable[..., Person], table: Callable[..., Table]
) -> None:
    on_table = table()
    on_table.analyser.fault = Fault.NOT_A_NUMBER
    someone = person(on_table, *GUIDED)
    someone.connects(someone.asked())
    someone.answers()
    again = someone.asked()
    assert "Not measured: the value is outside what is possible" in again
    assert "Cabling 1 of 5" in again
    on_table.analyser.fault = None
    someone.connects(again)
    someone.answers()
    someone.does(CABLINGS - 1)
    code, _out, said = someone.ends()
    assert code == 0, said


@pytest.mark.slow
def test_a_cable_out_in_the_middle_of_a_sweep_costs_one_cabling(
    person: Callable[..., Person], table: Callable[..., Table], tmp_path: Path
) -> None:
    on_table = table("nanovna_h")
    plug = tmp_path / "plug"
    text = on_table.station.read_text(encoding="utf-8")
    good = re.findall(r"bench:([^\"]+)", text)[0]
    with plugged_in(NanoVna(on_table.cabling, Fault.UNPLUGGED)) as loose:
        plug.symlink_to(loose.removeprefix("bench:"))
        on_table.station.write_text(text.replace(good, str(plug)), encoding="utf-8")
        someone = person(on_table, *GUIDED)
        someone.connects(someone.asked())
        someone.answers()
        again = someone.asked()
    assert "Not measured: the device is down or cannot be reached" in again
    assert "plug the cable in again" in again or "check the cable" in again
    assert "Cabling 1 of 5" in again
    plug.unlink()
    plug.symlink_to(good)
    someone.connects(again)
    someone.answers()
    someone.does(CABLINGS - 1)
    code, _out, said = someone.ends()
    assert code == 3, said  # a NanoVNA does not reach the whole band


def test_one_cabling_in_a_script(run: Run, table: Callable[..., Table], tmp_path: Path) -> None:
    on_table = table()
    on_table.cabling.connect("PAIR1_NEAR", "PAIR2_NEAR")
    arguments = ("--meter", "vna", "--ports", "PAIR1_NEAR,PAIR2_NEAR", "--station", on_table.station)
    done = run("copper", "check", *arguments, "--folder", "binder", "--json")
    record = json.loads(done.stdout)
    assert done.returncode == 3, "without far ends there is no far-end crosstalk"
    reasons = {check["metric"]: check["reason"] for check in record["checks"]}
    assert reasons["copper.fext_db"] == "not-measured"
    text = (tmp_path / "binder" / "PAIR1_NEAR-PAIR2_NEAR.s2p").read_text(encoding="ascii")
    assert "! Port[1] = PAIR1_NEAR\n! Port[2] = PAIR2_NEAR\n# HZ S RI R 100\n" in text
    assert "measured: 251 points from 25.875 kHz" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.GARBLES, Fault.UNPLUGGED, Fault.FEWER_POINTS])
def test_what_cannot_be_measured_is_inconclusive(run: Run, table: Callable[..., Table], fault: Fault) -> None:
    on_table = table()
    on_table.analyser.fault = fault
    on_table.cabling.connect("PAIR1_NEAR", "PAIR2_NEAR")
    with plugged_in(on_table.analyser) as address:
        text = f'name = "van"\n[device.vna]\ndriver = "scpi_vna"\naddress = "{address}"\n'
        on_table.station.write_text(text, encoding="utf-8")
        done = run(
            *("copper", "check", "--meter", "vna", "--ports", "PAIR1_NEAR,PAIR2_NEAR", "--json"),
            *("--station", on_table.station),
        )
    assert done.returncode == 3, done.stderr
    record = json.loads(done.stdout)
    expected = {"silent": "timeout", "garbles": "garbled", "unplugged": "offline", "fewer-points": "too-few-points"}
    assert {check["reason"] for check in record["checks"]} == {expected[fault]}
    assert [one["name"] for one in record["evidence"]] == ["PAIR1_NEAR-PAIR2_NEAR.jsonl"]
    assert "Try: " in done.stderr


@pytest.mark.slow
def test_kept_talk_replays_as_the_same_record(run: Run, table: Callable[..., Table], tmp_path: Path) -> None:
    on_table = table("nanovna_h")
    on_table.cabling.connect("PAIR1_NEAR", "PAIR1_FAR")
    arguments = ("copper", "check", "--meter", "vna", "--ports", "PAIR1_NEAR,PAIR1_FAR", "--station", on_table.station)
    run(*arguments, "--folder", "first")
    talk = tmp_path / "first" / "transcripts" / "PAIR1_NEAR-PAIR1_FAR.jsonl"
    on_table.station.write_text(
        f'name = "desk"\n[device.vna]\ndriver = "nanovna_h"\naddress = "replay:{talk}"\n', encoding="utf-8"
    )
    again = run(*arguments, "--folder", "second", "--json")
    assert json.loads(again.stdout)["simulated"]
    first, second = (tmp_path / name / "PAIR1_NEAR-PAIR1_FAR.s2p" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    tried = run("driver", "try", "nanovna_h", "--reply", talk, "--json")
    assert tried.returncode == 0, tried.stderr
    assert len(json.loads(tried.stdout)["rows"]) > 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--meter", "vna", "--pairs", "2", "--folder", "x"], "the option --ports is missing"),
        (["--resume", "last"], "the option --ports is missing"),
        (["--meter", "vna", "--ports", "PAIR1_NEAR"], "two ends"),
        (["--meter", "vna", "--ports", "PAIR1_NEAR,PAIR1_NEAR"], "two ends"),
        (["--meter", "vna", "--ports", "PAIR1_NEAR,PAIR1_FARA"], "two ends"),
        (["--meter", "vnb", "--ports", "PAIR1_NEAR,PAIR1_FAR"], "there is no copper-analyser 'vnb'; there is: vna"),
        (["--meter", "vna", "--ports", "PAIR1_NEAR,PAIR1_FAR", "--pairs", "2"], "exclude one another"),
        (["--meter", "vna", "--sign", "gain"], "exclude one another"),
        (["--resume", "last", "--profile", "adsl-prequal"], "exclude one another"),
        (["--meter", "vna", "x.s4p"], "exclude one another"),
        (["--pairs", "2", "x.s4p"], "exclude one another"),
        ([], "what is to be judged is missing"),
    ],
)
def test_refusal_is_two_lines(
    call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    station = tmp_path / "station.toml"
    station.write_text('name = "v"\n[device.vna]\ndriver = "nanovna_h"\naddress = "/dev/null"\n', encoding="utf-8")
    monkeypatch.setenv("LINETEST_STATION", str(station))
    done = call("copper", "check", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_station_check_asks_the_analyser(call: Run, table: Callable[..., Table]) -> None:
    done = call("station", "check", "--station", table().station)
    assert done.returncode == 0
    assert "E5061B" in done.stdout
