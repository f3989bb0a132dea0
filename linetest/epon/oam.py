"""OAMPDUs of IEEE 802.3 clause 57: flags, Information, Event Notification, and what CTC puts into them.

The standard's text was not read; its fields agree with Wireshark's dissector (packet-oampdu.c).
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from linetest.epon.ctc import CTC_OUI, Alarm, CtcPdu, ExtendedDiscovery
from linetest.epon.ctc_reading import read_alarm, read_ctc, read_extended_discovery
from linetest.epon.octets import Garbled, Octets, Short, oui_text

OAM_SUBTYPE = 3
"""The slow protocol subtype, first octet of every OAMPDU (57A.4)."""
ORGANIZATION_SPECIFIC_TLV = 0xFE


class OamFlag(IntFlag):
    """The flags of every OAMPDU (57.4.2.1); local is its sender, remote is whom the sender hears."""

    LINK_FAULT = 1
    DYING_GASP = 2
    CRITICAL_EVENT = 4
    LOCAL_EVALUATING = 8
    LOCAL_STABLE = 16
    REMOTE_EVALUATING = 32
    REMOTE_STABLE = 64


class OamCode(IntEnum):
    """What an OAMPDU is for (57.4.3)."""

    INFORMATION = 0
    EVENT_NOTIFICATION = 1
    VARIABLE_REQUEST = 2
    VARIABLE_RESPONSE = 3
    LOOPBACK = 4
    ORGANIZATION_SPECIFIC = 0xFE


class OamConfig(IntFlag):
    """What an OAM entity can do (57.5.2.1)."""

    ACTIVE = 1
    UNIDIRECTIONAL = 2
    LOOPBACK = 4
    LINK_EVENTS = 8
    VARIABLES = 16


class LinkEventType(IntEnum):
    """Errors that an OAM entity counted (57.5.3)."""

    ERRORED_SYMBOL_PERIOD = 1
    ERRORED_FRAME = 2
    ERRORED_FRAME_PERIOD = 3
    ERRORED_FRAME_SECONDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One end of the OAM link, out of a Local or Remote Information TLV (57.5.2.1)."""

    version: int
    revision: int
    state: int
    config: OamConfig
    largest_oampdu: int
    """Octets."""
    oui: str
    vendor: int
    """The maker's own number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """An Information OAMPDU (57.4.3.1)."""

    local: Entity | None
    remote: Entity | None
    extended_discovery: ExtendedDiscovery | None
    """CTC's TLV."""
    other_ouis: tuple[str, ...]
    """Organizations whose TLVs stand beside it: the OAM dialects of this sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvent:
    """One of the four link event TLVs (57.5.3.1 to 57.5.3.4)."""

    type: LinkEventType
    window: int
    threshold: int
    errors: int
    error_total: int
    event_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventNotification:
    """An Event Notification OAMPDU (57.4.3.2)."""

    sequence: int
    link_events: tuple[LinkEvent, ...]
    alarms: tuple[Alarm, ...]
    """CTC's alarms."""
    other_ouis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDialect:
    """An organization specific OAMPDU that is not CTC's; nothing of it but the organization is read."""

    oui: str


Content = Information | EventNotification | CtcPdu | OtherDialect | Garbled | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Oampdu:
    """One OAMPDU."""

    flags: OamFlag
    code: int
    """An `OamCode`, or a number that clause 57 does not name."""
    content: Content
    """None of the codes that nothing here asks for: variables of clause 30, loopback, unnamed ones."""


_HEAD = 4  # subtype, flags, code
_ENTITY_LENGTH = 16
_ENTITIES = {1: "Local Information TLV", 2: "Remote Information TLV"}
# Widths of time stamp, window, threshold, errors, error total and event total (57.5.3.1 to 57.5.3.4).
_LINK_EVENTS = {
    LinkEventType.ERRORED_SYMBOL_PERIOD: (2, 8, 8, 8, 8, 4),
    LinkEventType.ERRORED_FRAME: (2, 2, 4, 4, 8, 4),
    LinkEventType.ERRORED_FRAME_PERIOD: (2, 4, 4, 4, 8, 4),
    LinkEventType.ERRORED_FRAME_SECONDS: (2, 2, 2, 2, 4, 4),
}


def read_oampdu(body: bytes) -> Oampdu | Garbled:
    """Return what `body` says, the octets of an `OamFrame`; never raises.

    A content that cannot be read is `Garbled` inside of the `Oampdu`, whose flags still hold; an OAMPDU without its
    first four octets, or of another subtype, is `Garbled` as a whole.
    """
    if len(body) < _HEAD or body[0] != OAM_SUBTYPE:
        return Garbled("OAMPDU")
    flags = OamFlag(int.from_bytes(body[1:3], "big"))
    code = body[3]
    return Oampdu(flags=flags, code=code, content=_content(code, body[_HEAD:]))


def _content(code: int, data: bytes) -> Content:
    if code == OamCode.INFORMATION:
        return _information(data)
    if code == OamCode.EVENT_NOTIFICATION:
        return _event_notification(data)
    if code == OamCode.ORGANIZATION_SPECIFIC:
        return _organization_specific(data)
    return None


def _information(data: bytes) -> Information | Garbled:
    octets = Octets(data)
    part = "Information OAMPDU"
    entities: dict[int, Entity] = {}
    discovery: ExtendedDiscovery | None = None
    others: list[str] = []
    try:
        while octets.left and (kind := octets.number(1)):
            part = _ENTITIES.get(kind, "Organization Specific Information TLV")
            value = _value(octets)
            if kind in _ENTITIES:
                entities[kind] = _entity(value)
            elif kind == ORGANIZATION_SPECIFIC_TLV and value[:3] == CTC_OUI:
                part = "CTC extended discovery"
                discovery = read_extended_discovery(value)
            elif kind == ORGANIZATION_SPECIFIC_TLV:
                others.append(oui_text(Octets(value).take(3)))
    except Short:
        return Garbled(part)
    return Information(
        local=entities.get(1), remote=entities.get(2), extended_discovery=discovery, other_ouis=tuple(others)
    )


def _value(octets: Octets) -> bytes:
    """Return the rest of a TLV, whose length octet counts type and length themselves."""
    length = octets.number(1)
    if length < 2:
        raise Short
    return octets.take(length - 2)


def _entity(value: bytes) -> Entity:
    if len(value) != _ENTITY_LENGTH - 2:
        raise Short
    octets = Octets(value)
    return Entity(
        version=octets.number(1),
        revision=octets.number(2),
        state=octets.number(1),
        config=OamConfig(octets.number(1)),
        largest_oampdu=octets.number(2) & 0x7FF,  # 11 bits of the two octets (57.5.2.1)
        oui=oui_text(octets.take(3)),
        vendor=octets.number(4),
    )


def _event_notification(data: bytes) -> EventNotification | Garbled:
    octets = Octets(data)
    events: list[LinkEvent] = []
    alarms: list[Alarm] = []
    others: list[str] = []
    try:
        sequence = octets.number(2)
        while octets.left and (kind := octets.number(1)):
            value = _value(octets)
            if kind in _LINK_EVENTS:
                events.append(_link_event(LinkEventType(kind), value))
            elif kind == ORGANIZATION_SPECIFIC_TLV and value[:3] == CTC_OUI:
                alarms.append(read_alarm(value))
            elif kind == ORGANIZATION_SPECIFIC_TLV:
                others.append(oui_text(Octets(value).take(3)))
    except Short:
        return Garbled("Event Notification OAMPDU")
    return EventNotification(
        sequence=sequence, link_events=tuple(events), alarms=tuple(alarms), other_ouis=tuple(others)
    )


def _link_event(kind: LinkEventType, value: bytes) -> LinkEvent:
    octets = Octets(value)
    _time, window, threshold, errors, error_total, event_total = map(octets.number, _LINK_EVENTS[kind])
    return LinkEvent(
        type=kind,
        window=window,
        threshold=threshold,
        errors=errors,
        error_total=error_total,
        event_total=event_total,
    )


def _organization_specific(data: bytes) -> CtcPdu | OtherDialect | Garbled:
    if len(data) < len(CTC_OUI):
        return Garbled("Organization Specific OAMPDU")
    if data[:3] != CTC_OUI:
        return OtherDialect(oui=oui_text(data[:3]))
    return read_ctc(data)
