"""Moves packets between a TUN port and the frames of one interface, in one direction: a program of its own.

It is started by `linetest.transports.carrier`, once for each direction, so that neither waits for the other nor for
what linetest does meanwhile. Two system calls and a few octets written are all that Python does for a packet. It
imports nothing of linetest: it is up in some hundredths of a second, and is run by its path.

Everything it needs is in its arguments; the standard input is a pipe from linetest, whose end ends it, so that nothing
remains of the port when linetest is killed.

The port has an address of its own, and the address of the lease stands in its place on the wire. Both have the same
sum of 16-bit words, so every checksum holds (RFC 1071 section 2; the idea is that of RFC 6296 section 2.6).
"""

import errno
import os
import struct
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

VNET = 10
"""Octets of struct virtio_net_hdr (linux/virtio_net.h), before each packet of a port and each frame."""
_VNET = struct.Struct("=BBHHHH")  # flags, GSO type, length of heads, GSO size, where the checksum starts, where it goes
_NEEDS_CHECKSUM = 1
_LONGEST = 65_535
_SHORTEST = 60  # of a frame: IEEE 802.3 clause 4.2.3.3, without FCS
_PROTOCOL_AT, _SOURCE_AT, _DESTINATION_AT = 9, 12, 16  # in a head of IPv4
_TCP = 6
_PPP = 2  # octets of the PPP protocol, which PPPoE's length counts: RFC 2516 section 4
_PASSING = (errno.ENOBUFS, errno.ENOMEM, errno.EMSGSIZE, errno.EINVAL)


class Way(NamedTuple):
    """How packets lie in frames."""

    head: bytes
    """What stands before a packet that is sent, the addresses of Ethernet first."""
    length_at: int
    """Where the length of PPPoE stands, counted from the `VNET` octets before it; 0 for none."""
    received_at: int
    """Where the packet begins in a frame that is received, without the tag that Linux takes out."""
    leased: bytes
    """Our address on the wire."""
    inner: bytes
    """The address of the port."""


def down(way: Way, frames: int, port: int) -> None:
    """Hand what comes to the port, for ever; a filter of the kernel lets nothing else come."""
    outside = memoryview(bytearray(way.received_at))
    buffer = bytearray(VNET + _LONGEST)
    view = memoryview(buffer)
    parts = [view[:VNET], outside, view[VNET:]]  # so nothing stands between the packet and its virtio_net head
    destination = slice(VNET + _DESTINATION_AT, VNET + _DESTINATION_AT + len(way.inner))
    around, read, write, inner = len(outside), os.readv, os.write, way.inner
    while True:
        length = read(frames, parts)
        if buffer[0] & _NEEDS_CHECKSUM:  # several packets that the system has put together, or one of this computer
            flags, kind, heads, size, start, offset = _VNET.unpack_from(buffer)
            _VNET.pack_into(buffer, 0, flags, kind, max(heads - around, 0), size, max(start - around, 0), offset)
        buffer[destination] = inner
        write(port, view[: length - around])


def up(way: Way, frames: int, port: int) -> None:
    """Send what comes out of the port, for ever; anything but TCP over IPv4 is dropped."""
    at = VNET + len(way.head)
    buffer = bytearray(VNET) + way.head + bytes(_LONGEST)
    view = memoryview(buffer)
    parts = [view[:VNET], view[at:]]
    source = slice(at + _SOURCE_AT, at + _SOURCE_AT + len(way.leased))
    protocol, length_at, around = at + _PROTOCOL_AT, way.length_at, len(way.head)
    read, write, leased = os.readv, os.write, way.leased
    while True:
        length = read(port, parts)
        if buffer[at] >> 4 != 4 or buffer[protocol] != _TCP:
            continue
        buffer[source] = leased
        if length_at:
            buffer[length_at], buffer[length_at + 1] = divmod(length - VNET + _PPP, 256)
        end = length + around
        if end < VNET + _SHORTEST:
            buffer[end : VNET + _SHORTEST] = bytes(VNET + _SHORTEST - end)
            end = VNET + _SHORTEST
        write(frames, view[:end])


def keep(move: Callable[[], None]) -> None:
    """Go on after a packet that the system does not take; end when the port or the interface is gone."""
    while True:
        try:
            move()
        except OSError as error:
            if error.errno not in _PASSING:
                return


def _end_with_linetest() -> None:
    while os.read(0, 1):
        pass
    os._exit(0)


def main(direction: str, frames: str, port: str, head: str, length_at: str, received_at: str, *own: str) -> None:
    """Do it: the descriptors of both ends as numbers, octets as hexadecimal digits."""
    leased, inner = map(bytes.fromhex, own)
    way = Way(bytes.fromhex(head), int(length_at), int(received_at), leased, inner)
    threading.Thread(target=_end_with_linetest, daemon=True).start()
    keep(partial({"down": down, "up": up}[direction], way, int(frames), int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
