"""`linetest copper enter` as a person runs it: by options, at a terminal, and stopped."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]
GOOD = ["--foreign-ac", "0.4", "--foreign-dc", "0", "--insulation-ab", "620M", "--insulation-ae", "0.62 G"]
GOOD += ["--insulation-be", "> 500"]


def test_values_by_options_are_judged_and_kept(call: Run) -> None:
    done = call("copper", "enter", *GOOD, "--pair", "7", "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["verdict"], record["kind"]) == (0, "pass", "copper"), done.stderr
    assert (record["warnings"], record["profile"]["name"]) == (["entered-by-hand"], "copper-pair-carrier-2005")
    checks = {one["id"]: one for one in record["checks"]}
    assert checks["INSULATION-AE"]["value"] == pytest.approx(620.0)
    assert checks["INSULATION-BE"]["bound"] == "at-least"
    assert checks["INSULATION-AB"]["where"] == {"pair": "7", "between": "a-b"}
    assert json.loads(call("record", "list", "--json").stdout)["records"][0]["verdict"] == "pass"


def test_a_wet_pair_fails_in_words(call: Run) -> None:
    done = call(
        "copper", "enter", *GOOD[:4], "--insulation-ab", "12", "--insulation-ae", "80", "--insulation-be", "700"
    )
    text = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert "FAIL wire a to b 12 MOhm at least 50 MOhm" in text
    assert "PASS * wire a to earth 80 MOhm" in text
    assert "look for water" in text
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_what_is_missing_is_inconclusive(call: Run) -> None:
    assert call("copper", "enter", "--insulation-ab", "620").returncode == 3


def test_a_dangerous_voltage_stops_with_words_first(call: Run) -> None:
    done = call("copper", "enter", "--foreign-ac", "63", *GOOD[2:])
    assert done.returncode == 1
    assert done.stderr.startswith("STOP: 63 V on the pair. Do not touch it.")
    assert "do not touch the pair" in " ".join(done.stdout.split())
    assert "620" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--foreign-ac"),
        (["--insulation-ab", "620m"], "'620m' is not a value in MOhm"),
        (["--loop-resistance", "99999"], "between 0 Ohm and 20000 Ohm"),
        ([*GOOD, "--profile", "adsl-prequal"], "limits nothing that is measured here"),
    ],
)
def test_without_a_terminal_nothing_is_asked_and_nonsense_is_refused(call: Run, words: list[str], said: str) -> None:
    done = call("copper", "enter", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2


class Terminal:
    """A terminal with linetest in it: answers questions, and keeps what was shown."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.near, far = pty.openpty()
        self.shown = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "linetest", "copper", "enter", *words],
            stdin=far,
            stdout=subprocess.PIPE,
            stderr=far,
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1"},
        )
        os.close(far)

    def wait_for(self, text: str, on_silence: Callable[[], object] | None = None) -> None:
        until = time.monotonic() + 30.0
        while text not in self.shown and time.monotonic() < until:
            if not select.select([self.near], [], [], 0.5)[0]:
                if on_silence is not None:
                    on_silence()
                continue
            try:
                self.shown += os.read(self.near, 4096).decode(errors="replace")
            except OSError:
                break
        assert text in self.shown

    def type(self, text: str) -> None:
        os.write(self.near, text.encode())

    def end(self) -> tuple[int, str]:
        out, _err = self.process.communicate(timeout=30)
        with suppress(OSError):  # all was read
            self.shown += os.read(self.near, 65536).decode(errors="replace")
        os.close(self.near)
        return self.process.returncode, out.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_asked_one_by_one_the_voltages_first(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "--profile", "copper-pair-adsl-loop", "--json")
    terminal.wait_for("AC voltage")
    terminal.type("nonsense\n")
    terminal.wait_for("is not a value in V")
    terminal.type("0.3\n")
    terminal.wait_for("DC voltage")
    terminal.type("0\n")
    terminal.wait_for("Loop resistance")
    terminal.type("0.85k\n")
    code, out = terminal.end()
    record = json.loads(out)
    assert (code, record["verdict"]) == (0, "pass")
    assert record["details"]["electricals"]["typed"] == {
        "foreign-ac": "0.3",
        "foreign-dc": "0",
        "loop-resistance": "0.85k",
    }
    assert "Insulation" not in terminal.shown  # the profile does not ask for it


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_nothing_else_is_asked_on_a_dangerous_pair(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.wait_for("AC voltage")
    terminal.type("230\n")
    code, out = terminal.end()
    assert (code, "STOP: 230 V on the pair" in terminal.shown) == (1, True)
    assert "DC voltage" not in terminal.shown
    assert "dangerous voltage" in " ".join(out.split())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_shows_what_was_entered(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.wait_for("AC voltage")
    terminal.type("0.3\n")
    terminal.wait_for("DC voltage")
    terminal.type("0\n")
    terminal.wait_for("Insulation between")
    terminal.type("620M\n")
    terminal.wait_for("wire a to earth")
    terminal.process.send_signal(signal.SIGINT)
    # Pressed just as the question appears, Python may notice it with the next press only.
    press_again = partial(terminal.process.send_signal, signal.SIGINT)
    terminal.wait_for("linetest copper enter --foreign-ac", on_silence=press_again)
    code, out = terminal.end()
    assert (code, out) == (4, "")
    assert '--foreign-ac "0.3" --foreign-dc "0" --insulation-ab "620M"' in terminal.shown
