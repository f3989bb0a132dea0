"""What goes wrong with one command that changes the configuration of a simulated OLT."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from linetest.bench.olt_config import Change, Configuration, Fact, Refused
from linetest.bench.olt_shell_terminal import Hangup


class ConfigFaultKind(StrEnum):
    """What can happen to a command."""

    REFUSED = "refused"
    """The OLT is busy and says so; nothing changes."""
    SILENT = "silent"
    """Nothing changes, and nothing is answered any more."""
    SILENT_AFTER = "silent-after"
    """The command takes effect, and nothing is answered any more."""
    CUT_BEFORE = "cut-before"
    """The connection ends; nothing changes."""
    CUT_AFTER = "cut-after"
    """The command takes effect; the connection ends before the answer."""
    WRONG_PROMPT = "wrong-prompt"
    """The command takes effect, and the session falls back to the enabled mode."""
    QUESTION = "question"
    """The OLT asks whether to delete everything on the port; only with another answer than yes nothing changes."""
    REBOOT = "reboot"
    """The OLT reboots: nothing changes, and what was not saved is lost."""
    ALARM = "alarm"
    """The command takes effect; an alarm is printed into the middle of the answer."""
    SLOW = "slow"
    """The command takes effect at once and is answered `seconds` later."""


@dataclass(frozen=True)
class ConfigFault:
    """A fault of the `at`-th command, from 1, that changes or saves the configuration; counted over all sessions."""

    kind: ConfigFaultKind
    at: int = 1
    seconds: float = 1.0


class Session(Protocol):
    """What a fault does to the session in which the command was typed."""

    mode: str

    @property
    def alarm(self) -> str:
        """How an alarm looks."""

    @property
    def question(self) -> str:
        """A question that nobody has reason to answer with yes."""

    def ask(self, question: str) -> str:
        """Return what the person answers."""

    def change(self, change: Change) -> Configuration:
        """Change the OLT's configuration and return what it was."""

    def hang(self) -> None:
        """Answer nothing any more."""

    def reboot(self) -> None:
        """Reboot the OLT."""


def suffer(session: Session, fault: ConfigFault, act: Callable[[], list[str]]) -> list[str]:
    """Carry a command out with its fault; return what is printed.

    Args:
        session: the session in which it was typed.
        fault: what happens to it.
        act: carries it out and returns what is printed.
    """
    match fault.kind:
        case ConfigFaultKind.REFUSED:
            raise Refused(Fact.BUSY)
        case ConfigFaultKind.QUESTION:
            return _asked(session)
        case ConfigFaultKind.REBOOT:
            session.reboot()
            raise Hangup
        case ConfigFaultKind.CUT_BEFORE:
            raise Hangup
        case ConfigFaultKind.SILENT:
            session.hang()
    return _answered(session, fault, act())


def _answered(session: Session, fault: ConfigFault, rows: list[str]) -> list[str]:
    """Return what is printed after the command has taken effect."""
    match fault.kind:
        case ConfigFaultKind.CUT_AFTER:
            raise Hangup
        case ConfigFaultKind.SILENT_AFTER:
            session.hang()
        case ConfigFaultKind.WRONG_PROMPT:
            session.mode = "e"
        case ConfigFaultKind.SLOW:
            time.sleep(fault.seconds)
        case ConfigFaultKind.ALARM:
            return _with_alarm(rows, session.alarm)
    return rows


def _asked(session: Session) -> list[str]:
    if session.ask(session.question).strip().lower() in ("y", "yes"):
        session.change(lambda configuration: replace(configuration, onus={}, services=()))
    return []


def _with_alarm(rows: list[str], alarm: str) -> list[str]:
    """Return the rows with the alarm in the middle of the first that is not empty."""
    at = next((number for number, row in enumerate(rows) if row.strip()), None)
    if at is None:
        return alarm.rstrip("\n").split("\n")
    half = len(rows[at]) // 2
    return [*rows[:at], f"{rows[at][:half]}\n{alarm}{rows[at][half:]}", *rows[at + 1 :]]
