"""Damaged SOR files: a partial trace that says what it lacks, or the documented error; never more than that."""

import contextlib
import os
import random
import re
import struct
import time
import tracemalloc
from collections.abc import Callable

import pytest

from linetest.errors import BadFile, UnknownFormat
from linetest.otdr.checksum import verify
from linetest.otdr.redact import redact
from linetest.otdr.sor import read_sor
from linetest.otdr.trace import Gap, Trace

Build = Callable[..., bytes]

MUTANTS = 10_000 if os.environ.get("LINETEST_FULL") else 400
REASONS = {"no-block", "truncated", "bad-length", "bad-value", "no-scale"}
LIES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def _read(body: bytes) -> Trace | None:
    """Read as hostile input has to be read, and hold the result against what was promised."""
    begun = time.process_time()
    refusal: BadFile | UnknownFormat | None = None
    try:
        trace = read_sor("broken.sor", body)
    except (BadFile, UnknownFormat) as error:
        refusal = error
    assert time.process_time() - begun < 2.0
    if refusal is not None:
        assert isinstance(refusal, BadFile) is body.startswith((b"Map\0", b"\x64\0"))
        place = re.match(r"broken\.sor: byte (\d+): ", refusal.what)
        assert place
        assert 0 <= int(place.group(1)) <= len(body)
        assert refusal.hint
        return None
    assert {gap.reason for gap in trace.gaps} <= REASONS
    for one in trace.acquisitions:
        assert one.counts.size > 0
        assert one.step_m > 0
    assert verify(body, trace) in ("ok", "mismatch", "not-verifiable")
    try:
        redacted = redact(body, trace)
    except BadFile:
        assert any(gap.block in ("Map", "GenParams") for gap in trace.gaps)
    else:
        assert _bytes_of("KeyEvents", read_sor("redacted", redacted)) == _bytes_of("KeyEvents", trace)
    return trace


def _bytes_of(name: str, trace: Trace) -> list[bytes]:
    return [bytes(block.body) for block in trace.blocks if block.name == name]


def _whole(body: bytes) -> Trace:
    trace = _read(body)
    assert trace is not None
    return trace


@pytest.mark.parametrize("revision", [100, 200])
def test_cut_off_at_every_byte(build_sor: Build, revision: int) -> None:
    body = build_sor(revision=revision, extra=[("OfMaker", b"own")])
    traces = [_read(body[:size]) for size in range(len(body))]
    good = read_sor("whole", body)
    points = next(block for block in good.blocks if block.name == "DataPts")
    for size, trace in enumerate(traces):
        if size < good.blocks[0].offset:
            assert trace is None
        elif trace is not None:
            assert trace.gaps, size
            assert "Cksum" in {gap.block for gap in trace.gaps}
            assert all(gap.offset <= len(body) for gap in trace.gaps)
    half = traces[points.offset + 200]
    assert half is not None
    assert 80 < half.acquisitions[0].counts.size < 100
    assert half.table == good.table
    assert Gap("DataPts", points.offset + 200, "truncated") in half.gaps


def test_rows_that_are_there_are_kept(build_sor: Build) -> None:
    body = build_sor()
    table = next(block for block in read_sor("whole", body).blocks if block.name == "KeyEvents")
    trace = _whole(body[: table.offset + 10 + 2 + 43 + 50 + 20])  # in the middle of the third row
    assert trace.table is not None
    assert [event.number for event in trace.table.events] == [1, 2]
    assert trace.table.summary is None
    assert trace.acquisitions == []


@pytest.mark.parametrize("revision", [100, 200])
def test_flipped_bytes(build_sor: Build, revision: int) -> None:
    body = build_sor(revision=revision)
    chance = random.Random(revision)
    for _count in range(MUTANTS // 2):
        broken = bytearray(body)
        for _flip in range(chance.randint(1, 4)):
            broken[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        _read(bytes(broken))


@pytest.mark.parametrize("revision", [100, 200])
def test_lying_numbers_at_every_place(build_sor: Build, revision: int) -> None:
    body = build_sor(revision=revision)
    chance = random.Random(revision)
    places = [(at, lie) for at in range(len(body) - 4) for lie in LIES]
    for at, lie in chance.sample(places, min(len(places), MUTANTS // 2)):
        size = 1 if lie <= 0xFF else 2 if lie <= 0xFFFF else 4
        _read(body[:at] + lie.to_bytes(size, "little") + body[at + size :])


@pytest.mark.parametrize("body", [b"", b"M", b"PK\x03\x04", b"\x7fELF" + b"\0" * 60, b"Mapp" * 10])
def test_another_kind_of_file_is_said_to_be_one(body: bytes) -> None:
    with pytest.raises(UnknownFormat, match="not a SOR file"):
        read_sor("x", body)


@pytest.mark.parametrize(
    ("block", "reason", "lost"),
    [
        ("GenParams", "no-block", ["DataPts"]),
        ("FxdParams", "no-block", ["KeyEvents", "DataPts"]),
        ("KeyEvents", "no-block", []),
    ],
)
def test_a_missing_block_is_named_with_what_it_takes_along(
    build_sor: Build, block: str, reason: str, lost: list[str]
) -> None:
    trace = _whole(build_sor(without=[block]))
    assert [(gap.block, gap.reason) for gap in trace.gaps] == [(block, reason), *((name, "no-scale") for name in lost)]
    assert bool(trace.acquisitions) is ("DataPts" not in lost)


def test_samples_without_their_origin_are_not_given_one(build_sor: Build) -> None:
    """The maker's rule needs the user offset of GenParams: without it distances would be wrong and look right."""
    trace = _whole(build_sor(without=["GenParams"], extra=[("ExfoNewProprietaryBlock 01", b"1")]))
    assert trace.acquisitions == []
    assert [(gap.block, gap.reason) for gap in trace.gaps] == [("GenParams", "no-block"), ("DataPts", "no-scale")]


@pytest.mark.parametrize("number", [0, 1, 99_999, 300_001, 2**32 - 1])
def test_an_index_that_no_fibre_has_is_no_scale(build_sor: Build, number: int) -> None:
    trace = _whole(build_sor(index=number))
    assert (trace.fixed, trace.table, trace.acquisitions) == (None, None, [])
    assert {(gap.block, gap.reason) for gap in trace.gaps} == {
        ("FxdParams", "bad-value"), ("KeyEvents", "no-scale"), ("DataPts", "no-scale"),
    }  # fmt: skip
    assert trace.general is not None


@pytest.mark.parametrize("options", [{"wavelength": 0}, {"traces": [(0, 5, b"\1\1")]}, {"traces": [(5, 0, b"\1\1")]}])
def test_a_zero_where_none_can_be_is_no_scale(build_sor: Build, options: dict[str, object]) -> None:
    trace = _whole(build_sor(**options))
    assert (trace.fixed, trace.table, trace.acquisitions) == (None, None, [])


def test_a_block_that_is_not_where_the_map_says_is_not_decoded(build_sor: Build) -> None:
    body = build_sor(extra=[("OfMaker", b"own")])
    at = body.index(b"GenParams\0") + len(b"GenParams\0") + 2
    size = int.from_bytes(body[at : at + 4], "little")
    trace = _read(body[:at] + struct.pack("<I", size - 1) + body[at + 4 :])
    assert trace is None  # every block lies one byte beside its place, and the first one is too short


def test_a_wrong_length_in_version_1_is_told(build_sor: Build) -> None:
    """No names confirm the places there: only the end of the file tells."""
    body = build_sor(revision=100)
    at = body.index(b"DataPts\0") + len(b"DataPts\0") + 2
    size = int.from_bytes(body[at : at + 4], "little")
    for wrong, gap in ((size - 1, "Map"), (size + 1, "Cksum")):
        trace = _whole(body[:at] + struct.pack("<I", wrong) + body[at + 4 :])
        assert gap in {gap.block for gap in trace.gaps}


def test_more_traces_than_pulse_widths_are_told(build_sor: Build) -> None:
    one = struct.pack("<IHIH3H", 3, 2, 3, 1000, 7, 8, 9)
    trace = _whole(build_sor(replaced={"DataPts": one + struct.pack("<IH1H", 1, 1000, 5)}))
    assert [gap.reason for gap in trace.gaps if gap.block == "DataPts"] == ["bad-length"]
    assert [one.counts.tolist() for one in trace.acquisitions] == [[7, 8, 9]]


def test_samples_of_scale_0_are_no_samples(build_sor: Build) -> None:
    trace = _whole(build_sor(scale=0))
    assert trace.acquisitions == []
    assert [gap.block for gap in trace.gaps] == ["DataPts"]


def _extreme(kind: str, build: Build) -> bytes:
    """Return a file with as much of one kind as its numbers can say."""
    if kind == "entries":
        entries = struct.pack("<xHI", 1, 0) * 65_534
        return struct.pack("<HIH", 100, 8 + len(entries), 65_535) + entries
    if kind == "rows":
        return build(rows=[(1, 0, 0, 0, -1, b"1F9999LS", b"")] * 65_535, revision=100)
    if kind == "pulses":
        return build(traces=[(5, 5, b"\1\1")] * 65_535)
    if kind == "text":
        return build(texts={"comment": b"\xc0\xe0" * 1_000_000})
    return build().replace(struct.pack("<IH", 200, 1000), struct.pack("<IH", 2**32 - 1, 1000))


KINDS = ["entries", "rows", "pulses", "text", "length"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_memory_stays_within_ten_times_the_file_and_50_mb(build_sor: Build, kind: str) -> None:
    body = _extreme(kind, build_sor)
    tracemalloc.start()
    with contextlib.suppress(BadFile):
        read_sor("a.sor", body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(body) + 50_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_numbers_are_read_in_time(build_sor: Build, kind: str) -> None:
    trace = _read(_extreme(kind, build_sor))  # checks the time
    assert (trace is None) is (kind == "entries")


def test_real_files_cut_and_flipped(shared_sor: list[tuple[str, bytes]]) -> None:
    chance = random.Random(3)
    for _count in range(MUTANTS // 2):
        _name, body = chance.choice(shared_sor)
        if chance.random() < 0.4:
            _read(body[: chance.randrange(len(body))])
            continue
        broken = bytearray(body)
        for _flip in range(3):
            broken[chance.randrange(min(1200, len(body)))] = chance.randrange(256)
        _read(bytes(broken))
