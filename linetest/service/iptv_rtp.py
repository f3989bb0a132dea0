"""Packets of RTP by their sequence numbers: what was lost, came late or came twice (RFC 3550, 5.1 and A.1).

The sample begins with the first packet that came: what was sent before it was never promised. A packet that comes late
is not lost, one that comes twice is counted once, and 65535 is followed by 0. Senders are told apart by their SSRC.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_RING = 1 << 16
_MOST_DROPOUT = 3000
"""Of RFC 3550, A.1: a larger jump without a silence of that length is a sequence that begins anew."""
_OUTAGE = 1000
"""Packets that a silence must be long enough for, before the time says how many were lost in it."""
_RATE_KNOWN = 100
"""Packets after which a sequence's rate is known."""
_SILENT_NS = 1_000_000_000
"""A sender that was replaced and comes back after so long begins anew: the other one's packets were not lost."""
_MOST_SENDERS = 16


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the packets came to."""

    received: int = 0
    expected: int = 0
    """From the first to the highest number, of all sequences together."""
    distinct: int = 0
    duplicates: int = 0
    reordered: int = 0
    """Came after a later one, for the first time."""
    outside: int = 0
    """From before the sample's first packet, or after its end: not counted otherwise."""
    restarts: int = 0
    """Jumps of the number within one sender that no silence explains."""
    ssrc_changes: int = 0
    strangers: int = 0
    """Packets of more senders than are told apart."""

    @property
    def lost(self) -> int:
        """Return how many never came."""
        return self.expected - self.distinct


@dataclass(slots=True)
class _Sequence:
    """One unbroken row of numbers of one sender, counted on over 65535."""

    first: int
    high: int
    offset: int
    """What `RtpCount.take` returns for `first`."""
    began_ns: int
    last_ns: int
    seen: Bools = field(default_factory=lambda: np.zeros(_RING, np.bool_))

    def packets_in(self, silence_ns: Any) -> Any:
        """Return how many packets a silence is long enough for, at the mean rate so far; 0 while that is not known."""
        passed = self.high - self.first
        lasted_ns = self.last_ns - self.began_ns
        return silence_ns * (passed / lasted_ns if passed >= _RATE_KNOWN and lasted_ns > 0 else 0.0)


@dataclass(slots=True)
class RtpCount:
    """Counts the packets of one group, batch by batch."""

    tally: Tally = field(default_factory=Tally)
    _senders: dict[int, _Sequence] = field(default_factory=dict)
    _last_ssrc: int | None = None
    _next_offset: int = 0
    _closed: bool = False

    def close(self) -> None:
        """End the sample at the highest numbers so far; what comes late still fills its gaps."""
        self._closed = True

    def take(self, number: Any, ssrc: Any, at_ns: Any) -> Ints:
        """Count packets in the order they came.

        Args:
            number: their sequence numbers, 0 to 65535.
            ssrc: their senders.
            at_ns: when they came, on one clock.

        Returns:
            For each packet a number that rises as they were sent, for those who read the payload in that order; -1 for
            one that came before or is not in the sample.
        """
        number, ssrc, at_ns = (np.asarray(values, np.int64) for values in (number, ssrc, at_ns))
        order = np.full(len(number), -1, np.int64)
        if not len(number):
            return order
        self.tally.received += len(number)
        changes = int(np.count_nonzero(ssrc[1:] != ssrc[:-1]))
        changes += self._last_ssrc is not None and self._last_ssrc != int(ssrc[0])
        self.tally.ssrc_changes += changes
        self._last_ssrc = int(ssrc[-1])
        senders = np.unique(ssrc).tolist() if changes else [self._last_ssrc]
        for one in senders:
            rows = np.flatnonzero(ssrc == one)
            alone = len(senders) == 1 and len(self._senders) <= 1
            order[rows] = self._take_sender(one, number[rows], at_ns[rows], alone=alone)
        return order

    def _take_sender(self, ssrc: int, number: Ints, at_ns: Ints, *, alone: bool) -> Ints:
        sequence = self._senders.get(ssrc)
        if sequence is None:
            if len(self._senders) >= _MOST_SENDERS:
                self.tally.strangers += len(number)
                return np.full(len(number), -1, np.int64)
            sequence = self._begin(ssrc, int(number[0]), int(at_ns[0]))
        parts = []
        at = 0
        while at < len(number):
            step = _steps(sequence, number[at:])
            silence_ns = np.diff(at_ns[at:], prepend=sequence.last_ns)
            due = sequence.packets_in(silence_ns)
            back = silence_ns > (np.inf if alone else _SILENT_NS)
            jumps = np.flatnonzero(back | (np.abs(step) > _MOST_DROPOUT) | (due >= _OUTAGE))
            end = int(jumps[0]) if len(jumps) else len(step)
            if end == 0:
                end = 1
                far = None if back[0] else _far(int(step[0]), float(due[0]))
                if far is None:
                    self.tally.restarts += int(not back[0])
                    sequence = self._begin(ssrc, int(number[at]), int(at_ns[at]))
                    far = 1
                step[0] = far
            parts.append(self._count(sequence, sequence.high + np.cumsum(step[:end])))
            sequence.last_ns = int(at_ns[at + end - 1])
            at += end
        return np.concatenate(parts)

    def _begin(self, ssrc: int, number: int, at_ns: int) -> _Sequence:
        sequence = _Sequence(number, number - 1, self._next_offset, at_ns, at_ns)
        self._senders[ssrc] = sequence
        return sequence

    def _count(self, sequence: _Sequence, number: Ints) -> Ints:
        """Count packets of a sequence, numbered on over 65535."""
        tally = self.tally
        if self._closed:
            inside = number <= sequence.high
            tally.outside += int(np.count_nonzero(~inside))
            order = np.full(len(number), -1, np.int64)
            order[inside] = self._fill(sequence, number[inside])
            return order
        before = np.maximum.accumulate(np.concatenate(([sequence.high], number)))
        new = number > before[:-1]
        high = int(before[-1])
        sequence.seen[np.arange(max(sequence.high + 1, high - _RING + 1), high + 1) % _RING] = False
        sequence.seen[number[new] % _RING] = True
        tally.expected += high - sequence.high
        tally.distinct += int(np.count_nonzero(new))
        sequence.high = high
        order = number - sequence.first + sequence.offset
        order[~new] = self._fill(sequence, number[~new])
        self._next_offset = max(self._next_offset, high - sequence.first + sequence.offset + _RING)
        return order

    def _fill(self, sequence: _Sequence, number: Ints) -> Ints:
        """Count packets that came after a later one."""
        order = np.full(len(number), -1, np.int64)
        for row, one in enumerate(number.tolist()):
            if one < sequence.first or one <= sequence.high - _RING:
                self.tally.outside += 1
            elif sequence.seen[one % _RING]:
                self.tally.duplicates += 1
            else:
                sequence.seen[one % _RING] = True
                self.tally.reordered += 1
                self.tally.distinct += 1
                order[row] = one - sequence.first + sequence.offset
        return order


def _steps(sequence: _Sequence, number: Ints) -> Ints:
    """Return how far each number lies from the one before, the shorter way round: -32768 to 32767."""
    steps = np.diff(number, prepend=sequence.high % _RING)
    return (steps + _RING // 2) % _RING - _RING // 2


def _far(step: int, due: float) -> int | None:
    """Return how far a packet lies from the one before, after a silence that is long enough for `due` packets.

    None where it can only belong to a new sequence.
    """
    if due >= _OUTAGE:
        far = step + round((due - step) / _RING) * _RING
        if far > 0:
            return far
    return step if abs(step) <= _MOST_DROPOUT else None
