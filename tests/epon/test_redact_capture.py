"""Redacted captures: no secret is left, and an audit reads what it read before."""

import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.packet import Packet

from linetest.bench.pon_capture import CaptureForm, make_capture
from linetest.epon.capture import open_capture_bytes
from linetest.epon.frames import Block, Frames, Mpcp
from linetest.epon.layers import EponPreamble, EthernetFcs, VlanTag
from linetest.epon.layers_ctc import Authentication, Churning, Container, Ctc, Instance21, Values
from linetest.epon.layers_hidden import HiddenRest
from linetest.epon.layers_oam import Oampdu, OrganizationSpecific, SlowProtocol
from linetest.epon.measure import Asked, measure_bytes
from linetest.epon.oam import read_oampdu
from linetest.epon.redact import redact
from linetest.epon.redact_oam import redact_oampdu
from linetest.epon.settings import EponSettings
from linetest.errors import BadFile
from tests.epon.capture_files import NANOSECONDS, Record, block, enhanced, interface, pcap, pcapng, section
from tests.epon.faulty_pons import FAULTS

Rows = list[dict[str, list[str]]]
CANARY = b"Canary-4711"


def blocks_of(body: bytes) -> tuple[list[Block], int | None]:
    capture = open_capture_bytes("test", body)
    return list(capture.blocks()), capture.cut_at


def assert_read_alike(before: bytes, after: bytes) -> None:
    assert open_capture_bytes("test", before).source == open_capture_bytes("test", after).source
    (these, cut), (those, cut_after) = blocks_of(before), blocks_of(after)
    assert cut == cut_after
    for one, other in zip(these, those, strict=True):
        for part, names in (("frames", Frames.__annotations__), ("mpcp", Mpcp.__annotations__)):
            for name in names:
                np.testing.assert_array_equal(
                    getattr(getattr(one, part), name), getattr(getattr(other, part), name), name
                )
        assert [pdu.row for pdu in one.oam] == [pdu.row for pdu in other.oam]
        assert [read_oampdu(pdu.body) for pdu in one.oam] == [read_oampdu(pdu.body) for pdu in other.oam]


FORMS = {
    "plain": CaptureForm(),
    "lead 6, no FCS, microseconds": CaptureForm(lead=6, fcs=False, nanosecond=False),
    "lead 8, big-endian": CaptureForm(lead=8, big_endian=True),
    "pcapng": CaptureForm(container="pcapng"),
    "pcapng, big-endian, snapped": CaptureForm(container="pcapng", big_endian=True, snap_length=100),
    "Ethernet": CaptureForm(lead=0),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_simulated_pon_reads_alike_and_says_no_password(form: CaptureForm) -> None:
    before = make_capture(onus=3, seconds=2.5, form=form).body
    passwords = set(re.findall(rb"pw\d{6}", before))
    assert len(passwords) == 3
    after = redact("pon", before)
    assert len(after) == len(before)
    assert not re.findall(rb"pw\d{6}", after)
    assert set(re.findall(rb"BENCH\d{5}", after)) == set(re.findall(rb"BENCH\d{5}", before)) != set()
    assert_read_alike(before, after)
    assert redact("pon", after) == after


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, marks=() if fault in (None, "crc8-errors") else pytest.mark.slow)
        for fault in (None, *FAULTS)
    ],
)
def test_the_audit_says_the_same(fault: str | None) -> None:
    before = make_capture(fault).body
    one, other = (
        measure_bytes("pon", body, [], Asked(settings=EponSettings())) for body in (before, redact("pon", before))
    )
    assert (one.readings, one.details, one.warnings) == (other.readings, other.details, other.warnings)


def test_packed_stays_packed() -> None:
    before = pcap([Record(bytes(SECRETS["password"]))] * 5)
    after = redact("pon.pcap.gz", gzip.compress(before))
    assert gzip.decompress(after) == redact("pon.pcap", before)


def oam(opcode: int, body: Packet, oui: int = 0x111111) -> Packet:
    head = EponPreamble(llid=1) / EthernetFcs(dst="01:80:c2:00:00:02", type=0x8809) / SlowProtocol()
    return head / Oampdu(code=0xFE) / OrganizationSpecific(oui=oui) / Ctc(opcode=opcode) / body


SECRETS: dict[str, Packet] = {
    "password": oam(5, Authentication(code=2, loid=b"loid-0571".rjust(24, b"\0"), password=CANARY.rjust(12, b"\0"))),
    "other authentication": oam(5, Authentication(code=2, type=7) / HiddenRest(load=CANARY)),
    "key": oam(9, Churning(code=1, key=CANARY[:3]) / HiddenRest(load=CANARY)),
    "community": oam(
        3, Values(variables=[Instance21(), Container(leaf=0x11, value=b"\1"), Container(leaf=0x0A, value=CANARY)])
    ),
    "voice account": oam(2, Values(variables=[Container(leaf=0x68, value=CANARY * 4), Container(width=0x80)])),
    "unknown opcode": oam(0x77, HiddenRest(load=CANARY)),
    "another dialect": oam(5, HiddenRest(load=CANARY), oui=0x001000),
    "user": EponPreamble(llid=1) / EthernetFcs(src="00:11:22:33:44:55", type=0x0800) / CANARY,
    "PPPoE": EponPreamble(llid=1)
    / EthernetFcs(type=0x8100)
    / VlanTag(vlan=7, type=0x88A8)
    / VlanTag(type=0x8864)
    / CANARY,
    "bad FCS": EponPreamble(llid=1) / EthernetFcs(type=0x0800, fcs=0x1234) / CANARY,
    "LLC": EponPreamble(llid=1) / EthernetFcs(type=len(CANARY)) / CANARY,
    "encrypted": EponPreamble(llid=1, security=0x57) / (b"0" * 60 + CANARY),
    "no SLD": EponPreamble(llid=1, sld=0x5D) / EthernetFcs(type=0x0800) / CANARY,
}


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_is_left_of(secret: str) -> None:
    others = [Record(bytes(packet)) for packet in SECRETS.values()]
    octets = bytes(SECRETS[secret])
    for before in (pcap([Record(octets), *others]), pcapng([*others, Record(octets)], ">")):
        after = redact("test", before)
        assert len(after) == len(before)
        assert CANARY[:4] in before
        assert CANARY[:4] not in after
        assert_read_alike(before, after)


@pytest.mark.parametrize("secret", sorted(SECRETS.keys() - {"bad FCS", "encrypted", "no SLD"}))
def test_fcs_is_good_again(secret: str) -> None:
    octets = bytes(SECRETS[secret])
    after = redact("test", pcap([Record(octets)]))[40:]
    assert after[:21] == octets[:21]
    assert after != octets
    assert zlib.crc32(after[7:-4]).to_bytes(4, "little") == after[-4:]


def test_a_bad_fcs_stays_bad_by_the_same_bits() -> None:
    octets = bytearray(bytes(SECRETS["user"]))
    octets[-2] ^= 0x40
    good = [Record(bytes(SECRETS["user"]))] * 4
    after = redact("test", pcap([*good, Record(bytes(octets))]))
    frame = after[-len(octets) + 7 :]
    assert zlib.crc32(frame[:-4]) ^ int.from_bytes(frame[-4:], "little") == 0x400000


def test_what_is_blank_and_what_stays() -> None:
    def after(name: str) -> bytes:
        octets = bytes(SECRETS[name])[21:-4]
        return redact_oampdu(octets)

    assert after("password").rstrip(b"\0") == bytes(SECRETS["password"])[21:57].rstrip(b"\0") + b"\0" + b"*" * 11
    assert b"\xc7\x00\x11\x01\x01\xc7\x00\x0a\x0b" + bytes(11) in after("community")
    assert after("key") == bytes(SECRETS["key"])[21:31].ljust(46, b"\0")
    user = redact("test", pcap([Record(bytes(SECRETS["PPPoE"]))]))[40:]
    assert user[:29] == bytes(SECRETS["PPPoE"])[:29]
    assert not any(user[29:-4])


def test_other_blocks_of_pcapng_are_blank() -> None:
    frame = Record(bytes(SECRETS["user"]))
    for order in "<>":
        secrets = [block(order, kind, b"x" * 8 + CANARY) for kind in (4, 0x0A, 0x0BAD, 0x7777)]
        before = section(order) + interface(order, options=NANOSECONDS) + secrets[0] + enhanced(order, frame)
        before += b"".join(secrets[1:]) + section("<") + interface("<", options=NANOSECONDS) + enhanced("<", frame)
        after = redact("test", before)
        assert CANARY[:4] not in after
        assert_read_alike(before, after)


def test_what_cannot_be_read_is_blank() -> None:
    records = [Record(bytes(packet)) for packet in SECRETS.values()]
    for whole in (pcap(records), pcapng(records)):
        broken = whole + b"\xff" * 32 + CANARY * 10
        after = redact("test", broken)
        assert len(after) == len(broken)
        assert CANARY[:4] not in after
        assert_read_alike(broken, after)


@pytest.mark.parametrize("write", [pcap, pcapng])
def test_cut_at_every_octet(write: Callable[..., bytes]) -> None:
    whole = write([Record(bytes(SECRETS[name])) for name in ("user", "password", "community")])
    for end in range(0, len(whole), 3):
        try:
            after = redact("test", whole[:end])
        except BadFile:
            continue
        assert CANARY[:4] not in after
        assert_read_alike(whole[:end], after)


@settings(max_examples=60)
@given(st.binary(max_size=120), st.integers(-30, 30), st.booleans())
def test_hostile_frames(octets: bytes, missing: int, is_oam: bool) -> None:
    head = bytes(SECRETS["password"])[: 21 + 8] if is_oam else b""
    records = [Record(head + octets, length=max(len(head + octets) + missing, 0))] * 2
    before = pcap(records)
    after = redact("test", before)
    assert len(after) == len(before)
    assert_read_alike(before, after)


@given(st.binary(max_size=100))
def test_hostile_oampdus_keep_their_length(octets: bytes) -> None:
    for body in (octets, b"\x03\0\0\xfe\x11\x11\x11" + octets):
        assert len(redact_oampdu(body)) == len(body)


@pytest.mark.peer
def test_tshark_finds_every_checksum_right(tmp_path: Path, tshark: Callable[..., Rows]) -> None:
    path = tmp_path / "pon.pcap"
    before = make_capture(onus=3, seconds=2.5).body
    path.write_bytes(before)
    rows = tshark(path)
    path.write_bytes(redact("pon", before))
    for one, other in zip(rows, tshark(path), strict=True):
        kept = {name: value for name, value in one.items() if name != "_ws.malformed"}
        assert {name: other[name] for name in kept} == kept
