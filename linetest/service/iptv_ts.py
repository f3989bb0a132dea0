"""The packets of an MPEG transport stream: whether each PID goes on where it was (ISO/IEC 13818-1, 2.4.3).

The continuity counter of a PID goes up by one with each packet that has a payload, from 15 to 0, and stays where it is
without one. A packet may be sent twice, and only twice. Where the stream says that it jumps (discontinuity_indicator),
a jump is none. Null packets have no counter.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linetest.service.iptv_tables import Tables

OCTETS = 188
SYNC = 0x47
_NULL = 0x1FFF
_PIDS = 0x2000
_UNKNOWN = -1
_HEAD = 12  # octets: up to the end of a clock reference
_CLOCK_HZ = 27_000_000
_MOST_CLOCKS = 200_000

Ints = NDArray[np.int64]


@dataclass(slots=True, kw_only=True)
class TsTally:
    """What the packets came to."""

    packets: int = 0
    nulls: int = 0
    continuity_errors: int = 0
    discontinuities: int = 0
    """Jumps that the stream itself announced."""
    duplicates: int = 0
    transport_errors: int = 0
    """Packets that say that they are damaged."""
    out_of_sync: int = 0
    """Places where a packet should begin and does not."""
    scrambled: int = 0


@dataclass(slots=True)
class TsCount:
    """Checks the packets of one stream, in the order they were sent."""

    tally: TsTally = field(default_factory=TsTally)
    tables: Tables = field(default_factory=Tables)
    clocks: list[tuple[int, int, int]] = field(default_factory=list)
    """PID, when it came in ns, and the clock reference in ticks of 27 MHz."""
    _counter: NDArray[np.int8] = field(default_factory=lambda: np.full(_PIDS, _UNKNOWN, np.int8))
    _twice: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(_PIDS, np.bool_))
    _filled: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(_PIDS, np.bool_))

    def take(self, packets: NDArray[np.uint8], at_ns: Any) -> None:
        """Check packets of 188 octets, one a row, and when each came."""
        at_ns = np.asarray(at_ns, np.int64)
        in_sync = packets[:, 0] == SYNC
        damaged = in_sync & (packets[:, 1] >= 0x80)
        self.tally.packets += len(packets)
        self.tally.out_of_sync += int(np.count_nonzero(~in_sync))
        self.tally.transport_errors += int(np.count_nonzero(damaged))
        pid = (packets[:, 1].astype(np.int64) & 0x1F) << 8 | packets[:, 2]
        null = pid == _NULL
        self.tally.nulls += int(np.count_nonzero(in_sync & ~damaged & null))
        rows = np.flatnonzero(in_sync & ~damaged & ~null)
        if len(rows):
            self._continue(packets[rows, :_HEAD], pid[rows], at_ns[rows])
            if not self.tables.complete:
                self.tables.take(packets[rows], pid[rows], at_ns[rows])

    def _continue(self, head: NDArray[np.uint8], pid: Ints, at_ns: Ints) -> None:
        flags = head[:, 3]
        has_field = ((flags & 0x20) != 0) & (head[:, 4] > 0)
        jumps = has_field & ((head[:, 5] & 0x80) != 0)
        self.tally.scrambled += int(np.count_nonzero(flags & 0xC0))
        self._check(pid, (flags & 0x0F).astype(np.int8), (flags & 0x10) != 0, jumps)
        timed = np.flatnonzero(has_field & ((head[:, 5] & 0x10) != 0) & (head[:, 4] >= 7))
        for row in timed.tolist():
            if len(self.clocks) < _MOST_CLOCKS:
                self.clocks.append((int(pid[row]), int(at_ns[row]), _clock(head[row])))

    def _check(self, pid: Ints, counter: NDArray[np.int8], filled: NDArray[np.bool_], jumps: NDArray[np.bool_]) -> None:
        """Compare each packet with the one before of its PID."""
        order = np.argsort(pid, kind="stable")
        pid, counter, filled, jumps = pid[order], counter[order], filled[order], jumps[order]
        first = np.concatenate(([True], pid[1:] != pid[:-1]))
        before = np.where(first, self._counter[pid], np.concatenate(([0], counter[:-1])))
        filled_before = np.where(first, self._filled[pid], np.concatenate(([False], filled[:-1])))
        on = (counter - before) & 0x0F
        known = before != _UNKNOWN
        same = known & ~jumps & filled & filled_before & (on == 0)
        twice = _every_other(same, first, self._twice[pid])
        good = ~known | jumps | np.where(filled, (on == 1) | twice, on == 0)
        self.tally.continuity_errors += int(np.count_nonzero(~good))
        self.tally.duplicates += int(np.count_nonzero(twice))
        self.tally.discontinuities += int(np.count_nonzero(known & jumps & (on != filled)))
        last = np.concatenate((first[1:], [True]))
        self._counter[pid[last]] = counter[last]
        self._filled[pid[last]] = filled[last]
        self._twice[pid[last]] = twice[last]

    def clock_jitter_ms(self) -> float | None:
        """Return by how much the clock references came too early or too late, peak to peak.

        Against a straight line through them, as two clocks never run at the same rate; None below 10 references.
        The longest unbroken row of one PID is taken.
        """
        rows = [row for row in _unbroken(self.clocks) if len(row) >= 10]
        if not rows:
            return None
        best = np.array(max(rows, key=len), np.float64)
        sent_s = (best[:, 1] - best[0, 1]) / _CLOCK_HZ
        late_s = (best[:, 0] - best[0, 0]) / 1e9 - sent_s
        late_s -= np.polyval(np.polyfit(sent_s, late_s, 1), sent_s)
        return float(np.ptp(late_s)) * 1000.0


def _every_other(same: NDArray[np.bool_], first: NDArray[np.bool_], before: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the packets that equal the one before may: the one before was not already such a second."""
    may = same & ~(first & before)
    for row in np.flatnonzero(may[1:] & may[:-1] & ~first[1:]).tolist():
        may[row + 1] = not may[row]
    return may


def _clock(head: NDArray[np.uint8]) -> int:
    """Return a program_clock_reference, 2.4.3.5: 33 bits at 90 kHz, 6 of nothing, 9 at 27 MHz."""
    value = int.from_bytes(head[6:12].tobytes(), "big")
    return (value >> 15) * 300 + (value & 0x1FF)


def _unbroken(clocks: list[tuple[int, int, int]]) -> list[list[tuple[int, int]]]:
    """Return time and reference of each row that does not jump by a second or more."""
    rows: dict[int, list[list[tuple[int, int]]]] = {}
    for pid, at_ns, ticks in clocks:
        of_pid = rows.setdefault(pid, [[]])
        if of_pid[-1] and not 0 < ticks - of_pid[-1][-1][1] < _CLOCK_HZ:
            of_pid.append([])
        of_pid[-1].append((at_ns, ticks))
    return [row for of_pid in rows.values() for row in of_pid]
