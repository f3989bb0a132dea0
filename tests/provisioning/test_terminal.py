"""The question at a terminal: what a person answers, and Ctrl-C in the middle."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind

pytestmark = pytest.mark.slow
Sites = Callable[..., Any]


class Person:
    """Someone at a terminal."""

    def __init__(self, *words: str) -> None:
        self.seen = ""
        self._main, side = pty.openpty()
        arguments = [sys.executable, "-m", "linetest", *words]
        self.process = subprocess.Popen(arguments, stdin=side, stdout=side, stderr=side, start_new_session=True)
        os.close(side)

    def waits_for(self, pattern: str) -> None:
        ends_at = time.monotonic() + 60.0
        while not re.search(pattern, self.seen):
            assert time.monotonic() < ends_at, self.seen
            self.reads()

    def reads(self) -> bool:
        try:
            data = os.read(self._main, 65536)
        except OSError:  # the other side is gone
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def types(self, text: str) -> None:
        os.write(self._main, text.encode())

    def ends(self) -> int:
        while self.reads():
            pass
        os.close(self._main)
        return self.process.wait(timeout=30)


def test_no_is_the_answer_that_is_given_by_enter(site: Sites) -> None:
    one = site()
    person = Person("provision", "apply", *one.arguments)
    person.waits_for(r"Do it\? \[y/N\]")
    person.types("\n")
    assert person.ends() == 4
    assert one.changing == []


def test_yes(site: Sites) -> None:
    one = site()
    person = Person("provision", "apply", *one.arguments)
    person.waits_for(r"Do it\? \[y/N\]")
    person.types("y\n")
    assert person.ends() == 0, person.seen
    assert one.olt.saved == one.olt.configuration
    assert "is in service: verified and saved" in person.seen


def test_stopped_in_the_middle_and_taken_up(site: Sites) -> None:
    one = site()
    one.olt.fault = ConfigFault(ConfigFaultKind.SLOW, at=2, seconds=1.5)
    person = Person("provision", "apply", *one.arguments)
    person.waits_for(r"Do it\? \[y/N\]")
    person.types("y\n")
    while len(one.changing) < 2:
        time.sleep(0.02)
    person.process.send_signal(2)
    assert person.ends() == 4
    assert "start the same command again" in person.seen
    again = Person("provision", "apply", *one.arguments)
    again.waits_for(r"Do it\? \[y/N\]")
    assert "was cut off: it is" in again.seen
    again.types("y\n")
    assert again.ends() == 0, again.seen
    assert one.olt.saved == one.olt.configuration
