"""What CTC's extended OAM says, organization 11-11-11: discovery, variables, authentication, churning, DBA, events.

CTC's text was not read; layouts and numbers are facts taken from ONU software that is in the field (its headers name
them after CTC EPON 2.1 clause 6.5 and 11). No password and no key octet gets out of here: only their lengths.
"""

from dataclasses import dataclass
from enum import IntEnum

from linetest.epon.ctc_names import ALARMS
from linetest.epon.octets import Garbled

CTC_OUI = b"\x11\x11\x11"
LOID_OCTETS = 24
PASSWORD_OCTETS = 12
KEY_OCTETS = 3


class CtcOpcode(IntEnum):
    """What a CTC PDU is for."""

    GET_REQUEST = 1
    GET_RESPONSE = 2
    SET_REQUEST = 3
    SET_RESPONSE = 4
    AUTHENTICATION = 5
    SOFTWARE_DOWNLOAD = 6
    CHURNING = 9
    DBA = 0x0A
    EVENT = 0xFF


class AuthenticationCode(IntEnum):
    """Steps of the ONU's authentication: request and answers come from the OLT, the response from the ONU."""

    REQUEST = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


class AuthenticationType(IntEnum):
    """How an ONU shows who it is."""

    LOID_AND_PASSWORD = 1
    NAK = 2


class ChurningCode(IntEnum):
    """Steps of a key change."""

    NEW_KEY_REQUEST = 0
    NEW_KEY = 1


class DbaCode(IntEnum):
    """Reading and writing the thresholds of the queue sets."""

    GET_REQUEST = 0
    GET_RESPONSE = 1
    SET_REQUEST = 2
    SET_RESPONSE = 3


class EventSubtype(IntEnum):
    """Reading and writing which alarms are on, and from which value."""

    STATUS_REQUEST = 1
    STATUS_SET = 2
    STATUS_RESPONSE = 3
    THRESHOLD_REQUEST = 4
    THRESHOLD_SET = 5
    THRESHOLD_RESPONSE = 6


class Indication(IntEnum):
    """What stands in place of a width, and says how a set went."""

    SET_OK = 0x80
    BAD_PARAMETER = 0x86
    NO_RESOURCE = 0x87


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedDiscovery:
    """The TLV of the extended discovery, inside of an Information OAMPDU."""

    supported: int
    """Ext.Support: 1 when CTC's extended OAM is supported."""
    version: int
    """The version in use, such as 0x21 for 2.1; 0 while none is agreed on."""
    offers: tuple[tuple[str, int], ...]
    """Organization and version, for each one on offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Which part of the ONU the variables after it belong to."""

    leaf: int
    """1 a port, 3 an LLID, 4 a PON interface, 0xFFFF the ONU."""
    value: int
    """The port (up to 2.0), or type, chassis, slot and port (from 2.1), 8 bits each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable descriptor or container."""

    branch: int
    leaf: int
    instance: Instance | None
    indication: int | None
    """An `Indication` or another value from 0x80; None when there is a value, or none was asked for."""
    value: bytes | None
    """None in a get request, where an indication stands, and of a variable that may hold a secret (`OPEN_LEAVES`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """A get or set, request or response."""

    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """One step of the ONU's authentication."""

    code: int
    type: int | None
    """An `AuthenticationType`, in a request and a response."""
    wanted_type: int | None = None
    """In a NAK: what the ONU would rather use."""
    loid: str | None = None
    """In a response, without its padding."""
    password_length: int | None = None
    """In a response: octets of the password. The password itself is not kept."""
    failure: int | None = None
    """In a failure: its type. 1 no such LOID, 2 wrong password, 3 the LOID is in use elsewhere (not read in the
    standard)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Churning:
    """One step of a key change; the key itself is not kept."""

    code: int
    key_index: int
    """The index in use in a request, the new one in an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSet:
    """Thresholds of one queue set."""

    thresholds_tq: tuple[tuple[int, int], ...]
    """Queue number and threshold, for each queue of the set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dba:
    """Reading or writing the thresholds of the REPORT's queue sets."""

    code: int
    accepted: bool | None
    """In a set response."""
    queue_sets: tuple[QueueSet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSetting:
    """Whether an alarm is on, or from which value."""

    object_type: int
    object_instance: int
    alarm: int
    enabled: bool | None
    set_at: int | None
    clear_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSettings:
    """An event PDU: alarms switched, thresholds read or written."""

    subtype: int
    settings: tuple[AlarmSetting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm that an ONU raises or clears, out of an Event Notification OAMPDU."""

    object_type: int
    object_instance: int
    number: int
    timestamp: int
    is_raised: bool

    @property
    def name(self) -> str | None:
        """What the number means, for `_`; None where nobody says."""
        return ALARMS.get(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class CtcPdu:
    """One organization specific OAMPDU of CTC."""

    opcode: int
    """A `CtcOpcode`, or another number."""
    content: Variables | Authentication | Churning | Dba | AlarmSettings | Garbled | None
    """None of a software download and of opcodes that nobody names."""
