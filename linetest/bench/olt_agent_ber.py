"""The bytes of SNMP version 2c, as the simulated OLT reads and writes them.

Sources: X.690 (basic encoding rules), RFC 1901 (the message), RFC 3416 (the PDUs), RFC 2578 (the types of values).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

Oid = tuple[int, ...]
Binding = tuple[Oid, bytes]
"""A name, and its value as it stands in the message: tag, length and content."""

INTEGER, OCTETS, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_VIEW = b"\x80\x00", b"\x81\x00", b"\x82\x00"
NO_ERROR, TOO_BIG = 0, 1
_VERSION_2C = 1
_LONGEST_OID = 128  # RFC 2578, 3.5: at most 128 parts


class Request(NamedTuple):
    """A question as it came."""

    community: bytes
    kind: int
    """`GET`, `GET_NEXT`, `GET_BULK`, or the tag of something the agent does not answer."""
    request_id: int
    non_repeaters: int
    max_repetitions: int
    """Both only with `GET_BULK`; they stand where other questions have an error."""
    names: tuple[Oid, ...]


def tlv(tag: int, content: bytes) -> bytes:
    """Return tag, length and content (X.690, 8.1)."""
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Return a whole number of any of SNMP's number types, in as few bytes as go (X.690, 8.3)."""
    return tlv(tag, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes | str) -> bytes:
    """Return an octet string; text is in UTF-8."""
    return tlv(OCTETS, value.encode() if isinstance(value, str) else value)


def object_id(value: Oid) -> bytes:
    """Return an object identifier of two parts or more (X.690, 8.19)."""
    content = bytearray()
    for part in (value[0] * 40 + value[1], *value[2:]):
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(0x80 | (part & 0x7F))
        content += bytes(reversed(groups))
    return tlv(OBJECT_ID, bytes(content))


def parse_oid(text: str) -> Oid:
    """Return the parts of a name in dotted text; a leading dot does not matter."""
    return tuple(int(part) for part in text.strip(". ").split("."))


def response(request: Request, bindings: Iterable[Binding], error: int = NO_ERROR) -> bytes:
    """Return the whole answer to `request` (RFC 3416, 3)."""
    listed = b"".join(tlv(SEQUENCE, object_id(name) + value) for name, value in bindings)
    pdu = integer(request.request_id) + integer(error) + integer(0) + tlv(SEQUENCE, listed)
    return tlv(SEQUENCE, integer(_VERSION_2C) + octets(request.community) + tlv(RESPONSE, pdu))


def read_request(packet: bytes) -> Request:
    """Return the question in a packet; raises ValueError for what is no message of version 2c."""
    version, community, pdu = _parts(_content(packet, SEQUENCE), 3)
    if _number(version) != _VERSION_2C:
        raise ValueError("not version 2c")
    request_id, second, third, listed = _parts(pdu[1], 4)
    names = []
    for binding in _all_parts(_expect(listed, SEQUENCE)):
        name, _value = _parts(_expect(binding, SEQUENCE), 2)
        names.append(_oid(_expect(name, OBJECT_ID)))
    return Request(
        _expect(community, OCTETS), pdu[0], _number(request_id), _number(second), _number(third), tuple(names)
    )


_Part = tuple[int, bytes]


def _one(data: bytes, start: int) -> tuple[_Part, int]:
    """Return tag and content of what begins at `start`, and where it ends."""
    if start + 2 > len(data):
        raise ValueError("cut off")
    tag, length, at = data[start], data[start + 1], start + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 3 or at + count > len(data):
            raise ValueError("a length that no packet has")
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + length > len(data):
        raise ValueError("cut off")
    return (tag, data[at : at + length]), at + length


def _content(data: bytes, tag: int) -> bytes:
    return _expect(_one(data, 0)[0], tag)


def _all_parts(data: bytes) -> list[_Part]:
    parts, at = [], 0
    while at < len(data):
        part, at = _one(data, at)
        parts.append(part)
    return parts


def _parts(data: bytes, count: int) -> Sequence[_Part]:
    parts = _all_parts(data)
    if len(parts) != count:
        raise ValueError("another number of fields")
    return parts


def _expect(part: _Part, tag: int) -> bytes:
    if part[0] != tag:
        raise ValueError("another type")
    return part[1]


def _number(part: _Part) -> int:
    content = _expect(part, INTEGER)
    if not 1 <= len(content) <= 5:
        raise ValueError("a number that is too long")
    return int.from_bytes(content, "big", signed=True)


def _oid(content: bytes) -> Oid:
    parts, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if value >= 1 << 32:
            raise ValueError("a part of a name that is too large")
        if not byte & 0x80:
            parts.append(value)
            value = 0
    if not parts or content[-1] & 0x80 or len(parts) >= _LONGEST_OID:
        raise ValueError("a name that is none")
    first = min(parts[0] // 40, 2)
    return (first, parts[0] - 40 * first, *parts[1:])
