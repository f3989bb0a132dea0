"""Counting culprits: how many frames of which LLID and MAC break a rule, and the first of them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from linetest.epon.finding import MOST_FRAMES, Finding
from linetest.epon.frames import ABSENT

Integers = npt.NDArray[np.integer[Any]]


@dataclass(slots=True)
class _Culprit:
    count: int = 0
    frames: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Culprits by check, LLID and MAC."""

    _found: dict[tuple[str, int, int], _Culprit] = field(default_factory=dict)

    def add(self, check: str, number: Integers, llid: Integers, mac: Integers | None = None) -> None:
        """Take frames that break a rule; -1 stands for no LLID and no MAC."""
        if not len(number):
            return
        macs = np.full(len(number), ABSENT, np.int64) if mac is None else mac.astype(np.int64)
        pairs = np.stack([llid.astype(np.int64), macs])
        culprits, inverse, counts = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
        order = np.argsort(inverse.reshape(-1), kind="stable")
        for one, end, count in zip(culprits.T.tolist(), np.cumsum(counts).tolist(), counts.tolist(), strict=True):
            first = number[order[end - count : end][:MOST_FRAMES]]
            self._put((check, *one), count, first.tolist())

    def one(self, check: str, number: int, llid: int = ABSENT, mac: int | None = None) -> None:
        """Take one frame that breaks a rule."""
        self._put((check, llid, ABSENT if mac is None else mac), 1, [number])

    def findings(self, check: str) -> list[Finding]:
        """Return the culprits of a check, those with the most frames first."""
        found = [
            Finding(
                check=check,
                value=float(culprit.count),
                llid=None if llid == ABSENT else llid,
                mac=None if mac == ABSENT else mac,
                frames=culprit.frames,
            )
            for (of, llid, mac), culprit in self._found.items()
            if of == check
        ]
        return sorted(found, key=lambda one: -one.value)

    def _put(self, key: tuple[str, int, int], count: int, frames: list[int]) -> None:
        culprit = self._found.setdefault(key, _Culprit())
        culprit.count += count
        culprit.frames += frames[: MOST_FRAMES - len(culprit.frames)]
