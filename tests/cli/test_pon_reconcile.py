"""`linetest pon reconcile` against a simulated OLT, with the meter and the trace given or kept, and as a step."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.bench.olt import OLTS, running
from linetest.bench.olt_plant import CUSTOMER, Plant

Call = Callable[..., CompletedProcess[str]]
MODEL = OLTS["huawei-gpon"]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    monkeypatch.setenv("OLT_COMMUNITY", "bench-1")
    monkeypatch.setenv("LINETEST_HOME", str(tmp_path / "home"))
    plant = MODEL.plant("good")
    with running(MODEL, plant, community="bench-1", password="x") as at:
        path = tmp_path / "station.toml"
        path.write_text(
            f'name = "t"\n[device.olt7]\ndriver = "{MODEL.driver}"\nsnmp = "{at.snmp}"\n'
            'secrets = { community = "env:OLT_COMMUNITY" }\n'
        )
        monkeypatch.setenv("LINETEST_STATION", str(path))
        yield plant


def at_socket_dbm(plant: Plant) -> float:
    onu = plant.find(CUSTOMER)
    assert onu is not None
    return plant.rx_dbm(onu) + 0.4


def test_a_link_whose_readings_fit_passes(plant: Plant, call: Call) -> None:
    level, loss = at_socket_dbm(plant), 4.5 - at_socket_dbm(plant) + 0.27
    done = call(
        *("pon", "reconcile", "olt7", "0/1/0:5", "--meter-dbm", f"{level:.2f}"),
        *("--otdr-loss-db", f"{loss:.2f}", "--otdr-nm", "1310"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all fit" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_the_meter_alone_is_named_and_why_it_matters(plant: Plant, call: Call) -> None:
    level, loss = at_socket_dbm(plant) - 7.0, 4.5 - at_socket_dbm(plant) + 0.27
    given = ("--meter-dbm", f"{level:.2f}", "--otdr-loss-db", f"{loss:.2f}", "--otdr-nm", "1310")
    done = call("pon", "reconcile", "olt7", "0/1/0:5", *given)
    assert done.returncode == 1
    assert "does not fit: by the meter" in done.stdout
    assert "clean its connector" in " ".join(done.stdout.split())
    record = json.loads(call("pon", "reconcile", "olt7", "0/1/0:5", *given, "--json").stdout)
    (check,) = [check for check in record["checks"] if check["metric"] == "optical.disagreeing_count"]
    assert (check["verdict"], check["hint"], check["where"]) == ("fail", "dirty-meter", {"told_by": "meter"})
    assert record["details"]["reconcile"]["off_db"] == pytest.approx(7.0, abs=1.0)
    assert {one["metric"] for one in record["readings"]} >= {"pon.onu_rx_dbm", "optical.power_dbm"}


def test_without_meter_and_trace_what_differs_is_not_decided(plant: Plant, call: Call) -> None:
    done = call("pon", "reconcile", "olt7", "0/1/0:5", "--meter-dbm", "-35")
    assert done.returncode == 3
    assert "nobody can say which is wrong" in " ".join(done.stdout.split())


def test_a_port_a_lonely_loss_and_a_wrong_profile_are_refused(plant: Plant, call: Call) -> None:
    assert call("pon", "reconcile", "olt7", "0/1/0").returncode == 2
    lonely = call("pon", "reconcile", "olt7", "0/1/0:5", "--otdr-loss-db", "20")
    assert lonely.returncode == 2
    assert "--otdr-nm" in lonely.stderr


def test_a_number_that_is_none_is_refused(plant: Plant, call: Call) -> None:
    done = call("pon", "reconcile", "olt7", "0/1/0:5", "--meter-dbm", "nan")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--meter-dbm: nan is not a number" in done.stderr


def test_an_onu_that_is_not_there_is_said_to_be_so(plant: Plant, call: Call) -> None:
    done = call("pon", "reconcile", "olt7", "0/1/0:99", "--meter-dbm", "-20")
    assert (done.returncode, done.stdout) == (3, "")
    assert "there is no ONU 0/1/0:99" in done.stderr


def test_the_page_shows_the_sides_and_what_follows(plant: Plant, call: Call, tmp_path: Path) -> None:
    given = ("--meter-dbm", f"{at_socket_dbm(plant):.2f}")
    record = json.loads(call("pon", "reconcile", "olt7", "0/1/0:5", *given, "--json").stdout)
    page = tmp_path / "link.html"
    assert call("report", record["id"], "--html", str(page)).returncode == 0
    html = page.read_text(encoding="utf-8")
    (meter,) = [side for side in record["details"]["reconcile"]["sides"] if side["side"] == "meter"]
    assert f">{meter['loss_db']:.2f}<" in html
    assert "all fit: " in html


PROFILE = """
name = "light-and-onu"
kind = "limits"
[[step]]
room = "{first}"
[[step]]
room = "{second}"
[[limit]]
metric = "pon.online_count"
min = 1.0
source = "test"
[[limit]]
metric = "optical.disagreeing_count"
max = 0.0
source = "test"
"""


def test_as_a_step_it_compares_what_was_measured_before(plant: Plant, call: Call, tmp_path: Path) -> None:
    order = tmp_path / "order.toml"
    order.write_text('number = "WO-8"\naccess = "ftth-gpon"\n[[line]]\nid = "LINE-1"\nolt = "olt7"\nonu = "0/1/0:5"\n')
    profile = tmp_path / "p.toml"
    profile.write_text(PROFILE.format(first="pon", second="reconcile"))
    done = call("accept", str(order), "--profile", str(profile), "--no-push", "--json")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    verdicts = {check["metric"]: check["verdict"] for check in record["checks"]}
    assert verdicts == {"pon.online_count": "pass", "optical.disagreeing_count": "pass"}
    assert len(record["details"]["reconcile"]["sides"]) == 2
    profile.write_text(PROFILE.format(first="reconcile", second="pon"))
    refused = call("accept", str(order), "--profile", str(profile), "--no-push")
    assert refused.returncode == 2
    assert "behind the step pon" in " ".join(refused.stderr.split())
    # The kept record of the line is what --line takes from.
    again = call("pon", "reconcile", "olt7", "0/1/0:5", "--line", "LINE-1")
    assert again.returncode == 0, again.stdout


def test_beside_the_first_record_of_the_line_a_small_fault_is_named(plant: Plant, call: Call, tmp_path: Path) -> None:
    from linetest.model.clock import now_text
    from linetest.model.codes import Verdict
    from linetest.model.reading import Reading
    from linetest.model.record import ProfileUsed, Record
    from linetest.store.opened import open_store
    from linetest.store.records import append

    level = at_socket_dbm(plant)
    told = {"pon.olt_tx_dbm": 4.5, "pon.onu_rx_dbm": -18.4, "pon.onu_tx_dbm": 2.3, "pon.olt_rx_dbm": -20.87}
    readings = [Reading(metric=metric, value=value, unit="dBm") for metric, value in told.items()]
    readings.append(Reading(metric="optical.power_dbm", value=level, unit="dBm", where={"wavelength_nm": 1490.0}))
    loss = 4.5 - level + 0.27
    readings.append(Reading(metric="otdr.link_loss_db", value=loss, unit="dB", where={"wavelength_nm": 1310.0}))
    with open_store(tmp_path / "home") as store:
        append(
            store.database,
            Record(
                id="birth",
                simulated=True,
                kind="acceptance",
                verdict=Verdict.PASS,
                profile=ProfileUsed(name="x", sha256="", text=""),
                software="test",
                started_at=now_text(),
                finished_at=now_text(),
                line="LINE-9",
                readings=readings,
            ),
        )
    trace = ("--otdr-loss-db", f"{loss:.2f}", "--otdr-nm", "1310")
    given = ("pon", "reconcile", "olt7", "0/1/0:5", "--meter-dbm", f"{level - 2.0:.2f}", *trace)
    assert call(*given).returncode == 0  # two modules' accuracy hides 2 dB
    done = call(*given, "--line", "LINE-9", "--json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["details"]["reconcile"]
    assert (found["suspect"], found["off_db"]) == ("meter", pytest.approx(2.0, abs=0.2))
