"""A television channel: a transport stream in RTP to a multicast group, with faults by count.

Written from RFC 3550 (5.1), RFC 2250 (2) and ISO/IEC 13818-1 (2.4.3, 2.4.4). The pictures are noise: nobody watches.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

PACKETS_PER_DATAGRAM = 7
MEDIA_MBPS = 3.0
_TS = 188
_PAT_PID, _PMT_PID, _VIDEO_PID, _AUDIO_PID, _NULL_PID = 0, 0x20, 0x100, 0x101, 0x1FFF
_MP2T = 33  # RTP payload type, RFC 3551
_RTP_HZ, _CLOCK_HZ = 90_000, 27_000_000
_TABLES_EVERY, _CLOCK_EVERY, _PICTURE_EVERY = 200, 60, 1000  # packets
_NULL_EVERY, _AUDIO_EVERY = 50, 9


@dataclass(frozen=True, kw_only=True)
class MediaFault:
    """What is wrong with a channel; numbers count its datagrams from 0."""

    drop: frozenset[int] = frozenset()
    drop_every: int | None = None
    """Leaves out one of so many, the last of them."""
    late_every: int | None = None
    """Sends one of so many `late_by` datagrams later."""
    late_by: int = 3
    twice_every: int | None = None
    new_sender_at: int | None = None
    """From there on another SSRC sends, with other numbers."""
    silent: bool = False
    """Nothing is sent, joined or not."""


@dataclass(slots=True)
class Programme:
    """The transport stream of one channel, packet by packet."""

    packet_s: float
    """From one packet to the next."""
    _n: int = 0
    _counters: dict[int, int] = field(default_factory=dict)

    def next_datagram(self) -> bytes:
        """Return the next seven packets."""
        return b"".join(self._next() for _packet in range(PACKETS_PER_DATAGRAM))

    def _next(self) -> bytes:
        n, self._n = self._n, self._n + 1
        if n % _TABLES_EVERY == 0:
            return self._packet(_PAT_PID, start=True, body=_pat())
        if n % _TABLES_EVERY == 1:
            return self._packet(_PMT_PID, start=True, body=_pmt())
        if n % _NULL_EVERY == 3:
            return struct.pack("!BHB", 0x47, _NULL_PID, 0x10).ljust(_TS, b"\xff")
        if n % _AUDIO_EVERY == 4:
            return self._packet(_AUDIO_PID, body=b"")
        if n % _CLOCK_EVERY == 2:
            clock = round(n * self.packet_s * _CLOCK_HZ)
            return self._packet(_VIDEO_PID, body=b"", clock=clock, picture=n % _PICTURE_EVERY == _CLOCK_EVERY * 2 + 2)
        return self._packet(_VIDEO_PID, body=b"")

    def _packet(
        self, pid: int, *, body: bytes, start: bool = False, clock: int | None = None, picture: bool = False
    ) -> bytes:
        counter = self._counters.get(pid, 0)
        self._counters[pid] = (counter + 1) % 16
        adaptation = b""
        if clock is not None:
            base, rest = divmod(clock, 300)
            reference = ((base % (1 << 33)) << 15) | 0x3F << 9 | rest
            adaptation = bytes([7, 0x10 | 0x40 * picture]) + reference.to_bytes(6, "big")
        control = 0x30 if adaptation else 0x10
        head = struct.pack("!BHB", 0x47, 0x4000 * start | pid, control | counter)
        return (head + adaptation + body).ljust(_TS, b"\xff" if start else b"\x55")


def datagrams(
    *, first_number: int = 0, ssrc: int = 0x1234_5678, fault: MediaFault | None = None, mbps: float = MEDIA_MBPS
) -> Iterator[list[bytes]]:
    """Yield what is sent at each turn of a datagram: none, one, or several.

    Args:
        first_number: the sequence number of the first datagram, 0 to 65535.
        ssrc: who sends.
        fault: what is wrong; nothing when absent.
        mbps: the rate of the transport stream.
    """
    wrong = fault or MediaFault()
    packet_s = _TS * 8 / (mbps * 1e6)
    programme = Programme(packet_s)
    late: dict[int, list[bytes]] = {}
    n = 0
    while True:
        moment = round(n * PACKETS_PER_DATAGRAM * packet_s * _RTP_HZ)
        changed = wrong.new_sender_at is not None and n >= wrong.new_sender_at
        number = (first_number + n + 40_000 * changed) % 65_536
        sender = ssrc ^ 0xFFFF * changed
        datagram = struct.pack("!BBHII", 0x80, _MP2T, number, moment % (1 << 32), sender) + programme.next_datagram()
        now = late.pop(n, [])
        if n not in wrong.drop and not _is_turn(n, wrong.drop_every):
            if _is_turn(n, wrong.late_every):
                late.setdefault(n + wrong.late_by, []).append(datagram)
            else:
                now = [datagram, *([datagram] if _is_turn(n, wrong.twice_every) else []), *now]
        yield [] if wrong.silent else now
        n += 1


def _is_turn(n: int, every: int | None) -> bool:
    return every is not None and n % every == every - 1


def _pat() -> bytes:
    return b"\0" + _section(0, struct.pack("!HH", 1, 0xE000 | _PMT_PID))


def _pmt() -> bytes:
    streams = b"".join(
        struct.pack("!BHH", kind, 0xE000 | pid, 0xF000) for kind, pid in ((0x1B, _VIDEO_PID), (0x0F, _AUDIO_PID))
    )
    return b"\0" + _section(2, struct.pack("!HH", 0xE000 | _VIDEO_PID, 0xF000) + streams)


def _section(table: int, body: bytes) -> bytes:
    head = struct.pack("!BHHBBB", table, 0xB000 | (5 + len(body) + 4), 1, 0xC1, 0, 0)
    return head + body + _crc32(head + body).to_bytes(4, "big")


def _crc32(octets: bytes) -> int:
    """Return the CRC of ISO/IEC 13818-1, annex A: the usual polynomial, most significant bit first, no last turn."""
    value = 0xFFFF_FFFF
    for octet in octets:
        value ^= octet << 24
        for _bit in range(8):
            value = (value << 1 ^ (0x04C1_1DB7 if value & 0x8000_0000 else 0)) & 0xFFFF_FFFF
    return value
