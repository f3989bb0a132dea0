"""A PPPoE session: PPP packets to and from one concentrator, with the housekeeping that goes on all the time.

Answered here, whatever else goes on: echo requests, a repeated Configure-Request of an open LCP, Terminate-Request and
PADT (RFC 1661 sections 5.5, 5.8; RFC 2516 section 5.5).
"""

import os
import time
from collections import deque
from typing import NamedTuple

from linetest.errors import DeviceError, Unreachable
from linetest.model.codes import Reason
from linetest.service.ppp_packets import LCP, Code, Packet, read_packet
from linetest.service.pppoe_discovery import Call, Concentrator
from linetest.service.pppoe_packets import (
    DISCOVERY,
    LENGTH_AT,
    SESSION,
    discovery,
    in_session,
    read_discovery,
    read_session,
    text_of,
)
from linetest.service.pppoe_packets import Code as DiscoveryCode
from linetest.transports.carrier import Envelope
from linetest.transports.frames import Frame
from linetest.words.text import _

_GOODBYE_S = 1.0
_GOODBYES = 2
_MAGIC = 4


class Came(NamedTuple):
    """A PPP packet that came."""

    protocol: int
    octets: bytes
    at_s: float

    def packet(self) -> Packet | None:
        """Return it as a packet of a control protocol; None where it is none."""
        return read_packet(self.octets)


class Renegotiates(DeviceError):
    """The concentrator begins anew with LCP, as one behind a tunnel does."""

    reason = Reason.SESSION_ENDED


class Session:
    """An open session. Nothing is received unless somebody calls `receive`."""

    def __init__(self, call: Call, concentrator: Concentrator, session_id: int) -> None:
        self.concentrator = concentrator
        self.session_id = session_id
        self.magic = os.urandom(_MAGIC)
        """Our magic number; LCP may change it."""
        self.lcp_agreed: bytes | None = None
        """The options of the other side's LCP, once LCP is open."""
        self.link = call.link
        self._call = call
        self._kept: deque[Came] = deque()
        self._over: Unreachable | None = None

    def send(self, protocol: int, octets: bytes) -> float:
        """Send one PPP packet; return when, on the monotonic clock.

        Raises:
            Unreachable: the interface is down or gone.
        """
        return self.link.send(self.concentrator.mac, SESSION, in_session(self.session_id, protocol, octets))

    def envelope(self, protocol: int) -> Envelope:
        """Return how packets of a protocol lie in frames."""
        shim = in_session(self.session_id, protocol, b"")
        return Envelope(self.link, self.concentrator.mac, True, SESSION, shim, LENGTH_AT)

    def receive(self, until_s: float) -> Came | None:
        """Return the next packet; None when none came until then on the monotonic clock, or the frame was another.

        Raises:
            Renegotiates: LCP was open and begins anew.
            Unreachable: the concentrator ended the session (session-ended), or the interface is down or gone.
        """
        if self._over is not None:
            raise self._over
        if self._kept:
            return self._kept.popleft()
        frame = self.link.receive(until_s - time.monotonic())
        if frame is None:
            return None
        if frame.ethertype == DISCOVERY:
            self._discovery(frame)
        if frame.ethertype != SESSION or frame.src != self.concentrator.mac:
            return None
        found = read_session(frame.payload)
        if found is None or found[0] != self.session_id:
            return None
        came = Came(found[1], found[2], frame.at_s)
        if came.protocol != LCP or not self._is_housekeeping(came):
            return came
        return None

    def end(self) -> None:
        """End the session, as LCP and PPPoE each want it; nothing where the other side has ended it.

        Raises:
            Unreachable: the interface is down or gone.
        """
        if self._over is not None:
            return
        try:
            for identifier in range(_GOODBYES):
                self.send(LCP, Packet(Code.TERMINATE_REQUEST, identifier, b"").octets())
                if self._goodbye(time.monotonic() + _GOODBYE_S / _GOODBYES):
                    break
        finally:
            self._hang_up("")

    def _hang_up(self, words: str) -> None:
        self._over = _ended(words)
        self.link.send(self.concentrator.mac, DISCOVERY, discovery(DiscoveryCode.PADT, self.session_id))

    def _goodbye(self, until_s: float) -> bool:
        """Wait for the answer to a Terminate-Request; True when there is no more to say."""
        self._kept.clear()
        while time.monotonic() < until_s:
            try:
                came = self.receive(until_s)
            except Renegotiates:
                continue
            except Unreachable:
                if self._over is None:
                    raise
                return True
            packet = came.packet() if came is not None and came.protocol == LCP else None
            if packet is not None and packet.code == Code.TERMINATE_ACK:
                return True
        return False

    def _discovery(self, frame: Frame) -> None:
        self._call.note(frame)
        packet = read_discovery(frame.payload)
        if packet is None or packet.code != DiscoveryCode.PADT or packet.session_id != self.session_id:
            return
        if frame.src == self.concentrator.mac:
            self._over = _ended(packet.error() or "PADT")
            raise self._over

    def _is_housekeeping(self, came: Came) -> bool:
        """Answer what LCP wants answered at all times; True when there is no more to do about the packet."""
        packet = came.packet()
        if packet is None or packet.code == Code.DISCARD_REQUEST:
            return True
        if packet.code == Code.ECHO_REQUEST:
            if self.lcp_agreed is not None:
                self.send(LCP, Packet(Code.ECHO_REPLY, packet.identifier, self.magic + packet.body[_MAGIC:]).octets())
            return True
        if packet.code == Code.TERMINATE_REQUEST:
            self.send(LCP, Packet(Code.TERMINATE_ACK, packet.identifier, b"").octets())
            self._hang_up(text_of(packet.body) or "Terminate-Request")
            return True
        if packet.code == Code.CONFIGURE_REQUEST and self.lcp_agreed is not None:
            if packet.body != self.lcp_agreed:
                self.lcp_agreed = None
                self._kept.append(came)
                raise Renegotiates(_("the concentrator begins anew with LCP"), _("dial again"))
            self.send(LCP, Packet(Code.CONFIGURE_ACK, packet.identifier, packet.body).octets())  # ours was lost
            return True
        return False


def _ended(words: str) -> Unreachable:
    return Unreachable(
        _("the concentrator ended the session: {words}").format(words=words),
        _("dial again; give its words to the operator"),
        reason=Reason.SESSION_ENDED,
    )
