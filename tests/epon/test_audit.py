"""The audit on simulated PONs: what is right passes, and each fault is found by its own check and by few others."""

import os
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from linetest.bench.pon_capture import CaptureForm, PonCapture, make_capture
from linetest.bench.pon_faults import PON_FAULTS
from linetest.catalog import load_profile
from linetest.epon.audit import check_all, listen
from linetest.epon.capture import open_capture, open_capture_bytes
from linetest.epon.measure import Asked, measure
from linetest.epon.metric_of import INFORMING, METRIC_OF
from linetest.epon.settings import EponSettings, settings_of
from linetest.epon.vlan_plan import read_vlan_plan
from linetest.model.codes import Reason, Verdict
from linetest.model.judge import judge_all
from linetest.model.reading import Measurement
from linetest.model.record import Check

Audited = tuple[Measurement, list[Check]]
# Needs a whole second capture each: a few stand for all where time counts.
SEEDS = (1, 2, 3) if os.environ.get("LINETEST_FULL") else (1,)
QUICK = ("duplicate-llid", "rogue-onu", "lost-onu", "grant-overlap", "loid-refused", "leaked-vlan", "wrong-echo")


def audit(capture: PonCapture, folder: Path) -> Audited:
    path = folder / "pon.pcap"
    path.write_bytes(capture.body)
    loaded = load_profile("epon-ctc")
    plan = read_vlan_plan(capture.vlan_plan, "plan")
    measured = measure(path, loaded.profile.limit, Asked(settings=settings_of(loaded), plan=plan))
    return measured, judge_all(loaded.profile.limit, measured.readings)


def broken(checks: list[Check]) -> dict[str, list[Check]]:
    """Return the checks that fail or warn, by id."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        if check.margin is not None and check.margin < 0:
            found.setdefault(str(check.id), []).append(check)
    return found


@pytest.fixture(scope="module")
def faultless() -> PonCapture:
    return make_capture()


def test_a_faultless_plant_passes_and_only_two_checks_are_skipped(faultless: PonCapture, tmp_path: Path) -> None:
    measured, checks = audit(faultless, tmp_path)
    assert {check.verdict for check in checks} == {Verdict.PASS, Verdict.SKIPPED}
    assert {check.id for check in checks if check.verdict is Verdict.SKIPPED} <= {"FEC-1", "ENC-2"}
    assert not any(check.marginal for check in checks)
    judged = {check.id for check in checks}
    told = {reading.where["check"] for reading in measured.readings if "check" in reading.where}
    assert judged | told == set(METRIC_OF)
    assert judged.isdisjoint(INFORMING)
    assert told <= INFORMING


def test_every_onu_is_in_service_and_who_ended_the_fourth_is_told(faultless: PonCapture, tmp_path: Path) -> None:
    measured, _checks = audit(faultless, tmp_path)
    onus = {one["mac"]: one for one in measured.details["onus"]}
    for true in faultless.truth.onus:
        told = onus[true.mac]
        assert told["reached"] == "vlan", told
        assert told["stopped_at"] is None
        assert told["llid"] == true.registrations[-1].llid
        assert told["rtt_tq"] == pytest.approx(true.rtt_tq, abs=1.0)
        assert told["registrations"] == len(true.registrations)
    ended = [reading for reading in measured.readings if reading.where.get("check") == "REG-7"]
    left = [one for true in faultless.truth.onus for one in true.registrations if one.left_frame is not None]
    assert [one.where["frames"] for one in ended] == [[one.left_frame] for one in left]
    assert {one.where["by"] for one in ended} == {"olt"}


def test_counters_are_those_of_the_truth(faultless: PonCapture, tmp_path: Path) -> None:
    measured, _checks = audit(faultless, tmp_path)
    told = {one["llid"]: one for one in measured.details["counters"]["llids"]}
    for llid, true in faultless.truth.counts.items():
        row = told[llid]
        assert row["up_frames"] == true.frames_up
        assert row["up_octets"] == true.octets_up
        assert row["dot3OmpEmulationOnuLLIDNotBroadcast"] == true.onu_llid_not_broadcast
        assert row["dot3OmpEmulationNotBroadcastBitNotOnuLlid"] == true.not_broadcast_bit_not_onu_llid
        assert row["dot3OmpEmulationBroadcastBitNotOnuLlid"] == true.broadcast_bit_not_onu_llid
        assert row["dot3OmpEmulationBroadcastBitPlusOnuLlid"] == true.broadcast_bit_plus_onu_llid
        assert row["dot3MpcpRxReport"] == true.reports
        assert row["undirected_frames"] == 0


def _find(name: str, folder: Path, seed: int = 1) -> None:
    capture = make_capture(name, seed=seed)
    expected = capture.truth.expected
    assert expected is not None
    _measured, checks = audit(capture, folder)
    found = broken(checks)
    assert expected.check in found
    assert set(found) <= {expected.check, *expected.consequences}
    assert len(expected.consequences) <= 3
    proofs = {frame for check in found[expected.check] for frame in check.where.get("frames", [])}
    wanted = {frame for culprit in expected.culprits for frame in culprit.frames}
    assert proofs & wanted or not wanted
    warns = expected.check in {"GRT-2", "ENC-1"}
    assert all((check.verdict is Verdict.PASS) is warns for check in found[expected.check])


@pytest.mark.parametrize("name", QUICK)
def test_a_fault_is_found_by_its_own_check(name: str, tmp_path: Path) -> None:
    _find(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", list(PON_FAULTS))
def test_every_fault_is_found_by_its_own_check(name: str, seed: int, tmp_path: Path) -> None:
    _find(name, tmp_path, seed)


def test_every_check_that_judges_has_a_fault_that_proves_it() -> None:
    undecidable = {"FEC-1"}
    assert {fault.check for fault in PON_FAULTS.values()} == set(METRIC_OF) - INFORMING - undecidable


SKIPPED_FOR = {
    "up": (CaptureForm(direction="up"), Reason.ONE_DIRECTION, {"GRT-1", "TS-3", "REG-1", "LLID-5", "CTC-2", "ISO-1"}),
    "down": (CaptureForm(direction="down"), Reason.ONE_DIRECTION, {"GRT-1", "TS-2", "RPT-1", "LLID-7", "CTC-3"}),
    "microseconds": (CaptureForm(nanosecond=False), Reason.COARSE_CLOCK, {"TS-1", "TS-2", "TS-3", "GRT-1", "GRT-6"}),
    "no preamble": (CaptureForm(lead=0), Reason.NO_PREAMBLE, {"PRE-1", "LLID-1", "LLID-5", "GRT-1", "ISO-1", "ENC-1"}),
    "short": (CaptureForm(snap_length=71), Reason.SHORT_SNAP, {"PRE-4", "CTC-1", "CTC-2"}),
}


@pytest.mark.parametrize("name", list(SKIPPED_FOR))
def test_what_a_capture_cannot_decide_is_skipped_with_the_reason(name: str, tmp_path: Path) -> None:
    form, reason, some = SKIPPED_FOR[name]
    _measured, checks = audit(make_capture(form=form), tmp_path)
    skipped = {str(check.id) for check in checks if check.verdict is Verdict.SKIPPED and check.reason == reason}
    assert some <= skipped
    failed = {check.id for check in checks if check.verdict is Verdict.FAIL}
    assert failed <= ({"PRE-4"} if form.lead == 0 else set())  # without preamble an encrypted frame looks damaged


@pytest.mark.parametrize("form", [CaptureForm(lead=6), CaptureForm(lead=8, container="pcapng", big_endian=True)])
def test_the_form_of_the_preamble_changes_nothing(form: CaptureForm, faultless: PonCapture, tmp_path: Path) -> None:
    _measured, checks = audit(make_capture(form=form), tmp_path)
    _same, others = audit(faultless, tmp_path)
    assert [(one.id, one.verdict, one.value) for one in checks] == [(one.id, one.verdict, one.value) for one in others]


def test_an_overlap_is_judged_at_the_olt_and_not_by_start_times(faultless: PonCapture) -> None:
    """In their own time bases grants of ONUs at different distances overlap; on the fibre they do not."""
    capture = open_capture_bytes("pon", faultless.body)
    heard = listen(capture.source, capture.blocks(), EponSettings())
    assert heard is not None
    order = np.argsort(heard.grant_start_tq)
    starts, ends = heard.grant_start_tq[order], (heard.grant_start_tq + heard.grants.length)[order]
    assert (np.maximum.accumulate(ends)[:-1] > starts[1:]).any()
    (outcome,) = [one for one in check_all(heard) if one.check == "GRT-1"]
    assert outcome.findings == []
    assert outcome.missing is None


def test_both_ways_to_the_arrays_give_the_same_findings_soon(tmp_path: Path) -> None:
    _compare_ways(make_capture(onus=2, seconds=0.5), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [None, "grant-overlap", "duplicate-llid", "garbled-report", "ctc-set-refused"])
def test_both_ways_to_the_arrays_give_the_same_findings(name: str | None, tmp_path: Path) -> None:
    _compare_ways(make_capture(name), tmp_path)


def _compare_ways(capture: PonCapture, tmp_path: Path) -> None:
    from linetest.epon.dissect import Sniffed, blocks_from_packets

    path = tmp_path / "pon.pcap"
    path.write_bytes(capture.body)
    fast = open_capture(path)
    plan = read_vlan_plan(capture.vlan_plan, "plan")
    settings = EponSettings(queue_sets=2)
    frames = []
    at = 24
    while at < len(capture.body):
        second, rest_ns, kept, length = np.frombuffer(capture.body, "<u4", 4, at).tolist()
        frames.append(Sniffed(second * 10**9 + rest_ns, capture.body[at + 16 : at + 16 + kept], length))
        at += 16 + kept
    by_block = listen(fast.source, fast.blocks(), settings, plan)
    by_packet = listen(fast.source, blocks_from_packets(frames, fast.source), settings, plan)
    assert by_block is not None
    assert by_packet is not None
    found = [check_all(by_block), check_all(by_packet)]
    assert found[0] == found[1]
    assert len(found[0]) == len(METRIC_OF)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_of_half_a_talk_no_onu_has_stopped_anywhere(direction: Literal["up", "down"], tmp_path: Path) -> None:
    measured, _checks = audit(make_capture(form=CaptureForm(direction=direction)), tmp_path)
    onus = measured.details["onus"]
    assert len(onus) == 4
    assert {one["stopped_at"] for one in onus} == {None}
    assert all(stage["state"] != "missing" for one in onus for stage in one["stages"])
