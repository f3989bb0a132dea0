"""What can be wrong with simulated devices, and what that does to the bytes of a meter's answers."""

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

SLOW_STEP_S = 0.01
LATE_S = 3.0
_UNPLUG_AFTER_S = 0.05  # a terminal that is closed at once throws away what it carries
BAD_READ_EVERY = 3


class Fault(StrEnum):
    """What can be wrong with an instrument; it has at most one fault."""

    # Faults of the wire: any instrument can have them.
    SILENT = "silent"
    GARBLES = "garbles"
    SLOW = "slow"
    LATE = "late"
    DOUBLED = "doubled"
    UNPLUGGED = "unplugged"
    # Faults of the meter: only where its maker's protocol has a place for them.
    BAD_READ = "bad-read"
    IN_WATTS = "in-watts"
    WRONG_WAVELENGTH = "wrong-wavelength"
    WRONG_CHECKSUM = "wrong-checksum"
    NOT_READY = "not-ready"
    # Faults of an analyser.
    FEWER_POINTS = "fewer-points"
    NOT_A_NUMBER = "not-a-number"


BinderFault = Literal["next", "fext", "split-pair", "no-fext", "narrow"]
"""What can be wrong with the simulated binder or with its sweep."""

ANALYSER_FAULTS = frozenset({Fault.FEWER_POINTS, Fault.NOT_A_NUMBER})
WIRE_FAULTS = frozenset({Fault.SILENT, Fault.GARBLES, Fault.SLOW, Fault.LATE, Fault.DOUBLED, Fault.UNPLUGGED})


@dataclass(frozen=True)
class Answer:
    """What a meter says to one command."""

    body: bytes
    ends: bytes = b""
    """The terminator; it stays whole when a fault damages the body."""
    reads: bool = False
    """Whether it carries the power."""


class AnswerQueue:
    """The bytes on their way to the computer, each with its time; None among them is the cable coming out."""

    def __init__(self, fault: Fault | None, seed: int = 1) -> None:
        self._fault = fault
        self._random = random.Random(seed)
        self._waiting: list[tuple[float, bytes | None]] = []

    def add(self, answers: Iterable[Answer]) -> None:
        """Queue the answers to what was just heard, with the fault on them."""
        now = time.monotonic()
        queued = [piece for answer in answers for piece in self._damaged(answer)]
        if not queued:
            return
        if self._fault is Fault.LATE:  # the question before this one is answered now, this one later
            self._waiting = [(now, body) for _due, body in self._waiting]
            now += LATE_S
        step_s = SLOW_STEP_S if self._fault is Fault.SLOW else 0.0
        start = max([now, *(due for due, _body in self._waiting)]) if step_s else now
        for number, piece in enumerate(queued):
            due = start + number * step_s + (_UNPLUG_AFTER_S if piece is None else 0.0)
            self._waiting.append((due, piece))

    def wait_s(self) -> float | None:
        """Return how long until the next bytes are due; None when nothing waits."""
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None

    def due(self) -> list[bytes | None]:
        """Take out what has to go now."""
        now = time.monotonic()
        going = [body for due, body in self._waiting if due <= now]
        self._waiting = self._waiting[len(going) :]
        return going

    def _damaged(self, answer: Answer) -> list[bytes | None]:
        whole = answer.body + answer.ends
        match self._fault:
            case Fault.SILENT:
                return []
            case Fault.GARBLES:
                return [self._noise(len(answer.body)) + answer.ends]
            case Fault.DOUBLED:
                return [bytes(byte for one in answer.body for byte in (one, one)) + answer.ends]
            case Fault.SLOW:
                return [bytes([byte]) for byte in whole]
            case Fault.UNPLUGGED if answer.reads:
                return [whole[: len(whole) // 2], None]
            case _:
                return [whole]

    def _noise(self, length: int) -> bytes:
        """Return bytes as a wrong speed makes them: no line ends, no digits, now and then an escape."""
        return bytes(self._random.choice(b"\x1b\x80\x9f\xc3\xe1\xf8\xfe\xff{~") for _count in range(length))
