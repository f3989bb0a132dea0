"""The transport stream against a checker that looks at one packet after the other."""

import random

import numpy as np
import pytest

from linetest.service.iptv_ts import TsCount


def packet(
    pid: int, counter: int, *, payload: bool = True, jump: bool = False, clock: int | None = None, access: bool = False,
    start: bool = False, body: bytes = b"",
) -> bytes:  # fmt: skip
    flags = (0x80 * jump) | (0x40 * access) | (0x10 * (clock is not None))
    field = b""
    if flags or not payload:
        inner = bytes([flags])
        if clock is not None:
            inner += ((clock // 300) << 15 | 0x3F << 9 | clock % 300).to_bytes(6, "big")
        inner = inner if payload else inner.ljust(183, b"\xff")
        field = bytes([len(inner)]) + inner
    head = bytes([0x47, (0x40 * start) | pid >> 8, pid & 0xFF, (0x20 * bool(field)) | (0x10 * payload) | counter])
    return (head + field + body).ljust(188, b"\xaa")


def matrix(packets: list[bytes]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.frombuffer(b"".join(packets), np.uint8).reshape(-1, 188)


def counted(packets: list[bytes], batch: int = 10_000) -> TsCount:
    count = TsCount()
    for at in range(0, len(packets), batch):
        part = packets[at : at + batch]
        count.take(matrix(part), range(at, at + len(part)))
    return count


def one_by_one(packets: list[bytes]) -> tuple[int, int, int]:
    """Return continuity errors, duplicates and announced jumps, by the rules of the standard."""
    errors = duplicates = jumps = 0
    last: dict[int, tuple[int, bool, bool]] = {}
    for one in packets:
        pid = (one[1] & 0x1F) << 8 | one[2]
        if one[0] != 0x47 or one[1] & 0x80 or pid == 0x1FFF:
            continue
        counter, payload = one[3] & 15, bool(one[3] & 0x10)
        jump = bool(one[3] & 0x20) and one[4] > 0 and bool(one[5] & 0x80)
        twice = False
        if pid in last:
            before, had_payload, was_twice = last[pid]
            if jump:
                jumps += (counter - before) % 16 != payload
            elif payload and had_payload and counter == before and not was_twice:
                twice = True
            elif (counter - before) % 16 != payload:
                errors += 1
        duplicates += twice
        last[pid] = counter, payload, twice
    return errors, duplicates, jumps


@pytest.mark.parametrize("batch", [1, 7, 50, 10_000])
def test_any_stream(batch: int) -> None:
    for seed in range(12 if batch < 50 else 60):
        chance = random.Random(seed)
        counters = dict.fromkeys((0, 17, 256, 0x1FFF), 0)
        sent: list[bytes] = []
        for _packet in range(400):
            pid, kind = chance.choice(list(counters)), chance.random()
            payload = kind > 0.1
            counters[pid] = (counters[pid] + payload) % 16
            if kind > 0.97:
                counters[pid] = chance.randrange(16)
            one = packet(pid, counters[pid], payload=payload, jump=0.94 < kind < 0.985)
            sent += [one] * chance.choice([1, 1, 1, 1, 2, 3, 4])
        sent = [one for one in sent if chance.random() > 0.05]
        sent[5:5] = [b"\x00" * 188, b"\x47\x81" + bytes(186)]
        tally = counted(sent, batch).tally
        assert (tally.continuity_errors, tally.duplicates, tally.discontinuities) == one_by_one(sent), seed
        assert (tally.out_of_sync, tally.transport_errors, tally.packets) == (1, 1, len(sent))


def test_null_packets_have_no_counter() -> None:
    tally = counted([packet(0x1FFF, n * 5 % 16) for n in range(20)]).tally
    assert (tally.nulls, tally.continuity_errors) == (20, 0)


def pat(programmes: dict[int, int]) -> bytes:
    entries = b"".join(n.to_bytes(2, "big") + (0xE000 | pid).to_bytes(2, "big") for n, pid in programmes.items())
    return b"\0\0" + (0xB000 | (9 + len(entries))).to_bytes(2, "big") + b"\0\1\xc1\0\0" + entries + b"CRC!"


def pmt(clock_pid: int) -> bytes:
    clock = (0xE000 | clock_pid).to_bytes(2, "big")
    return b"\0\2" + (0xB000 | 13).to_bytes(2, "big") + b"\0\1\xc1\0\0" + clock + b"\xf0\0CRC!"


def test_tables_and_the_first_picture_that_needs_no_other() -> None:
    packets = [
        packet(256, 0, access=True),  # before the tables nobody knows what it is
        packet(66, 0, start=True, body=pmt(256)),  # nor this
        packet(0, 0, start=True, body=pat({0: 16, 1: 66})),
        packet(66, 1, start=True, body=pmt(256)),
        packet(257, 0, access=True),
        packet(256, 1),
        packet(256, 2, access=True, start=True),
        packet(0, 1, start=True, body=pat({1: 66})),
    ]
    for batch in (1, 3, 100):
        tables = counted(packets, batch).tables
        assert (tables.pat_ns, tables.pmt_ns, tables.random_access_ns) == (2, 3, 6)
        assert tables.complete


def test_hostile_tables_are_no_tables() -> None:
    bodies = [b"", b"\xff", b"\x00\x00", bytes(184), b"\0\0\xff\xff" + b"\xff" * 180, b"\xb7" + bytes(183)]
    packets = [packet(0, n, start=True, body=body) for n, body in enumerate(bodies)]
    packets.append(bytes([0x47, 0x40, 0, 0x37, 255]) + b"\xff" * 183)  # a field longer than the packet
    tables = counted(packets).tables
    assert tables.random_access_ns is None


@pytest.mark.parametrize("drift", [0.0, 30e-6])
def test_the_jitter_of_clock_references(drift: float) -> None:
    period_ns, chance = 40_000_000, random.Random(1)
    late_ns = [chance.uniform(-1e6, 1e6) for _row in range(500)]
    late_ns[100], late_ns[200] = -2_000_000, 3_000_000
    packets = [packet(256, 0, payload=False, clock=round(n * period_ns * 0.027) + 5) for n in range(500)]
    count = TsCount()
    count.take(matrix(packets), [round(n * period_ns * (1.0 + drift) + late) for n, late in enumerate(late_ns)])
    jitter_ms = count.clock_jitter_ms()
    assert jitter_ms == pytest.approx(5.0, abs=0.05)
    assert count.tally.continuity_errors == 0


def test_too_few_clock_references_have_no_jitter() -> None:
    assert counted([packet(256, 0, payload=False, clock=n * 10**6) for n in range(9)]).clock_jitter_ms() is None
