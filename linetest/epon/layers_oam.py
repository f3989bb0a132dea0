"""Scapy layers of OAMPDUs (IEEE 802.3 clause 57, fields as Wireshark's packet-oampdu.c reads them)."""

from typing import Any

from scapy.fields import (
    BitField,
    ByteEnumField,
    ByteField,
    FieldLenField,
    FlagsField,
    IntField,
    LongField,
    PacketListField,
    ShortField,
    StrLenField,
    X3BytesField,
    XByteField,
    XIntField,
)
from scapy.packet import Packet, bind_layers

from linetest.epon.ctc import CTC_OUI
from linetest.epon.layers_ctc import Alarm, Ctc, ExtendedDiscovery
from linetest.epon.layers_hidden import HiddenRest
from linetest.epon.layers_part import Part
from linetest.epon.oam import OAM_SUBTYPE, ORGANIZATION_SPECIFIC_TLV, LinkEventType, OamCode, OamConfig, OamFlag

_END = 0


class SlowProtocol(Packet):
    """The subtype of EtherType 8809; only OAM is looked into."""

    ETHERTYPE = 0x8809
    name = "Slow protocol"
    fields_desc = [ByteEnumField("subtype", OAM_SUBTYPE, {1: "LACP", 2: "marker", OAM_SUBTYPE: "OAM"})]


class Oampdu(Packet):
    """Flags and code of an OAMPDU."""

    name = "OAMPDU"
    fields_desc = [
        FlagsField(
            "flags", OamFlag.LOCAL_STABLE | OamFlag.REMOTE_STABLE, 16, [str(flag.name).lower() for flag in OamFlag]
        ),
        ByteEnumField("code", 0, {int(code): code.name for code in OamCode}),
    ]


class Tlv(Part):
    """A TLV of no other class; its length counts type and length."""

    name = "TLV"
    fields_desc = [
        XByteField("type", ORGANIZATION_SPECIFIC_TLV),
        FieldLenField("length", None, fmt="B", length_of="value", adjust=lambda _tlv, size: size + 2),
        StrLenField("value", b"", length_from=lambda tlv: max(tlv.length - 2, 0)),
    ]


class Entity(Part):
    """A Local (1) or Remote (2) Information TLV."""

    name = "Information TLV"
    fields_desc = [
        ByteEnumField("type", 1, {1: "local", 2: "remote"}),
        ByteField("length", 16),
        ByteField("version", 1),
        ShortField("revision", 0),
        XByteField("state", 0),
        FlagsField("config", OamConfig.ACTIVE, 8, [str(can.name).lower() for can in OamConfig]),
        BitField("reserved", 0, 5),
        BitField("largest_oampdu", 1518, 11),
        X3BytesField("oui", 0),
        XIntField("vendor", 0),
    ]


def _link_event(
    kind: LinkEventType, length: int, wide: type[Any], threshold: type[Any], total: type[Any]
) -> type[Packet]:
    """Return the class of a link event TLV: its fields differ in width only (57.5.3.1 to 57.5.3.4)."""
    fields = [
        ByteField("type", kind),
        ByteField("length", length),
        ShortField("timestamp", 0),
        wide("window", 0),
        threshold("threshold", 0),
        threshold("errors", 0),
        total("error_total", 0),
        IntField("event_total", 0),
    ]
    return type(kind.name.title().replace("_", ""), (Part,), {"name": kind.name, "fields_desc": fields})


ErroredSymbolPeriod = _link_event(LinkEventType.ERRORED_SYMBOL_PERIOD, 40, LongField, LongField, LongField)
ErroredFrame = _link_event(LinkEventType.ERRORED_FRAME, 26, ShortField, IntField, LongField)
ErroredFramePeriod = _link_event(LinkEventType.ERRORED_FRAME_PERIOD, 28, IntField, IntField, LongField)
ErroredFrameSeconds = _link_event(LinkEventType.ERRORED_FRAME_SECONDS, 18, ShortField, ShortField, IntField)

_ENTITIES: dict[int, type[Packet]] = {1: Entity, 2: Entity}
_EVENTS: dict[int, type[Packet]] = {
    LinkEventType.ERRORED_SYMBOL_PERIOD: ErroredSymbolPeriod,
    LinkEventType.ERRORED_FRAME: ErroredFrame,
    LinkEventType.ERRORED_FRAME_PERIOD: ErroredFramePeriod,
    LinkEventType.ERRORED_FRAME_SECONDS: ErroredFrameSeconds,
}


def _next(classes: dict[int, type[Packet]], of_ctc: type[Packet]) -> Any:
    def next_class(_packet: Any, _found: Any, _last: Any, octets: bytes) -> type[Packet] | None:
        if len(octets) < 2 or octets[0] == _END:
            return None
        if octets[0] == ORGANIZATION_SPECIFIC_TLV and octets[2:5] == CTC_OUI:
            return of_ctc
        return classes.get(octets[0], Tlv)

    return next_class


class Information(Packet):
    """An Information OAMPDU: TLVs, up to type 0 or the end."""

    name = "Information OAMPDU"
    fields_desc = [PacketListField("tlvs", [], next_cls_cb=_next(_ENTITIES, ExtendedDiscovery))]


class EventNotification(Packet):
    """An Event Notification OAMPDU: a number and TLVs, up to type 0 or the end."""

    name = "Event Notification OAMPDU"
    fields_desc = [ShortField("sequence", 0), PacketListField("tlvs", [], next_cls_cb=_next(_EVENTS, Alarm))]


class OrganizationSpecific(Packet):
    """The organization of an organization specific OAMPDU; other dialects than CTC's are not looked into."""

    name = "Organization specific OAMPDU"
    fields_desc = [X3BytesField("oui", int.from_bytes(CTC_OUI, "big"))]

    def default_payload_class(self, _octets: bytes) -> type[Packet]:
        """Return the class of what nobody reads."""
        return HiddenRest


bind_layers(SlowProtocol, Oampdu, subtype=OAM_SUBTYPE)
bind_layers(Oampdu, Information, code=OamCode.INFORMATION)
bind_layers(Oampdu, EventNotification, code=OamCode.EVENT_NOTIFICATION)
bind_layers(Oampdu, OrganizationSpecific, code=OamCode.ORGANIZATION_SPECIFIC)
bind_layers(OrganizationSpecific, Ctc, oui=int.from_bytes(CTC_OUI, "big"))
