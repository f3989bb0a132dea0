"""Takes passwords, keys and what customers sent out of a capture, for what is kept as evidence or leaves the house."""

import gzip
import zlib
from collections.abc import Generator
from typing import Literal

from linetest.epon import mpcp
from linetest.epon.capture import open_capture_bytes, recognise
from linetest.epon.fcs import FCS_SIZE, SHORTEST
from linetest.epon.gunzip import MAGIC as GZIP
from linetest.epon.oam import OAM_SUBTYPE
from linetest.epon.pcapng import is_pcapng
from linetest.epon.preamble import read_preambles
from linetest.epon.records import Records
from linetest.epon.redact_oam import redact_oampdu
from linetest.epon.window import Origin, Window, open_window
from linetest.errors import BadFile
from linetest.words.text import _

LARGEST_UNPACKED = 1 << 30
"""Octets; a larger capture is not redacted, as it has to be in memory."""

_WINDOW = 32 << 20
_HEAD = 14  # DA, SA, EtherType
_TAG = 4
_MOST_TAGS = 2
_TAGS = (b"\x81\x00", b"\x88\xa8")
_MAC_CONTROL = mpcp.ETHERTYPE.to_bytes(2, "big")
_SLOW_PROTOCOL = b"\x88\x09"
_SECTION = b"\x0a\x0d\x0d\x0a"
_LITTLE_ENDIAN = 0x4D  # first octet of the magic number that follows
_LEAST_BLOCK = 12
_KEPT_BLOCKS = (0x0A0D0D0A, 1, 2, 3, 5, 6)  # sections, interfaces, packets of three kinds, statistics
_UNREADABLE = 8  # octets kept of a frame without an SLD: it stays one without
_RECORD_HEAD = 28  # octets kept of a record that is cut: what tells that it is


def redact(name: str, body: bytes) -> bytes:
    """Return the capture `body` (pcap or pcapng) without secrets; packed with gzip if it was.

    Blank, and as long as they were:

    - passwords, churning keys and other secrets of OAM (see `redact_oampdu`);
    - what users sent: zeros behind MAC addresses, VLAN tags and the last EtherType, in IPv4 as in PPPoE;
    - encrypted frames behind their preamble, as a churning key of three octets is soon guessed, and frames in which no
      SLD is found, behind the eighth octet;
    - what stands behind the place where a damaged or cut capture cannot be read any further;
    - in pcapng, name resolution, decryption secrets and blocks of makers.

    The preamble stays with its CRC-8. A good FCS is good again, and a bad one stays bad by the same bits. All else
    stays byte for byte: times, lengths, MPCP, OAM, MAC addresses and LOIDs, comments of a pcapng file. So an audit of
    the redacted capture reads what it read before.

    Args:
        name: The capture's name, for messages.
        body: The capture.

    Raises:
        BadFile: it cannot be read as `open_capture` says, or unpacks to more than `LARGEST_UNPACKED`.
    """
    has_fcs = bool(open_capture_bytes(name, body).source.has_fcs)
    capture = _unpacked(name, body)
    with open_window(Origin(name, None, bytes(capture)), _WINDOW) as window:
        reading = recognise(name, window).records(window)
        end = _redact_frames(capture, reading, window, has_fcs)
    if is_pcapng(bytes(capture[:_RECORD_HEAD])):
        _blank_blocks(capture, end)
    _blank(capture, end + _RECORD_HEAD, len(capture))
    return gzip.compress(capture, mtime=0) if body.startswith(GZIP) else bytes(capture)


def _unpacked(name: str, body: bytes) -> bytearray:
    """Return the capture, unpacked as far as it can be."""
    if not body.startswith(GZIP):
        return bytearray(body)
    capture = bytearray()
    with open_window(Origin(name, None, body), _WINDOW) as window:
        while window.filled:
            capture += window.buffer[: window.filled].data
            if len(capture) > LARGEST_UNPACKED:
                raise BadFile(
                    _("{file}: unpacks to more than {size} bytes").format(file=name, size=LARGEST_UNPACKED),
                    _("split the capture: editcap -c 1000000 {file} part.pcap").format(file=name),
                )
            window.move(window.filled)
    return capture


def _redact_frames(
    capture: bytearray, reading: Generator[Records, None, int | None], window: Window, has_fcs: bool
) -> int:
    """Redact every frame, and return where reading ended."""
    while True:
        try:
            records = next(reading)
        except StopIteration as stopped:
            return len(capture) if stopped.value is None else int(stopped.value)
        preambles = read_preambles(records)
        columns = (records.at + window.offset, records.captured, records.length, preambles.lead, preambles.is_readable)
        for at, captured, length, lead, is_readable in zip(*(column.tolist() for column in columns), strict=True):
            begin, end = at + lead, at + captured
            if lead < 0:
                _blank(capture, at + _UNREADABLE, end)
            elif not is_readable:
                _blank(capture, begin, end)
            else:
                ends_with_fcs = has_fcs and captured >= length and captured - lead >= SHORTEST
                capture[begin:end] = _redacted(bytes(capture[begin:end]), ends_with_fcs)


def _blank(capture: bytearray, begin: int, end: int) -> None:
    if begin < end:
        capture[begin:end] = bytes(end - begin)


def _redacted(frame: bytes, ends_with_fcs: bool) -> bytes:
    if not ends_with_fcs:
        return _without_secrets(frame)
    before, check = frame[:-FCS_SIZE], frame[-FCS_SIZE:]
    after = _without_secrets(before)
    if after == before:
        return frame
    wrong_bits = int.from_bytes(check, "little") ^ zlib.crc32(before)
    return after + (zlib.crc32(after) ^ wrong_bits).to_bytes(FCS_SIZE, "little")


def _without_secrets(frame: bytes) -> bytes:
    kind = frame[_HEAD - 2 : _HEAD]
    if kind == _MAC_CONTROL:
        return frame
    if kind == _SLOW_PROTOCOL:
        is_oam = frame[_HEAD : _HEAD + 1] == bytes([OAM_SUBTYPE])
        return frame[:_HEAD] + redact_oampdu(frame[_HEAD:]) if is_oam else frame
    kept = _HEAD
    while kept < _HEAD + _MOST_TAGS * _TAG and frame[kept - 2 : kept] in _TAGS:
        kept += _TAG
    return frame[:kept] + bytes(max(len(frame) - kept, 0))


def _blank_blocks(capture: bytearray, end: int) -> None:
    """Blank what stands in the blocks of a pcapng file that hold neither frames nor what is needed to read them."""
    at = 0
    order: Literal["little", "big"] = "little"
    while at < end:
        if capture[at : at + 4] == _SECTION:
            order = "little" if capture[at + 8] == _LITTLE_ENDIAN else "big"
        kind, length = (int.from_bytes(capture[place : place + 4], order) for place in (at, at + 4))
        if kind not in _KEPT_BLOCKS:
            _blank(capture, at + 8, at + length - 4)
        at += max(length, _LEAST_BLOCK)
