"""A simulated name server for `linetest.bench.net_inside.Inside`; written from RFC 1035."""

import struct
from ipaddress import IPv4Address

_HEAD = struct.Struct("!HHHHHH")
_ANSWER, _NO_SUCH_NAME, _NOT_DONE = 0x8180, 0x8183, 0x8184
_A, _IN = 1, 1
_TTL_S = 60


def name_server(address: str = "203.0.113.80", *, lies: bool = False) -> "NameServer":
    """Return a server that gives every name one address, except names under ``invalid``; one that lies, these too."""
    return NameServer(IPv4Address(address).packed, lies)


class NameServer:
    """Answers one question in a datagram."""

    def __init__(self, address: bytes, lies: bool) -> None:
        self._address = address
        self._lies = lies

    def __call__(self, _customer: bytes, _port: int, question: bytes) -> bytes | None:
        """Return the answer; None for what is no question."""
        if len(question) < _HEAD.size + 5:
            return None
        number, _flags, count, *_others = _HEAD.unpack_from(question)
        end = question.find(b"\0", _HEAD.size) + 1
        asked = question[_HEAD.size : end + 4]
        if count != 1 or end <= _HEAD.size or len(asked) < end - _HEAD.size + 4:
            return None
        kind, group = struct.unpack("!HH", asked[-4:])
        if (kind, group) != (_A, _IN):
            return _HEAD.pack(number, _NOT_DONE, 1, 0, 0, 0) + asked
        if asked[:-4].lower().endswith(b"\x07invalid\0") and not self._lies:
            return _HEAD.pack(number, _NO_SUCH_NAME, 1, 0, 0, 0) + asked
        record = b"\xc0\x0c" + struct.pack("!HHIH", _A, _IN, _TTL_S, 4) + self._address
        return _HEAD.pack(number, _ANSWER, 1, 1, 0, 0) + asked + record
