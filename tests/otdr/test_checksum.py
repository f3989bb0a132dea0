"""Checksums: each maker's rule, on numbers from the catalogue and on real files."""

import binascii
import struct
from collections import Counter
from collections.abc import Callable

import pytest

from linetest.otdr.checksum import computed, verify
from linetest.otdr.sor import read_sor

Build = Callable[..., bytes]
CHECK = b"123456789"


def _crc(data: bytes, start: int) -> int:
    """CRC with polynomial 0x1021, bit by bit."""
    register = start
    for byte in data:
        register ^= byte << 8
        for _bit in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
            register &= 0xFFFF
    return register


def test_the_numbers_of_the_catalogue() -> None:
    assert _crc(CHECK, 0xFFFF) == 0x29B1  # CRC-16/IBM-3740, called CCITT-FALSE
    assert _crc(CHECK, 0) == 0x31C3  # CRC-16/XMODEM
    assert _crc(CHECK, 0xFFFF) ^ 0xFFFF == 0xD64E  # CRC-16/GENIBUS


@pytest.mark.parametrize("revision", [100, 200])
def test_every_rule(build_sor: Build, revision: int) -> None:
    body = build_sor(revision=revision, behind=b"behind")
    trace = read_sor("a.sor", body)
    value = len(body) - len(b"behind") - 2
    block = value - (6 if revision == 200 else 0)
    assert computed("crc-before-value", body, trace) == _crc(body[:value], 0xFFFF)
    assert computed("crc-before-block", body, trace) == _crc(body[:block], 0xFFFF)
    assert computed("xmodem-before-value", body, trace) == _crc(body[:value], 0)
    assert computed("genibus-before-value", body, trace) == _crc(body[:value], 0xFFFF) ^ 0xFFFF
    zeroed = body[:value] + b"\0\0" + body[value + 2 :]
    assert computed("crc-around-value", body, trace) == _crc(zeroed, 0xFFFF)


def test_one_flipped_bit_is_a_mismatch(build_sor: Build) -> None:
    body = build_sor(supplier=b"SvPribor")
    assert verify(body, read_sor("a", body)) == "ok"
    broken = body.replace(b"Northgate", b"Northgatf")
    assert verify(broken, read_sor("a", broken)) == "mismatch"


def test_a_second_rule_of_a_maker_counts_too(build_sor: Build) -> None:
    body = build_sor(extra=[("AREvent", b"")])
    assert verify(body, read_sor("a", body)) == "mismatch"
    for value in (binascii.crc_hqx(body[:-2], 0), binascii.crc_hqx(body[:-2], 0xFFFF) ^ 0xFFFF):
        good = body[:-2] + struct.pack("<H", value)
        assert verify(good, read_sor("a", good)) == "ok"


@pytest.mark.parametrize(
    "options",
    [
        {"extra": [("ExfoNewProprietaryBlock 01", b"")]},
        {"extra": [("VgDataTraceHead", b"")], "replaced": {"Cksum": b"\0\0"}},
        {"supplier": b"Nobody knows"},
        {"supplier": b"SvPribor", "without": ["Cksum"]},
    ],
    ids=["exfo", "always 0", "other", "no checksum"],
)
def test_what_nobody_can_verify_is_not_called_damaged(build_sor: Build, options: dict[str, object]) -> None:
    body = build_sor(**options)
    assert verify(body, read_sor("a", body)) == "not-verifiable"


def test_real_files(shared_sor: list[tuple[str, bytes]]) -> None:
    verdicts: Counter[tuple[str, str]] = Counter()
    for name, body in shared_sor:
        trace = read_sor(name, body)
        verdicts[trace.maker, verify(body, trace)] += 1
    assert verdicts == {
        ("viavi", "ok"): 7, ("anritsu", "ok"): 4, ("svpribor", "ok"): 4, ("noyes", "ok"): 2, ("opwill", "ok"): 1,
        ("exfo", "not-verifiable"): 22, ("fibercloud", "not-verifiable"): 3, ("grandway", "not-verifiable"): 3,
        ("vanguard", "not-verifiable"): 1, ("optixs", "not-verifiable"): 1,
    }  # fmt: skip


def test_real_files_with_a_flipped_sample_are_a_mismatch(shared_sor: list[tuple[str, bytes]]) -> None:
    for name, body in shared_sor:
        at = next(block.offset for block in read_sor(name, body).blocks if block.name == "DataPts") + 500
        broken = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        trace = read_sor(name, broken)
        assert verify(broken, trace) == ("not-verifiable" if verify(body, trace) == "not-verifiable" else "mismatch")
