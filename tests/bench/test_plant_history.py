"""The history of a made plant: what a sweep of each day would have read, and a trend as soon as it is there."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from linetest.bench.plant_cells import onu_states
from linetest.bench.plant_up import serving
from linetest.bench.plant_values import made_plant
from linetest.devices.olt_sweep import Manners, sweep_olt
from linetest.devices.station import device_for, load_station

_FIELDS = (
    *("serial", "mac", "run_state", "onu_rx_dbm", "onu_tx_dbm", "olt_rx_dbm"),
    *("distance_m", "temperature_c", "voltage_v", "bias_ma"),
)
Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_history_is_what_a_sweep_reads(tmp_path: Path) -> None:
    plant = made_plant(3, olts=2, cards=1, ports=1)
    at_s = plant.story.begins_s + 50 * 86_400.0
    with serving(plant, tmp_path, lambda: at_s) as path:
        station = load_station(path)
        for number, name in enumerate(plant.layout.olts):
            manners = Manners(optics=True, in_flight=None, ends_at=time.monotonic() + 60.0)
            table = sweep_olt(device_for(station, "olt", name), manners).reading.table
            read = {row.state.onu: [getattr(row.state, field) for field in _FIELDS] for row in table.onus}
            told = {
                state.onu: [getattr(state, field) for field in _FIELDS]
                for state in onu_states(plant.layout, plant.tell(at_s), number)
            }
            assert read.keys() == told.keys()
            for onu, values in read.items():
                assert values == pytest.approx(told[onu], abs=1e-6), onu


@pytest.mark.slow
def test_a_plant_with_a_history_has_a_trend_of_both_technologies(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "plant"
    words = ["bench", "plant", "--olts", "2", "--ports", "1", "--history", "40", "--folder", str(folder), "--json"]
    command = [sys.executable, "-m", "linetest", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        station = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")["station"]
        home = {"LINETEST_HOME": str(folder / "home")}
        untold = run("pon", "trend", env=home)
        assert "olt-2: no record says whether it is GPON or EPON" in untold.stderr
        assert run("pon", "sweep", "--optics", "--station", station, env=home).returncode in (0, 1)
        document = json.loads(run("pon", "trend", "--json", env=home).stdout)
        judged = {one["profile"]: one["olts"] for one in document["judged_by"]}
        assert judged == {"pon-trend": ["olt-1"], "pon-trend-epon": ["olt-2"]}
        assert document["simulated"]
        assert document["visits"]
        text = run("pon", "trend", env=home).stdout
        assert "by pon-trend-epon: olt-2" in text
        assert all(len(line) <= 80 for line in text.splitlines())
        one = json.loads(run("pon", "trend", "--json", "--profile", "pon-trend-epon", env=home).stdout)
        assert [judge["olts"] for judge in one["judged_by"]] == [["olt-1", "olt-2"]]
        again = run("bench", "plant", "--history", "3", "--folder", folder)
        assert again.returncode == 2
        assert "is there already" in again.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(30.0) == 0
