"""Scapy layers of MAC Control frames: the five MPCPDUs of 1G and 10G EPON.

Sources: IEEE 802.3 clause 64.3.6 as tcpdump's print-mpcp.c and Wireshark's packet-maccontrol.c read it, which agree;
the 10G fields of clause 77.3.6 from memory. In a 1G frame they are padding, so they are zero.
"""

from typing import Any

from scapy.fields import (
    BitEnumField,
    BitField,
    BitFieldLenField,
    ByteEnumField,
    ByteField,
    ConditionalField,
    FieldLenField,
    IntField,
    PacketListField,
    ShortEnumField,
    ShortField,
    XShortField,
)
from scapy.packet import Packet, bind_layers

from linetest.epon.layers_part import Part, QueueSet

MOST_GRANTS = 4


class MacControl(Packet):
    """The opcode of EtherType 8808. What is not MPCP, such as PAUSE, stays `Raw`."""

    ETHERTYPE = 0x8808
    name = "MAC Control"
    fields_desc = [
        ShortEnumField(
            "opcode", 2, {1: "PAUSE", 2: "GATE", 3: "REPORT", 4: "REGISTER_REQ", 5: "REGISTER", 6: "REGISTER_ACK"}
        )
    ]


class Grant(Part):
    """One grant of a GATE."""

    name = "Grant"
    fields_desc = [IntField("start", 0), ShortField("length", 0)]


class Gate(Packet):
    """GATE. `force_report` has bit i for grant i; a discovery GATE has `sync_time`, of 10G `discovery_information`."""

    name = "GATE"
    fields_desc = [
        IntField("timestamp", 0),
        BitField("force_report", 0, 4),
        BitEnumField("discovery", 0, 1, {0: "no", 1: "yes"}),
        BitFieldLenField("number", None, 3, count_of="grants"),
        PacketListField("grants", [], Grant, count_from=lambda gate: min(gate.number, MOST_GRANTS)),
        ConditionalField(ShortField("sync_time", 0), lambda gate: gate.discovery == 1),
        ConditionalField(XShortField("discovery_information", 0), lambda gate: gate.discovery == 1),
    ]


class Report(Packet):
    """REPORT."""

    name = "REPORT"
    fields_desc = [
        IntField("timestamp", 0),
        FieldLenField("number", None, fmt="B", count_of="queue_sets"),
        PacketListField("queue_sets", [], QueueSet, count_from=lambda report: report.number),
    ]


class RegisterReq(Packet):
    """REGISTER_REQ; the last three fields are of 10G."""

    name = "REGISTER_REQ"
    fields_desc = [
        IntField("timestamp", 0),
        ByteEnumField("flags", 1, {1: "register", 3: "deregister"}),
        ByteField("pending", 0),
        XShortField("discovery_information", 0),
        ByteField("laser_on", 0),
        ByteField("laser_off", 0),
    ]


class Register(Packet):
    """REGISTER: `llid` is the assigned port, `pending` echoes the request; the last two fields are of 10G."""

    name = "REGISTER"
    fields_desc = [
        IntField("timestamp", 0),
        ShortField("llid", 0),
        ByteEnumField("flags", 3, {1: "reregister", 2: "deregister", 3: "ack", 4: "nack"}),
        ShortField("sync_time", 0),
        ByteField("pending", 0),
        ByteField("target_laser_on", 0),
        ByteField("target_laser_off", 0),
    ]


class RegisterAck(Packet):
    """REGISTER_ACK: `llid` and `sync_time` echo the REGISTER."""

    name = "REGISTER_ACK"
    fields_desc = [
        IntField("timestamp", 0),
        ByteEnumField("flags", 1, {0: "nack", 1: "ack"}),
        ShortField("llid", 0),
        ShortField("sync_time", 0),
    ]


_CLASSES: dict[int, Any] = {2: Gate, 3: Report, 4: RegisterReq, 5: Register, 6: RegisterAck}
for _opcode, _class in _CLASSES.items():
    bind_layers(MacControl, _class, opcode=_opcode)
