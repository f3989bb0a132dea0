"""The negotiation of options that LCP and IPCP share (RFC 1661 sections 4 and 5): both sides ask, both must agree."""

import time
from typing import NamedTuple, Protocol

from linetest.errors import CommandRefused, DeviceError, Timeout
from linetest.model.codes import Reason
from linetest.service.ppp_packets import (
    IPCP,
    LCP,
    Code,
    Options,
    Packet,
    options_octets,
    read_options,
)
from linetest.service.ppp_session import Came, Session
from linetest.words.text import _

_MOST_ROUNDS = 10  # RFC 1661 section 4.6, Max-Failure, is 5; some concentrators refuse one option after the other
NAMES = {LCP: "LCP", IPCP: "IPCP"}


class Side(Protocol):
    """Our side of a negotiation."""

    wanted: Options
    """What we ask for."""

    def judge(self, asked: Options) -> tuple[int, Options]:
        """Return the code to answer with, and the options that stand in the answer."""

    def denied(self, options: Options) -> None:
        """Change `wanted` as a Configure-Nak says."""

    def rejected(self, options: Options) -> None:
        """Change `wanted` as a Configure-Reject says."""


class Agreed(NamedTuple):
    """What came of a negotiation."""

    at_s: float
    """When the later of the two acknowledgements came or went, on the monotonic clock."""
    theirs: bytes
    """The other side's options, as they came."""


class Negotiation:
    """One negotiation."""

    def __init__(self, session: Session, protocol: int, side: Side, every_s: float) -> None:
        self.retransmissions = 0
        self._every_s = every_s
        self._session = session
        self._protocol = protocol
        self._side = side
        self._request = Packet(Code.CONFIGURE_REQUEST, 0, b"")
        self._rounds = 0
        self._is_agreed = False
        self._theirs: bytes | None = None
        self._at_s = 0.0
        self._again_at_s = 0.0

    def run(self, end_s: float) -> Agreed:
        """Negotiate until both sides agree.

        Raises:
            Timeout: it is not over at `end_s` of the monotonic clock.
            DeviceError: the sides do not agree (not-agreed), or hear themselves (looped).
            CommandRefused: the other side does not speak the protocol.
            Unreachable: the session or the interface is gone.
        """
        self._ask()
        while time.monotonic() < end_s:
            if time.monotonic() >= self._again_at_s and not self._is_agreed:
                self._send(self._request)
                self.retransmissions += 1
                self._again_at_s = time.monotonic() + self._every_s
            waits_until_s = end_s if self._is_agreed else min(self._again_at_s, end_s)
            came = self._session.receive(waits_until_s)
            if came is not None:
                self._take(came)
            if self._is_agreed and self._theirs is not None:
                return Agreed(self._at_s, self._theirs)
        raise Timeout(
            _("{protocol} does not come to an end: the concentrator {name!r} is silent or does not agree").format(
                protocol=NAMES[self._protocol], name=self._session.concentrator.name
            ),
            _("dial again; if it stays so, tell the operator"),
        )

    def _ask(self) -> None:
        """Send a new request."""
        self._request = Packet(
            Code.CONFIGURE_REQUEST, (self._request.identifier + 1) & 0xFF, options_octets(self._side.wanted)
        )
        self._again_at_s = self._send(self._request) + self._every_s

    def _send(self, packet: Packet) -> float:
        return self._session.send(self._protocol, packet.octets())

    def _take(self, came: Came) -> None:
        packet = came.packet()
        if packet is None:
            return
        if came.protocol == LCP and packet.code == Code.PROTOCOL_REJECT:
            self._refused_by(packet.body[:2])
        if came.protocol != self._protocol:
            return
        if packet.code == Code.CONFIGURE_REQUEST:
            self._answer(packet)
        elif packet.code == Code.CODE_REJECT:
            self._refused_by(self._protocol.to_bytes(2, "big"))
        elif packet.identifier == self._request.identifier and not self._is_agreed:
            self._answered(packet, came.at_s)

    def _answer(self, request: Packet) -> None:
        asked = read_options(request.body)
        if asked is None:
            return
        code, options = self._side.judge(asked)
        body = request.body if code == Code.CONFIGURE_ACK else options_octets(options)
        sent_at_s = self._send(Packet(code, request.identifier, body))
        if code == Code.CONFIGURE_ACK:
            self._theirs, self._at_s = request.body, max(self._at_s, sent_at_s)
        else:
            self._theirs = None
            self._count_round()

    def _answered(self, packet: Packet, at_s: float) -> None:
        if packet.code == Code.CONFIGURE_ACK and packet.body == self._request.body:
            self._is_agreed, self._at_s = True, max(self._at_s, at_s)
            return
        options = read_options(packet.body)
        if options is None or packet.code not in (Code.CONFIGURE_NAK, Code.CONFIGURE_REJECT):
            return
        self._count_round()
        (self._side.denied if packet.code == Code.CONFIGURE_NAK else self._side.rejected)(options)
        self._ask()

    def _count_round(self) -> None:
        self._rounds += 1
        if self._rounds > _MOST_ROUNDS:
            raise DeviceError(
                _("{protocol}: no agreement with the concentrator {name!r} after {count} rounds").format(
                    protocol=NAMES[self._protocol], name=self._session.concentrator.name, count=_MOST_ROUNDS
                ),
                _("tell the operator which options it wants: they are in the capture"),
                reason=Reason.NOT_AGREED,
            )

    def _refused_by(self, protocol: bytes) -> None:
        if protocol == self._protocol.to_bytes(2, "big"):
            raise CommandRefused(
                _("the concentrator {name!r} does not speak {protocol}").format(
                    name=self._session.concentrator.name, protocol=NAMES[self._protocol]
                ),
                _("tell the operator"),
            )
