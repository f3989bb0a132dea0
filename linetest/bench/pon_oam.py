"""The OAM of a simulated PON: IEEE 802.3 clause 57, and CTC's extension of it (organization 11-11-11).

After the public descriptions: clause 57.4, and CTC EPON 2.1 clauses 6.5 and 11 as ONU software in the field names
its fields. Frames are from DA on, without FCS.
"""

import struct
from collections.abc import Sequence

from linetest.bench.pon_frames import SLOW_GROUP, padded

CTC_OUI = b"\x11\x11\x11"
OTHER_OUI = b"\x00\x10\x00"
"""Of SIEPON package A (DPoE), which CTC equipment does not speak."""
CTC_VERSION = 0x21
CTC_VERSIONS = (0x20, 0x21)

LOCAL_EVALUATING, LOCAL_STABLE, REMOTE_EVALUATING, REMOTE_STABLE = 8, 16, 32, 64
STABLE = LOCAL_STABLE | REMOTE_STABLE
"""The flags of both sides when the discovery is done."""

_INFORMATION, _EVENT, _ORGANIZATION = 0x00, 0x01, 0xFE
GET_REQUEST, GET_RESPONSE, SET_REQUEST, SET_RESPONSE, AUTHENTICATION = range(1, 6)
CHURNING = 9
SET_OK, BAD_PARAMETER = 0x80, 0x86
POWER_ALARM = 2


def oampdu(source: bytes, flags: int, code: int, data: bytes) -> bytes:
    """Return an OAMPDU."""
    return padded(SLOW_GROUP + source + struct.pack(">HBHB", 0x8809, 3, flags, code) + data)


def information(source: bytes, flags: int, *, is_olt: bool, hears: bool = True, extension: bytes = b"") -> bytes:
    """Return an Information OAMPDU.

    Args:
        source: its sender.
        flags: of the state of the discovery.
        is_olt: the OLT is in active mode, an ONU in passive mode.
        hears: it has heard the other side, whose TLV it then echoes.
        extension: the TLV of CTC's extended discovery.
    """
    data = _state(1, is_olt) + (_state(2, not is_olt) if hears else b"") + extension + b"\0"
    return oampdu(source, flags, _INFORMATION, data)


def _state(kind: int, is_olt: bool) -> bytes:
    vendor = b"\x00\x00\x00\x01" if is_olt else b"\x00\x00\x00\x02"
    return struct.pack(">BBBHBBH3s4s", kind, 16, 1, 0, 0, 0x19 if is_olt else 0x1C, 1518, CTC_OUI, vendor)


def extended_discovery(version: int, offers: Sequence[int], oui: bytes = CTC_OUI) -> bytes:
    """Return the TLV of the extended discovery; `version` is 0 while none is agreed on."""
    offered = b"".join(oui + bytes((offer,)) for offer in offers)
    return bytes((0xFE, 7 + len(offered))) + oui + bytes((1, version)) + offered


def ctc(source: bytes, opcode: int, data: bytes) -> bytes:
    """Return an OAMPDU of CTC."""
    return oampdu(source, STABLE, _ORGANIZATION, CTC_OUI + bytes((opcode,)) + data)


_PORT_1 = bytes.fromhex("37 0001 04 01000001")
"""The instance TLV of 2.1: Ethernet port 1."""
_LINK_STATE, _VLAN = bytes.fromhex("C7 0011"), bytes.fromhex("C7 0021")


def get_request(olt: bytes) -> bytes:
    """Ask for the link state of port 1."""
    return ctc(olt, GET_REQUEST, _PORT_1 + _LINK_STATE + b"\0")


def get_response(onu: bytes) -> bytes:
    """Answer that the link is up."""
    return ctc(onu, GET_RESPONSE, _PORT_1 + _LINK_STATE + b"\x01\x01\x00")


def set_request(olt: bytes, vid: int) -> bytes:
    """Tell port 1 to tag with the VLAN."""
    return ctc(olt, SET_REQUEST, _PORT_1 + _VLAN + b"\x05\x01" + struct.pack(">HH", 0x8100, vid) + b"\0")


def set_response(onu: bytes, outcome: int = SET_OK) -> bytes:
    """Answer with what came of it."""
    return ctc(onu, SET_RESPONSE, _PORT_1 + _VLAN + bytes((outcome, 0)))


def loid_request(olt: bytes) -> bytes:
    """Ask who the ONU is."""
    return ctc(olt, AUTHENTICATION, struct.pack(">BHB", 1, 1, 1))


def loid_response(onu: bytes, loid: str, password: str) -> bytes:
    """Say the LOID and its password, in clear as CTC has it."""
    names = loid.encode("ascii").ljust(24, b"\0") + password.encode("ascii").ljust(12, b"\0")
    return ctc(onu, AUTHENTICATION, struct.pack(">BHB", 2, 0x25, 1) + names)


def loid_accepted(olt: bytes) -> bytes:
    """Let the ONU in."""
    return ctc(olt, AUTHENTICATION, struct.pack(">BH", 3, 0))


def loid_refused(olt: bytes, failure: int = 1) -> bytes:
    """Keep the ONU out; failure 1 is a LOID that nobody knows."""
    return ctc(olt, AUTHENTICATION, struct.pack(">BHB", 4, 1, failure))


def key_request(olt: bytes, index_in_use: int) -> bytes:
    """Ask for a new churning key."""
    return ctc(olt, CHURNING, bytes((0, index_in_use)))


def new_key(onu: bytes, index: int, key: bytes) -> bytes:
    """Send a new churning key of three octets."""
    return ctc(onu, CHURNING, bytes((1, index)) + key)


def alarm(onu: bytes, sequence: int, number: int, *, is_raised: bool) -> bytes:
    """Raise or clear an alarm of the ONU."""
    said = CTC_OUI + struct.pack(">HIHHBI", 0xFFFF, 0xFFFFFFFF, number, 0, 0 if is_raised else 1, 0)
    data = struct.pack(">HBB", sequence, 0xFE, 2 + len(said)) + said + b"\0"
    return oampdu(onu, STABLE, _EVENT, data)
