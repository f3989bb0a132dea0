"""Frame by frame: preamble, registration and OAM against tshark, grants against tcpdump."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scapy.packet import Packet

from linetest.bench.pon_capture import CaptureForm, make_capture
from linetest.epon.capture import open_capture
from linetest.epon.frames import ABSENT, Block
from linetest.epon.layers import EponPreamble, Ethernet, EthernetFcs, VlanTag
from linetest.epon.layers_ctc import (
    Alarm,
    Authentication,
    Churning,
    Container,
    Ctc,
    Descriptor,
    Instance20,
    Offer,
    Request,
    Values,
)
from linetest.epon.layers_ctc import ExtendedDiscovery as DiscoveryTlv
from linetest.epon.layers_mpcp import Gate, Grant, MacControl, Register, RegisterAck, RegisterReq, Report
from linetest.epon.layers_oam import (
    Entity,
    ErroredFrame,
    ErroredFramePeriod,
    ErroredFrameSeconds,
    ErroredSymbolPeriod,
    EventNotification,
    Information,
    Oampdu,
    OrganizationSpecific,
    SlowProtocol,
    Tlv,
)
from linetest.epon.layers_part import QueueSet
from linetest.epon.oam import Information as InformationRead
from linetest.epon.oam import Oampdu as OampduRead
from linetest.epon.oam import read_oampdu
from tests.epon.faulty_pons import FAULTS

pytestmark = pytest.mark.peer

Rows = list[dict[str, list[str]]]
OLT = "00:25:9e:00:00:01"
GRANTS = [Grant(start=1_000, length=200), Grant(start=0xFFFFFFFF, length=65_535), Grant(start=0, length=0), Grant()]


def oam(body: Packet, code: int, flags: int = 0x50) -> Packet:
    ethernet = Ethernet(dst="01:80:c2:00:00:02", src=OLT, type=0x8809)
    return ethernet / SlowProtocol() / Oampdu(code=code, flags=flags) / body


def messages() -> Iterator[Packet]:
    """Yield one of each message, and each with something in it."""
    for count in range(5):
        yield Ethernet(src=OLT) / MacControl() / Gate(timestamp=count, force_report=count * 3, grants=GRANTS[:count])
    yield Ethernet(src=OLT) / MacControl() / Gate(discovery=1, grants=GRANTS[:1], sync_time=40)
    yield (
        Ethernet(src=OLT)
        / MacControl()
        / Gate(discovery=1, grants=GRANTS[:1], sync_time=41, discovery_information=0x33)
    )
    two_sets = [QueueSet(bitmap=3, queues=[4, 5]), QueueSet(bitmap=0x80, queues=[65_535])]
    yield Ethernet(src=OLT) / MacControl(opcode=3) / Report(timestamp=0xFFFFFFFF, queue_sets=two_sets)
    for flags in (1, 3):
        yield Ethernet(src=OLT) / MacControl(opcode=4) / RegisterReq(timestamp=9, flags=flags, pending=16)
    for flags in (1, 2, 3, 4):
        yield (
            Ethernet(src=OLT)
            / MacControl(opcode=5)
            / Register(timestamp=7, llid=2, flags=flags, sync_time=40, pending=3)
        )
    for flags in (0, 1):
        yield (
            Ethernet(src=OLT) / MacControl(opcode=6) / RegisterAck(timestamp=8, flags=flags, llid=0x7EFF, sync_time=40)
        )
    yield from oam_messages()
    yield Ethernet(src=OLT, type=0x8100) / VlanTag(vlan=100) / bytes(60)
    yield Ethernet(src=OLT, type=0x0800) / bytes(60)


def oam_messages() -> Iterator[Packet]:
    """Yield OAMPDUs of every code, CTC's with every extended opcode that is read."""
    local = Entity(type=1, revision=9, config=0x1D, state=1, largest_oampdu=1500, oui=0x00259E, vendor=0xCAFE)
    yield oam(Information(tlvs=[local]), 0, flags=0x08)
    yield oam(Information(tlvs=[local, Entity(type=2, oui=0x111111)]), 0, flags=0x50)
    yield oam(Information(tlvs=[local, DiscoveryTlv(offers=[Offer(), Offer(version=0x13)])]), 0)
    yield oam(Information(tlvs=[local, Tlv(value=b"\x00\x10\x00\x01")]), 0, flags=0x02)
    events = [
        ErroredSymbolPeriod(errors=1),
        ErroredFrame(window=2),
        ErroredFramePeriod(threshold=3),
        ErroredFrameSeconds(),
    ]
    yield oam(EventNotification(sequence=77, tlvs=[*events, Alarm(alarm=0x102)]), 1)
    for opcode, body in (
        (1, Request(variables=[Instance20(), Descriptor(leaf=0x11)])),
        (2, Values(variables=[Container(leaf=0x11, value=b"\1"), Container(leaf=0x31, value=bytes(128))])),
        (5, Authentication(code=2, loid=b"loid", password=b"secret")),
        (9, Churning(code=1, key_index=1, key=b"abc")),
    ):
        yield oam(OrganizationSpecific() / Ctc(opcode=opcode) / body, 0xFE)


def numbers(row: dict[str, list[str]], field: str) -> list[int]:
    return [int(value, 0) for value in row[field]]


def faults(row: dict[str, list[str]]) -> list[str]:
    """Return what tshark finds wrong, apart from CTC's bodies, which it does not know."""
    return row["_ws.malformed"] + row["epon.sld_bad.expert"] + row["epon.checksum_bad.expert"]


@pytest.mark.parametrize("idle", [b"", b"U", b"UU"], ids=["lead-6", "lead-7", "lead-8"])
@pytest.mark.parametrize("has_fcs", [True, False], ids=["fcs", "no-fcs"])
def test_tshark_takes_every_frame_built_here(
    idle: bytes, has_fcs: bool, pcap_file: Callable[..., Path], tshark: Callable[..., Rows]
) -> None:
    built = []
    for number, frame in enumerate(messages()):
        if has_fcs:
            frame = EthernetFcs(dst=frame.dst, src=frame.src, type=frame.type) / frame.payload
        built.append(bytes(EponPreamble(idle=idle, mode=number % 2, llid=number) / frame))
    path = pcap_file(built)
    rows = tshark(path, has_fcs=has_fcs)
    assert [faults(row) for row in rows] == [[] for _frame in built]
    assert {tuple(row["eth.fcs.status"]) for row in rows} == {("1",) if has_fcs else ()}
    for row, octets in zip(rows, built, strict=True):
        compare_with_tshark(row, EponPreamble(octets))


def compare_with_tshark(row: dict[str, list[str]], frame: Packet) -> None:
    assert numbers(row, "epon.llid") == [frame.llid]
    assert row["epon.checksum.status"] == ["1"]
    assert numbers(row, "epon.checksum") == [frame.crc8]
    if MacControl in frame:
        body = frame[MacControl].payload
        assert numbers(row, "macc.opcode") == [frame[MacControl].opcode]
        assert numbers(row, "macc.timestamp") == [body.timestamp]
        for kind, fields in {
            RegisterReq: {"macc.reg.flags": "flags", "macc.regreq.grants": "pending"},
            Register: {
                "macc.reg.flags": "flags",
                "macc.reg.assignedport": "llid",
                "macc.reg.synctime": "sync_time",
                "macc.reg.grants": "pending",
            },
            RegisterAck: {
                "macc.reg.flags": "flags",
                "macc.regack.assignedport": "llid",
                "macc.regack.synctime": "sync_time",
            },
        }.items():
            if isinstance(body, kind):
                assert {field: numbers(row, field) for field in fields} == {
                    field: [getattr(body, name)] for field, name in fields.items()
                }
    if Oampdu in frame:
        assert numbers(row, "oampdu.code") == [frame[Oampdu].code]
        assert numbers(row, "oampdu.flags") == [int(frame[Oampdu].flags)]
    if Information in frame:
        tlvs = frame[Information].tlvs
        entities = [tlv for tlv in tlvs if isinstance(tlv, Entity)]
        assert numbers(row, "oampdu.info.type") == [tlv.type for tlv in tlvs]
        assert numbers(row, "oampdu.info.oui")[: len(entities)] == [tlv.oui for tlv in entities]
        assert numbers(row, "oampdu.info.revision") == [tlv.revision for tlv in entities]
        assert numbers(row, "oampdu.info.state") == [tlv.state for tlv in entities]
        assert numbers(row, "oampdu.info.oamConfig") == [int(tlv.config) for tlv in entities]
        assert numbers(row, "oampdu.info.oampduConfig") == [tlv.largest_oampdu for tlv in entities]


def test_tcpdump_reads_the_same_grants(pcap_file: Callable[..., Path], tcpdump: Callable[..., list[str]]) -> None:
    built = [bytes(EponPreamble(llid=1) / frame) for frame in messages() if Gate in frame]
    printed = tcpdump(pcap_file(built))
    for octets, text in zip(built, printed, strict=True):
        gate = EponPreamble(octets)[Gate]
        assert grants_of(text) == [(grant.start, grant.length) for grant in gate.grants]
        if gate.discovery:
            assert f"Sync-Time {gate.sync_time} ticks" in text


def grants_of(text: str) -> list[tuple[int, int]]:
    found = re.findall(r"Grant #\d+, Start-Time (\d+) ticks, duration (\d+) ticks", text)
    return [(int(start), int(length)) for start, length in found]


FORMS = {
    "plain": CaptureForm(),
    "lead-6-no-fcs": CaptureForm(lead=6, fcs=False),
    "lead-8-pcapng": CaptureForm(lead=8, container="pcapng", big_endian=True),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_arrays_of_a_simulated_pon_agree_with_tshark(
    form: CaptureForm, tmp_path: Path, tshark: Callable[..., Rows]
) -> None:
    path = tmp_path / "pon"
    path.write_bytes(make_capture(onus=3, seconds=2.5, form=form).body)
    assert compared_with_tshark(path, tshark(path, has_fcs=form.fcs)) > 500


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_the_arrays_of_a_faulty_pon_agree_with_tshark(fault: str, tmp_path: Path, tshark: Callable[..., Rows]) -> None:
    path = tmp_path / "pon"
    path.write_bytes(make_capture(fault).body)
    assert compared_with_tshark(path, tshark(path)) > 500


def compared_with_tshark(path: Path, rows: Rows) -> int:
    """Compare every frame, and return how many there are."""
    at = 0
    for block in open_capture(path).blocks():
        for row, asked in enumerate(rows[at : at + block.frames.number.size]):
            compare_frame(block, row, asked)
        compare_mpcp(block, rows[at:])
        compare_oam(block, rows[at:])
        at += block.frames.number.size
    assert at == len(rows)
    return at


def expected(value: int) -> list[int]:
    return [] if value == ABSENT else [int(value)]


def compare_frame(block: Block, row: int, asked: dict[str, list[str]]) -> None:
    frames = block.frames
    assert numbers(asked, "frame.number") == [frames.number[row]]
    assert numbers(asked, "epon.llid") == expected(frames.llid[row])
    assert numbers(asked, "epon.checksum.status") == expected(frames.crc8_good[row])
    security = int(frames.security[row])
    assert numbers(asked, "epon.dpoe.sec") == ([] if security in (0x55, ABSENT) else [security])
    assert [int(mac.replace(":", ""), 16) for mac in asked["eth.src"][:1]] == expected(frames.source[row])
    assert [int(mac.replace(":", ""), 16) for mac in asked["eth.dst"][:1]] == expected(frames.destination[row])
    assert numbers(asked, "eth.fcs.status") == expected(frames.fcs_good[row])


def compare_mpcp(block: Block, rows: Rows) -> None:
    mpcp = block.mpcp
    for pdu, row in enumerate(mpcp.row.tolist()):
        asked, opcode = rows[row], int(mpcp.opcode[pdu])
        assert numbers(asked, "macc.opcode") == [opcode]
        assert numbers(asked, "macc.timestamp") == [mpcp.timestamp[pdu]]
        if opcode == 4:
            assert numbers(asked, "macc.regreq.grants") == [mpcp.pending[pdu]]
        if opcode == 5:
            assert numbers(asked, "macc.reg.assignedport") == [mpcp.llid[pdu]]
            assert numbers(asked, "macc.reg.grants") == [mpcp.pending[pdu]]
            assert numbers(asked, "macc.reg.synctime") == [mpcp.sync_time[pdu]]
        if opcode == 6:
            assert numbers(asked, "macc.regack.assignedport") == [mpcp.llid[pdu]]
            assert numbers(asked, "macc.regack.synctime") == [mpcp.sync_time[pdu]]
        if opcode >= 4:
            assert numbers(asked, "macc.reg.flags") == [mpcp.flags[pdu]]


def compare_oam(block: Block, rows: Rows) -> None:
    assert block.oam or block.frames.number.size < 100
    for one in block.oam:
        asked, found = rows[one.row], read_oampdu(one.body)
        assert isinstance(found, OampduRead)
        assert numbers(asked, "oampdu.code") == [found.code]
        assert numbers(asked, "oampdu.flags") == [int(found.flags)]
        if isinstance(found.content, InformationRead):
            entities = [entity for entity in (found.content.local, found.content.remote) if entity]
            ouis = [int(entity.oui.replace("-", ""), 16) for entity in entities]
            assert numbers(asked, "oampdu.info.oui")[: len(ouis)] == ouis
            assert [int(vendor, 16) for vendor in asked["oampdu.info.vendor"][: len(ouis)]] == [
                entity.vendor for entity in entities
            ]
            assert numbers(asked, "oampdu.info.oamConfig") == [int(entity.config) for entity in entities]
            assert numbers(asked, "oampdu.info.oampduConfig") == [entity.largest_oampdu for entity in entities]
            assert numbers(asked, "oampdu.info.revision") == [entity.revision for entity in entities]


def test_the_grants_of_a_simulated_pon_agree_with_tcpdump(tmp_path: Path, tcpdump: Callable[..., list[str]]) -> None:
    path = tmp_path / "pon.pcap"
    path.write_bytes(make_capture(onus=3, seconds=2.5, form=CaptureForm(fcs=False)).body)
    printed = tcpdump(path)
    gates = 0
    for block in open_capture(path).blocks():
        mpcp = block.mpcp
        for pdu in (mpcp.opcode == 2).nonzero()[0].tolist():
            text = printed[int(block.frames.number[mpcp.row[pdu]]) - 1]
            count = int(mpcp.grants[pdu])
            assert grants_of(text) == list(
                zip(mpcp.start[pdu, :count].tolist(), mpcp.grant_length[pdu, :count].tolist(), strict=True)
            )
            gates += 1
    assert gates > 100
