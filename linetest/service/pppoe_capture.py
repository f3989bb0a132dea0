"""What passed while dialling in, as a capture that may be kept: control packets only, no user, no password.

PPPoE and PPP have no checksums that would have to follow. Nothing that a customer sends is kept, not even its head.
"""

import struct
import time

from linetest.model.reading import EvidenceFile
from linetest.service.ppp_auth import Account
from linetest.service.ppp_packets import CHAP, IPCP, LCP, PAP
from linetest.service.pppoe_packets import DISCOVERY, SESSION
from linetest.transports.frames import TPIDS

_HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)  # pcap, microseconds, Ethernet
_MOST_FRAMES = 5000
_ADDRESSES, _TAG, _PPPOE, _PPP = 12, 4, 6, 2
_CONTROL = (LCP, IPCP, PAP, CHAP)
_PACKET = 4  # code, identifier, length
_ASKS = 1  # code of PAP
_ANSWERS = 2  # code of CHAP


class Capture:
    """The frames of all dials, each made safe when it comes."""

    def __init__(self, account: Account) -> None:
        self._frames: list[tuple[float, bytes]] = []
        self._names = [account.user.encode(), account.password.reveal().encode()]

    def add(self, frame: bytes) -> None:
        """Keep a frame if it is of PPPoE's control plane, with its secrets overwritten; the first 5000."""
        safe = redacted(frame) if len(self._frames) < _MOST_FRAMES else None
        if safe is None:
            return
        for name in self._names:  # a server may say them back in its own words
            safe = safe.replace(name, b"*" * len(name)) if name else safe
        self._frames.append((time.time(), safe))

    def evidence(self) -> EvidenceFile:
        """Return the capture as a file."""
        parts = [_HEAD]
        for at_s, frame in self._frames:
            seconds = int(at_s)
            size = len(frame)
            parts += (struct.pack("<IIII", seconds, int((at_s - seconds) * 1e6), size, size), frame)
        return EvidenceFile(name="pppoe.pcap", media_type="application/vnd.tcpdump.pcap", body=b"".join(parts))


def redacted(frame: bytes) -> bytes | None:
    """Return a control frame, as long as it was, with ``*`` over what is secret; None for every other frame.

    Overwritten are user and password of PAP, and value and name of a response by CHAP: who has the response and the
    challenge can try passwords as long as he likes.
    """
    at = _ADDRESSES
    while int.from_bytes(frame[at : at + 2], "big") in TPIDS:
        at += _TAG
    ethertype = int.from_bytes(frame[at : at + 2], "big")
    if ethertype == DISCOVERY:
        return frame
    packet = at + 2 + _PPPOE + _PPP
    protocol = int.from_bytes(frame[packet - _PPP : packet], "big")
    if ethertype != SESSION or protocol not in _CONTROL:
        return None
    if (protocol, frame[packet : packet + 1]) == (PAP, bytes([_ASKS])):
        return _masked(frame, packet, 2)
    if (protocol, frame[packet : packet + 1]) == (CHAP, bytes([_ANSWERS])):
        return _masked(frame, packet, 1)
    return frame


def _masked(frame: bytes, packet: int, counted: int) -> bytes:
    """Overwrite so many counted fields behind a packet's head, and what follows them to the packet's end."""
    end = min(packet + max(int.from_bytes(frame[packet + 2 : packet + 4], "big"), _PACKET), len(frame))
    masked = bytearray(frame)
    at = packet + _PACKET
    for _field in range(counted):
        if at >= end:
            break
        length = min(frame[at], end - at - 1)
        masked[at + 1 : at + 1 + length] = b"*" * length
        at += 1 + length
    masked[at:end] = b"*" * max(end - at, 0)
    return bytes(masked)
