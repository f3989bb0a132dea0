"""Who we are: PAP (RFC 1334) and CHAP with MD5 (RFC 1994)."""

import hashlib
import time
from typing import NamedTuple

from linetest.errors import CommandRefused, Timeout
from linetest.model.codes import Reason
from linetest.secrets import Secret
from linetest.service.ppp_packets import CHAP, PAP, Packet
from linetest.service.ppp_session import Session
from linetest.service.pppoe_discovery import Asking
from linetest.service.pppoe_packets import text_of
from linetest.words.text import _

_PAP_REQUEST, _PAP_ACK, _PAP_NAK = 1, 2, 3
_CHALLENGE, _RESPONSE, _SUCCESS, _FAILURE = 1, 2, 3, 4
_RETRY_S = 3.0  # a server of accounts takes longer than a concentrator, and counts each attempt
_LONGEST = 255


class Account(NamedTuple):
    """Who dials in."""

    user: str
    password: Secret


class Authentication:
    """Says who we are, and waits for the answer."""

    def __init__(self, session: Session, account: Account) -> None:
        self.retransmissions = 0
        self._session = session
        self._account = account

    def run(self, protocol: int, end_s: float) -> float:
        """Authenticate by `PAP` or `CHAP`; return when the answer came, on the monotonic clock.

        Raises:
            CommandRefused: the other side refuses; in its words.
            Timeout: it does not answer until `end_s` of the monotonic clock.
            Unreachable: the session or the interface is gone.
        """
        at_s = self._by_pap(end_s) if protocol == PAP else self._by_chap(end_s)
        if at_s is None:
            raise Timeout(
                _("the concentrator {name!r} does not answer user and password").format(
                    name=self._session.concentrator.name
                ),
                _("its server of accounts may be down: dial again later, tell the operator"),
            )
        return at_s

    def _by_pap(self, end_s: float) -> float | None:
        fields = (self._account.user.encode()[:_LONGEST], self._account.password.reveal().encode()[:_LONGEST])
        request = Packet(_PAP_REQUEST, 1, b"".join(bytes([len(field)]) + field for field in fields)).octets()
        asking = Asking(_RETRY_S, end_s)

        def take(until_s: float) -> float | None:
            came = self._session.receive(until_s)
            packet = came.packet() if came is not None and came.protocol == PAP else None
            if came is None or packet is None or packet.identifier != 1:
                return None
            if packet.code == _PAP_NAK:
                raise _refused(_counted(packet.body))
            return came.at_s if packet.code == _PAP_ACK else None

        try:
            return asking.ask(lambda: self._session.send(PAP, request), take)
        finally:
            self.retransmissions = asking.retransmissions

    def _by_chap(self, end_s: float) -> float | None:
        response: Packet | None = None
        while time.monotonic() < end_s:
            came = self._session.receive(end_s)
            packet = came.packet() if came is not None and came.protocol == CHAP else None
            if came is None or packet is None:
                continue
            if packet.code == _CHALLENGE:
                self.retransmissions += response is not None
                response = self._respond(packet) or response
            elif response is not None and packet.identifier == response.identifier:
                if packet.code == _FAILURE:
                    raise _refused(packet.body)
                if packet.code == _SUCCESS:
                    return came.at_s
        return None

    def _respond(self, challenge: Packet) -> Packet | None:
        size = challenge.body[0] if challenge.body else 0
        value = challenge.body[1 : 1 + size]
        if not value or len(value) != size:
            return None
        secret = self._account.password.reveal().encode()
        proof = hashlib.md5(bytes([challenge.identifier]) + secret + value, usedforsecurity=False).digest()
        user = self._account.user.encode()[:_LONGEST]
        response = Packet(_RESPONSE, challenge.identifier, bytes([len(proof)]) + proof + user)
        self._session.send(CHAP, response.octets())
        return response


def _counted(body: bytes) -> bytes:
    return body[1 : 1 + body[0]] if body else b""


def _refused(message: bytes) -> CommandRefused:
    """Return the refusal in the server's own words, such as ``E=691``."""
    words = text_of(message)
    return CommandRefused(
        _("user and password are refused: {words}").format(words=words)
        if words
        else _("user and password are refused"),
        _("check both with the customer; a new account may not be open yet, an old one may be barred"),
        reason=Reason.LOGIN_REFUSED,
    )
