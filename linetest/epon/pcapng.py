"""Reads pcapng: sections in either byte order, interfaces with their own clocks (draft-ietf-opsawg-pcapng).

Enhanced, simple and obsolete packet blocks hold frames; blocks of other types are passed over.
"""

from collections.abc import Generator
from typing import NamedTuple

import numpy as np

from linetest.epon.chain import Chain, Link, walk
from linetest.epon.frames import Bools, Bytes, Int64s
from linetest.epon.interfaces import Interface, read_interface
from linetest.epon.links import EPON, is_epon
from linetest.epon.records import LONGEST_FRAME, MOST_FRAMES, Head, Records, rows
from linetest.epon.window import Window

_SECTION, _INTERFACE, _OBSOLETE, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_MAGIC = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_STEADY = {"<": (0, 1, 2, 3, 6, 7, 8, 9, 10, 11), ">": (0, 1, 2, 3, 4, 5, 8, 9, 10, 11)}  # type, length, interface
_LEAST_BLOCK = 12
LONGEST_BLOCK = 2 << 20
"""Octets; a longer one is taken for a damaged file."""
_PACKET_HEAD, _SIMPLE_HEAD, _TRAILER, _LEAST_INTERFACE = 28, 12, 4, 20


def is_pcapng(begin: bytes) -> bool:
    """Tell whether a file that begins so is pcapng."""
    return begin[:4] == _MAGIC and begin[8:12] in _ORDERS


class Pcapng:
    """A pcapng file; what it holds shows while it is read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._order = "<"
        self._interfaces: list[Interface] = []
        self._used: list[Interface] = []
        self._latest_ns = 0
        self._has_clock = True

    @property
    def head(self) -> Head:
        """What the interfaces say whose frames were read."""
        said = {interface.has_fcs for interface in self._used}
        return Head(
            has_preamble=any(interface.link_type == EPON for interface in self._used),
            is_nanosecond=self._has_clock and all(interface.is_nanosecond for interface in self._used),
            has_fcs=said.pop() if len(said) == 1 else None,
            snap_length=max((interface.snap_length for interface in self._used), default=0),
        )

    def records(self, window: Window) -> Generator[Records, None, int | None]:
        """Yield the records from the begin of the file on.

        Returns:
            Where in the capture a block is cut or says what cannot be; None where the last one is whole.

        Raises:
            BadFile: frames of a link type that cannot be read.
        """
        at = 0
        while True:
            self._begin_section(window, at)
            chain = self._walk(window, at)
            at, is_broken = chain.end, chain.is_broken
            for piece in chain.pieces(MOST_FRAMES):
                records, at, is_broken = self._records(window, piece)
                if records is not None:
                    yield records
                if is_broken:
                    break
            if is_broken and not (chain.at.size and _is_section(window, at)):
                return window.offset + at
            if chain.at.size:
                continue
            if window.is_last:
                return None if at == window.filled else window.offset + at
            window.move(at)
            at = 0

    def _begin_section(self, window: Window, at: int) -> None:
        """Where a section begins, forget the interfaces of the one before."""
        if _is_section(window, at):
            self._order = _ORDERS[bytes(window.buffer[at + 8 : at + 12])]
            self._interfaces = []

    def _walk(self, window: Window, at: int) -> Chain:
        """Return the blocks up to the next section, or to the first that cannot be."""
        link = Link(self._order, 4, 0, _LEAST_BLOCK, LONGEST_BLOCK, multiple=4, steady=_STEADY[self._order])
        chain = walk(window.buffer, at, window.filled, link)
        if not chain.at.size:
            return chain
        types = _types(window.buffer, chain.at, self._order)
        lies = (rows(window.buffer, chain.ends - _TRAILER, 4) != rows(window.buffer, chain.at + 4, 4)).any(axis=1)
        lies |= (types == _INTERFACE) & (chain.ends - chain.at < _LEAST_INTERFACE)
        is_section = types == _SECTION
        lies[0] |= is_section[0] and not _is_section(window, at)
        is_section[0] = False
        if not (lies | is_section).any():
            return chain
        first = int((lies | is_section).argmax())
        return Chain(chain.at[:first], int(chain.at[first]), bool(lies[first]))

    def _records(self, window: Window, chain: Chain) -> tuple[Records | None, int, bool]:
        """Return the frames of some blocks, where what is behind them begins, and whether a block lies."""
        types = _types(window.buffer, chain.at, self._order)
        ends = chain.ends
        for begin, end in zip(chain.at[types == _INTERFACE].tolist(), ends[types == _INTERFACE].tolist(), strict=True):
            block = bytes(window.buffer[begin:end])
            self._interfaces.append(read_interface(block, self._order, window.offset + begin))
        is_packet = (types == _ENHANCED) | (types == _SIMPLE) | (types == _OBSOLETE)
        packets = self._packets(window.buffer, chain.at[is_packet], ends[is_packet], types[is_packet])
        is_broken = chain.is_broken
        count = packets.lies.size
        if packets.lies.any():
            count = int(packets.lies.argmax())
            chain, is_broken = Chain(chain.at, int(chain.at[is_packet][count]), True), True
        if not count:
            return None, chain.end, is_broken
        return self._records_of(window, packets, count), chain.end, is_broken

    def _packets(self, buffer: Bytes, at: Int64s, ends: Int64s, types: Int64s) -> "_Packets":
        heads = rows(buffer, at, _PACKET_HEAD).view(self._order + "u4").astype(np.int64)
        is_simple = types == _SIMPLE
        number = heads[:, 2].copy()
        its = types == _OBSOLETE
        number[its] = number[its] & 0xFFFF if self._order == "<" else number[its] >> 16
        number[is_simple] = 0
        begin = at + np.where(is_simple, _SIMPLE_HEAD, _PACKET_HEAD)
        room = ends - _TRAILER - begin
        length = np.where(is_simple, heads[:, 2], heads[:, 6])
        snap = self._interfaces[0].snap_length if self._interfaces else 0
        kept = np.minimum(np.minimum(length, room), snap or LONGEST_FRAME)
        captured = np.where(is_simple, kept, heads[:, 5])
        return _Packets(
            at=begin,
            interface=number,
            ticks=np.where(is_simple, -1, (heads[:, 3] << 32 | heads[:, 4]) & np.iinfo(np.int64).max),
            captured=captured,
            length=length,
            lies=(captured > np.minimum(room, LONGEST_FRAME)) | (captured < 0) | (number >= len(self._interfaces)),
        )

    def _records_of(self, window: Window, packets: "_Packets", count: int) -> Records:
        number = packets.interface[:count]
        time_ns = packets.ticks[:count].copy()
        has_preamble = np.zeros(count, np.bool_)
        for used in np.unique(number).tolist():
            interface = self._interfaces[used]
            has_preamble[number == used] = is_epon(self._name, interface.link_type, interface.link_at)
            its = (number == used) & (time_ns >= 0)
            time_ns[its] = interface.time_ns(packets.ticks[:count][its])
            if interface not in self._used:
                self._used.append(interface)
        self._has_clock &= bool((time_ns >= 0).all())
        latest = np.maximum.accumulate(np.where(time_ns >= 0, np.arange(count), -1))
        time_ns = np.where(latest >= 0, time_ns[latest], self._latest_ns)
        self._latest_ns = int(time_ns[-1])
        return Records(
            buffer=window.buffer,
            offset=window.offset,
            at=packets.at[:count],
            time_ns=time_ns,
            captured=packets.captured[:count],
            length=packets.length[:count],
            has_preamble=has_preamble,
        )


class _Packets(NamedTuple):
    at: Int64s
    interface: Int64s
    ticks: Int64s
    """-1 where there is no time."""
    captured: Int64s
    length: Int64s
    lies: Bools
    """Its numbers cannot be."""


def _is_section(window: Window, at: int) -> bool:
    """Tell whether a section begins here; enough of it must be in the window to tell."""
    return at + _LEAST_BLOCK <= window.filled and is_pcapng(bytes(window.buffer[at : at + _LEAST_BLOCK]))


def _types(buffer: Bytes, at: Int64s, order: str) -> Int64s:
    return rows(buffer, at, 4).view(order + "u4")[:, 0].astype(np.int64)
