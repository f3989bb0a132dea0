"""The reader's fields against golden vectors and against bodies worked out by hand."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from linetest.epon.capture import open_capture_bytes
from linetest.epon.frames import Block
from linetest.epon.preamble import crc8
from tests.epon.capture_files import MPCP_DA, OLT, ONU, Record, mpcpdu, pcap, preamble, with_fcs

USER = ONU + OLT + b"\x08\x00" + bytes(range(1, 47))


def read(*frames: bytes, network: int = 259) -> Block:
    capture = open_capture_bytes("test.pcap", pcap([Record(frame) for frame in frames], network=network))
    (block,) = capture.blocks()
    assert capture.cut_at is None
    return block


def first(array: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> int:
    return int(array[0])


def test_crc8_check_value() -> None:
    assert crc8(b"123456789") == 0x20


@pytest.mark.parametrize(
    ("octets", "mode", "llid"),
    [
        ("55 D5 55 55 FF FF 23", 1, 0x7FFF),
        ("55 D5 55 55 7F FF 8B", 0, 0x7FFF),
        ("55 D5 55 55 00 01 96", 0, 1),
        ("55 D5 55 55 00 02 E4", 0, 2),
        ("55 D5 55 55 FF FE B2", 1, 0x7FFE),
    ],
)
def test_the_golden_preambles(octets: str, mode: int, llid: int) -> None:
    good = bytes.fromhex(octets)
    frames = read(good + with_fcs(USER), good[1:] + with_fcs(USER), b"\x55" + good + with_fcs(USER)).frames
    assert frames.lead.tolist() == [7, 6, 8]
    assert frames.mode.tolist() == [mode] * 3
    assert frames.llid.tolist() == [llid] * 3
    assert frames.security.tolist() == [0x55] * 3
    assert frames.crc8_good.tolist() == [1] * 3
    assert frames.fcs_good.tolist() == [1] * 3
    assert frames.destination.tolist() == [0x0200000000A1] * 3
    assert frames.source.tolist() == [0x020000000001] * 3
    assert frames.ethertype.tolist() == [0x800] * 3
    assert frames.vid.tolist() == [-1] * 3


def test_each_flipped_bit_of_the_preamble_breaks_the_crc8() -> None:
    good = preamble(0x1234)
    flipped = [
        bytes(octet ^ (1 << bit if at == place else 0) for at, octet in enumerate(good))
        for place in range(2, 7)
        for bit in range(8)
    ]
    frames = read(*(octets + with_fcs(USER) for octets in flipped)).frames
    assert set(frames.lead.tolist()) == {7}
    assert set(frames.crc8_good.tolist()) == {0}


def test_no_sld_means_no_field() -> None:
    whole = preamble(1) + with_fcs(USER)
    frames = read(
        whole,
        b"\x55" * 3 + preamble(1, lead=6) + with_fcs(USER),
        b"\x55" * 7 + b"\xd5" + with_fcs(USER),
        preamble(1)[:6],
        b"",
    ).frames
    assert frames.lead.tolist() == [7, -1, -1, -1, -1]
    for field in (frames.mode, frames.llid, frames.security, frames.crc8_good, frames.fcs_good, frames.ethertype):
        assert set(field[1:].tolist()) == {-1}


def test_plain_ethernet_has_no_preamble() -> None:
    frames = read(with_fcs(USER), network=1).frames
    assert (first(frames.lead), first(frames.llid), first(frames.mode), first(frames.crc8_good)) == (0, -1, -1, -1)
    assert (first(frames.destination), first(frames.fcs_good)) == (0x0200000000A1, 1)


def test_an_encrypted_frame_shows_its_preamble_only() -> None:
    gate = with_fcs(mpcpdu(2, b"\0"))
    block = read(
        preamble(5, security=0x57) + gate, preamble(5, security=0x55) + gate, preamble(5, security=0x03) + gate
    )
    assert block.frames.security.tolist() == [0x57, 0x55, 0x03]
    assert block.frames.llid.tolist() == [5, 5, 5]
    assert block.frames.destination[0] == -1
    assert block.frames.ethertype.tolist() == [-1, 0x8808, 0x8808]
    assert block.frames.fcs_good.tolist() == [-1, 1, 1]
    assert block.mpcp.row.tolist() == [1, 2]


def test_tags() -> None:
    def tagged(kind: int) -> bytes:
        return with_fcs(ONU + OLT + struct.pack(">HHH", kind, 0xB064, 0x0800) + bytes(range(46)))

    frames = read(*(preamble(1) + tagged(kind) for kind in (0x8100, 0x88A8, 0x9100))).frames
    assert frames.ethertype.tolist() == [0x8100, 0x88A8, 0x9100]
    assert frames.vid.tolist() == [0x064, 0x064, -1]


def test_gate() -> None:
    grants = struct.pack(">IHIH", 0xFFFFFF00, 0x1234, 1000, 0)
    block = read(
        preamble(1) + with_fcs(mpcpdu(2, b"\x32" + grants, timestamp=0xFEDCBA98)),
        preamble(0x7FFF, mode=1) + with_fcs(mpcpdu(2, b"\x09" + struct.pack(">IHHH", 7, 8, 40, 0x22))),
        preamble(1) + with_fcs(mpcpdu(2, b"\x00")),
        preamble(1) + with_fcs(mpcpdu(2, b"\xf7" + struct.pack(">IH", 3, 4) * 4)),
    )
    mpcp = block.mpcp
    assert mpcp.opcode.tolist() == [2, 2, 2, 2]
    assert mpcp.timestamp.tolist() == [0xFEDCBA98, 0, 0, 0]
    assert mpcp.grants.tolist() == [2, 1, 0, 7]
    assert mpcp.discovery.tolist() == [0, 1, 0, 0]
    assert mpcp.force_report.tolist() == [3, 0, 0, 15]
    assert mpcp.start.tolist() == [[0xFFFFFF00, 1000, -1, -1], [7, -1, -1, -1], [-1] * 4, [3] * 4]
    assert mpcp.grant_length.tolist() == [[0x1234, 0, -1, -1], [8, -1, -1, -1], [-1] * 4, [4] * 4]
    assert mpcp.sync_time.tolist() == [-1, 40, -1, -1]
    assert mpcp.discovery_information.tolist() == [-1, 0x22, -1, -1]
    assert mpcp.report_good.tolist() == [-1] * 4


@pytest.mark.parametrize(
    ("body", "good", "queued"),
    [
        ("00", 1, -1),  # a keep-alive without a set
        ("01 00", 1, 0),
        ("01 01 0010", 1, 16),
        ("02 81 0001 0002 03 0005 0100", 1, 261),
        ("02 ff" + " 0001" * 8 + " ff" + " ffff" * 8, 1, 8 * 0xFFFF),
        ("01 01 0010 0001", 0, 16),  # a bit of the bitmap is missing: something is behind the last queue
        ("03 ff" + " 0001" * 8 + " ff" + " 0001" * 8 + " ff", 0, -1),  # the third set does not fit in
        ("28" + "00" * 39, 0, -1),  # nor do forty
        ("27" + "00" * 39, 1, 0),  # but thirty-nine empty ones
        ("ff", 0, -1),
    ],
)
def test_report(body: str, good: int, queued: int) -> None:
    octets = bytes.fromhex(body)
    mpcp = read(preamble(1) + with_fcs(mpcpdu(3, octets))).mpcp
    assert first(mpcp.queue_sets) == octets[0]
    assert first(mpcp.report_good) == good
    assert first(mpcp.queued) == queued


def test_registration_and_its_10g_fields() -> None:
    block = read(
        preamble(0x7FFF) + with_fcs(mpcpdu(4, bytes.fromhex("01 10 0022 20 20"))),
        preamble(0x7FFF) + with_fcs(mpcpdu(4, bytes.fromhex("03 08"))),
        preamble(0x7FFF, mode=1)
        + with_fcs(mpcpdu(5, bytes.fromhex("0002 03 0028 10 20 20"), destination=ONU, source=OLT)),
        preamble(2) + with_fcs(mpcpdu(6, bytes.fromhex("01 0002 0028"))),
    )
    mpcp = block.mpcp
    assert mpcp.opcode.tolist() == [4, 4, 5, 6]
    assert mpcp.flags.tolist() == [1, 3, 3, 1]
    assert mpcp.pending.tolist() == [16, 8, 16, -1]
    assert mpcp.llid.tolist() == [-1, -1, 2, 2]
    assert mpcp.sync_time.tolist() == [-1, -1, 40, 40]
    assert mpcp.discovery_information.tolist() == [0x22, -1, -1, -1]
    assert mpcp.grants.tolist() == [-1] * 4


def test_what_is_no_mpcpdu() -> None:
    others = [mpcpdu(opcode, b"\xff" * 8) for opcode in (0, 1, 7, 0x102)]
    assert not read(*(preamble(1) + with_fcs(other) for other in others)).mpcp.row.size


@pytest.mark.parametrize("opcode", [2, 3, 4, 5, 6])
def test_frames_shorter_than_their_fields(opcode: int) -> None:
    """Every field that is wholly there has its value, every other is absent; whether runt or cut by the snap length."""
    pdu = mpcpdu(opcode, b"\x0f" + b"\x01" * 39, timestamp=0x01020304)
    whole = read(preamble(1) + pdu).mpcp
    for size in range(60):
        runt, cut = (
            open_capture_bytes("test", pcap([Record(preamble(1) + pdu[:size], length=length)])) for length in (None, 67)
        )
        for capture in (runt, cut):
            (block,) = capture.blocks()
            mpcp = block.mpcp
            assert mpcp.row.size == (size >= 16)
            assert set(mpcp.timestamp.tolist()) <= {0x01020304 if size >= 20 else -1}
            for name in ("flags", "llid", "pending", "sync_time", "queue_sets", "grants", "start"):
                now, then = getattr(mpcp, name), getattr(whole, name)
                assert ((now == then) | (now == -1)).all(), (name, size)
            assert set(mpcp.report_good.tolist()) <= ({0, -1} if opcode == 3 else {-1})


def test_oam_bodies_end_before_the_fcs() -> None:
    information = bytes.fromhex("0180c2000002") + ONU + bytes.fromhex("8809 03 0050 00 01 10 01") + bytes(range(38))
    lacp = bytes.fromhex("0180c2000002") + ONU + bytes.fromhex("8809 01") + bytes(45)
    body = information[14:]
    with_it = read(preamble(1) + with_fcs(information), preamble(1) + with_fcs(lacp), preamble(1) + with_fcs(USER))
    assert [(frame.row, frame.body) for frame in with_it.oam] == [(0, body)]
    without = read(preamble(1) + information[:58], preamble(1) + lacp)
    assert [(frame.row, frame.body) for frame in without.oam] == [(0, body[:44])]
    records = [Record(preamble(1) + with_fcs(USER))]
    records += [
        Record((preamble(1) + with_fcs(information))[:kept], length=len(information) + 11) for kept in (68, 64, 60, 30)
    ]
    (block,) = open_capture_bytes("cut", pcap(records)).blocks()
    assert [frame.body for frame in block.oam] == [body, body[:43], body[:39], body[:9]]


def test_pause_is_no_mpcpdu(shared_data: Callable[[str], Path]) -> None:
    """The shared recording is a Sniffer file, of which only the two frames are taken."""
    body = (shared_data("epon") / "Ethernet_Pause_Frame.cap").read_bytes()
    begins = [at for at in range(len(body)) if body.startswith(MPCP_DA, at)]
    assert len(begins) == 2
    pauses = [body[at : at + 60] for at in begins]
    for network, before in ((1, b""), (259, preamble(1))):
        block = read(*(before + pause for pause in pauses), network=network)
        assert block.frames.ethertype.tolist() == [0x8808, 0x8808]
        assert not block.mpcp.row.size
