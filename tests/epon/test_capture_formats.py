"""Every kind of file that holds the same frames gives the same blocks; times are those of each interface's clock."""

import gzip
import re
import struct
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linetest.epon.capture import Capture, open_capture, open_capture_bytes
from linetest.epon.frames import Block, Frames, Mpcp, OamFrame
from linetest.errors import BadFile, FileError
from tests.epon.capture_files import (
    CLOCK_NS,
    NANOSECONDS,
    OLT,
    ONU,
    Record,
    block,
    enhanced,
    interface,
    mpcpdu,
    obsolete,
    pcap,
    pcapng,
    preamble,
    section,
    simple,
    with_fcs,
)

OAM = bytes.fromhex("0180c2000002") + ONU + bytes.fromhex("8809 03 0050 00") + bytes(42)
RECORDS = [
    Record(preamble(0x7FFF, mode=1) + with_fcs(mpcpdu(2, b"\x01" + bytes(6), source=OLT)), CLOCK_NS),
    Record(preamble(3) + with_fcs(mpcpdu(3, b"\x01\x01\x00\x10")), CLOCK_NS + 1_000_000_000),
    Record(preamble(3, lead=6) + with_fcs(OAM), CLOCK_NS + 1_000_017_000),
    Record(
        (preamble(4, lead=8) + with_fcs(ONU + OLT + b"\x81\x00\x00\x64" + bytes(47)))[:40], CLOCK_NS + 2_000_000_000, 76
    ),
    Record(b"", CLOCK_NS + 3_000_000_000),
    Record(preamble(4) + with_fcs(ONU + OLT + b"\x08\x00" + bytes(51)) + b"!", CLOCK_NS + 4_000_000_000),
]
NG_LE, NG_BE = pcapng(RECORDS), pcapng(RECORDS, ">")
HEAD = section() + interface(options=NANOSECONDS)
UNKNOWN = block("<", 0xBAD, b"secret") + block("<", 5, bytes(12)) + block("<", 4, bytes(70_000))

SAME = {
    "pcap-be": pcap(RECORDS, order=">"),
    "pcap-us": pcap(RECORDS, tick_ns=1000),
    "pcap-us-be": pcap(RECORDS, tick_ns=1000, order=">"),
    "pcap-fcs-said": pcap(RECORDS, network=259 | 0x0400_0000 | 2 << 28),
    "pcap-gz": gzip.compress(pcap(RECORDS)),
    "pcap-gz-in-two-members": gzip.compress(pcap(RECORDS)[:100]) + gzip.compress(pcap(RECORDS)[100:]),
    "pcapng": NG_LE,
    "pcapng-be": NG_BE,
    "pcapng-gz": gzip.compress(NG_BE),
    "unknown-blocks": HEAD + UNKNOWN + b"".join(enhanced("<", record) + UNKNOWN for record in RECORDS),
    "obsolete": HEAD + b"".join(obsolete("<", record) for record in RECORDS),
    "obsolete-be": section(">")
    + interface(">", options=NANOSECONDS)
    + b"".join(obsolete(">", record) for record in RECORDS),
    "sections": pcapng(RECORDS[:2]) + pcapng(RECORDS[2:4], ">") + section("<") + pcapng(RECORDS[4:]),
    "interfaces": HEAD
    + interface(link=147)
    + interface(options=((2, b"eth0"), (9, b"\x09"), (13, b"\x04")))
    + b"".join(enhanced("<", record, number=at % 2 * 2) for at, record in enumerate(RECORDS)),
}


def all_blocks(capture: Capture) -> list[Block]:
    blocks = list(capture.blocks())
    assert capture.cut_at is None
    return blocks


def assert_same(got: Block, wanted: Block, *, but: tuple[str, ...] = ()) -> None:
    assert got.oam == wanted.oam
    for part in ("frames", "mpcp"):
        for field in fields(getattr(wanted, part)):
            if field.name not in but:
                now, then = getattr(getattr(got, part), field.name), getattr(getattr(wanted, part), field.name)
                assert now.dtype == then.dtype, field.name
                assert np.array_equal(now, then), field.name


@pytest.fixture(scope="module")
def wanted() -> Block:
    capture = open_capture_bytes("wanted", pcap(RECORDS))
    assert capture.source.has_fcs
    assert capture.source.has_preamble
    assert capture.source.is_nanosecond
    assert capture.source.snap_length == 65535
    (block,) = all_blocks(capture)
    assert block.frames.number.tolist() == [1, 2, 3, 4, 5, 6]
    assert block.frames.time_ns.tolist() == [record.time_ns for record in RECORDS]
    assert block.frames.captured.tolist() == [len(record.octets) for record in RECORDS]
    assert block.frames.length.tolist() == [record.claimed for record in RECORDS]
    assert block.frames.lead.tolist() == [7, 7, 6, 8, -1, 7]
    assert block.frames.fcs_good.tolist() == [1, 1, 1, -1, -1, 0]
    assert block.frames.vid.tolist() == [-1, -1, -1, 100, -1, -1]
    assert [frame.row for frame in block.oam] == [2]
    return block


@pytest.mark.parametrize("name", SAME)
def test_the_same_frames(name: str, wanted: Block, tmp_path: Path) -> None:
    path = tmp_path / "capture.bin"  # the content says what it is
    path.write_bytes(SAME[name])
    capture = open_capture(path)
    assert capture.source.has_fcs
    assert capture.source.has_preamble
    assert capture.source.is_nanosecond == ("-us" not in name)
    (first, *others) = all_blocks(capture)
    assert_same(_joined([first, *others]), wanted)
    assert_same(_joined(all_blocks(capture)), wanted)  # a second time


def test_simple_packet_blocks_have_no_clock(wanted: Block) -> None:
    body = section() + interface(snap=40) + b"".join(simple("<", record) for record in RECORDS)
    snapped = [Record(record.octets[:40], 0, record.claimed) for record in RECORDS]
    (expected,) = all_blocks(open_capture_bytes("snapped", pcap(snapped)))
    cut = section() + interface(snap=40) + b"".join(simple("<", record) for record in snapped)
    for octets in (body, cut):
        capture = open_capture_bytes("simple", octets)
        assert not capture.source.is_nanosecond
        assert capture.source.snap_length == 40
        (block,) = all_blocks(capture)
        assert set(block.frames.time_ns.tolist()) == {0}
        assert_same(block, expected)
    mixed = HEAD + enhanced("<", RECORDS[1]) + simple("<", RECORDS[2]) + enhanced("<", RECORDS[3])
    (block,) = all_blocks(open_capture_bytes("mixed", mixed))
    assert block.frames.time_ns.tolist() == [RECORDS[1].time_ns, RECORDS[1].time_ns, RECORDS[3].time_ns]


@pytest.mark.parametrize(
    ("resolution", "ticks", "offset_s", "time_ns", "is_nanosecond"),
    [
        (None, 1_700_000_000_123_456, None, 1_700_000_000_123_456_000, False),
        (6, 1_700_000_000_123_456, 10, 1_700_000_010_123_456_000, False),
        (0, 1_700_000_000, None, 1_700_000_000_000_000_000, False),
        (3, 1_700_000_000_123, -1_700_000_000, 123_000_000, False),
        (9, 1_700_000_000_123_456_789, None, 1_700_000_000_123_456_789, True),
        (10, 17_000_000_001_234_567_89, None, 170_000_000_012_345_678, True),
        (18, 9_123_456_789_000_000_000, None, 9_123_456_789, True),
        (127, 1 << 62, None, 0, True),
        (0x80 | 10, (1_700_000_000 << 10) + 512, None, 1_700_000_000_500_000_000, False),
        (0x80 | 32, (1_700_000_000 << 32) + (1 << 31) + 1, None, 1_700_000_000_500_000_000, True),
        (0x80 | 40, (4_000_000 << 40) + (3 << 38), None, 4_000_000_750_000_000, True),
        (0x80 | 127, 1 << 62, None, 0, True),
        (0, (1 << 63) - 1, None, (1 << 33) * 10**9, False),
    ],
)
def test_clocks(resolution: int | None, ticks: int, offset_s: int | None, time_ns: int, is_nanosecond: bool) -> None:
    options = [] if resolution is None else [(9, bytes([resolution]))]
    options += [] if offset_s is None else [(14, struct.pack("<q", offset_s))]
    body = section() + interface(options=options) + enhanced("<", RECORDS[0], ticks=ticks)
    capture = open_capture_bytes("clock", body)
    assert capture.source.is_nanosecond == is_nanosecond
    (block,) = all_blocks(capture)
    assert block.frames.time_ns.tolist() == [time_ns]


def test_epon_and_ethernet_in_one_capture() -> None:
    plain = Record(with_fcs(mpcpdu(2, b"\x00")))
    body = HEAD + interface(link=1) + enhanced("<", RECORDS[0]) + enhanced("<", plain, number=1)
    (block,) = all_blocks(open_capture_bytes("both", body))
    assert block.frames.lead.tolist() == [7, 0]
    assert block.frames.fcs_good.tolist() == [1, 1]
    assert block.frames.llid.tolist() == [0x7FFF, -1]
    assert block.mpcp.row.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("octets", "has_fcs"),
    [
        ([with_fcs(OAM)], True),
        ([with_fcs(OAM)] + [OAM + b"!!!!"] * 99, True),
        ([OAM], False),
        ([OAM + b"!!!!"] * 3, None),
        ([OAM + b"!!!!"] * 4, False),
        ([b"\0" * 11], None),
    ],
)
def test_is_there_an_fcs(octets: list[bytes], has_fcs: bool | None) -> None:
    capture = open_capture_bytes("fcs", pcap([Record(preamble(1) + frame) for frame in octets]))
    assert capture.source.has_fcs is has_fcs
    (block,) = all_blocks(capture)
    assert set(block.frames.fcs_good.tolist()) <= ({0, 1} if has_fcs else {-1})


def test_the_header_may_say_that_there_is_an_fcs() -> None:
    cut = [Record(record.octets[:30], record.time_ns, 71) for record in RECORDS[:3]]
    for network, has_fcs in ((259, None), (259 | 0x0400_0000, False), (259 | 0x0400_0000 | 2 << 28, True)):
        assert open_capture_bytes("cut", pcap(cut, network=network)).source.has_fcs is has_fcs
    for options, has_fcs in (((), None), (((13, b"\x00"),), False), (((13, b"\x04"),), True)):
        body = section() + interface(options=options) + b"".join(enhanced("<", record) for record in cut)
        assert open_capture_bytes("cut", body).source.has_fcs is has_fcs


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "neither a pcap nor a pcapng"),
        (b"TRSNIFF data", "editcap"),
        (bytes(1000), "byte 0"),
        (pcap(RECORDS)[:23], "byte 23"),
        (pcap([]), "byte 24: no frame"),
        (HEAD, "no frame"),
        (pcap(RECORDS, network=105), "byte 20: link type 105.*EPON.*259.*Ethernet.*1"),
        (section() + interface(link=105) + enhanced("<", RECORDS[0]), "byte 36: link type 105"),
        (gzip.compress(b"", mtime=0), "neither"),
        (gzip.compress(pcap(RECORDS), mtime=0)[:12], "neither"),
    ],
)
def test_refusals(body: bytes, says: str) -> None:
    with pytest.raises(BadFile) as refused:
        open_capture_bytes("odd.pcap", body)
    assert re.search(says, refused.value.what + refused.value.hint)
    assert refused.value.what.startswith("odd.pcap: byte ")
    assert refused.value.hint


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.pcap"):
        open_capture(tmp_path / "none.pcap")
    with pytest.raises(FileError, match="cannot be read"):
        open_capture(tmp_path)


def _joined(blocks: list[Block]) -> Block:
    """Return the blocks of one small capture as one; only sections make several."""
    if len(blocks) == 1:
        return blocks[0]
    rows = np.cumsum([0, *(block.frames.number.size for block in blocks)])

    def join(part: str, name: str) -> Any:
        columns = [getattr(getattr(block, part), name) for block in blocks]
        if name == "row":
            columns = [column + first for column, first in zip(columns, rows, strict=False)]
        return np.concatenate(columns)

    return Block(
        frames=Frames(**{field.name: join("frames", field.name) for field in fields(Frames)}),
        mpcp=Mpcp(**{field.name: join("mpcp", field.name) for field in fields(Mpcp)}),
        oam=[
            OamFrame(row=frame.row + int(first), body=frame.body)
            for block, first in zip(blocks, rows, strict=False)
            for frame in block.oam
        ],
    )


@pytest.mark.slow
@pytest.mark.parametrize("write", [pcap, pcapng])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("payload", [bytes(1400), b"", b"again"], ids=["zeros", "none", "headers"])
def test_many_records_are_found_in_lanes(write: Callable[..., bytes], order: str, payload: bytes) -> None:
    """Long captures are walked in lanes; payloads that look like records must not lead them astray."""
    records = []
    if payload == b"again":
        payload = write([RECORDS[1]] * 12, order=order)[24:]
    for number in range(40_000 if len(payload) < 99 else 4_000):
        frame = ONU + OLT + b"\x08\x00" + number.to_bytes(4, "big") + payload[: number % 1500]
        records.append(Record(preamble(number % 64) + with_fcs(frame), CLOCK_NS + number * 10_000_000))
    capture = open_capture_bytes("long", write(records, order=order))
    numbers, llids, times, good = [], [], [], []
    for each in capture.blocks():
        numbers += each.frames.number.tolist()
        llids += each.frames.llid.tolist()
        times += each.frames.time_ns.tolist()
        good += each.frames.fcs_good.tolist()
    assert capture.cut_at is None
    assert numbers == list(range(1, len(records) + 1))
    assert llids == [number % 64 for number in range(len(records))]
    assert times == [record.time_ns for record in records]
    assert set(good) == {1}
