"""The faults of a simulated PON: each is in the bytes where the table says, judged by arithmetic on the bytes alone."""

import zlib
from collections import defaultdict
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import pairwise

import pytest

from linetest.bench.pon_capture import PonCapture, make_capture
from linetest.bench.pon_faults import PON_FAULTS
from tests.bench.pon_walk import WRAP, Record, apart, grants_of, walk

pytestmark = pytest.mark.slow

ONU_3 = "00:25:9e:30:00:03"


@lru_cache(maxsize=4)
def spoilt(name: str) -> PonCapture:
    return make_capture(name)


@lru_cache(maxsize=4)
def records_in(name: str) -> list[Record]:
    return walk(spoilt(name).body)


@cache
def good() -> PonCapture:
    return make_capture()


def proof(name: str, culprit: int = 0) -> list[Record]:
    """Return the frames that prove a fault."""
    capture = spoilt(name)
    assert capture.truth.expected
    records = records_in(name)
    return [records[number - 1] for number in capture.truth.expected.culprits[culprit].frames]


def records_of(name: str, source: str, opcode: int) -> list[Record]:
    return [one for one in records_in(name) if one.opcode == opcode and one.source == source]


@pytest.mark.parametrize("name", PON_FAULTS)
def test_a_fault_names_its_proof_and_few_consequences(name: str) -> None:
    capture = spoilt(name)
    expected = capture.truth.expected
    assert expected
    assert capture.body != good().body
    llids = {registration.llid for onu in capture.truth.onus for registration in onu.registrations}
    for culprit in expected.culprits:
        assert culprit.frames == tuple(sorted(set(culprit.frames)))
        assert 1 <= culprit.frames[0] <= culprit.frames[-1] <= len(capture.truth.sent)
        assert culprit.mac is None or culprit.mac in {onu.mac for onu in capture.truth.onus}
        if expected.check != "LLID-3":
            assert culprit.llid in {*llids, 0x7FFF, None}
    assert capture.vlan_plan == good().vlan_plan


@pytest.mark.parametrize("name", PON_FAULTS)
def test_a_fault_is_possible_on_another_plant(name: str) -> None:
    expected = make_capture(name, seed=2, onus=6).truth.expected
    assert expected
    assert all(culprit.frames for culprit in expected.culprits)


def fcs_good(record: Record) -> bool:
    return zlib.crc32(record.frame[:-4]).to_bytes(4, "little") == record.frame[-4:]


def crc8_good(record: Record) -> bool:
    crc = 0
    for octet in (0xD5, 0x55, record.security, record.mode << 7 | record.llid >> 8, record.llid & 0xFF):
        crc ^= octet
        for _bit in range(8):
            crc = (crc >> 1) ^ 0xE0 if crc & 1 else crc >> 1
    return crc == record.crc8


@pytest.mark.parametrize(
    ("name", "is_damaged"),
    [
        ("crc8-errors", lambda record: not crc8_good(record)),
        ("bad-security-octet", lambda record: record.security & 0xFC != 0x54),
        ("fcs-errors", lambda record: record.security == 0x55 and not fcs_good(record)),
    ],
)
def test_only_the_named_frames_are_damaged(name: str, is_damaged: Callable[[Record], bool]) -> None:
    found = [record.number for record in records_in(name) if is_damaged(record)]
    expected = spoilt(name).truth.expected
    assert expected
    assert found == sorted(number for culprit in expected.culprits for number in culprit.frames)
    assert found


def test_frames_without_sld_have_none() -> None:
    capture = spoilt("no-sld")
    at, bad = 24, []
    for number in range(1, len(capture.truth.sent) + 1):
        kept = int.from_bytes(capture.body[at + 8 : at + 12], "little")
        if capture.body[at + 16 + 1] != 0xD5:
            bad.append(number)
        at += 16 + kept
    assert capture.truth.expected
    assert tuple(bad) == capture.truth.expected.culprits[0].frames


def speakers(name: str) -> dict[int, set[str]]:
    """Return who sends REPORT and REGISTER_ACK on each LLID."""
    found = defaultdict(set)
    for record in records_in(name):
        if record.opcode in {3, 6}:
            found[record.llid].add(record.source)
    return found


@pytest.mark.parametrize("name", ["duplicate-llid", "llid-reused-too-early"])
def test_one_llid_has_two_onus(name: str) -> None:
    assert speakers(name)[2] == {"00:25:9e:30:00:02", "00:25:9e:30:00:04"}
    assert all(record.llid == 2 and record.source == "00:25:9e:30:00:04" for record in proof(name))


def test_an_llid_that_is_reused_has_one_holder_at_a_time_and_no_second_between() -> None:
    times = {
        source: [one.time_ns for one in records_of("llid-reused-too-early", source, 3) if one.llid == 2]
        for source in speakers("llid-reused-too-early")[2]
    }
    (old, new) = (times["00:25:9e:30:00:02"], times["00:25:9e:30:00:04"])
    assert 0 < new[0] - old[-1] < 10**9
    old, new = (
        [one.time_ns for one in records_of("duplicate-llid", mac, 3) if one.llid == 2]
        for mac in ("00:25:9e:30:00:02", "00:25:9e:30:00:04")
    )
    assert old[-1] > new[-1] - 10_000_000 > new[0]


@pytest.mark.parametrize(
    ("name", "llid", "opcode"),
    [
        ("llid-never-assigned", 0x0123, 0),
        ("llid-reserved", 0x7F42, 0),
        ("llid-after-deregistration", 4, 3),
        ("report-before-registration", 0x7FFF, 3),
        ("register-on-other-llid", 1, 5),
    ],
)
def test_frames_on_an_llid_that_is_not_theirs(name: str, llid: int, opcode: int) -> None:
    assert proof(name)
    assert all((one.llid, one.opcode, one.mode) == (llid, opcode, 0) for one in proof(name))


@pytest.mark.parametrize(
    ("name", "llid", "mode"),
    [("reflected-frame", 3, 1), ("reflected-broadcast", 0x7FFF, 1), ("neighbours-frame", 1, 0)],
)
def test_reflected_frames_were_sent_up_before(name: str, llid: int, mode: int) -> None:
    sent_up: dict[bytes, int] = {}
    for one in records_in(name):
        if one.llid == 3 and not one.mode:
            sent_up.setdefault(one.frame, one.number)
    for one in proof(name):
        assert (one.llid, one.mode) == (llid, mode)
        assert sent_up[one.frame] < one.number


def clock(name: str, record: Record) -> int:
    """Return the OLT's clock at a frame, from the first GATE."""
    first = next(one for one in records_in(name) if one.opcode == 2)
    return (first.timestamp + (record.time_ns - first.time_ns) // 16) % WRAP


@pytest.mark.parametrize(("name", "least", "most"), [("grant-overlap", -400, -400), ("guard-too-small", 60, 60)])
def test_two_grants_come_too_near_at_the_olt(name: str, least: int, most: int) -> None:
    rtts = {onu.mac: onu.rtt_tq for onu in spoilt(name).truth.onus}
    (first,), (second,) = (grants_of(proof(name, culprit)[0]) for culprit in (0, 1))
    ends = first.start + first.length + rtts["00:25:9e:30:00:02"]
    assert least <= apart(second.start + rtts[ONU_3], ends) <= most


@pytest.mark.parametrize("name", ["grant-too-soon", "grant-too-short", "five-grants"])
def test_a_grant_breaks_its_rule(name: str) -> None:
    (gate,) = proof(name)
    grant = grants_of(gate)[0]
    found = {
        "grant-too-soon": apart(grant.start, gate.timestamp) < 1024,
        "grant-too-short": 0 < grant.length < 116,
        "five-grants": gate.frame[20] & 7 == 5,
    }
    assert [one for one, is_so in found.items() if is_so] == [name]


def test_more_grants_are_outstanding_than_the_onu_can_keep() -> None:
    gates = [one for one in records_in("too-many-outstanding") if one.opcode == 2 and one.llid == 3]
    most = 0
    for place, gate in enumerate(gates):
        recent = [grant for one in gates[max(0, place - 5) : place + 1] for grant in grants_of(one)]
        most = max(most, sum(apart(grant.start, gate.timestamp) > 0 for grant in recent))
    assert most == 6


def test_a_rogue_onu_sends_where_nobody_granted() -> None:
    windows = [
        (window.arrival_tq, window.length_tq) for window in spoilt("rogue-onu").truth.windows if window.onu is not None
    ]
    for number in spoilt("rogue-onu").truth.frames["rogue"]:
        at_tq = spoilt("rogue-onu").truth.sent[number - 1].at_tq
        assert not any(0 <= at_tq - arrival < length for arrival, length in windows)


def longest_ms(times_ns: list[int]) -> float:
    return max(later - earlier for earlier, later in pairwise(times_ns)) / 1e6


def test_reports_and_gates_are_late() -> None:
    for mac in ("00:25:9e:30:00:01", ONU_3):
        assert 50 < longest_ms([one.time_ns for one in records_of("late-report", mac, 3)]) < 100
    olt = spoilt("late-gate").truth.olt
    gates = [one.time_ns for one in records_of("late-gate", olt, 2) if one.llid == 3]
    assert 50 < longest_ms(gates) < 100
    assert longest_ms([one.time_ns for one in records_of("late-report", olt, 2) if one.llid == 3]) < 50


def test_a_lost_onu_is_silent_for_more_than_a_second_and_so_is_its_llid_in_the_end() -> None:
    records = records_in("lost-onu")
    last_up = records_of("lost-onu", ONU_3, 3)[-1]
    assert last_up == proof("lost-onu")[-1]
    assert records[-1].time_ns - last_up.time_ns > 1.5e9
    last = [one for one in records if one.llid == 3][-1]
    assert 0.9e9 < last.time_ns - last_up.time_ns < 1.1e9


def test_a_forced_report_is_missing() -> None:
    for culprit, mac in ((0, "00:25:9e:30:00:01"), (1, ONU_3)):
        (gate,) = proof("force-report-ignored", culprit)
        (grant,) = grants_of(gate)
        assert grant.forced
        reports = records_of("force-report-ignored", mac, 3)
        assert not any(0 <= apart(one.timestamp, grant.start) < grant.length for one in reports)
        assert longest_ms([one.time_ns for one in reports if one.time_ns > 0][200:]) < 50


def test_the_clock_drifts_steps_back_or_is_too_far() -> None:
    drifting = [apart(clock("clock-drift", one), one.timestamp) for one in records_of("clock-drift", ONU_3, 3)]
    assert drifting[0] - drifting[-1] == 40
    assert max(abs(later - earlier) for earlier, later in pairwise(drifting)) <= 1
    stamps = [one.timestamp for one in records_of("clock-steps-back", ONU_3, 3)]
    assert sum(apart(later, earlier) < 0 for earlier, later in pairwise(stamps)) == 1
    far = proof("too-far")[0]
    assert apart(clock("too-far", far), far.timestamp) > 12_500


def test_a_request_comes_outside_of_every_window() -> None:
    (request,) = proof("request-outside-window")
    windows = [grant for one in records_in("request-outside-window") if one.opcode == 2 for grant in grants_of(one)]
    windows = [grant for grant in windows if grant.discovery]
    assert not any(0 <= apart(request.timestamp, one.start) < one.length for one in windows)


def test_an_acknowledgement_is_late() -> None:
    for said in proof("late-acknowledge"):
        told = [one for one in records_in("late-acknowledge")[: said.number] if one.opcode == 5][-1]
        assert 50_000_000 < said.time_ns - told.time_ns < 100_000_000


def informed(name: str, source: str) -> list[int]:
    """Return the times of the Information PDUs on LLID 3."""
    return [
        one.time_ns
        for one in records_in(name)
        if one.llid == 3 and one.source == source and one.ethertype == 0x8809 and one.frame[17] == 0
    ]


def test_oam_is_late_too_often_or_too_long() -> None:
    assert 1000 < longest_ms(informed("oam-information-late", ONU_3)) < 5000
    often = informed("oam-too-often", spoilt("oam-too-often").truth.olt)
    assert max(sum(at <= other < at + 10**9 for other in often) for at in often) > 10
    assert len(proof("oam-too-long")[0].frame) == 1604


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("ctc-other-dialect", bytes.fromhex("fe 0f 001000 01 00 001000")),
        ("ctc-set-refused", bytes.fromhex("111111 04 37 0001 04 01000001 c7 0021 86")),
        ("loid-refused", bytes.fromhex("111111 05 04 0001 01")),
        ("key-request-unanswered", bytes.fromhex("111111 09 00 01")),
        ("key-index-repeats", bytes.fromhex("111111 09 01 01")),
        ("garbled-report", bytes.fromhex("09 ff ff")),
    ],
)
def test_octets_of_what_was_said_wrong(name: str, octets: bytes) -> None:
    assert proof(name)
    assert all(octets in one.frame for one in proof(name))


def test_frames_of_users_leave_their_vlan() -> None:
    assert {one.frame[12:16] for one in proof("leaked-vlan")} == {bytes.fromhex("8100 0067")}
    assert {one.ethertype for one in proof("untagged-leak")} == {0x0800}
    assert all(one.frame[0] & 1 and not one.mode for one in proof("multicast-on-unicast-llid"))


def test_a_churning_onu_gets_frames_in_clear() -> None:
    clear = proof("cleartext-though-churning")
    secret = [one for one in records_in("cleartext-though-churning") if one.security != 0x55]
    assert {one.llid for one in (*secret, *clear)} == {2}
    assert secret[0].number < clear[1].number
    assert all(one.security == 0x55 and fcs_good(one) for one in clear)
    assert len(secret) > len(clear) > 20
