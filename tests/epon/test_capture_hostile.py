"""Captures that lie, end early or grow: a documented refusal, or the frames before the fault and where it is."""

import gzip
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.epon.capture import Capture, open_capture, open_capture_bytes
from linetest.errors import BadFile
from tests.epon.capture_files import (
    NANOSECONDS,
    OLT,
    ONU,
    Record,
    block,
    enhanced,
    interface,
    mpcpdu,
    pcap,
    pcapng,
    preamble,
    section,
    simple,
    with_fcs,
)

RECORDS = [
    Record(preamble(0x7FFF, mode=1) + with_fcs(mpcpdu(2, b"\x09" + bytes(10), source=OLT))),
    Record(preamble(3) + with_fcs(mpcpdu(3, b"\x01\x01\x00\x10"))),
    Record(preamble(3) + with_fcs(bytes.fromhex("0180c2000002") + ONU + bytes.fromhex("8809 03 0050 00") + bytes(42))),
    Record(preamble(4, lead=8) + with_fcs(ONU + OLT + b"\x81\x00\x00\x64" + bytes(47))),
]
HEAD = section() + interface(options=NANOSECONDS)
FIRST = enhanced("<", RECORDS[0])


def numbers(capture: Capture) -> list[int]:
    """Return the frame numbers; everything is read."""
    return [number for block in capture.blocks() for number in block.frames.number.tolist()]


@pytest.mark.parametrize("body", [pcap(RECORDS), pcap(RECORDS, order=">"), pcapng(RECORDS), pcapng(RECORDS, ">")])
@pytest.mark.parametrize("packed", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_truncated_at_every_byte(body: bytes, packed: bool) -> None:
    whole = list(range(1, len(RECORDS) + 1))
    most = 0
    ends = set()
    for size in range(len(body)):
        octets = _packed_and_cut(body[:size]) if packed else body[:size]
        try:
            capture = open_capture_bytes("cut", octets)
        except BadFile:
            assert not most
            continue
        found = numbers(capture)
        assert found == whole[: len(found)]
        assert len(found) >= most
        most = len(found)
        if capture.cut_at is None:
            ends.add(size)
        else:
            assert capture.cut_at <= size
    assert most == len(RECORDS) - 1
    assert len(ends) == most


def _packed_and_cut(octets: bytes) -> bytes:
    """Return a gzip file without its end, which unpacks to `octets`."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(octets) + packer.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize(
    "claim", [262_145, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF], ids=lambda claim: hex(claim)
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_record_that_claims_too_much(claim: int, order: str) -> None:
    good = pcap(RECORDS, order=order)
    liar = struct.pack(order + "IIII", 1, 1, claim, claim) + bytes(400)
    capture = open_capture_bytes("liar", good + liar)
    assert numbers(capture) == [1, 2, 3, 4]
    assert capture.cut_at == len(good)
    with pytest.raises(BadFile, match="byte 24: no frame"):
        open_capture_bytes("liar", good[:24] + liar)


def test_a_length_on_the_wire_that_cannot_be() -> None:
    records = [Record(RECORDS[0].octets, length=0xFFFF_FFFF), Record(RECORDS[1].octets, length=0), RECORDS[2]]
    (read,) = open_capture_bytes("liar", pcap(records)).blocks()
    assert read.frames.length.tolist() == [0x7FFF_FFFF, 0, len(RECORDS[2].octets)]
    assert read.frames.fcs_good.tolist() == [-1, 1, 1]
    assert read.mpcp.row.tolist() == [0, 1]


def test_empty_frames() -> None:
    capture = open_capture_bytes("empty", pcap([Record(b"")] * 1000))
    (read,) = capture.blocks()
    assert read.frames.lead.tolist() == [-1] * 1000
    assert capture.source.has_fcs is None


ENDLESS = struct.pack("<III", 0xBAD, 0, 0)
PNG_LIES = {
    "length-0": ENDLESS,
    "length-8": struct.pack("<II", 6, 8),
    "not-a-multiple-of-4": struct.pack("<II", 0xBAD, 13) + bytes(5),
    "4-GB": struct.pack("<II", 6, 0xFFFF_FFFC) + bytes(100),
    "other-length-behind": FIRST[:-4] + struct.pack("<I", len(FIRST) - 4),
    "captured-too-much": block("<", 6, struct.pack("<IIIII", 0, 0, 0, 100, 100) + bytes(96)),
    "captured-4-GB": block("<", 6, struct.pack("<IIIII", 0, 0, 0, 0xFFFF_FFFF, 100) + bytes(96)),
    "no-room-for-a-packet": block("<", 6, bytes(4)),
    "no-room-for-a-simple-packet": block("<", 3, b""),
    "no-such-interface": enhanced("<", RECORDS[0], number=1),
    "negative-interface": enhanced("<", RECORDS[0], number=0xFFFF_FFFF),
    "short-interface": block("<", 1, bytes(4)),
    "section-without-order": block("<", 0x0A0D0D0A, bytes(16)),
    "short-section": block("<", 0x0A0D0D0A, struct.pack("<I", 0x1A2B3C4D))[:12] + bytes(40),
    "packet-before-its-interface": section(">") + enhanced(">", RECORDS[0]),
    "simple-before-its-interface": section(">") + simple(">", RECORDS[0]),
}


@pytest.mark.parametrize("name", PNG_LIES)
def test_blocks_that_lie(name: str) -> None:
    lie = PNG_LIES[name]
    capture = open_capture_bytes("liar", HEAD + FIRST + lie + FIRST)
    assert numbers(capture) == [1]
    assert capture.cut_at is not None
    assert len(HEAD + FIRST) <= capture.cut_at <= len(HEAD + FIRST + lie)
    with pytest.raises(BadFile):
        open_capture_bytes("liar", HEAD + lie)


def test_options_that_lie() -> None:
    for options in (
        b"\x09\x00\xff\xff\x09",
        b"\x09\x00\x00\x00",
        b"\x0e\x00\x04\x00abcd",
        b"\x0d\x00\x00\x00",
        b"\x09",
    ):
        described = block("<", 1, struct.pack("<HHI", 259, 0, 0) + options)
        capture = open_capture_bytes("liar", section() + described + FIRST)
        assert numbers(capture) == [1]


def test_a_million_empty_interfaces_are_read_in_time() -> None:
    body = HEAD + FIRST + interface() * 50_000 + FIRST
    assert numbers(open_capture_bytes("many", body)) == [1, 2]


def test_a_gzip_bomb_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    path = tmp_path / "bomb.pcap.gz"
    with path.open("wb") as stream:
        stream.write(packer.compress(pcap(RECORDS)))
        stream.writelines(packer.compress(bytes(1 << 20)) for _megabyte in range(64))
        stream.write(packer.flush())
    capture = open_capture(path)
    with pytest.raises(BadFile, match=r"byte \d+: unpacks to more than 250 times") as refused:
        for _block in capture.blocks():
            pass
    assert "gunzip" in refused.value.hint


def test_damage_inside_gzip_ends_the_reading() -> None:
    body = pcap(
        [Record(preamble(1) + with_fcs(ONU + OLT + b"\x08\x00" + bytes([number] * 60))) for number in range(200)]
    )
    packed = bytearray(gzip.compress(body))
    packed[len(packed) // 2 :] = b"\xff" * 40
    capture = open_capture_bytes("damaged", bytes(packed))
    found = numbers(capture)
    assert found == list(range(1, len(found) + 1))
    assert 0 < len(found) < 200
    capture = open_capture_bytes("tail", gzip.compress(body) + b"no gzip")
    assert len(numbers(capture)) == 200


def test_a_file_that_loses_its_end_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shrinks.pcap"
    path.write_bytes(pcap(RECORDS))
    capture = open_capture(path)
    with path.open("r+b") as stream:
        stream.truncate(200)
    assert numbers(capture) == [1, 2]
    assert capture.cut_at == 24 + 2 * (16 + 71)


@settings(max_examples=150)
@given(
    body=st.sampled_from(
        [pcap(RECORDS), pcap(RECORDS, order=">", tick_ns=1000), pcapng(RECORDS), pcapng(RECORDS, ">")]
    ),
    changes=st.lists(st.tuples(st.integers(0, 800), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 800),
)
def test_mutants(body: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    mutant = bytearray(body)
    for at, octet in changes:
        mutant[at % len(mutant)] = octet
    _read_all(bytes(mutant)[: max(len(mutant) - cut, 0) if cut < 400 else None])


@settings(max_examples=100)
@given(begin=st.sampled_from([pcap([]), pcap([], network=1), HEAD, section(">"), b""]), noise=st.binary(max_size=600))
def test_noise(begin: bytes, noise: bytes) -> None:
    _read_all(begin + noise)


def _read_all(body: bytes) -> None:
    try:
        capture = open_capture_bytes("mutant", body)
        found = numbers(capture)
    except BadFile:
        return
    assert found == list(range(1, len(found) + 1))
    assert capture.cut_at is None or 0 <= capture.cut_at <= len(body)
