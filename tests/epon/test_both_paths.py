"""The fast reader and the scapy path fill equal arrays, of good captures and of hostile ones."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.bench.pon_capture import CaptureForm, make_capture
from linetest.epon.capture import open_capture_bytes
from linetest.epon.dissect import Sniffed, blocks_from_packets
from linetest.epon.frames import Block, Frames, Mpcp, OamFrame, Source
from tests.epon.capture_files import CLOCK_NS, Record, mpcpdu, pcap, preamble, with_fcs
from tests.epon.faulty_pons import FAULTS

FRAME_FIELDS = tuple(Frames.__annotations__)
MPCP_FIELDS = tuple(Mpcp.__annotations__)


def joined(blocks: Iterable[Block]) -> tuple[dict[str, Any], dict[str, Any], list[OamFrame]]:
    """Return the columns of all blocks, whose rows count from the first one on."""
    frames: dict[str, list[Any]] = {name: [] for name in FRAME_FIELDS}
    mpcp: dict[str, list[Any]] = {name: [] for name in MPCP_FIELDS}
    oam: list[OamFrame] = []
    before = 0
    for block in blocks:
        for name in FRAME_FIELDS:
            frames[name].append(getattr(block.frames, name))
        for name in MPCP_FIELDS:
            mpcp[name].append(getattr(block.mpcp, name) + (before if name == "row" else 0))
        oam += [OamFrame(row=one.row + before, body=one.body) for one in block.oam]
        before += block.frames.number.size
    return (
        {name: np.concatenate(parts) for name, parts in frames.items()},
        {name: np.concatenate(parts) for name, parts in mpcp.items()},
        oam,
    )


def assert_equal(fast: Iterable[Block], slow: Iterable[Block]) -> None:
    one, other = joined(fast), joined(slow)
    for mine_of, theirs_of in zip(one[:2], other[:2], strict=True):
        for name, mine in mine_of.items():
            theirs = theirs_of[name]
            assert mine.dtype == theirs.dtype, name
            np.testing.assert_array_equal(mine, theirs, err_msg=name)
    assert one[2] == other[2]


def both(records: Sequence[Record], **form: Any) -> None:
    capture = open_capture_bytes("test.pcap", pcap(records, **form))
    tick_ns = form.get("tick_ns", 1)
    packets = [Sniffed(one.time_ns // tick_ns * tick_ns, one.octets, one.claimed) for one in records]
    assert_equal(capture.blocks(), blocks_from_packets(packets, capture.source))


def sniffed(body: bytes) -> list[Sniffed]:
    """Return the frames of a little-endian nanosecond pcap: a reader of its own, of a dozen lines."""
    found, at = [], 24
    while at < len(body):
        seconds, rest_ns, captured, length = np.frombuffer(body, "<u4", 4, at).tolist()
        found.append(Sniffed(seconds * 10**9 + rest_ns, body[at + 16 : at + 16 + captured], length))
        at += 16 + captured
    return found


@pytest.mark.parametrize(
    "form",
    [CaptureForm(), CaptureForm(fcs=False, lead=6), CaptureForm(lead=8, snap_length=80), CaptureForm(lead=0)],
    ids=["plain", "lead-6-no-fcs", "lead-8-snapped", "ethernet"],
)
def test_a_simulated_pon(form: CaptureForm) -> None:
    body = make_capture(onus=2, seconds=1.5, form=form).body
    capture = open_capture_bytes("pon.pcap", body)
    packets = sniffed(body)
    assert len(packets) > 400
    assert_equal(capture.blocks(), blocks_from_packets(packets, capture.source))


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_pon(fault: str) -> None:
    body = make_capture(fault).body
    capture = open_capture_bytes("pon.pcap", body)
    assert_equal(capture.blocks(), blocks_from_packets(sniffed(body), capture.source))


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=pytest.mark.slow if first != 0x0C else ()) for first in (0, 1, 2, 0x0C, 0x1F, 0xF8)],
)
def test_bodies_cut_at_every_octet(first: int) -> None:
    body = bytes([first, *range(2, 41)])
    frames = [
        preamble(1) + mpcpdu(opcode, body, timestamp=0xFFFFFFFE)[:size]
        for opcode, size in product(range(1, 8), range(14, 61))
    ]
    both([Record(frame) for frame in frames])
    both([Record(frame[7:]) for frame in frames], network=1)
    both([Record(frame, length=71) for frame in frames])
    both([Record(preamble(1) + with_fcs(frame[7:]), length=71) for frame in frames])


def test_reports_of_every_size() -> None:
    full = "ff" + "ffff" * 8
    rests = ("", "00", "010064", "0300640065", "ff" + "0001" * 8, full + full, "010064" * 13, "00" * 39)
    sets = [bytes([number]) + bytes.fromhex(rest) for number in (0, 1, 2, 3, 9, 39, 40, 255) for rest in rests]
    both([Record(preamble(1) + with_fcs(mpcpdu(3, body))) for body in sets])
    both([Record(preamble(1) + with_fcs(mpcpdu(3, body)), length=200) for body in sets])


def test_tags_and_oam_of_every_length() -> None:
    tagged = bytes(12) + bytes.fromhex("8100e123 88a8 0fff 0800")
    oam = bytes(12) + bytes.fromhex("8809 03 0050 00 0110")
    both(
        [
            Record(preamble(5) + whole[:size])
            for whole in (tagged, oam, bytes(12) + b"\x88\x09\x01")
            for size in range(24)
        ]
    )


@pytest.mark.slow
@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [b"", b"\x55", preamble(3)[1:], preamble(3), preamble(3, lead=8), preamble(3, security=0x57)]
            ),
            st.sampled_from(
                [
                    b"",
                    *(bytes(12) + b"\x88\x08\0" + bytes([code]) for code in range(1, 8)),
                    bytes(12) + b"\x88\x09\x03",
                    bytes(12) + b"\x81\0",
                ]
            ),
            st.binary(max_size=60),
            st.integers(-10, 50),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([259, 1]),
    st.sampled_from([1, 1000]),
)
def test_hostile_frames(parts: list[tuple[bytes, bytes, bytes, int, bool]], network: int, tick_ns: int) -> None:
    records = []
    for number, (lead, head, rest, missing, has_fcs) in enumerate(parts):
        octets = lead + (with_fcs(head + rest) if has_fcs else head + rest)
        records.append(Record(octets, time_ns=CLOCK_NS + 1001 * number, length=max(len(octets) + missing, 0)))
    both(records, network=network, tick_ns=tick_ns)


def test_blocks_are_numbered_on() -> None:
    source = Source(name="tap", has_preamble=False, is_nanosecond=True, has_fcs=None, snap_length=0)
    packets = [Sniffed(time_ns, bytes(60), 60) for time_ns in range(5000)]
    first, second = blocks_from_packets(packets, source)
    assert (first.frames.number.size, int(second.frames.number[0]), int(second.frames.number[-1])) == (4096, 4097, 5000)
    assert list(blocks_from_packets([], source)) == []
