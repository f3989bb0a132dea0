"""Scapy layers of an EPON frame: the preamble with its LLID, and Ethernet, with or without its FCS.

They build and dissect. Scapy's contributed layers are not used: they know no EPON preamble, and
`scapy.contrib.mac_control` gives REPORT the fields of REGISTER_REQ, that one those of REGISTER, and so on. A frame of
link type 259 is an `EponPreamble` as soon as this module is imported, for scapy's own readers, too.

Sources: IEEE 802.3 clauses 65.1.3.2 and 76.2.6 as Wireshark's packet-epon.c reads them; the text was not read.
"""

import zlib
from typing import Any

from scapy.config import conf
from scapy.fields import BitField, FCSField, MACField, StrField, XByteField, XShortField
from scapy.packet import Packet, Raw

from linetest.epon.layers_mpcp import MacControl
from linetest.epon.layers_oam import SlowProtocol
from linetest.epon.preamble import crc8

LINKTYPE_EPON = 259
TAGS = (0x8100, 0x88A8)
"""EtherTypes of a VLAN tag."""
_SLD = 0xD5
_IDLE = 0x55
_MOST_IDLES = 2
_CRC8_OVER = 5  # octets before the CRC-8
ENCRYPTED = (0x56, 0x57)  # security octet of DPoE: what follows cannot be read
FCS_SIZE = 4
_LEAST_FRAME = 60  # octets from DA on, without FCS
GOOD_FCS = 0x2144DF1C  # CRC-32 over a frame with its FCS


def lead_of(octets: bytes) -> int | None:
    """Return how many octets stand before DA, 6 to 8; None where no SLD is found as 65.1.3.3.1 looks for it."""
    sld = octets[: _MOST_IDLES + 1].find(_SLD)
    if sld < 0 or octets[:sld] != bytes([_IDLE]) * sld or len(octets) < sld + _CRC8_OVER + 1:
        return None
    return sld + _CRC8_OVER + 1


class _IdleField(StrField):
    """The octets of 55 before the SLD: none, one or two."""

    def getfield(self, _packet: Any, octets: bytes) -> tuple[bytes, bytes]:
        idles = max(octets[: _MOST_IDLES + 1].find(_SLD), 0)
        return octets[idles:], octets[:idles]


class EponPreamble(Packet):
    """Preamble of link type 259. `idle` is ``b""``, ``b"U"`` or ``b"UU"`` for a lead of 6, 7 or 8 octets.

    A record without an SLD where 65.1.3.3.1 looks for it is `Raw`. A `crc8` of None is computed.
    """

    name = "EPON preamble"
    fields_desc = [
        _IdleField("idle", b"\x55"),
        XByteField("sld", _SLD),
        XByteField("reserved", 0x55),
        XByteField("security", 0x55),
        BitField("mode", 0, 1),
        BitField("llid", 0x7FFF, 15),
        XByteField("crc8", None),
    ]

    @classmethod
    def dispatch_hook(cls, octets: bytes | None = None, *_rest: Any, **_more: Any) -> type[Packet]:
        """Return the class to dissect `octets` with."""
        return cls if octets is None or lead_of(octets) is not None else Raw

    def post_build(self, preamble: bytes, frame: bytes) -> bytes:
        """Return the frame with the CRC-8 that nobody gave."""
        if self.crc8 is None:
            preamble = preamble[:-1] + bytes([crc8(preamble[-_CRC8_OVER - 1 : -1])])
        return preamble + frame

    def has_good_crc8(self) -> bool:
        """Tell whether a dissected preamble's CRC-8 is right; it covers SLD to LLID (65.1.3.2.3)."""
        whole = bytes(self)[: len(self.idle) + _CRC8_OVER + 1]
        return crc8(whole[-_CRC8_OVER - 1 :][:_CRC8_OVER]) == whole[-1]

    def guess_payload_class(self, frame: bytes) -> type[Packet]:
        """Return the Ethernet layer that fits: link type 259 does not tell whether there is an FCS."""
        if self.security in ENCRYPTED:
            return Raw
        return EthernetFcs if zlib.crc32(frame) == GOOD_FCS and len(frame) > FCS_SIZE else Ethernet


class VlanTag(Packet):
    """What follows one of `TAGS`; behind the last tag everything is `Raw`, what a user sent."""

    name = "VLAN tag"
    fields_desc = [BitField("prio", 0, 3), BitField("dei", 0, 1), BitField("vlan", 1, 12), XShortField("type", 0x0800)]

    def guess_payload_class(self, _body: bytes) -> type[Packet]:
        """Return the layer of the EtherType."""
        return VlanTag if self.type in TAGS else Raw


class Ethernet(Packet):
    """An Ethernet frame without FCS; padded to 60 octets when it is built.

    Its own class, as modules of scapy bind to `Ether` what differs from the standard, and take padding out of frames.
    """

    name = "Ethernet"
    fields_desc = [
        MACField("dst", "01:80:c2:00:00:01"),
        MACField("src", "00:00:00:00:00:00"),
        XShortField("type", 0x8808),
    ]

    def post_build(self, head: bytes, body: bytes) -> bytes:
        """Return the frame, padded."""
        return (head + body).ljust(_LEAST_FRAME, b"\0")

    def guess_payload_class(self, _body: bytes) -> type[Packet]:
        """Return the layer of the EtherType; a user's frame is not looked into behind its VLAN tags."""
        classes: dict[int, type[Packet]] = {
            **dict.fromkeys(TAGS, VlanTag),
            MacControl.ETHERTYPE: MacControl,
            SlowProtocol.ETHERTYPE: SlowProtocol,
        }
        return classes.get(self.type, Raw)


class EthernetFcs(Ethernet):
    """An Ethernet frame with its FCS at the end; an `fcs` of None is computed."""

    name = "Ethernet with FCS"
    match_subclass = True
    fields_desc = [*Ethernet.fields_desc, FCSField("fcs", None, fmt="<I")]

    def post_build(self, head: bytes, body: bytes) -> bytes:
        """Return the frame, padded, with its FCS."""
        frame = super().post_build(head, body[:-FCS_SIZE])
        return frame + (zlib.crc32(frame).to_bytes(FCS_SIZE, "little") if self.fcs is None else body[-FCS_SIZE:])


conf.l2types.register(LINKTYPE_EPON, EponPreamble)
