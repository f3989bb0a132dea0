"""What comes in a group, counted: RTP, the transport stream in it, and how evenly it came."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linetest.service.iptv_rtp import RtpCount
from linetest.service.iptv_ts import OCTETS, SYNC, TsCount
from linetest.transports.multicast_intake import Batch

Ints = NDArray[np.int64]

_RTP_HEAD = 12
_WAIT = 64
"""RTP packets that the transport stream waits for a late one, as a set-top box's buffer does."""
_SECOND_NS = 1_000_000_000
_MOST_SECONDS = 7200


class Second(NamedTuple):
    """One second of a stream."""

    packets: int
    octets: int
    """Of the transport stream."""
    missing_or_late: int
    delay_factor_ms: float | None
    """How much a buffer must hold that is emptied at this second's mean rate (RFC 4445, 3.1)."""


class _Held(NamedTuple):
    """Transport packets that wait for late ones."""

    order: Ints
    packets: NDArray[np.uint8]
    at_ns: Ints


@dataclass(slots=True)
class StreamCount:
    """Counts one group."""

    rtp: RtpCount = field(default_factory=RtpCount)
    ts: TsCount = field(default_factory=TsCount)
    datagrams: int = 0
    octets: int = 0
    plain: int = 0
    """Datagrams that hold a transport stream without RTP: it has no numbers to count losses by."""
    foreign: int = 0
    """Datagrams that are neither."""
    first_ns: int | None = None
    last_ns: int | None = None
    seconds: list[Second] = field(default_factory=list)
    _held: _Held | None = None
    _sent: int = 0
    _now: list[tuple[Ints, Ints]] = field(default_factory=list)
    _troubles: int = 0

    def take(self, batch: Batch) -> None:
        """Count the datagrams of a batch."""
        rows = len(batch.lengths)
        if not rows:
            return
        self.first_ns = int(batch.at_ns[0]) if self.first_ns is None else self.first_ns
        self.last_ns = int(batch.at_ns[-1])
        self.datagrams += rows
        head = batch.octets[:rows, :_RTP_HEAD].astype(np.int64)
        lengths = batch.lengths
        is_rtp = (head[:, 0] >> 6 == 2) & (lengths >= _RTP_HEAD)
        plain = (head[:, 0] == SYNC) & (lengths % OCTETS == 0) & (lengths > 0)
        self.plain += int(np.count_nonzero(plain))
        self.foreign += int(np.count_nonzero(~is_rtp & ~plain))
        order = np.full(rows, -1, np.int64)
        at = np.flatnonzero(is_rtp)
        if len(at):
            part = head[at]
            ssrc = part[:, 8] << 24 | part[:, 9] << 16 | part[:, 10] << 8 | part[:, 11]
            order[at] = self.rtp.take(part[:, 2] << 8 | part[:, 3], ssrc, batch.at_ns[at])
        at = np.flatnonzero(plain)
        order[at] = self._sent + np.arange(len(at))
        self._sent += len(at)
        begins = np.where(is_rtp, _payload_at(batch, head), 0)
        self._hold(batch, np.flatnonzero(order >= 0), order, begins)
        self._pass(batch, lengths - begins)

    def close(self) -> None:
        """End the sample: nothing that comes later extends it."""
        self.rtp.close()

    def finish(self) -> None:
        """Check what still waits for late packets."""
        self._release(None)
        self._end_second()

    def _hold(self, batch: Batch, rows: Ints, order: Ints, begins: Ints) -> None:
        """Keep the transport packets of datagrams until late ones can have come, then check them as they were sent."""
        many = np.maximum((batch.lengths[rows] - begins[rows]) // OCTETS, 0)
        of_row = np.repeat(rows, many)
        nth = np.arange(len(of_row)) - np.repeat(np.cumsum(many) - many, many)
        starts = of_row * batch.octets.shape[1] + begins[of_row] + nth * OCTETS
        packets = batch.octets.reshape(-1)[starts[:, None] + np.arange(OCTETS)]
        held = _Held(order[of_row], packets, batch.at_ns[of_row])
        if self._held is not None:
            before = self._held
            held = _Held(
                np.concatenate((before.order, held.order)),
                np.concatenate((before.packets, held.packets)),
                np.concatenate((before.at_ns, held.at_ns)),
            )
        self._held = held
        if len(held.order):
            self._release(int(held.order.max()) - _WAIT)

    def _release(self, up_to: int | None) -> None:
        held = self._held
        if held is None:
            return
        rows = np.argsort(held.order, kind="stable")
        end = len(rows) if up_to is None else int(np.searchsorted(held.order[rows], up_to))
        if end:
            self.ts.take(held.packets[rows[:end]], held.at_ns[rows[:end]])
        left = rows[end:]
        self._held = _Held(held.order[left], held.packets[left], held.at_ns[left])

    def _pass(self, batch: Batch, octets: Ints) -> None:
        """Put the datagrams into their seconds."""
        self.octets += int(octets.sum())
        begun = self._now[0][0][0] if self._now else batch.at_ns[0]
        late = np.flatnonzero(batch.at_ns - begun >= _SECOND_NS)
        cut = int(late[0]) if len(late) else len(octets)
        if cut:
            self._now.append((batch.at_ns[:cut], octets[:cut]))
        if cut < len(octets):
            self._end_second()
            self._now = [(batch.at_ns[cut:], octets[cut:])]

    def _end_second(self) -> None:
        if not self._now:
            return
        at_ns, octets = (np.concatenate(parts) for parts in zip(*self._now, strict=True))
        troubles = self.rtp.tally.lost + self.rtp.tally.reordered
        if len(self.seconds) < _MOST_SECONDS:
            self.seconds.append(
                Second(
                    len(octets), int(octets.sum()), max(troubles - self._troubles, 0), _delay_factor_ms(at_ns, octets)
                )
            )
        self._troubles = troubles
        self._now = []


def _payload_at(batch: Batch, head: Ints) -> Ints:
    """Return where the payload of each RTP packet begins: behind contributors and an extension (RFC 3550, 5.1)."""
    begins: Ints = _RTP_HEAD + 4 * (head[:, 0] & 0x0F)
    for row in np.flatnonzero(head[:, 0] & 0x10).tolist():
        at = int(begins[row]) + 2
        words = int.from_bytes(batch.octets[row, at : at + 2].tobytes(), "big")
        begins[row] += 4 + 4 * words
    short: Ints = np.minimum(begins, batch.lengths)
    return short


def _delay_factor_ms(at_ns: Ints, octets: Ints) -> float | None:
    """Return the delay factor of RFC 4445; None for fewer than 10 packets."""
    if len(octets) < 10 or at_ns[-1] <= at_ns[0]:
        return None
    came = np.cumsum(octets)
    rate = float(came[-1] - octets[0]) / float(at_ns[-1] - at_ns[0])  # octets a nanosecond
    drained = (at_ns - at_ns[0]) * rate
    held = np.concatenate((came - drained, came - octets - drained))
    return float(np.ptp(held)) / rate / 1e6
