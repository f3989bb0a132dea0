"""Scapy layers of CTC's extended OAM (layouts and their sources: `linetest.epon.ctc`)."""

from typing import Any

from scapy.fields import (
    ByteEnumField,
    ByteField,
    ConditionalField,
    FieldLenField,
    IntField,
    PacketListField,
    ShortField,
    StrFixedLenField,
    StrLenField,
    X3BytesField,
    XByteField,
    XIntField,
    XShortField,
)
from scapy.packet import Packet, bind_layers

from linetest.epon.ctc import (
    KEY_OCTETS,
    LOID_OCTETS,
    PASSWORD_OCTETS,
    AuthenticationCode,
    CtcOpcode,
    DbaCode,
    EventSubtype,
)
from linetest.epon.ctc_names import OPEN_LEAVES
from linetest.epon.ctc_reading import INSTANCE_WIDTHS, value_octets
from linetest.epon.layers_hidden import Hidden, HiddenFixedField, HiddenRest
from linetest.epon.layers_part import Part, QueueSet

CTC_OUI = 0x111111
_END = 0
_UP_TO_2_0, _FROM_2_1 = INSTANCE_WIDTHS


class Offer(Part):
    """An organization and a version in the list of the extended discovery."""

    name = "Offer"
    fields_desc = [X3BytesField("oui", CTC_OUI), XByteField("version", 0x21)]


class ExtendedDiscovery(Part):
    """CTC's TLV in an Information OAMPDU; its length counts type and length."""

    name = "CTC extended discovery"
    fields_desc = [
        XByteField("type", 0xFE),
        FieldLenField("length", None, fmt="B", count_of="offers", adjust=lambda _tlv, count: 7 + 4 * count),
        X3BytesField("oui", CTC_OUI),
        ByteField("supported", 1),
        XByteField("version", 0),
        PacketListField("offers", [], Offer, length_from=lambda tlv: max(tlv.length - 7, 0)),
    ]


class Alarm(Part):
    """CTC's alarm in an Event Notification OAMPDU; `state` 0 raises it, 1 clears it."""

    name = "CTC alarm"
    fields_desc = [
        XByteField("type", 0xFE),
        FieldLenField("length", None, fmt="B", length_of="information", adjust=lambda _tlv, size: 16 + size),
        X3BytesField("oui", CTC_OUI),
        XShortField("object_type", 0),
        XIntField("object_instance", 0xFFFFFFFF),
        XShortField("alarm", 1),
        ShortField("timestamp", 0),
        ByteEnumField("state", 0, {0: "raised", 1: "cleared"}),
        StrLenField("information", b"", length_from=lambda tlv: max(tlv.length - 16, 0)),
    ]


class Ctc(Packet):
    """What follows the organization in CTC's OAMPDUs: the extended opcode."""

    name = "CTC OAM"
    fields_desc = [ByteEnumField("opcode", 1, {int(opcode): opcode.name for opcode in CtcOpcode})]

    def default_payload_class(self, _octets: bytes) -> type[Packet]:
        """Return the class of what nobody reads."""
        return HiddenRest


class Instance20(Part):
    """An instance TLV up to version 2.0: one octet."""

    name = "Instance (2.0)"
    fields_desc = [
        XByteField("branch", _UP_TO_2_0),
        XShortField("leaf", 1),
        ByteField("width", INSTANCE_WIDTHS[_UP_TO_2_0]),
        ByteField("value", 1),
    ]


class Instance21(Part):
    """An instance TLV from version 2.1: type, chassis, slot and port, or a number."""

    name = "Instance (2.1)"
    fields_desc = [
        XByteField("branch", _FROM_2_1),
        XShortField("leaf", 1),
        ByteField("width", INSTANCE_WIDTHS[_FROM_2_1]),
        XIntField("value", 0x01000001),
    ]


class Descriptor(Part):
    """A variable in a get request."""

    name = "Variable descriptor"
    fields_desc = [XByteField("branch", 0xC7), XShortField("leaf", 1)]


class _ValueField(StrLenField):
    """A variable's value, shown where it is known to hold no secret."""

    def m2i(self, packet: Any, octets: bytes) -> bytes:
        return octets if (packet.branch, packet.leaf) in OPEN_LEAVES else Hidden(octets)

    def any2i(self, packet: Any, octets: Any) -> bytes:
        return self.m2i(packet, octets) if packet is not None else Hidden(octets)


class Container(Part):
    """A variable with its value, or with an indication as its `width`."""

    name = "Variable container"
    fields_desc = [
        XByteField("branch", 0xC7),
        XShortField("leaf", 1),
        XByteField("width", None),
        _ValueField("value", b"", length_from=lambda one: value_octets(one.width, one.branch)),
    ]

    def post_build(self, octets: bytes, rest: bytes) -> bytes:
        """Return the container with the width that nobody gave: 128 octets are a 0."""
        if self.width is None:
            octets = octets[:3] + bytes([len(self.value) % 128]) + octets[4:]
        return octets + rest


def _next(kind: type[Packet]) -> Any:
    classes = {_UP_TO_2_0: Instance20, _FROM_2_1: Instance21, _END: None}

    def next_class(_packet: Any, _found: Any, _last: Any, octets: bytes) -> type[Packet] | None:
        return classes.get(octets[0], kind) if octets else None

    return next_class


class Request(Packet):
    """A get request: descriptors behind their instance TLVs, up to branch 0."""

    name = "Get request"
    fields_desc = [PacketListField("variables", [], next_cls_cb=_next(Descriptor))]


class Values(Packet):
    """A get response, set request or set response: containers behind their instance TLVs, up to branch 0."""

    name = "Values"
    fields_desc = [PacketListField("variables", [], next_cls_cb=_next(Container))]


class Authentication(Packet):
    """A step of the ONU's authentication; LOID and password stand behind NULs, or before them, as the maker likes."""

    name = "Authentication"
    fields_desc = [
        ByteEnumField("code", 1, {int(code): code.name for code in AuthenticationCode}),
        ShortField("length", None),
        ConditionalField(
            ByteEnumField("type", 1, {1: "LOID and password", 2: "NAK"}), lambda step: step.code in (1, 2)
        ),
        ConditionalField(StrFixedLenField("loid", b"", LOID_OCTETS), lambda step: step.has_account()),
        ConditionalField(HiddenFixedField("password", b"", PASSWORD_OCTETS), lambda step: step.has_account()),
        ConditionalField(ByteField("wanted_type", 1), lambda step: (step.code, step.type) == (2, 2)),
        ConditionalField(ByteField("failure", 1), lambda step: step.code == AuthenticationCode.FAILURE),
    ]

    def has_account(self) -> bool:
        """Tell whether this is the response with LOID and password."""
        return bool((self.code, self.type) == (2, 1))

    def post_build(self, octets: bytes, rest: bytes) -> bytes:
        """Return the step with the length that nobody gave: of all that follows it."""
        if self.length is None:
            octets = octets[:1] + (len(octets) - 3).to_bytes(2, "big") + octets[3:]
        return octets + rest

    def default_payload_class(self, _octets: bytes) -> type[Packet]:
        """Return the class of what nobody reads."""
        return HiddenRest


class Churning(Packet):
    """A step of a key change."""

    name = "Churning"
    fields_desc = [
        ByteEnumField("code", 0, {0: "new key request", 1: "new key"}),
        ByteField("key_index", 0),
        ConditionalField(HiddenFixedField("key", b"", KEY_OCTETS), lambda step: step.code & 3 == 1),
    ]

    def default_payload_class(self, _octets: bytes) -> type[Packet]:
        """Return the class of what nobody reads."""
        return HiddenRest


class Dba(Packet):
    """Reading or writing the thresholds of the REPORT's queue sets."""

    name = "DBA"
    fields_desc = [
        ByteEnumField("code", 0, {int(code): code.name for code in DbaCode}),
        ConditionalField(ByteField("accepted", 1), lambda dba: dba.code & 3 == DbaCode.SET_RESPONSE),
        ConditionalField(
            FieldLenField("number", None, fmt="B", count_of="queue_sets"),
            lambda dba: dba.code & 3 != DbaCode.GET_REQUEST,
        ),
        ConditionalField(
            PacketListField("queue_sets", [], QueueSet, count_from=lambda dba: dba.number),
            lambda dba: dba.code & 3 != DbaCode.GET_REQUEST,
        ),
    ]


class AlarmRequest(Part):
    """An alarm that is asked for."""

    name = "Alarm setting"
    fields_desc = [XShortField("object_type", 0), XIntField("object_instance", 0xFFFFFFFF), XShortField("alarm", 1)]


class AlarmStatus(AlarmRequest):
    """An alarm that is on or off."""

    fields_desc = [*AlarmRequest.fields_desc, IntField("enabled", 1)]


class AlarmThreshold(AlarmRequest):
    """The values that raise and clear an alarm."""

    fields_desc = [*AlarmRequest.fields_desc, IntField("set_at", 0), IntField("clear_at", 0)]


_SETTINGS: dict[int, type[Packet]] = {
    EventSubtype.STATUS_SET: AlarmStatus,
    EventSubtype.STATUS_RESPONSE: AlarmStatus,
    EventSubtype.THRESHOLD_SET: AlarmThreshold,
    EventSubtype.THRESHOLD_RESPONSE: AlarmThreshold,
}


def _next_setting(event: Any, found: list[Any], _last: Any, _octets: bytes) -> type[Packet] | None:
    return _SETTINGS.get(event.subtype, AlarmRequest) if len(found) < event.number else None


class Event(Packet):
    """Alarms switched on and off, their thresholds read and written."""

    name = "Event"
    fields_desc = [
        ByteEnumField("subtype", 1, {int(subtype): subtype.name for subtype in EventSubtype}),
        FieldLenField("number", None, fmt="H", count_of="settings"),
        PacketListField("settings", [], next_cls_cb=_next_setting),
    ]


bind_layers(Ctc, Request, opcode=CtcOpcode.GET_REQUEST)
for _opcode in (CtcOpcode.SET_RESPONSE, CtcOpcode.SET_REQUEST, CtcOpcode.GET_RESPONSE):
    bind_layers(Ctc, Values, opcode=_opcode)
bind_layers(Ctc, Authentication, opcode=CtcOpcode.AUTHENTICATION)
bind_layers(Ctc, Churning, opcode=CtcOpcode.CHURNING)
bind_layers(Ctc, Dba, opcode=CtcOpcode.DBA)
bind_layers(Ctc, Event, opcode=CtcOpcode.EVENT)
