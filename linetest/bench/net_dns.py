"""A simulated name server, as an answerer of `linetest.bench.net_inside`. Written from RFC 1035."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

_HEAD = struct.Struct("!6H")
_ANSWER, _RECURSION = 0x8000, 0x0180
_NO_SUCH_NAME = 3


@dataclass
class NameServer:
    """The names that it knows, and what is wrong with it."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Addresses by name."""
    rest: str | None = None
    """The address of every other name that can exist: those under ``invalid`` cannot."""
    lies: str | None = None
    """The address it gives for every name that it does not know, those that cannot exist too."""
    code: int = 0
    """The code of every answer, such as 2 for SERVFAIL; 0 for a healthy one."""
    drop_every: int = 0
    """Every so many questions one stays unanswered; 1 for silence, 0 for none."""
    wrong_number: bool = False
    """It answers with another number than that of the question, as somebody who guesses."""
    count: int = 0

    def __call__(self, _client: bytes, _port: int, question: bytes) -> bytes | None:
        """Answer one question."""
        self.count += 1
        if (self.drop_every and self.count % self.drop_every == 0) or len(question) < _HEAD.size:
            return None
        number = int.from_bytes(question[:2], "big") ^ (0x5555 if self.wrong_number else 0)
        asked, name = _name(question[_HEAD.size :])
        rest = None if name.endswith(".invalid") else self.rest
        address = self.names.get(name) or rest or self.lies
        if self.code or address is None:
            code = self.code or _NO_SUCH_NAME
            return _HEAD.pack(number, _ANSWER | _RECURSION | code, 1, 0, 0, 0) + asked
        record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + IPv4Address(address).packed
        return _HEAD.pack(number, _ANSWER | _RECURSION, 1, 1, 0, 0) + asked + record


def _name(octets: bytes) -> tuple[bytes, str]:
    """Return the question as it stands there, and its name."""
    labels = []
    at = 0
    while at < len(octets) and (length := octets[at]):
        labels.append(octets[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    return octets[: at + 5], ".".join(labels).lower()
