"""The made plant over SNMP: net-snmp walks it, and linetest's drivers read what the plant really tells."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from linetest.bench.plant_agent import CellTable, listening
from linetest.bench.plant_cells import cell_table, driver_of
from linetest.bench.plant_up import running_clock, serving
from linetest.bench.plant_values import made_plant
from linetest.devices.olt_sweep import Manners, sweep_olt
from linetest.devices.station import DeviceEntry, load_station
from linetest.errors import Timeout

PLANT = made_plant(3, olts=2, ports=2)
TOLD = PLANT.tell(PLANT.story.ends_s)
TABLES = [cell_table(PLANT.layout, TOLD, olt) for olt in range(2)]


def swept(address: str, driver: str, folder: Path, in_flight: int = 1) -> list[tuple[str, float | None, float | None]]:
    """Return name, light and distance of all ONUs, as linetest reads them."""
    (folder / "word").write_text("public")
    (folder / "word").chmod(0o600)
    entry = DeviceEntry(driver=driver, snmp=address, secrets={"community": f"file:{folder / 'word'}"}, name="olt")
    manners = Manners(optics=True, in_flight=in_flight, ends_at=time.monotonic() + 60.0)
    onus = sweep_olt(entry, manners).reading.table.onus
    return [(row.state.onu, row.state.onu_rx_dbm, row.state.distance_m) for row in onus]


@pytest.mark.parametrize("olt", [0, 1])
@pytest.mark.parametrize("in_flight", [1, 4])
def test_the_drivers_read_what_the_plant_tells(tmp_path: Path, olt: int, in_flight: int) -> None:
    with listening([lambda: TABLES[olt]]) as [(address, agent)]:
        found = swept(address, driver_of(olt), tmp_path, in_flight)
        assert agent.most_in_flight <= in_flight
    onus = np.flatnonzero(PLANT.layout.olt == olt)
    assert len(found) == len(onus) > 100
    light = np.array([np.nan if rx_dbm is None else rx_dbm for _onu, rx_dbm, _distance_m in found])
    np.testing.assert_allclose(light, TOLD.onu_rx_dbm[onus], atol=0.006)
    assert np.isnan(light).sum() == (~TOLD.up[onus]).sum()
    if olt == 0:  # V-SOL's box has no slots: its names are its own
        assert [onu for onu, *_rest in found] == [PLANT.layout.place(int(onu)) for onu in onus]
        assert found[0][2] == TOLD.distance_m[onus[0]]


@pytest.mark.peer
def test_net_snmp_walks_all_cells_in_order(need: Callable[[bool, str], None]) -> None:
    walk = shutil.which("snmpbulkwalk")
    need(walk is not None, "snmpbulkwalk of net-snmp is not installed")
    with listening([lambda: TABLES[0]]) as [(address, _agent)]:
        for options in (["-Cr50"], ["-Cr1"]):
            said = subprocess.run(
                [str(walk), "-v2c", "-c", "public", "-m", "", "-On", *options, address.partition("//")[2], ".1"],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            assert len(
                [line for line in said.stdout.splitlines() if " = " in line and "No more variables" not in line]
            ) == len(TABLES[0])


def test_a_wrong_community_and_noise_are_met_with_silence(tmp_path: Path) -> None:
    asked: list[int] = []

    def counted() -> CellTable:
        asked.append(1)
        return TABLES[0]

    with listening([counted], "another") as [(address, agent)]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
            for garbage in (b"", b"\x30\x82", b"GET / HTTP/1.1", bytes(1400)):
                noise.sendto(garbage, ("127.0.0.1", int(address.rpartition(":")[2])))
        entry = DeviceEntry(driver="huawei_smartax", snmp=address, secrets={"community": "env:PLANT_WORD"}, name="o")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PLANT_WORD", "public")
            with pytest.raises(Timeout, match="no answer"):
                sweep_olt(entry, Manners(ends_at=time.monotonic() + 1.0))
        assert (agent.asked, asked) == (0, [])


def test_the_plant_goes_on_with_its_clock(tmp_path: Path) -> None:
    now_s = [PLANT.story.begins_s]
    with serving(PLANT, tmp_path, lambda: now_s[0]) as station:
        entry = load_station(station).device["olt-1"]
        address = entry.snmp or ""
        before = swept(address, entry.driver, tmp_path)
        assert swept(address, entry.driver, tmp_path) == before
        now_s[0] += 86_400.0
        assert swept(address, entry.driver, tmp_path) != before
    clock = running_clock(1000.0)
    assert 1000.0 <= clock() < 1010.0
