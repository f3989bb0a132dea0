"""A simulated PPPoE concentrator (BNG) on a `linetest.bench.net_wire.Wire`; written from RFC 2516."""

import struct
from ipaddress import IPv4Address

from linetest.bench.bng_session import BngSession
from linetest.bench.bng_settings import BngSettings
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import Seen, Wire

_DISCOVERY, _SESSION = 0x8863, 0x8864
_PADI, _PADO, _PADR, _PADS, _PADT = 0x09, 0x07, 0x19, 0x65, 0xA7
_SERVICE, _NAME, _UNIQ, _COOKIE, _RELAY, _SYSTEM_ERROR = 0x0101, 0x0102, 0x0103, 0x0104, 0x0110, 0x0202
_EVERYBODY = b"\xff" * 6


class Bng:
    """The concentrator."""

    def __init__(
        self, wire: Wire, settings: BngSettings, inside: Inside, mac: bytes = b"\x02\xbb\x00\x00\x00\x01"
    ) -> None:
        self.settings = settings
        self.inside = inside
        self.mac = mac
        self.sessions: dict[int, BngSession] = {}
        self.ended: list[str] = []
        """How each session that is over was ended: ``PADT`` or ``Terminate-Request`` of the customer, or ``us``."""
        self.wire = wire
        self._tags = b"".join(struct.pack("!HH", *tag) for tag in settings.tags)
        self._given = 0

    def hear(self, frame: Seen) -> None:
        """Take a frame."""
        answers_untagged = "untagged-answers" in self.settings.faults
        if (frame.tags != self._tags and not answers_untagged) or frame.dst not in (self.mac, _EVERYBODY):
            return
        if frame.ethertype == _DISCOVERY and "silent" not in self.settings.faults:
            self._discovery(frame)
        elif frame.ethertype == _SESSION and len(frame.payload) >= 8:
            _vt, _code, number, length = struct.unpack_from("!BBHH", frame.payload)
            session = self.sessions.get(number)
            if session is not None and session.mac == frame.src:
                session.take(frame.payload[6 : 6 + length])

    def say(self, mac: bytes, ethertype: int, payload: bytes) -> None:
        """Send a frame."""
        self.wire.send(self, mac, self.mac, self._tags, ethertype, payload)

    def close_session(self, number: int, how: str) -> None:
        """Forget a session."""
        if self.sessions.pop(number, None) is not None:
            self.ended.append(how)

    def end_session(self, number: int) -> None:
        """End a session, as at a restart of the concentrator."""
        session = self.sessions.get(number)
        if session is not None:
            self.say(session.mac, _DISCOVERY, struct.pack("!BBHH", 0x11, _PADT, number, 0))
            self.close_session(number, "us")

    def _discovery(self, frame: Seen) -> None:
        version, code, number, length = struct.unpack_from("!BBHH", frame.payload.ljust(6, b"\0"))
        if version != 0x11:
            return
        tags = _tags_of(frame.payload[6 : 6 + length])
        if code == _PADI and self._serves(tags):
            self.wire.later(self.settings.offer_delay_s, lambda: self._offer(frame.src, tags))
        elif code == _PADR and self._serves(tags) and tags.get(_COOKIE) == self._cookie(frame.src):
            self._give(frame.src, tags)
        elif code == _PADT and number in self.sessions and self.sessions[number].mac == frame.src:
            self.close_session(number, "PADT")

    def _serves(self, tags: dict[int, bytes]) -> bool:
        return tags.get(_SERVICE, b"-").decode("utf-8", "replace") in ("", *self.settings.services)

    def _cookie(self, mac: bytes) -> bytes:
        return b"cookie" + mac

    def _offer(self, mac: bytes, asked: dict[int, bytes]) -> None:
        tags = _tag(_NAME, self.settings.name.encode())
        tags += b"".join(_tag(_SERVICE, service.encode()) for service in self.settings.services)
        tags += _tag(_COOKIE, self._cookie(mac)) + _returned(asked)
        self.say(mac, _DISCOVERY, struct.pack("!BBHH", 0x11, _PADO, 0, len(tags)) + tags)

    def _give(self, mac: bytes, asked: dict[int, bytes]) -> None:
        faults = self.settings.faults
        if "no-pads" in faults:
            return
        tags = _tag(_SERVICE, asked.get(_SERVICE, b"")) + _returned(asked)
        if "pads-error" in faults:
            tags += _tag(_SYSTEM_ERROR, b"no resources for this line")
            self.say(mac, _DISCOVERY, struct.pack("!BBHH", 0x11, _PADS, 0, len(tags)) + tags)
            return
        self._given += 1
        number = self._given
        address = IPv4Address(self.settings.pool) + number - 1
        self.say(mac, _DISCOVERY, struct.pack("!BBHH", 0x11, _PADS, number, len(tags)) + tags)
        session = BngSession(self, number, mac, address)
        self.sessions[number] = session
        session.begin()


def _tag(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value


def _returned(asked: dict[int, bytes]) -> bytes:
    return b"".join(_tag(kind, asked[kind]) for kind in (_UNIQ, _RELAY) if kind in asked)


def _tags_of(octets: bytes) -> dict[int, bytes]:
    tags = {}
    while len(octets) >= 4:
        kind, length = struct.unpack_from("!HH", octets)
        if kind == 0:
            break
        tags[kind], octets = octets[4 : 4 + length], octets[4 + length :]
    return tags
