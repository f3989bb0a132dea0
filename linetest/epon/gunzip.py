"""What a gzip file unpacks to, as far as it is whole and no bomb (RFC 1952)."""

import zlib
from typing import BinaryIO

from linetest.errors import BadFile
from linetest.words.text import _

MAGIC = b"\x1f\x8b"
_MOST_TIMES_LARGER = 250  # captures of short, alike frames unpack to some 20 times their size
_UNPACKED_FREELY = 16 << 20
_CHUNK = 16 << 10
_GZIP_BITS = 31  # zlib's word for a gzip header and the largest window


class Gunzip:
    """A packed file to read from; it ends where the packed octets end or are damaged."""

    def __init__(self, name: str, packed: BinaryIO) -> None:
        self._name = name
        self._packed = packed
        self._unpacker = zlib.decompressobj(_GZIP_BITS)
        self._is_over = False
        self._taken = 0
        self._given = 0

    def readinto(self, room: memoryview) -> int:
        """Fill a part of `room` and return how many octets; 0 at the end.

        Raises:
            OSError: the file cannot be read.
            BadFile: it unpacks to much more than a capture would.
        """
        octets = b""
        while not octets and not self._is_over:
            octets = self._unpack(len(room))
        room[: len(octets)] = octets
        self._given += len(octets)
        if self._given > max(_UNPACKED_FREELY, _MOST_TIMES_LARGER * self._taken):
            raise BadFile(
                _("{file}: byte {offset}: unpacks to more than {times} times its size").format(
                    file=self._name, offset=self._taken, times=_MOST_TIMES_LARGER
                ),
                _("if it is a real capture, unpack it first (gunzip)"),
            )
        return len(octets)

    def _unpack(self, most: int) -> bytes:
        chunk = self._next_chunk()
        before = self._unpacker.copy()
        try:
            return self._unpacker.decompress(chunk, most)
        except zlib.error:
            self._is_over = True
            return _before_fault(before, chunk)[:most]

    def _next_chunk(self) -> bytes:
        """Return packed octets that come next, those of the next member behind the end of one."""
        if self._unpacker.eof:
            rest = self._unpacker.unused_data or self._read()
            self._is_over = not rest.startswith(MAGIC[:1])
            self._unpacker = zlib.decompressobj(_GZIP_BITS)
            return b"" if self._is_over else rest
        chunk = self._unpacker.unconsumed_tail or self._read()
        self._is_over = not chunk
        return chunk

    def _read(self) -> bytes:
        chunk = self._packed.read(_CHUNK)
        self._taken += len(chunk)
        return chunk


def _before_fault(unpacker: "zlib._Decompress", chunk: bytes) -> bytes:
    """Return what a damaged chunk unpacks to up to the damage."""
    octets = b""
    try:
        for octet in chunk:
            octets += unpacker.decompress(bytes([octet]))
    except zlib.error:
        return octets
    return octets
