"""Simulated captures of a PON against independent readers: tshark for everything but grants, tcpdump for grants."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from linetest.bench.pon_capture import CaptureForm, PonCapture, make_capture
from linetest.bench.pon_plant import olt_clock
from linetest.bench.pon_sent import Sent

Need = Callable[[bool, str], None]
pytestmark = pytest.mark.peer

_FIELDS = [
    "frame.len",
    "epon.mode",
    "epon.llid",
    "epon.checksum.status",
    "epon.dpoe.sec",
    "eth.src",
    "eth.fcs.status",
    "macc.opcode",
    "macc.timestamp",
    "macc.reg.flags",
    "macc.regreq.grants",
    "macc.reg.assignedport",
    "macc.reg.synctime",
    "macc.reg.grants",
    "macc.regack.assignedport",
    "macc.regack.synctime",
    "oampdu.flags",
    "oampdu.code",
    "_ws.malformed",
    "_ws.expert.message",
    "frame.time_epoch",
]
_ENCRYPTED = "Remaining data is encrypted and will not decode."
_CRC8_GOOD = "1"


def dissect(
    capture: PonCapture, folder: Path, *, fcs: bool = True, malformed: tuple[int, ...] = ()
) -> list[dict[str, str]]:
    """Return tshark's fields of each frame; only the named ones may be malformed."""
    file = folder / "pon.pcap"
    file.write_bytes(capture.body)
    options = ["-o", f"eth.fcs:{'always' if fcs else 'never'}", "-o", f"eth.check_fcs:{'TRUE' if fcs else 'FALSE'}"]
    chosen = [word for field in _FIELDS for word in ("-e", field)]
    said = subprocess.run(
        ["tshark", "-n", "-r", file, *options, "-T", "fields", "-E", "separator=|", *chosen],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    rows = [dict(zip(_FIELDS, line.split("|"), strict=True)) for line in said]
    assert len(rows) == len(capture.truth.sent)
    assert tuple(number for number, row in enumerate(rows, start=1) if row["_ws.malformed"]) == malformed
    return rows


@pytest.fixture(autouse=True)
def _tshark(need: Need) -> None:
    need(shutil.which("tshark") is not None, "tshark is not installed")


@cache
def good() -> tuple[PonCapture, list[dict[str, str]]]:
    """Return the capture on which all is good, and what tshark says of it."""
    capture = make_capture()
    with TemporaryDirectory() as folder:
        return capture, dissect(capture, Path(folder))


def clock_of(sent: Sent) -> int:
    assert sent.lag_tq is not None
    return olt_clock(sent.at_tq - sent.lag_tq)


def test_tshark_finds_nothing_wrong_and_the_same_preambles() -> None:
    capture, rows = good()
    for row, sent in zip(rows, capture.truth.sent, strict=True):
        assert (int(row["epon.mode"], 0), int(row["epon.llid"], 0)) == (sent.mode, sent.llid)
        assert row["epon.checksum.status"] == _CRC8_GOOD
        assert row["_ws.expert.message"] == (_ENCRYPTED if sent.key is not None else "")
        if sent.key is None:
            assert row["eth.fcs.status"] == "1"
            assert row["eth.src"] == sent.frame[6:12].hex(":")
        if sent.lag_tq is not None:
            assert int(row["macc.timestamp"], 0) == clock_of(sent)


def test_tshark_reads_the_same_registrations() -> None:
    capture, rows = good()
    for onu in capture.truth.onus:
        for one in onu.registrations:
            assert one.register_frame
            assert one.acknowledge_frame
            told, said = rows[one.register_frame - 1], rows[one.acknowledge_frame - 1]
            assert (told["macc.opcode"], said["macc.opcode"]) == ("0x0005", "0x0006")
            assert int(told["macc.reg.assignedport"], 0) == int(said["macc.regack.assignedport"], 0) == one.llid
            assert int(told["macc.reg.synctime"], 0) == int(said["macc.regack.synctime"], 0) == 52
            assert int(told["macc.reg.grants"], 0) == 4
    assert Counter(row["macc.opcode"] for row in rows)["0x0004"] == 5


def test_tshark_reads_the_same_oam() -> None:
    capture, rows = good()
    seen = 0
    for row, sent in zip(rows, capture.truth.sent, strict=True):
        if sent.frame[12:14] == b"\x88\x09":
            seen += 1
            assert int(row["oampdu.flags"], 0) == int.from_bytes(sent.frame[15:17], "big")
            assert int(row["oampdu.code"], 0) == sent.frame[17]
    assert seen > 100


@pytest.mark.parametrize(
    "form",
    [
        CaptureForm(lead=6),
        CaptureForm(lead=8, big_endian=True),
        CaptureForm(fcs=False, container="pcapng"),
        CaptureForm(container="pcapng", big_endian=True, nanosecond=False),
        CaptureForm(nanosecond=False, direction="down"),
    ],
    ids=["six", "eight", "pcapng", "microsecond", "down"],
)
def test_tshark_reads_every_form(form: CaptureForm, tmp_path: Path) -> None:
    capture = make_capture(seconds=1.8, form=form)
    for row, sent in zip(dissect(capture, tmp_path, fcs=form.fcs), capture.truth.sent, strict=True):
        assert (int(row["epon.llid"], 0), row["epon.checksum.status"]) == (sent.llid, _CRC8_GOOD)
        assert int(row["frame.len"]) == len(sent.frame) + form.lead + (4 if form.fcs else 0)
        assert not form.fcs or row["eth.fcs.status"] == "1"
        second, fraction = row["frame.time_epoch"].split(".")
        time_ns = int(second) * 10**9 + int(fraction.ljust(9, "0"))
        true_ns = 1_795_305_600_000_000_000 + sent.at_tq * 16
        assert time_ns == (true_ns if form.nanosecond else true_ns // 1000 * 1000)


def test_tshark_reads_plain_ethernet(tmp_path: Path) -> None:
    capture = make_capture(seconds=1.8, form=CaptureForm(lead=0))
    for row, sent in zip(dissect(capture, tmp_path), capture.truth.sent, strict=True):
        assert row["epon.llid"] == ""
        assert row["eth.src"] == sent.frame[6:12].hex(":")
        assert row["eth.fcs.status"] == "1"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "damages", "is_malformed"),
    [
        ("no-sld", True, True),
        ("bad-security-octet", True, True),
        ("crc8-errors", True, False),
        ("fcs-errors", True, False),
        ("duplicate-llid", False, False),
        ("five-grants", False, False),
        ("garbled-report", False, False),
        ("oam-too-long", False, False),
        ("ctc-other-dialect", False, False),
        ("loid-refused", False, False),
    ],
)
def test_tshark_finds_the_damaged_frames_and_no_others(
    name: str, damages: bool, is_malformed: bool, tmp_path: Path
) -> None:
    capture = make_capture(name)
    assert capture.truth.expected
    named = tuple(sorted(number for one in capture.truth.expected.culprits for number in one.frames))
    rows = dissect(capture, tmp_path, malformed=named if is_malformed else ())
    told = [row["_ws.expert.message"] for row in rows]
    found = tuple(number for number, text in enumerate(told, start=1) if text not in {"", _ENCRYPTED})
    assert found == (named if damages else ())


def test_tcpdump_reads_the_same_grants(need: Need, tmp_path: Path) -> None:
    need(all(map(shutil.which, ("tcpdump", "editcap"))), "tcpdump or editcap is not installed")
    capture = make_capture(seconds=2.0)
    (tmp_path / "pon.pcap").write_bytes(capture.body)
    plain = tmp_path / "plain.pcap"
    subprocess.run(
        ["editcap", "-L", "-C", "0:7", "-T", "ether", tmp_path / "pon.pcap", plain], check=True, capture_output=True
    )
    said = subprocess.run(
        ["tcpdump", "-nvr", plain, "ether proto 0x8808"], check=True, capture_output=True, text=True
    ).stdout
    found = [
        (int(start), int(length))
        for start, length in re.findall(r"Grant #\d+, Start-Time (\d+) ticks, duration (\d+) ticks", said)
    ]
    windows = sorted(capture.truth.windows, key=lambda window: window.gate.at_tq)
    assert found == [(olt_clock(window.start_tq), window.length_tq) for window in windows]
    assert said.count("MPCP, Opcode Gate") == len(windows)
    stamps = [int(stamp) for stamp in re.findall(r"Timestamp (\d+) ticks", said)]
    assert stamps == [clock_of(sent) for sent in capture.truth.sent if sent.lag_tq is not None]
