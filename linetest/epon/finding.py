"""What a check of the audit found, before anybody judges it."""

from collections.abc import Iterable
from typing import Any

import msgspec

from linetest.model.codes import Reason

MOST_FRAMES = 20
"""A culprit is proved by its first frames; a record need not hold a million numbers."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value of one check, and the frames that prove it."""

    check: str
    """The check's id, such as ``LLID-1``."""
    value: float
    llid: int | None = None
    mac: int | None = None
    frames: list[int] = []
    """Numbers of the frames in the capture, the first `MOST_FRAMES` of them."""
    more: dict[str, Any] = {}
    """What else `where` says: ``by``, ``oui``, ``vid``; only values that JSON can hold."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one check came to."""

    check: str
    findings: list[Finding] = []
    missing: Reason | None = None
    """Why this capture cannot decide it; None where it can."""


def first_frames(numbers: Iterable[Any]) -> list[int]:
    """Return the first frame numbers, as plain integers."""
    found = []
    for number in numbers:
        found.append(int(number))
        if len(found) == MOST_FRAMES:
            break
    return found


def mac_text(mac: int) -> str:
    """Return 48 bits as ``00:11:22:33:44:55``."""
    return mac.to_bytes(6, "big").hex(":")
