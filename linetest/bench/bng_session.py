"""One PPP session of a simulated concentrator: LCP, PAP or CHAP-MD5, IPCP; from RFC 1661, 1334, 1994, 1332, 1877."""

import hashlib
import os
import struct
from ipaddress import IPv4Address
from typing import Protocol

from linetest.bench.bng_settings import BngSettings
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import Wire

_IP, _IPCP, _LCP, _PAP, _CHAP = 0x0021, 0x8021, 0xC021, 0xC023, 0xC223
_REQ, _ACK, _NAK, _REJ, _TERM, _TERM_ACK, _PROTO_REJ, _ECHO, _ECHO_REPLY = 1, 2, 3, 4, 5, 6, 8, 9, 10
_RESTART_S = 3.0
_GREETING = b"welcome"


class Concentrator(Protocol):
    """What a session needs of the concentrator that holds it."""

    settings: BngSettings
    inside: Inside
    wire: Wire
    sessions: "dict[int, BngSession]"

    def say(self, mac: bytes, ethertype: int, payload: bytes) -> None:
        """Send a frame to a customer."""

    def close_session(self, number: int, how: str) -> None:
        """Forget a session, and note who ended it."""

    def end_session(self, number: int) -> None:
        """End a session from the operator's side."""


class BngSession:
    """The session. It answers in the thread of its wire."""

    def __init__(self, bng: Concentrator, number: int, mac: bytes, address: IPv4Address) -> None:
        self.mac = mac
        self.state = "lcp"
        """``lcp``, ``auth``, ``ipcp`` or ``open``."""
        self.user: str | None = None
        """Who proved to be it."""
        self._bng = bng
        self._number = number
        self._address = address.packed
        self._magic = os.urandom(4)
        self._challenge = os.urandom(16)
        self._acked: set[tuple[int, str]] = set()
        """Protocol and ``ours`` or ``theirs``: who has agreed."""
        self._lost = {_LCP} if "lost-first-request" in bng.settings.faults else set()
        self._anew = "renegotiates" in bng.settings.faults

    def begin(self) -> None:
        """Ask for LCP."""
        if "lcp-silent" not in self._bng.settings.faults:
            self._request(_LCP, self._lcp_options())

    def take(self, octets: bytes) -> None:
        """Take what a frame of the session carries, from the protocol number on."""
        faults = self._bng.settings.faults
        protocol, packet = int.from_bytes(octets[:2], "big"), octets[2:]
        if "lcp-silent" in faults:
            return
        if "lcp-loop" in faults:
            self._say(protocol, packet)
            return
        if protocol == _IP:
            for answer in self._bng.inside.answer(packet) if self.state == "open" else ():
                self._say(_IP, answer)
            return
        code, identifier, length = struct.unpack_from("!BBH", packet.ljust(4, b"\0"))
        body = packet[4:length]
        if protocol == _LCP and code == _REQ and _LCP in self._lost:
            self._lost.clear()
        elif protocol in (_LCP, _IPCP) and code <= _REJ:
            self._configure(protocol, code, identifier, body)
        elif protocol == _LCP:
            self._housekeeping(code, identifier, body)
        elif self.state == "auth" and protocol in (_PAP, _CHAP):
            self._authenticate(protocol, code, identifier, body)

    def _say(self, protocol: int, packet: bytes) -> None:
        payload = struct.pack("!BBHHH", 0x11, 0, self._number, len(packet) + 2, protocol) + packet
        self._bng.say(self.mac, 0x8864, payload)

    def _send(self, protocol: int, code: int, identifier: int, body: bytes) -> None:
        self._say(protocol, struct.pack("!BBH", code, identifier, 4 + len(body)) + body)

    def _request(self, protocol: int, options: bytes) -> None:
        """Ask, and again until it is answered or the session is over."""
        if (protocol, "ours") in self._acked or self._bng.sessions.get(self._number) is not self:
            return
        self._send(protocol, _REQ, 1, options)
        self._bng.wire.later(_RESTART_S, lambda: self._request(protocol, options))

    def _lcp_options(self) -> bytes:
        auth = {"pap": b"\x03\x04\xc0\x23", "chap": b"\x03\x05\xc2\x23\x05", "none": b""}
        mru = struct.pack("!BBH", 1, 4, self._bng.settings.mru)
        return mru + auth[self._bng.settings.authentication] + b"\x05\x06" + self._magic

    def _configure(self, protocol: int, code: int, identifier: int, body: bytes) -> None:
        if protocol == _IPCP and self.state not in ("ipcp", "open"):
            return
        if code == _REQ:
            verdict, answer = (self._judge_lcp if protocol == _LCP else self._judge_ipcp)(body)
            self._send(protocol, verdict, identifier, answer)
            if verdict == _ACK:
                self._acked.add((protocol, "theirs"))
        elif code == _ACK:
            self._acked.add((protocol, "ours"))
        if {(protocol, "ours"), (protocol, "theirs")} <= self._acked:
            self._opened(protocol)

    def _judge_lcp(self, body: bytes) -> tuple[int, bytes]:
        wrong = b""
        for kind, value in _options(body):
            if kind == 1 and int.from_bytes(value, "big") > self._bng.settings.mru:
                wrong += struct.pack("!BBH", 1, 4, self._bng.settings.mru)
            elif kind not in (1, 5):
                return _REJ, bytes([kind, len(value) + 2]) + value
        return (_NAK, wrong) if wrong else (_ACK, body)

    def _judge_ipcp(self, body: bytes) -> tuple[int, bytes]:
        dns = [IPv4Address(one).packed for one in self._bng.settings.dns]
        known = {3: self._address, **dict(zip((129, 131), dns, strict=False))}
        asked = _options(body)
        if "no-address" in self._bng.settings.faults:
            known.pop(3)
        refused = b"".join(bytes([kind, len(value) + 2]) + value for kind, value in asked if kind not in known)
        if refused:
            return _REJ, refused
        wrong = b"".join(bytes([kind, 6]) + known[kind] for kind, value in asked if value != known[kind])
        return (_NAK, wrong) if wrong else (_ACK, body)

    def _opened(self, protocol: int) -> None:
        settings = self._bng.settings
        if protocol == _LCP and self.state == "lcp":
            self.state = "auth"
            if settings.authentication == "none":
                self._authenticated()
            elif settings.authentication == "chap":
                self._send(_CHAP, 1, 7, b"\x10" + self._challenge + settings.name.encode())
        elif protocol == _IPCP and self.state == "ipcp":
            self.state = "open"
            if settings.ends_after_s is not None:
                self._bng.wire.later(settings.ends_after_s, lambda: self._bng.end_session(self._number))

    def _authenticate(self, protocol: int, code: int, identifier: int, body: bytes) -> None:
        if self._anew:  # as a tunnel's far end that does LCP itself
            self._anew, self.state = False, "lcp"
            self._acked.clear()
            self._magic = os.urandom(4)
            self.begin()
            return
        if protocol == _PAP and code == _REQ:
            user, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
            is_right = self._bng.settings.users.get(user.decode("utf-8", "replace")) == rest[1 : 1 + rest[0]].decode()
        elif protocol == _CHAP and code == 2:
            proof, user = body[1 : 1 + body[0]], body[1 + body[0] :]
            secret = self._bng.settings.users.get(user.decode("utf-8", "replace"), "\0").encode()
            expected = hashlib.md5(bytes([identifier]) + secret + self._challenge, usedforsecurity=False).digest()
            is_right = proof == expected
        else:
            return
        is_right = is_right and "auth-refused" not in self._bng.settings.faults
        name = user.decode("utf-8", "replace")
        self._bng.wire.later(
            self._bng.settings.auth_delay_s, lambda: self._judged(protocol, identifier, name, is_right=is_right)
        )

    def _judged(self, protocol: int, identifier: int, user: str, *, is_right: bool) -> None:
        if self.state != "auth":
            return
        words = _GREETING if is_right else self._bng.settings.refusal.encode()
        code = {_PAP: (3, 2), _CHAP: (4, 3)}[protocol][is_right]
        self._send(protocol, code, identifier, bytes([len(words)]) + words if protocol == _PAP else words)
        if is_right:
            self.user = user
            self._authenticated()
        else:
            self._send(_LCP, _TERM, 9, b"Authentication failed")

    def _authenticated(self) -> None:
        self.state = "ipcp"
        self._request(_IPCP, b"\x03\x06" + IPv4Address(self._bng.inside.gateway).packed)

    def _housekeeping(self, code: int, identifier: int, body: bytes) -> None:
        if code == _ECHO:
            self._send(_LCP, _ECHO_REPLY, identifier, self._magic + body[4:])
        elif code == _TERM:
            self._bng.close_session(self._number, "Terminate-Request")
            self._send(_LCP, _TERM_ACK, identifier, b"")


def _options(body: bytes) -> list[tuple[int, bytes]]:
    options = []
    while len(body) >= 2 and 2 <= body[1] <= len(body):
        options.append((body[0], body[2 : body[1]]))
        body = body[body[1] :]
    return options
