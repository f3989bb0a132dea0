"""Our side of LCP (RFC 1661): the size of packets, a magic number that shows a loop, how we authenticate ourselves."""

import os
import statistics
import time

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.service.ppp_packets import CHAP, LCP, PAP, Code, Options, Packet
from linetest.service.ppp_session import Session
from linetest.words.text import _

MRU_OCTETS = 1492
"""What PPPoE leaves of an Ethernet frame (RFC 2516 section 7)."""
_LEAST_MRU = 128  # RFC 1661 names none; below, no service works
_MRU, _AUTHENTICATION, _MAGIC = 1, 3, 5
_CHAP_MD5 = CHAP.to_bytes(2, "big") + b"\x05"  # RFC 1994 section 3
_PAP = PAP.to_bytes(2, "big")
PPPOE_HEAD = 8
"""Octets of PPPoE and PPP before a packet."""
_PINGS = 3
_PING_S = 1.0
_MOST_ECHOES = 3  # of our own magic number: once may be chance


class LcpSide:
    """What we want of LCP, and what the other side wants."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loops = 0
        own = min(MRU_OCTETS, session.link.mtu - PPPOE_HEAD)
        self.wanted: Options = {_MRU: own.to_bytes(2, "big"), _MAGIC: session.magic}
        self.mru_octets = MRU_OCTETS
        """What the other side can receive."""
        self.authentication: int | None = None
        """`PAP`, `CHAP`, or None when the other side wants none."""

    def judge(self, asked: Options) -> tuple[int, Options]:
        """Answer a request; what does not belong into PPPoE, compression of heads for one, is rejected.

        Raises:
            DeviceError: our own requests come back (looped).
        """
        if asked.get(_MAGIC) == self._session.magic:
            return Code.CONFIGURE_NAK, {_MAGIC: self._loop()}
        unknown = {kind: value for kind, value in asked.items() if kind not in (_MRU, _AUTHENTICATION, _MAGIC)}
        if unknown:
            return Code.CONFIGURE_REJECT, unknown
        other = {}
        mru = int.from_bytes(asked.get(_MRU, MRU_OCTETS.to_bytes(2, "big")), "big")
        if mru < _LEAST_MRU or len(asked.get(_MRU, b"..")) != 2:
            other[_MRU] = MRU_OCTETS.to_bytes(2, "big")
        if asked.get(_AUTHENTICATION, _PAP) not in (_PAP, _CHAP_MD5):
            other[_AUTHENTICATION] = _CHAP_MD5
        if other:
            return Code.CONFIGURE_NAK, other
        self.mru_octets = min(mru, MRU_OCTETS)
        wish = asked.get(_AUTHENTICATION)
        self.authentication = None if wish is None else int.from_bytes(wish[:2], "big")
        return Code.CONFIGURE_ACK, asked

    def denied(self, options: Options) -> None:
        """Take the smaller packets that the other side wants; find another magic number."""
        mru = int.from_bytes(options.get(_MRU, b""), "big")
        if _LEAST_MRU <= mru <= MRU_OCTETS:
            self.wanted[_MRU] = mru.to_bytes(2, "big")
        if _MAGIC in options:
            self.wanted[_MAGIC] = self._loop()

    def rejected(self, options: Options) -> None:
        """Do without what the other side does not know."""
        self.wanted = {kind: value for kind, value in self.wanted.items() if kind not in options}
        if _MAGIC in options:
            self._session.magic = bytes(4)  # RFC 1661 section 6.4

    def _loop(self) -> bytes:
        """Return a new magic number, unless it was the last chance (RFC 1661 section 6.4)."""
        self._loops += 1
        if self._loops > _MOST_ECHOES:
            raise DeviceError(
                _("LCP hears itself: the line is looped back, or the concentrator sends everything back"),
                _("look for a loop in the cabling or at the OLT; tell the operator"),
                reason=Reason.LOOPED,
            )
        self._session.magic = os.urandom(4)
        return self._session.magic


def echo_rtt_s(session: Session) -> float | None:
    """Return the mean time to the concentrator and back, by three echo requests of LCP; None when no answer came.

    Raises:
        Unreachable: the session or the interface is gone.
    """
    times_s = [rtt_s for number in range(_PINGS) if (rtt_s := _echo_rtt_s(session, number)) is not None]
    return statistics.fmean(times_s) if times_s else None


def _echo_rtt_s(session: Session, identifier: int) -> float | None:
    sent_s = session.send(LCP, Packet(Code.ECHO_REQUEST, identifier, session.magic).octets())
    while time.monotonic() < sent_s + _PING_S:
        came = session.receive(sent_s + _PING_S)
        packet = came.packet() if came is not None and came.protocol == LCP else None
        if (
            came is not None
            and packet is not None
            and (packet.code, packet.identifier) == (Code.ECHO_REPLY, identifier)
        ):
            return came.at_s - sent_s
    return None
