"""A simulated PON's capture, walked with struct alone and held against the rules of IEEE 802.3 clauses 57, 64 and 65.

All times are recovered from the bytes as an analyser would: OLT clock from the downstream timestamps, round-trip times
from the upstream ones.
"""

import struct
import tomllib
import zlib
from bisect import bisect
from collections import defaultdict
from functools import cache
from itertools import pairwise

import pytest

from linetest.bench.pon_capture import CaptureForm, PonCapture, make_capture
from linetest.errors import UsageError
from tests.bench.pon_walk import LASER_AND_SYNC_TQ, LEAST_PROCESSING_TQ, WRAP, Grant, Record, apart, grants_of, walk


@cache
def good() -> PonCapture:
    return make_capture()


@cache
def good_records() -> list[Record]:
    return walk(good().body)


def olt_clock(record: Record) -> int:
    """Return the OLT's clock at a record, from the first GATE of the capture."""
    first = next(one for one in good_records() if one.opcode == 2)
    return (first.timestamp + (record.time_ns - first.time_ns) // 16) % WRAP


def is_up(record: Record) -> bool:
    return good().truth.sent[record.number - 1].up


@cache
def unicast_grants() -> dict[int, list[Grant]]:
    found = defaultdict(list)
    for record in good_records():
        if record.opcode == 2:
            for grant in grants_of(record):
                if not grant.discovery:
                    found[record.llid].append(grant)
    return found


def latest_grants(record: Record) -> list[Grant]:
    """Return the last grants that its LLID got before an upstream frame."""
    own = unicast_grants()[record.llid]
    behind = bisect(own, record.number, key=lambda grant: grant.gate.number)
    return own[max(0, behind - 3) : behind]


@cache
def rtt_of(llid: int) -> int:
    return next(onu.rtt_tq for onu in good().truth.onus if onu.registrations[0].llid == llid)


def test_a_seed_gives_the_same_bytes_and_another_one_does_not() -> None:
    assert make_capture(seconds=0.5).body == make_capture(seconds=0.5).body
    assert make_capture(seconds=0.5).body != make_capture(seconds=0.5, seed=2).body


def test_the_records_are_the_frames_of_the_truth_in_order_of_time() -> None:
    sent, records = good().truth.sent, good_records()
    assert len(records) == len(sent) < 20_000
    assert all(one.time_ns <= other.time_ns for one, other in pairwise(records))
    for record, frame in zip(records, sent, strict=True):
        assert (record.llid, record.mode) == (frame.llid, frame.mode)
    assert good().truth.frames["register-req"] == tuple(one.number for one in records if one.opcode == 4)


def test_crc8_and_fcs_are_right() -> None:
    for record in good_records():
        crc = 0
        for octet in (0xD5, 0x55, record.security, record.mode << 7 | record.llid >> 8, record.llid & 0xFF):
            crc ^= octet
            for _bit in range(8):
                crc = (crc >> 1) ^ 0xE0 if crc & 1 else crc >> 1
        assert crc == record.crc8
        if record.security == 0x55:
            assert zlib.crc32(record.frame[:-4]).to_bytes(4, "little") == record.frame[-4:]
        assert 64 <= len(record.frame) <= 1522


@pytest.mark.parametrize(
    ("llid", "golden"), [(0xFFFF, 0x23), (0x7FFF, 0x8B), (0x0001, 0x96), (0x0002, 0xE4), (0xFFFE, 0xB2)]
)
def test_crc8_of_known_preambles(llid: int, golden: int) -> None:
    from linetest.bench.pon_frames import crc8, preamble

    assert preamble(llid & 0x7FFF, llid >> 15, lead=7)[-1] == golden
    assert crc8(b"123456789") == 0x20


def test_the_olts_clock_wraps_in_the_story_and_runs_at_16_ns() -> None:
    down = [record for record in good_records() if record.opcode and not is_up(record)]
    assert all(record.timestamp == olt_clock(record) for record in down)
    assert sum(later.timestamp < earlier.timestamp for earlier, later in pairwise(down)) == 1


def test_upstream_timestamps_lag_by_the_round_trip_time() -> None:
    seen = defaultdict(set)
    for record in good_records():
        if record.opcode and is_up(record):
            seen[record.source].add(apart(olt_clock(record), record.timestamp))
    assert seen == {onu.mac: {onu.rtt_tq} for onu in good().truth.onus}
    assert len({onu.rtt_tq for onu in good().truth.onus}) == 4
    assert all(0 < onu.rtt_tq <= 12_500 for onu in good().truth.onus)


def test_grants_do_not_meet_at_the_olt_and_leave_room_for_the_lasers() -> None:
    origin = good_records()[0].time_ns
    windows = []
    for llid, grants in unicast_grants().items():
        for grant in grants:
            sent_at = (grant.gate.time_ns - origin) // 16
            begins = sent_at + apart(grant.start, grant.gate.timestamp) + rtt_of(llid)
            windows.append((begins, begins + grant.length))
            assert apart(grant.start, grant.gate.timestamp) >= LEAST_PROCESSING_TQ
            assert grant.length >= LASER_AND_SYNC_TQ
    windows.sort()
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(windows)]
    assert len(windows) > 1_000
    assert min(gaps) >= 2 * LASER_AND_SYNC_TQ


def test_discovery_windows_hold_no_other_grant_and_all_requests() -> None:
    discoveries = [grant for record in good_records() if record.opcode == 2 for grant in grants_of(record)]
    discoveries = [grant for grant in discoveries if grant.discovery]
    requests = [record for record in good_records() if record.opcode == 4]
    assert len(requests) == 5
    for request in requests:
        inside = [one for one in discoveries if 0 <= apart(request.timestamp, one.start) < one.length]
        assert len(inside) == 1
        assert request.llid == 0x7FFF
    for window in discoveries:
        for llid, grants in unicast_grants().items():
            for grant in grants:
                begins = apart(grant.start + rtt_of(llid), window.start)
                assert begins >= window.length + 12_500 or begins + grant.length <= 0


def test_what_an_onu_sends_lies_in_a_grant_with_room_for_it() -> None:
    taken: dict[int, int] = defaultdict(int)
    for record in good_records():
        if not is_up(record) or record.llid == 0x7FFF:
            continue
        own = latest_grants(record)
        local = (olt_clock(record) - rtt_of(record.llid)) % WRAP
        octets_tq = -(-(8 + len(record.frame) + 12) // 2)
        holding = [
            grant
            for grant in own
            if apart(local, grant.start) >= 0 and apart(local + octets_tq, grant.start) <= grant.length
        ]
        assert len(holding) == 1, record
        grant = holding[0]
        begins = apart(local, grant.start)
        assert begins >= max(taken[id(grant)], 32 + 52)
        taken[id(grant)] = begins + octets_tq


def test_what_the_olt_sends_does_not_collide() -> None:
    down = [record for record in good_records() if not is_up(record)]
    for earlier, later in pairwise(down):
        assert later.time_ns - earlier.time_ns >= 8 * (8 + len(earlier.frame) + 12) - 8


def sessions() -> list[tuple[str, int, int, int]]:
    """Return MAC, LLID, and the capture times from and to which an ONU is registered."""
    last_ns = good_records()[-1].time_ns
    found = []
    for onu in good().truth.onus:
        for one in onu.registrations:
            left_ns = good_records()[one.left_frame - 1].time_ns if one.left_frame else last_ns
            found.append((onu.mac, one.llid, one.registered_at_ns, left_ns))
    return found


def test_gates_and_reports_come_often_enough_while_an_onu_is_registered() -> None:
    assert len(sessions()) == 5
    for mac, llid, from_ns, to_ns in sessions():
        for wanted in (
            [one.time_ns for one in good_records() if one.opcode == 2 and one.llid == llid],
            [one.time_ns for one in good_records() if one.opcode == 3 and one.source == mac],
        ):
            inside = [from_ns, *(time_ns for time_ns in wanted if from_ns <= time_ns <= to_ns), to_ns]
            assert max(later - earlier for earlier, later in pairwise(inside)) < 25_000_000


def test_a_grant_that_asks_for_a_report_gets_one() -> None:
    reports = [record for record in good_records() if record.opcode == 3]
    forced = [(llid, grant) for llid, grants in unicast_grants().items() for grant in grants if grant.forced]
    assert len(forced) > 100
    for llid, grant in forced:
        assert any(one.llid == llid and 0 <= apart(one.timestamp, grant.start) < grant.length for one in reports)


def test_reports_have_two_queue_sets_that_fill_what_they_claim() -> None:
    for record in good_records():
        if record.opcode != 3:
            continue
        at, sets = 21, record.frame[20]
        assert sets == 2
        for _set in range(sets):
            at += 1 + 2 * record.frame[at].bit_count()
        assert not any(record.frame[at:-4])


def test_registrations_are_asked_granted_and_acknowledged_with_equal_echoes() -> None:
    records = good_records()
    for onu in good().truth.onus:
        for one in onu.registrations:
            assert one.asked_frame
            assert one.register_frame
            assert one.acknowledge_frame
            asked, told, said = (
                records[number - 1] for number in (one.asked_frame, one.register_frame, one.acknowledge_frame)
            )
            assert told.frame[:6] == asked.frame[6:12]
            assert asked.frame[20] == 1
            llid, flags, sync, pending = struct.unpack_from(">HBHB", told.frame, 20)
            assert (llid, flags, pending) == (one.llid, 3, asked.frame[21])
            assert struct.unpack_from(">BHH", said.frame, 20) == (1, llid, sync)
            assert said.llid == llid
            assert 0 < said.time_ns - told.time_ns < 50_000_000
            between = records[one.register_frame : one.acknowledge_frame - 1]
            assert any(record.opcode == 2 and record.llid == llid for record in between)


def oam() -> list[Record]:
    return [record for record in good_records() if record.ethertype == 0x8809 and record.security == 0x55]


def test_oam_becomes_stable_and_keeps_its_rates() -> None:
    for mac, llid, from_ns, to_ns in sessions():
        for source in (mac, good().truth.olt):
            own = [one for one in oam() if one.llid == llid and one.source == source and from_ns <= one.time_ns < to_ns]
            assert own[0].frame[16] & 0x10 == 0
            assert own[-1].frame[16] == 0x50
            informed = [one.time_ns for one in own if one.frame[17] == 0]
            assert max(later - earlier for earlier, later in pairwise([*informed, to_ns])) <= 10**9
            for at, one in enumerate(own[:-10]):
                assert own[at + 10].time_ns - one.time_ns > 10**9


def test_the_users_of_each_llid_stay_in_their_vlan() -> None:
    vids = defaultdict(set)
    for record in good_records():
        if record.ethertype == 0x8100:
            vids[record.llid].add(int.from_bytes(record.frame[14:16], "big"))
        elif record.security == 0x55:
            assert record.ethertype in {0x8808, 0x8809}
    assert vids == {0x7FFF: {4000}, 1: {101}, 2: {102}, 3: {103}, 4: {104}}
    plan = tomllib.loads(good().vlan_plan)
    assert plan == {
        "shared": [4000],
        "llid": {"1": [101], "3": [103]},
        "mac": {"00:25:9e:30:00:02": [102], "00:25:9e:30:00:04": [104]},
    }


def test_one_onu_gets_only_encrypted_frames_after_its_key() -> None:
    truth = good().truth
    first_key = truth.frames["new-key"][0]
    securities = set()
    for record in good_records():
        is_users = truth.sent[record.number - 1].meaning == "user-down" and record.llid == 2
        assert (record.security != 0x55) == (is_users and record.number > first_key)
        securities.add(record.security)
        if record.security != 0x55:
            assert record.frame[:6] != truth.sent[record.number - 1].frame[:6]
    assert securities == {0x55, 0x56, 0x57}


def test_counts_of_the_truth_are_those_of_the_bytes() -> None:
    for llid, counts in good().truth.counts.items():
        up = [one for one in good_records() if is_up(one) and one.llid == llid]
        down = [one for one in good_records() if not is_up(one) and one.llid == llid]
        assert (counts.frames_up, counts.octets_up) == (len(up), sum(len(one.frame) for one in up))
        assert (counts.frames_down, counts.octets_down) == (len(down), sum(len(one.frame) for one in down))
        assert counts.reports == sum(one.opcode == 3 for one in up)
        assert counts.onu_llid_not_broadcast == sum(one.mode == 0 for one in down)
        assert counts.granted_tq == sum(
            grant.length for one in down for grant in (grants_of(one) if one.opcode == 2 else [])
        )
    heard = {
        (
            counts.onu_llid_not_broadcast
            + counts.not_broadcast_bit_not_onu_llid
            + counts.broadcast_bit_not_onu_llid
            + counts.broadcast_bit_plus_onu_llid
        )
        for counts in good().truth.counts.values()
    }
    assert heard == {sum(not is_up(one) for one in good_records())}


@pytest.mark.parametrize("onus", [1, 2, 17, 64])
def test_any_number_of_onus_registers(onus: int) -> None:
    truth = make_capture(onus=onus, seconds=1.9).truth
    assert len({one.llid for onu in truth.onus for one in onu.registrations}) == onus
    assert len({onu.mac for onu in truth.onus}) == onus
    windows = sorted((one.arrival_tq, one.length_tq) for one in truth.windows if one.onu is not None)
    assert all(later[0] - sum(earlier) >= LASER_AND_SYNC_TQ for earlier, later in pairwise(windows))


@pytest.mark.parametrize("onus", [0, 65])
def test_too_few_or_too_many_onus_are_refused(onus: int) -> None:
    with pytest.raises(UsageError, match="1 to 64 ONUs"):
        make_capture(onus=onus)


def test_a_part_of_the_capture_has_its_own_numbers() -> None:
    up = make_capture(seconds=1.0, form=CaptureForm(direction="up"))
    assert all(sent.up for sent in up.truth.sent)
    assert "gate" not in up.truth.frames
    assert up.truth.onus[0].registrations[0].register_frame is None
    assert len(walk(up.body)) == len(up.truth.sent)


def test_a_snap_length_keeps_the_true_length() -> None:
    body = make_capture(seconds=0.3, form=CaptureForm(snap_length=71)).body
    lengths = set()
    at = 24
    while at < len(body):
        _second, _rest, kept, length = struct.unpack_from("<IIII", body, at)
        assert kept == min(71, length)
        lengths.add(length)
        at += 16 + kept
    assert at == len(body)
    assert max(lengths) > 71
