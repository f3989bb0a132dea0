"""`linetest epon audit --olt`: the capture's counters beside those that the OLT shows over SNMP."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from linetest.bench.olt_agent import Agent, listening
from linetest.bench.olt_agent_tables import TABLES
from linetest.bench.olt_plant import made_plant
from linetest.bench.pon_capture import PonCapture, make_capture
from linetest.devices.olt_counters import read_counters
from linetest.devices.station import device_for, load_station

Call = Callable[..., subprocess.CompletedProcess[str]]
CONTROL, MPCP, OMP = "1.3.6.1.2.1.155.1.1.1.1", "1.3.6.1.2.1.155.1.1.2.1", "1.3.6.1.2.1.155.1.2.2.1"


@pytest.fixture(scope="module")
def pon() -> PonCapture:
    return make_capture(seconds=1.0)


def station(folder: Path, snmp: str, driver: str = "std_epon") -> Path:
    path = folder / "station.toml"
    path.write_text(
        f'name = "t"\n[device.olt7]\ndriver = "{driver}"\nsnmp = "{snmp}"\nsecrets = {{ community = "env:C" }}\n'
        if not snmp.startswith("replay")
        else f'name = "t"\n[device.olt7]\ndriver = "{driver}"\nsnmp = "{snmp}"\n'
    )
    return path


def recording(folder: Path, pon: PonCapture, less_reports: int = 0) -> Path:
    """Write what an OLT answers that has counted the capture and a hundred frames before it."""
    lines = []
    for number, onu in enumerate(pon.truth.onus, start=1):
        llid = onu.registrations[-1].llid
        true = pon.truth.counts[llid]
        lines += [
            f"1.3.6.1.2.1.31.1.1.1.1.{number}|4|EPON0/1:{number}",
            f"{CONTROL}.5.{number}|66|{llid}",
            f"{CONTROL}.6.{number}|4x|{onu.mac.replace(':', '')}",
            f"{CONTROL}.7.{number}|2|3",
            f"{CONTROL}.10.{number}|66|{onu.rtt_tq}",
            f"{MPCP}.10.{number}|70|{true.reports - less_reports if number == 2 else true.reports + 100}",
            f"{MPCP}.11.{number}|4|many",
            f"{OMP}.4.{number}|70|{true.frames_up}",
        ]
    path = folder / "olt.snmprec"
    path.write_text("\n".join(lines) + "\n")
    return path


def audited(call: Call, folder: Path, pon: PonCapture, *more: str) -> subprocess.CompletedProcess[str]:
    path = folder / "pon.pcap"
    path.write_bytes(pon.body)
    return call("epon", "audit", path, "--olt", "olt7", "--station", folder / "station.toml", *more)


def test_both_counters_stand_side_by_side_and_nothing_is_judged_by_them(
    call: Call, tmp_path: Path, pon: PonCapture
) -> None:
    station(tmp_path, f"replay:{recording(tmp_path, pon, less_reports=3)}")
    record = json.loads(audited(call, tmp_path, pon, "--json").stdout)
    olt = record["details"]["olt"]
    assert (olt["name"], olt["driver"]) == ("olt7", "std_epon")
    assert [one["mac"] for one in olt["links"]] == [one.mac for one in pon.truth.onus]
    rows = {(one["onu"], row["name"]): row for one in olt["links"] for row in one["counters"]}
    assert {name for _onu, name in rows} == {
        "dot3MpcpLinkID",
        "dot3MpcpRoundTripTime",
        "dot3MpcpRxReport",
        "dot3OmpEmulationGoodLLID",
    }  # a GATE counter that is a text is no counter
    true = {one.registrations[-1].llid: one for one in pon.truth.onus}
    for link in olt["links"]:
        told = {row["name"]: row for row in link["counters"]}
        assert told["dot3MpcpLinkID"] == {
            "name": "dot3MpcpLinkID", "capture": link["llid"], "olt": link["llid"], "differs": False, "fewer": False,
        }  # fmt: skip
        assert abs(told["dot3MpcpRoundTripTime"]["capture"] - true[link["llid"]].rtt_tq) <= 1
        reports = pon.truth.counts[link["llid"]].reports
        second = link["mac"] == pon.truth.onus[1].mac
        assert told["dot3MpcpRxReport"]["olt"] == (reports - 3 if second else reports + 100)
        assert (told["dot3MpcpRxReport"]["differs"], told["dot3MpcpRxReport"]["fewer"]) == (True, second)
        assert told["dot3OmpEmulationGoodLLID"]["differs"] is False
    assert [one["name"] for one in record["evidence"]] == ["pon.pcap", "olt7.snmprec"]
    assert record["simulated"] is True
    assert not any(check["verdict"] == "fail" for check in record["checks"])


def test_in_words_what_differs_is_marked(call: Call, tmp_path: Path, pon: PonCapture) -> None:
    station(tmp_path, f"replay:{recording(tmp_path, pon, less_reports=3)}")
    lines = audited(call, tmp_path, pon).stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    begin = lines.index("Counters of the capture, and what olt7 shows")
    (marked,) = [line for line in lines[begin:] if line.endswith("OLT has fewer")]
    assert "dot3MpcpRxReport" in marked
    assert sum(line.endswith("differs") and "dot3MpcpRxReport" in line for line in lines[begin:]) == 3


def test_an_olt_of_another_pon_is_told(call: Call, tmp_path: Path, pon: PonCapture) -> None:
    path = recording(tmp_path, pon)
    path.write_text(path.read_text().replace("00259e", "00259f"))
    station(tmp_path, f"replay:{path}")
    done = audited(call, tmp_path, pon)
    assert "olt7 shows none of the capture's ONUs" in done.stderr
    assert "Counters of the capture" not in done.stdout


def test_a_driver_without_counters_is_refused(call: Call, tmp_path: Path, pon: PonCapture) -> None:
    station(tmp_path, f"replay:{recording(tmp_path, pon)}", driver="huawei_smartax")
    done = audited(call, tmp_path, pon)
    assert done.returncode == 2
    assert "the driver huawei_smartax knows no counters of links" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_the_agent_of_the_bench_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C", "bench-1")
    plant = made_plant()
    with listening(Agent(TABLES["standard-epon"](plant), community="bench-1")) as address:
        entry = device_for(load_station(station(tmp_path, address)), "olt", "olt7")
        reading = read_counters(entry)
    online = {onu.mac: onu for onu in plant.onus if onu.is_up}
    counted = {str(one.mac): one for one in reading.links if one.counters}
    assert set(counted) == set(online)
    for mac, link in counted.items():
        assert (link.llid, link.rtt_tq) == (online[mac].llid, online[mac].rtt_tq)
        assert link.counters["dot3MpcpRxReport"] == 100 * online[mac].uptime_s
        assert link.counters["dot3OmpEmulationGoodLLID"] == 300 * online[mac].uptime_s
