"""Questions to name servers and their answers as octets (RFC 1035): addresses of a name, nothing else.

An answer is hostile until its number, its question and all of its lengths were checked; names are bounded, and their
pointers lead backwards only.
"""

import struct
from typing import NamedTuple

_HEAD = struct.Struct("!6H")
_QUESTION_END = struct.Struct("!HH")
_RECORD_HEAD = struct.Struct("!HHIH")
TYPE_A = 1
_CLASS_IN = 1
_RESPONSE, _TRUNCATED, _RECURSION_DESIRED = 0x8000, 0x0200, 0x0100
_OPCODE, _CODE = 0x7800, 0x000F
_POINTER = 0xC0
_LONGEST_LABEL, _LONGEST_NAME = 63, 255
_MOST_RECORDS = 64
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


class DnsAnswer(NamedTuple):
    """What a server said to one question."""

    code: str
    """A value of `CODES`, or ``RCODE`` and its number."""
    addresses: tuple[str, ...]
    """The IPv4 addresses in the answer section, whatever name they stand beside: aliases lead to other names."""
    truncated: bool


def question_octets(number: int, name: str) -> bytes:
    """Return the question for the IPv4 addresses of a name.

    Raises:
        ValueError: it is no name.
    """
    encoded = encode_name(name)
    return _HEAD.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0) + encoded + _QUESTION_END.pack(TYPE_A, _CLASS_IN)


def encode_name(name: str) -> bytes:
    """Return a name as labels.

    Raises:
        ValueError: a label is empty or longer than 63 octets, or the name is longer than 255.
    """
    labels = [label.encode("idna") if not label.isascii() else label.encode() for label in name.rstrip(".").split(".")]
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise ValueError("a label has 1 to 63 octets")
    octets = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(octets) > _LONGEST_NAME:
        raise ValueError("a name has at most 255 octets")
    return octets


def read_answer(octets: bytes, question: bytes) -> DnsAnswer | None:
    """Return the answer to `question`; None when `octets` are none, or the answer to another one.

    Raises:
        ValueError: it answers this question, and is broken.
    """
    if len(octets) < _HEAD.size:
        return None
    number, flags, questions, answers, _authorities, _additional = _HEAD.unpack_from(octets)
    asked = question[_HEAD.size :]
    at = _HEAD.size
    if number != int.from_bytes(question[:2], "big") or not flags & _RESPONSE or flags & _OPCODE:
        return None
    if questions == 1:
        if octets[at : at + len(asked)].lower() != asked.lower():
            return None
        at += len(asked)
    elif questions or not flags & _CODE:  # an error may come without the question
        return None
    code = CODES.get(flags & _CODE, f"RCODE {flags & _CODE}")
    return DnsAnswer(code, _addresses(octets, at, answers), bool(flags & _TRUNCATED))


def _addresses(octets: bytes, at: int, count: int) -> tuple[str, ...]:
    found: list[str] = []
    for _record in range(min(count, _MOST_RECORDS)):
        at = _behind_name(octets, at)
        if at + _RECORD_HEAD.size > len(octets):
            raise ValueError("a record is cut off")
        kind, group, _lifetime_s, length = _RECORD_HEAD.unpack_from(octets, at)
        at += _RECORD_HEAD.size
        if at + length > len(octets):
            raise ValueError("the data of a record are cut off")
        if (kind, group) == (TYPE_A, _CLASS_IN):
            if length != 4:
                raise ValueError("an address has 4 octets")
            found.append(".".join(map(str, octets[at : at + 4])))
        at += length
    return tuple(found)


def _behind_name(octets: bytes, at: int) -> int:
    """Return where what follows a name begins; the name itself is not needed."""
    start = at
    while True:
        if at >= len(octets) or at - start > _LONGEST_NAME:
            raise ValueError("a name is cut off or too long")
        length = octets[at]
        if length == 0:
            return at + 1
        if length & _POINTER == _POINTER:
            if at + 2 > len(octets) or int.from_bytes(octets[at : at + 2], "big") & 0x3FFF >= start:
                raise ValueError("a pointer leads forwards")
            return at + 2
        if length & _POINTER:
            raise ValueError("a label of an unknown kind")
        at += 1 + length
