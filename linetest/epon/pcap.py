"""Reads pcap: microseconds (magic a1b2c3d4) and nanoseconds (a1b23c4d) in both byte orders (draft-ietf-opsawg-pcap)."""

import struct
from collections.abc import Generator

import numpy as np

from linetest.epon.chain import Link, walk
from linetest.epon.frames import Int64s
from linetest.epon.links import is_epon
from linetest.epon.records import LONGEST_FRAME, MOST_FRAMES, Head, Records, rows
from linetest.epon.window import Window

HEAD_SIZE = 24
_RECORD_HEAD = 16
_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
_STEADY = {  # seconds and both lengths without their low halves, begin of the frame
    "<": (2, 3, 10, 11, 14, 15, 16, 17, 18, 19),
    ">": (0, 1, 8, 9, 12, 13, 16, 17, 18, 19),
}
_LINK_TYPE = 0x03FF_FFFF
_FCS_IS_SAID = 0x0400_0000
_LINK_AT = 20


def is_pcap(begin: bytes) -> bool:
    """Tell whether a file that begins so is pcap."""
    return begin[:4] in _MAGICS


class Pcap:
    """A pcap file, by its header."""

    def __init__(self, name: str, begin: bytes) -> None:
        """Read the header.

        Args:
            name: The file's name, for errors.
            begin: It begins so.

        Raises:
            BadFile: frames of this link type cannot be read.
            struct.error: the header is cut.
        """
        self._order, self._tick_ns = _MAGICS[begin[:4]]
        snap_length, network = struct.unpack_from(self._order + "II", begin, 16)
        self.head = Head(
            has_preamble=is_epon(name, network & _LINK_TYPE, _LINK_AT),
            is_nanosecond=self._tick_ns == 1,
            has_fcs=network >> 28 != 0 if network & _FCS_IS_SAID else None,
            snap_length=snap_length,
        )

    def records(self, window: Window) -> Generator[Records, None, int | None]:
        """Yield the records from the begin of the file on.

        Returns:
            Where in the capture a record is cut or says what cannot be; None where the last one is whole.
        """
        link = Link(self._order, 8, _RECORD_HEAD, least=0, most=LONGEST_FRAME, multiple=1, steady=_STEADY[self._order])
        at = HEAD_SIZE
        while True:
            chain = walk(window.buffer, at, window.filled, link)
            for piece in chain.pieces(MOST_FRAMES):
                yield self._records(window, piece.at)
            at = chain.end
            if chain.is_broken:
                return window.offset + at
            if window.is_last:
                return None if at == window.filled else window.offset + at
            window.move(at)
            at = 0

    def _records(self, window: Window, at: Int64s) -> Records:
        heads = rows(window.buffer, at, _RECORD_HEAD).view(self._order + "u4")
        seconds, ticks, captured, length = heads.T.astype(np.int64)
        return Records(
            buffer=window.buffer,
            offset=window.offset,
            at=at + _RECORD_HEAD,
            time_ns=seconds * 1_000_000_000 + ticks * self._tick_ns,
            captured=captured,
            length=length,
            has_preamble=np.full(at.size, self.head.has_preamble),
        )
