"""Reads large captures of EPON or Ethernet frames, pcap or pcapng, plain or gzip, block by block.

However long the capture, only one window of it and some blocks are in memory.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np

from linetest.epon.decode import decode
from linetest.epon.fcs import SHORTEST, is_good
from linetest.epon.frames import Block, Source
from linetest.epon.pcap import HEAD_SIZE, Pcap, is_pcap
from linetest.epon.pcapng import LONGEST_BLOCK, Pcapng, is_pcapng
from linetest.epon.preamble import read_preambles
from linetest.epon.records import Records
from linetest.epon.window import Origin, Window, open_window
from linetest.errors import BadFile
from linetest.words.text import _

_FIRST_SIZE = 2 * LONGEST_BLOCK
_WINDOW_SIZE = 32 << 20
_JUDGED = 2000
"""Frames that tell whether there is an FCS."""
_ENOUGH = 4
"""So many frames without a good FCS have none."""
_SHORTEST_WITH_FCS = 64
"""Octets of an Ethernet frame (IEEE 802.3 clause 3.2.8): fewer means that there is no FCS."""


class Capture:
    """A capture whose begin was read."""

    def __init__(self, origin: Origin, source: Source) -> None:
        self._origin = origin
        self.source = source
        self.cut_at: int | None = None
        """Once all blocks were read: the byte of the (unpacked) file where reading had to stop; None when whole."""

    def blocks(self) -> Generator[Block, None, None]:
        """Yield all frames in file order.

        Raises:
            FileError: the file cannot be read.
            BadFile: frames of a link type that cannot be read, or a file that unpacks to much more than a capture.
        """
        has_fcs = bool(self.source.has_fcs)
        with open_window(self._origin, _WINDOW_SIZE) as window:
            for records, number in self._read(window):
                yield decode(records, has_fcs=has_fcs, first_number=number)

    def _read(self, window: Window) -> Iterator[tuple[Records, int]]:
        """Yield all records with the number of their first frame, and note where they end."""
        number = 1
        reading = recognise(self._origin.name, window).records(window)
        while True:
            try:
                records = next(reading)
            except StopIteration as end:
                self.cut_at = end.value
                return
            yield records, number
            number += records.at.size


def open_capture(path: Path) -> Capture:
    """Return the capture in a file.

    Raises:
        FileError: the file cannot be read.
        BadFile: it is no capture, its link type is neither EPON nor Ethernet, or there is no frame in it.
    """
    return _open(Origin(str(path), path))


def open_capture_bytes(name: str, body: bytes) -> Capture:
    """Return the capture that these bytes are; `name` is for messages.

    Raises:
        BadFile: as `open_capture`.
    """
    return _open(Origin(name, None, body))


def _open(origin: Origin) -> Capture:
    with open_window(origin, _FIRST_SIZE) as window:
        file = recognise(origin.name, window)
        begin = file.records(window)
        try:
            records = next(begin)
        except StopIteration as end:
            offset = window.offset + window.filled if end.value is None else end.value
            raise BadFile(
                _("{file}: byte {offset}: no frame in this capture").format(file=origin.name, offset=offset),
                _("capture again, and check that the tap delivers frames"),
            ) from None
        head = file.head
        has_fcs = _has_fcs(records) if head.has_fcs is None else head.has_fcs
    return Capture(
        origin,
        Source(
            name=origin.name,
            has_preamble=head.has_preamble,
            is_nanosecond=head.is_nanosecond,
            has_fcs=has_fcs,
            snap_length=head.snap_length,
        ),
    )


def recognise(name: str, window: Window) -> Pcap | Pcapng:
    """Return the format of the capture that begins in a window.

    Raises:
        BadFile: it is no capture, or its link type is neither EPON nor Ethernet.
    """
    begin = bytes(window.buffer[: min(window.filled, HEAD_SIZE)])
    if is_pcapng(begin):
        return Pcapng(name)
    if is_pcap(begin) and len(begin) == HEAD_SIZE:
        return Pcap(name, begin)
    if is_pcap(begin):
        raise BadFile(
            _("{file}: byte {offset}: the capture ends inside of its header").format(file=name, offset=len(begin)),
            _("copy the file from the instrument again"),
        )
    raise BadFile(
        _("{file}: byte 0: neither a pcap nor a pcapng capture").format(file=name),
        _("save it as pcapng, or convert it: editcap -F pcapng {file} capture.pcapng").format(file=name),
    )


def _has_fcs(records: Records) -> bool | None:
    """Tell from the first frames whether they end with their FCS: a good CRC-32 is no accident."""
    preambles = read_preambles(records)
    is_whole = (records.captured >= records.length) & (records.captured - preambles.lead >= SHORTEST)
    chosen = np.flatnonzero(preambles.is_readable & is_whole)[:_JUDGED]
    begin = records.at[chosen] + preambles.lead[chosen]
    size = records.captured[chosen] - preambles.lead[chosen]
    with records.buffer.data as view:
        if any(is_good(view[at : at + octets]) for at, octets in zip(begin.tolist(), size.tolist(), strict=True)):
            return True
    if chosen.size >= _ENOUGH or (size < _SHORTEST_WITH_FCS).any():
        return False
    return None
