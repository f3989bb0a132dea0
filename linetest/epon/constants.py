"""Numbers that stand in frames (IEEE 802.3 clauses 57, 64 and 65); none of them is a limit."""

from enum import IntEnum
from typing import Final

BROADCAST_LLID: Final = 0x7FFF
BROADCAST_LLID_10G: Final = 0x7FFE
FIRST_RESERVED_LLID: Final = 0x7F00
"""0x7F00 to 0x7FFD are reserved (clause 76.2.6)."""

CLEAR: Final = 0x55
"""The security octet of a frame in clear."""
SECURITY_MASK: Final = 0xFC
VALID_SECURITY: Final = 0x54
"""Bits 7 to 2 of every security octet; bit 1 says encrypted, bit 0 with which key (as DPoE has it)."""
ENCRYPTED_BIT: Final = 0x02
KEY_BIT: Final = 0x01

MAC_CONTROL: Final = 0x8808
SLOW_PROTOCOLS: Final = 0x8809
BROADCAST_MAC: Final = 0xFFFFFFFFFFFF
GROUP_BIT: Final = 1 << 40
LINK_LOCAL: Final = 0x0180C2000000
"""01-80-C2-00-00-00 to 0F never leave a link (IEEE 802.1Q)."""

TQ_NS: Final = 16
"""One time quantum (clause 64.2.2.1)."""


class Opcode(IntEnum):
    """The MPCP messages (clause 64.3.6)."""

    GATE = 2
    REPORT = 3
    REGISTER_REQ = 4
    REGISTER = 5
    REGISTER_ACK = 6


class RequestFlag(IntEnum):
    """Flags of REGISTER_REQ."""

    REGISTER = 1
    DEREGISTER = 3


class RegisterFlag(IntEnum):
    """Flags of REGISTER."""

    REREGISTER = 1
    DEREGISTER = 2
    ACK = 3
    NACK = 4


class AckFlag(IntEnum):
    """Flags of REGISTER_ACK."""

    NACK = 0
    ACK = 1
