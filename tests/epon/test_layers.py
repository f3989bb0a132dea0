"""The scapy layers: what is built is dissected again; leads, CRC-8, FCS; and they differ from the contributed ones."""

import importlib
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.config import conf
from scapy.packet import Packet, Raw

from linetest.epon.layers import LINKTYPE_EPON, EponPreamble, Ethernet, EthernetFcs, VlanTag
from linetest.epon.layers_mpcp import Gate, Grant, MacControl, Register, RegisterAck, RegisterReq, Report
from linetest.epon.layers_part import QueueSet

u8, u16, u32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
OLT = "00:25:9e:00:00:01"


def queue_set(bitmap: int, queues: list[int]) -> QueueSet:
    return QueueSet(bitmap=bitmap, queues=queues[: bitmap.bit_count()])


grants = st.lists(st.builds(Grant, start=u32, length=u16), max_size=4)
queue_sets = st.lists(st.builds(queue_set, u8, st.lists(u16, min_size=8, max_size=8)), max_size=2)
messages = st.one_of(
    st.builds(Gate, timestamp=u32, force_report=st.integers(0, 15), grants=grants),
    st.builds(Gate, timestamp=u32, discovery=st.just(1), grants=grants, sync_time=u16, discovery_information=u16),
    st.builds(Report, timestamp=u32, queue_sets=queue_sets),
    st.builds(RegisterReq, timestamp=u32, flags=u8, pending=u8, discovery_information=u16, laser_on=u8, laser_off=u8),
    st.builds(
        Register, timestamp=u32, llid=u16, flags=u8, sync_time=u16, pending=u8, target_laser_on=u8, target_laser_off=u8
    ),
    st.builds(RegisterAck, timestamp=u32, flags=u8, llid=u16, sync_time=u16),
)
OPCODES = {Gate: 2, Report: 3, RegisterReq: 4, Register: 5, RegisterAck: 6}


def mac_control(message: Packet) -> Packet:
    return MacControl(opcode=OPCODES[type(message)]) / message


def values(packet: Packet) -> dict[str, Any]:
    """Return a layer's fields as plain values, lists of parts too; counts that nobody gave are left out."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(one) for one in value]
        return values(value) if isinstance(value, Packet) else value

    return {field.name: plain(packet.getfieldval(field.name)) for field in packet.fields_desc if field.name != "number"}


@given(messages, st.sampled_from([b"", b"U", b"UU"]), st.integers(0, 1), st.integers(0, 0x7FFF), st.booleans())
def test_mpcpdus_come_back(message: Packet, idle: bytes, mode: int, llid: int, has_fcs: bool) -> None:
    ethernet = EthernetFcs if has_fcs else Ethernet
    built = bytes(EponPreamble(idle=idle, mode=mode, llid=llid) / ethernet(src=OLT) / mac_control(message))
    assert len(built) == 6 + len(idle) + 60 + 4 * has_fcs
    found = EponPreamble(built)
    assert (found.idle, found.mode, found.llid, found.has_good_crc8()) == (idle, mode, llid, True)
    assert type(found.payload) is ethernet
    assert values(found[type(message)]) == values(message)
    assert not any(bytes(found[type(message)].payload))
    found.clear_cache()
    assert bytes(found) == built


@pytest.mark.parametrize(
    ("octets", "mode", "llid"),
    [
        ("55d55555ffff23", 1, 0x7FFF),
        ("55d555557fff8b", 0, 0x7FFF),
        ("55d55555000196", 0, 1),
        ("55d555550002e4", 0, 2),
        ("55d55555fffeb2", 1, 0x7FFE),
    ],
)
def test_golden_preambles(octets: str, mode: int, llid: int) -> None:
    assert bytes(EponPreamble(mode=mode, llid=llid)).hex() == octets
    found = EponPreamble(bytes.fromhex(octets))
    assert (found.mode, found.llid, found.has_good_crc8()) == (mode, llid, True)


@pytest.mark.parametrize(
    "octets", ["", "55", "555555d55555000196", "55555555555555d5", "d55555ffff", "0055d55555000196"]
)
def test_without_an_sld_it_is_raw(octets: str) -> None:
    found: Packet = EponPreamble(bytes.fromhex(octets))
    assert type(found) is Raw


def test_a_crc8_that_is_given_stays() -> None:
    found = EponPreamble(bytes(EponPreamble(llid=1, crc8=0x97) / Ethernet(src=OLT) / mac_control(Gate())))
    assert (found.crc8, found.has_good_crc8()) == (0x97, False)


def test_fcs_is_known_by_its_value() -> None:
    frame = Ethernet(src=OLT) / mac_control(Gate(timestamp=7))
    with_fcs = EponPreamble(llid=1) / EthernetFcs(src=OLT) / mac_control(Gate(timestamp=7))
    assert bytes(with_fcs)[7:] == bytes(frame) + zlib.crc32(bytes(frame)).to_bytes(4, "little")
    bad = bytes(EponPreamble(llid=1) / EthernetFcs(src=OLT, fcs=1) / mac_control(Gate(timestamp=7)))
    assert bad[-4:] == b"\x01\0\0\0"
    assert type(EponPreamble(bad).payload) is Ethernet


def test_users_frames_keep_their_octets() -> None:
    body = bytes(range(50))
    built = bytes(
        EponPreamble(llid=1) / EthernetFcs(type=0x88A8) / VlanTag(vlan=100, type=0x8100) / VlanTag(prio=5) / body
    )
    found = EponPreamble(built)
    assert [tag.vlan for tag in (found[VlanTag], found[VlanTag].payload)] == [100, 1]
    assert found[Raw].load == body


def test_what_is_encrypted_is_not_looked_into() -> None:
    for security in (0x56, 0x57):
        found = EponPreamble(bytes(EponPreamble(security=security) / Ethernet() / mac_control(Gate())))
        assert type(found.payload) is Raw


def test_pause_is_not_mpcp() -> None:
    pause = bytes.fromhex("0180c2000001 00259e000001 8808 0001 00ff").ljust(60, b"\0")
    found = Ethernet(pause)
    assert (found[MacControl].opcode, type(found[MacControl].payload)) == (1, Raw)


def test_scapy_reads_link_type_259_with_these_layers() -> None:
    assert conf.l2types[LINKTYPE_EPON] is EponPreamble


def test_gate_claims_more_grants_than_there_is_room() -> None:
    body = bytes.fromhex("00000001 07") + b"".join(bytes([0, 0, 0, grant, 0, 9]) for grant in range(4))
    found = Gate(body.ljust(44, b"\xaa"))
    assert (found.number, [grant.start for grant in found.grants]) == (7, [0, 1, 2, 3])


def test_register_is_not_what_the_contributed_layers_read() -> None:
    contributed = importlib.import_module("scapy.contrib.mac_control")
    frame = bytes(Ethernet(src=OLT) / mac_control(Register(timestamp=1, llid=2, flags=3, sync_time=40)))
    theirs = contributed.MACControlRegister(frame[14:])
    assert (theirs.flags, theirs.echoed_assigned_port) == (0, 515)
    ours = Ethernet(frame)[Register]
    assert (ours.llid, ours.flags, ours.sync_time, ours.pending) == (2, 3, 40, 0)


def test_the_contributed_layers_shift_every_other_message_too() -> None:
    contributed = importlib.import_module("scapy.contrib.mac_control")
    request = bytes(MacControl(opcode=4) / RegisterReq(timestamp=1, flags=3, pending=5))
    theirs = contributed.MACControlRegisterReq(request)
    assert (theirs.assigned_port, theirs.flags) == (0x0305, 0)
    report = bytes(MacControl(opcode=3) / Report(queue_sets=[QueueSet(bitmap=1, queues=[100])]))
    assert {field.name for field in contributed.MACControlReport(report).fields_desc} == {
        "_op_code", "timestamp", "flags", "pending_grants",
    }  # fmt: skip
    gate = contributed.MACControlGate(bytes(MacControl() / Gate(grants=[Grant(start=1, length=2)])))
    assert not hasattr(gate, "grants")


@given(st.binary(max_size=90))
def test_hostile_octets(octets: bytes) -> None:
    for start in (b"", b"\x55\xd5\x55\x55\x00\x01\x96", b"\x55\xd5\x55\x55\x00\x01\x96" + bytes(12) + b"\x88\x08"):
        found = EponPreamble(start + octets)
        assert bytes(found) == start + octets
