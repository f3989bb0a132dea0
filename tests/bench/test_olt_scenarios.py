"""The scenarios with an OLT, from the bench to the record, and what the drivers read of every simulated OLT."""

import json
import stat
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.olt import OLTS
from linetest.bench.olt_agent import Agent, AgentFault, listening
from linetest.bench.olt_agent_tables import TABLES
from linetest.bench.olt_plant import Plant, PlantOnu, made_plant
from linetest.bench.run import start
from linetest.bench.scenarios import SCENARIOS
from linetest.devices.driver_file import load_driver
from linetest.devices.olt import OnuTable, read_onus
from linetest.devices.olt_detect import detect
from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.onu import OnuState
from linetest.model.onu_id import OnuId
from linetest.secrets import Secret
from linetest.transports.snmp import SnmpSession, open_snmp
from linetest.transports.snmp_target import target_at

PON = [name for name, scenario in SCENARIOS.items() if scenario.olt]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="the bench meters need pseudo-terminals")


@posix_only
@pytest.mark.parametrize("name", PON)
def test_the_files_name_the_olt_and_the_onu(name: str, tmp_path: Path) -> None:
    with start(name, tmp_path) as bench:
        model = OLTS[SCENARIOS[name].olt or ""]
        device = tomllib.loads(bench.station.read_text(encoding="utf-8"))["device"]["olt7"]
        assert device["driver"] == model.driver
        assert device["snmp"].startswith("bench:udp://127.0.0.1:")
        assert device["shell"].startswith(("bench:ssh://tech@127.0.0.1:", "bench:telnet://tech@127.0.0.1:"))
        for source in device["secrets"].values():
            file = Path(source.removeprefix("file:"))
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert len(file.read_text(encoding="utf-8").strip()) > 12
        (order,) = bench.orders
        (line,) = tomllib.loads(order.read_text(encoding="utf-8"))["line"]
        assert (line["olt"], line["onu"]) == ("olt7", model.customer)


@posix_only
@pytest.mark.usefixtures("drawn_once")
@pytest.mark.parametrize("name", [pytest.param("pon-good", marks=pytest.mark.slow), "pon-duplicate-llid"])
def test_the_record_tells_what_is_true(call: Any, name: str) -> None:
    scenario = SCENARIOS[name]
    done = call("accept", "--bench", name, "--json")
    assert done.returncode == scenario.exit_code, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    assert (record["simulated"], [step["name"] for step in record["steps"]]) == (True, ["light", "onu"])
    model = OLTS[scenario.olt or ""]
    plant = model.plant(scenario.pon)
    onu = plant.find(5)
    assert onu is not None
    values = {reading["metric"]: reading["value"] for reading in record["readings"]}
    assert values["pon.online_count"] == (1.0 if onu.is_up else 0.0)
    step_db = 0.05 if model.driver == "bdcom_epon" else 0.005
    light = pytest.approx(plant.rx_dbm(onu), abs=step_db + 1e-9) if onu.is_up else None
    assert values["pon.onu_rx_dbm"] == light
    failed = {check["metric"] for check in record["checks"] if check["verdict"] == "fail"}
    assert failed == ({"pon.llid_duplicate_count"} if scenario.exit_code else set())


@contextmanager
def session_with(agent: Agent, deadline_s: float = 20.0) -> Iterator[SnmpSession]:
    with listening(agent) as address:
        target = target_at(address.removeprefix("bench:"), {"community": Secret("public")})
        with open_snmp(target, deadline_s=deadline_s) as session:
            yield session


def read(session: SnmpSession, driver: str, wanted: OnuId | None = None) -> OnuTable:
    olt = load_driver(driver).olt
    assert olt is not None
    return read_onus(olt, session, wanted)


def compare(state: OnuState, onu: PlantOnu, plant: Plant) -> None:
    """Hold what was read against what is true; a field that is None has a reason, and one that is down no light."""
    true = {
        "serial": onu.serial,
        "mac": onu.mac,
        "llid": onu.llid,
        "onu_rx_dbm": pytest.approx(plant.rx_dbm(onu), abs=0.0501),
        "onu_tx_dbm": pytest.approx(onu.tx_dbm, abs=0.0501),
        "olt_rx_dbm": pytest.approx(plant.olt_rx_dbm(onu), abs=0.0501),
        "distance_m": onu.length_m,
        "rtt_tq": onu.rtt_tq,
        "temperature_c": pytest.approx(onu.temperature_c, abs=0.51),
        "voltage_v": pytest.approx(onu.voltage_v, abs=0.011),
        "bias_ma": pytest.approx(onu.bias_ma, abs=0.51),
    }
    assert (state.run_state == "online") is onu.is_up
    for field, value in true.items():
        found = getattr(state, field)
        if found is None:
            assert state.reasons[field]
        elif onu.is_up or field in ("serial", "mac"):
            assert found == value, field
    if not onu.is_up:
        assert (state.onu_rx_dbm, state.onu_tx_dbm, state.olt_rx_dbm) == (None, None, None)
        assert onu.state in (state.last_down_cause, state.run_state, "offline") or state.last_down_cause is None


@pytest.mark.parametrize("tables", sorted(TABLES.keys() - {"zte-epon"}))  # no source gives ZTE's EPON indices
def test_what_the_driver_reads_is_the_plant(tables: str) -> None:
    plant = OLTS[tables].plant() if tables in OLTS else made_plant(port=1)
    with session_with(Agent(TABLES[tables](plant))) as session:
        driver = detect(session)
        assert tables not in OLTS or driver == OLTS[tables].driver
        table = read(session, driver)
    assert [row.state.onu.rpartition(":")[2] for row in table.onus] == [str(onu.number) for onu in plant.onus]
    for row, onu in zip(table.onus, plant.onus, strict=True):
        compare(row.state, onu, plant)
    assert table.unread == []


@pytest.mark.parametrize("fault", AgentFault)
def test_no_fault_gives_an_onu_the_values_of_another(fault: AgentFault) -> None:
    """One question after another about neighbours: each ends in the ONU's own values or in a reason, in time."""
    plant = OLTS["huawei-gpon"].plant()
    started = time.monotonic()
    asked, read_well, reasons = (5, 6), 0, []
    with session_with(Agent(TABLES["huawei-gpon"](plant), fault=fault), deadline_s=1.5) as session:
        for number in asked:
            onu = plant.find(number)
            assert onu is not None
            try:
                table = read(session, "huawei_smartax", OnuId(0, 1, 0, number))
            except DeviceError as error:
                reasons.append(error.reason)
                continue
            for row in table.onus:
                assert row.state.onu == f"0/1/0:{number}"
                if row.state.reasons.get("run_state") is None:
                    compare(row.state, onu, plant)
                    read_well += 1
    assert time.monotonic() - started < 12.0
    assert set(reasons) <= set(Reason)
    if fault in (AgentFault.SILENT, AgentFault.WRONG_ID, AgentFault.TOO_BIG):
        assert read_well == (len(asked) if fault is AgentFault.TOO_BIG else 0)
