"""How long the trend of 10,000 ONUs over 90 days computes, beside reading their readings from the store.

    tests/speed/trend.py            prints the times and their ratio; exit 1 when the goal is missed
    tests/speed/trend.py --floor    the same; exit 1 only far above it

The goal: working out the list takes at most as long as reading the 900,000 readings that it stands on.
"""

import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.acceptance.preventive import preventive, rules_of
from linetest.bench.plant_values import MadePlant, made_plant, sweep_moments
from linetest.catalog import load_profile
from linetest.pon.trend_days import LightReadings, OnuName
from linetest.store.onu_readings import OnuColumns, OnuReading, add_readings, readings_since
from linetest.store.opened import open_store
from tests.accuracy.plant_readings import plan_of

GOAL, FLOOR = 1.0, 2.0


def main() -> int:
    """Print the times and say whether the ratio is good enough."""
    plant = made_plant(1, olts=14)
    with tempfile.TemporaryDirectory() as home, open_store(Path(home)) as store:
        rows = _fill(store.database, plant)
        began = time.process_time()
        columns = readings_since(store.database, None, 0.0)
        read_s = time.process_time() - began
    loaded = load_profile("pon-trend")
    began = time.process_time()
    found = preventive(_as_light(columns), plan_of(plant), loaded, rules_of(loaded), simulated=True)
    worked_s = time.process_time() - began
    ratio = worked_s / read_s
    print(f"{plant.layout.count} ONUs, {rows} readings, {len(found.visits)} visits")
    print(f"reading {read_s:.2f} s, working out {worked_s:.2f} s: {ratio:.2f} x   goal <= {GOAL:g}")
    return int(ratio > (FLOOR if "--floor" in sys.argv[1:] else GOAL))


def _fill(database: sqlite3.Connection, plant: MadePlant) -> int:
    layout = plant.layout
    places = [(layout.olts[layout.olt[onu]], layout.place(onu)) for onu in range(layout.count)]
    rows = 0
    for moment in sweep_moments(plant, 1, 1):
        told = plant.tell(moment)
        values = np.stack([told.onu_rx_dbm, told.onu_tx_dbm, told.olt_rx_dbm, told.temperature_c], axis=1)
        kept = [[None if value != value else value for value in of_one] for of_one in values.tolist()]
        add_readings(
            database,
            [
                OnuReading(
                    olt=olt,
                    onu=onu,
                    identity=serial,
                    at_s=moment,
                    at=str(moment),
                    run_state="online",
                    onu_rx_dbm=rx,
                    onu_tx_dbm=tx,
                    olt_rx_dbm=back,
                    temperature_c=warm,
                    voltage_v=None,
                    bias_ma=None,
                    distance_m=None,
                    record=None,
                    simulated=True,
                )
                for (olt, onu), serial, (rx, tx, back, warm) in zip(places, told.serial, kept, strict=True)
            ],
        )
        rows += len(places)
    return rows


def _as_light(columns: OnuColumns) -> LightReadings:
    return LightReadings(
        names=[OnuName(*key) for key in columns.keys],
        which=np.asarray(columns.key, dtype=np.int64),
        at_s=np.asarray(columns.at_s),
        onu_rx_dbm=np.asarray(columns.onu_rx_dbm),
        onu_tx_dbm=np.asarray(columns.onu_tx_dbm),
        olt_rx_dbm=np.asarray(columns.olt_rx_dbm),
        temperature_c=np.asarray(columns.temperature_c),
    )


if __name__ == "__main__":
    sys.exit(main())
