"""The audit of captures that were made to be hard: it stays small, says what it left out, and who ended what."""

from pathlib import Path

import pytest

from linetest.catalog import load_profile
from linetest.epon import answer, registration
from linetest.epon.measure import Asked, measure
from linetest.epon.settings import EponSettings
from linetest.errors import BadFile
from linetest.model.reading import Measurement
from linetest.reports.capture_text import onu_lines
from tests.epon.capture_files import CLOCK_NS, OLT, Record, mpcpdu, pcap, preamble

STEP_NS = 1_000_000


def onu(number: int) -> bytes:
    return (0x0200_0000_0100 + number).to_bytes(6, "big")


def request(number: int, *, leaves: bool = False) -> bytes:
    return preamble(0x7FFF) + mpcpdu(4, bytes([3 if leaves else 1, 4]), source=onu(number))


def register(number: int, llid: int, flags: int = 3) -> bytes:
    body = llid.to_bytes(2, "big") + bytes([flags, 0, 30, 4])
    return preamble(0x7FFF, mode=1) + mpcpdu(5, body, destination=onu(number), source=OLT)


def acknowledge(number: int, llid: int) -> bytes:
    return preamble(llid) + mpcpdu(6, bytes([1]) + llid.to_bytes(2, "big") + bytes([0, 30]), source=onu(number))


def audit(frames: list[bytes], folder: Path) -> Measurement:
    path = folder / "pon.pcap"
    path.write_bytes(pcap([Record(frame, CLOCK_NS + at * STEP_NS) for at, frame in enumerate(frames)]))
    return measure(path, load_profile("epon-ctc").profile.limit, Asked(settings=EponSettings()))


def test_an_onu_that_comes_and_goes_says_who_ended_it_and_how_often(tmp_path: Path) -> None:
    once = [request(1), register(1, 5), acknowledge(1, 5), register(1, 5, 2)]
    measured = audit([*once * 3, *once[:3]], tmp_path)
    (told,) = measured.details["onus"]
    assert (told["ended_by"], told["ended_frame"], told["ended_count"]) == ("olt", 12, 3)
    assert (told["is_registered"], told["registrations"]) == (True, 4)
    line = onu_lines(measured.details, 80)[-1]
    assert "the OLT (3x), came back" in line
    assert len(line) <= 80


def test_more_registrations_than_can_be_judged_are_left_out_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [register(number, number % 100 + 1) for number in range(300)]
    assert audit(frames, tmp_path).warnings == []
    monkeypatch.setattr(registration, "MOST_PERIODS", 200)
    assert audit(frames, tmp_path).warnings == ["too-many-registrations"]


def test_a_record_does_not_list_a_million_onus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "MOST_ONUS", 10)
    measured = audit([request(number) for number in range(300)], tmp_path)
    assert len(measured.details["onus"]) == 10
    assert {one["stopped_at"] for one in measured.details["onus"]} == {"registration"}


def test_llid_1_sees_the_intruder_among_many_holders(tmp_path: Path) -> None:
    """Holders that follow one another are no fault; one that speaks while another holds the LLID is."""
    report = mpcpdu(3, bytes([0]), source=onu(1))
    frames = []
    for number in (1, 2, 3):
        frames += [request(number), register(number, 5), acknowledge(number, 5), preamble(5) + report]
        frames += [register(number, 5, 2)]
    measured = audit(frames, tmp_path)
    (reading,) = [one for one in measured.readings if one.metric == "epon.duplicate_llid_count" and one.value]
    assert (reading.value, reading.where["mac"], reading.where["frames"]) == (2.0, "02:00:00:00:01:01", [9, 14])


def test_a_capture_without_anything_of_an_epon_is_refused_and_does_not_pass(tmp_path: Path) -> None:
    pause = bytes.fromhex("0180c2000001 0200000000a1 8808 0001 00ff").ljust(60, b"\0")
    path = tmp_path / "pause.pcap"
    path.write_bytes(pcap([Record(pause), Record(pause)], network=1))
    with pytest.raises(BadFile, match="nothing of an EPON in this capture"):
        measure(path, load_profile("epon-ctc").profile.limit, Asked(settings=EponSettings()))
