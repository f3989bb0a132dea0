"""A technician's day: twelve orders on the bench, offline, from the first look in the morning to the last reply.

What the commands print is a golden file, ``tests/golden/order-day-<language>.txt``, read by a person at 80 columns.
After a change of words rewrite them, then read the difference::

    LINETEST_REWRITE=en,zh pytest -n 0 -m slow tests/cli/test_order_day.py
"""

import os
import re
import shlex
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from wcwidth import wcswidth

from linetest.bench.run import start
from linetest.model import clock

GOLDEN = Path(__file__).parents[1] / "golden"
REWRITE = [name for name in os.environ.get("LINETEST_REWRITE", "").split(",") if name]
LANGUAGES = [name for name in ("en", "zh") if name in REWRITE or (GOLDEN / f"order-day-{name}.txt").exists()]

HOTEL = """\
number = "WO-1009"
access = "ftth-epon"
work_type = "install"
customer = { region = "urban", hotel = true }
received_at = 2026-02-27T10:00:00+08:00
accepted_at = 2026-03-01T14:00:00+08:00
plan_accepted_at = 2026-02-27T17:00:00+08:00
address = "Hotel Lakeside, desk"
contact = "13800000009"
[[line]]
id = "301"
[[line]]
id = "302"
"""
# Time of the day, which bench the instruments are at, and what is typed.
DAY = """\
07:50 good order add orders.csv hotel.toml
07:50 good order done 0801 --reason hard-fault --replied web --at 2026-02-10T15:00
07:51 good order done 0802 --reason hard-fault --replied web --at 2026-02-20T12:00
07:52 good order list
07:53 good order next
07:54 good order note 1001 called --reached
07:55 good order book 1001 today 10:30-11:30
07:56 good order note 1002 called --not-reached
07:57 good order note 1002 called --reached
07:58 good order book 1002 today 09:00-10:00
08:00 good order note 1003 called --reached
08:02 good order escalate 1003 --to cutover
08:03 good order escalate 1003 --to cutover --reached --cabinet J12 --team 三 --phone 13900000003
08:05 good order note 1004 called --reached
08:06 good order escalate 1004 --to cable --reached --cable D07 --team 二 --phone 13900000004
08:10 good order next
08:11 good order show 1010
08:12 good order escalate 1006 --symptom 'no light' --extent 'splitter S7' --work 'on the way' --until 12:00
08:13 good order escalate 1010 --text 'third time in a month'
08:15 good order note 1006 called --reached
08:16 good order note 1010 called --reached
08:17 good order note 1011 called --reached
08:46 good order next
08:47 good order note 1002 called --reached
08:58 good order arrive 1002
09:00 good accept 1002 --no-push
09:10 good order checklist 1002
09:12 good order done 1002 --satisfied --signed --replied wap
09:13 good order label 1002 --phone 13900000001
09:30 good order book 1006 today 09:30
09:31 good order arrive 1006
09:35 low accept 1006 --no-push
09:36 good order done 1006
09:37 good order show 1006
09:55 good accept 1006 --no-push
09:58 good record list --line FTTH-7006
10:00 good order done 1006 --side drop --satisfied --signed --replied wap
10:05 good order arrive 1010
10:08 good accept 1010 --no-push
10:10 good order done 1010 --side beyond --replied wap
10:12 good order arrive 1011
10:14 good accept 1011 --no-push
10:15 good order done 1011 --side beyond --satisfied --replied wap
10:16 good order list
10:40 good order arrive 1001
10:45 good accept 1001 --no-push
10:50 good order note 1001 mismatch --what pair --planned 17 --found 19
10:55 good order done 1001 --side home --satisfied --signed --replied voice-platform
11:00 good order note 1007 called --reached
11:05 good order book 1007 today am
11:20 good order arrive 1007
11:25 good order return 1007
11:26 good order return 1007 no-resource --text 'splitter S9 is full'
11:40 good order note 1008 called --not-reached
11:45 good order note 1008 called --reached
11:46 good order note 1008 delay --reason customer-postpones
11:47 good order book 1008 tomorrow am
13:00 good order book 1009 today 14:00-17:00
13:01 good order book 1009 today 14:00-17:00 --coordinator 'Ms Li' --steps 'floor 3 upwards'
14:00 good order arrive 1009 --line 301
14:02 good accept 1009 --line 301 --no-push
14:05 good order arrive 1009 --line 302
14:21 good order next
14:22 good order note 1009 consent --agreed --line 302
14:30 good accept 1009 --line 302 --no-push
14:35 good order done 1009 --satisfied --signed --replied web
14:40 good order note 1005 called --reached
14:41 good order note 1005 chaser --text 'asks when somebody comes'
14:42 good order book 1005 today 15:00-16:00
15:10 good order arrive 1005
15:15 good accept 1005 --no-push
15:20 good order done 1005 --satisfied --signed --replied web
15:30 good order note 1012 called --reached
15:31 good order book 1012 today pm
16:00 good order arrive 1012
16:10 good order done 1012 --signed --replied web
16:15 good order list
16:16 good order list --all
16:17 good order show 1009
"""


class Day:
    """The time of the day, which the program takes for the computer's."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(f"2026-03-02T{text}:00+08:00").timestamp()


@pytest.fixture(autouse=True)
def china(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the computer's clock be that of the orders, and put it back."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def stations(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Give two benches: one with good light, one with too little; neither reaches a ticket system."""
    with ExitStack() as stack:
        found = {}
        for name, scenario in (("good", "all-good"), ("low", "low-light")):
            folder = tmp_path / f"bench-{name}"
            folder.mkdir()
            found[name] = stack.enter_context(start(scenario, folder)).station
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_technicians_day(
    language: str,
    call: Any,
    stations: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    day = Day()
    monkeypatch.setattr(clock, "time", SimpleNamespace(time=day.time))
    monkeypatch.chdir(tmp_path)
    shutil.copy(GOLDEN / "order-day.csv", tmp_path / "orders.csv")
    (tmp_path / "hotel.toml").write_text(HOTEL, encoding="utf-8")
    said = []
    for line in DAY.splitlines():
        at, station, words = line.split(" ", 2)
        day.set(at)
        monkeypatch.setenv("LINETEST_STATION", str(stations[station]))
        done = call(*shlex.split(words), "--lang", language)
        assert all(wcswidth(shown) <= 80 for shown in done.stdout.splitlines() if not words.startswith("accept")), words
        said += [f"=== {at}  linetest {words}", *_shown(words, done), ""]
    text = _without_ids("\n".join(said))
    golden = GOLDEN / f"order-day-{language}.txt"
    if language in REWRITE:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def _shown(words: str, done: Any) -> list[str]:
    """Return what a person sees; of a measurement, whose page has golden files of its own, how it ended."""
    if words.startswith("accept"):
        return [f"(exit {done.returncode})"]
    lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
    return lines if done.returncode == 0 else [*lines, f"(exit {done.returncode})"]


def _without_ids(text: str) -> str:
    """Give the records numbers in the order in which they appear; a meter's last digit is never quite still."""
    seen: dict[str, str] = {}
    text = re.sub(r"\d+\.\d\d(?= dB)", lambda found: f"{float(found[0]):.1f}0", text)
    return re.sub(r"\b[0-9a-f]{8}\b", lambda found: seen.setdefault(found[0], f"record{len(seen) + 1:02}"), text)
