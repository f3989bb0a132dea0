"""Takes passwords and keys out of an OAMPDU; what cannot be read goes, too, as a password may stand in it."""

from linetest.epon.ctc import CTC_OUI, LOID_OCTETS, AuthenticationCode, AuthenticationType, ChurningCode, CtcOpcode
from linetest.epon.ctc_names import OPEN_LEAVES
from linetest.epon.ctc_reading import INDICATION, INSTANCE_WIDTHS, value_octets
from linetest.epon.oam import OamCode

_MASK = b"*"
_CODE_AT, _OUI_AT, _OPCODE_AT, _BODY_AT = 3, 4, 7, 8
_END = 0  # branch
_VARIABLE = 4  # branch, leaf, width
_PUBLIC = (CtcOpcode.GET_REQUEST, CtcOpcode.SOFTWARE_DOWNLOAD, CtcOpcode.DBA, CtcOpcode.EVENT)
_WITH_VALUES = (CtcOpcode.GET_RESPONSE, CtcOpcode.SET_REQUEST, CtcOpcode.SET_RESPONSE)


def redact_oampdu(body: bytes) -> bytes:
    """Return `body` (from the subtype octet on, without FCS) with its secrets overwritten, as long as it was.

    - The password of a LOID authentication: every octet that is not NUL becomes ``*``. The LOID stays.
    - Churning keys, values of variables that may hold an SNMP community or a voice account: zeros.
    - What another organization than CTC, or an opcode of CTC that nobody names, says: zeros.

    Everything else stays as it is.
    """
    if body[_CODE_AT : _CODE_AT + 1] != bytes([OamCode.ORGANIZATION_SPECIFIC]):
        return body
    if body[_OUI_AT:_OPCODE_AT] != CTC_OUI:
        return _zeroed(body, _OPCODE_AT)
    head, rest = body[:_BODY_AT], body[_BODY_AT:]
    opcode = int.from_bytes(body[_OPCODE_AT:_BODY_AT], "big")
    if opcode in _PUBLIC:
        return body
    if opcode in _WITH_VALUES:
        return head + _variables(rest)
    if opcode == CtcOpcode.AUTHENTICATION:
        return head + _authentication(rest)
    if opcode == CtcOpcode.CHURNING:
        is_new_key = bool(rest) and rest[0] & 3 == ChurningCode.NEW_KEY
        return head + (_zeroed(rest, 2) if is_new_key else rest)
    return _zeroed(body, _BODY_AT)


def _zeroed(octets: bytes, begin: int) -> bytes:
    return octets[:begin] + bytes(max(len(octets) - begin, 0))


def _authentication(octets: bytes) -> bytes:
    if not octets or octets[0] != AuthenticationCode.RESPONSE:
        return octets
    kind = octets[3:4]
    if kind == bytes([AuthenticationType.NAK]):
        return octets
    kept = 4 + LOID_OCTETS if kind == bytes([AuthenticationType.LOID_AND_PASSWORD]) else 4
    return octets[:kept] + b"".join(_MASK if octet else b"\0" for octet in octets[kept:])


def _variables(octets: bytes) -> bytes:
    """Return containers without the values that may be secret; from the first one that cannot be read on, zeros."""
    kept = bytearray(octets)
    at = 0
    while at < len(octets) and octets[at] != _END:
        if at + _VARIABLE > len(octets):
            return _zeroed(bytes(kept), at)
        branch, leaf, width = octets[at], int.from_bytes(octets[at + 1 : at + 3], "big"), octets[at + 3]
        at += _VARIABLE
        if branch in INSTANCE_WIDTHS:
            at += INSTANCE_WIDTHS[branch]
            continue
        if width >= INDICATION:
            continue
        end = min(at + value_octets(width, branch), len(octets))
        if (branch, leaf) not in OPEN_LEAVES:
            kept[at:end] = bytes(end - at)
        at = end
    return _zeroed(bytes(kept), at)
