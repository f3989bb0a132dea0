"""A made plant served over SNMP, with the station file that names its OLTs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from linetest.bench.plant_agent import CellTable, listening
from linetest.bench.plant_cells import cell_table, driver_of
from linetest.bench.plant_values import MadePlant

_KEEPS_S = 600.0
"""So long an OLT tells the same: drawing the values of thousands of ONUs takes a moment."""
_COMMUNITY = "public"


@contextmanager
def serving(plant: MadePlant, folder: Path, at_s: Callable[[], float]) -> Iterator[Path]:
    """Serve all OLTs of a plant and yield the station file, written into `folder`.

    Args:
        plant: What there is.
        folder: Takes the station file and the community.
        at_s: Returns the plant's time, seconds since 1970, whenever it is asked.
    """
    now = _Now(plant, at_s)
    olts = [partial(now.cells, olt) for olt in range(len(plant.layout.olts))]
    with listening(olts, _COMMUNITY) as agents:
        secret = folder / "plant-community"
        secret.touch(mode=0o600)
        secret.write_text(_COMMUNITY)
        station = folder / "station.toml"
        entries = zip(plant.layout.olts, agents, strict=True)
        station.write_text(
            'name = "made-plant"\n'
            + "".join(
                f'\n[device.{name}]\ndriver = "{driver_of(olt)}"\nsnmp = "{address}"\n'
                f'secrets = {{ community = "file:{secret.name}" }}\n'
                for olt, (name, (address, _agent)) in enumerate(entries)
            ),
            encoding="utf-8",
        )
        yield station


class _Now:
    """What all OLTs tell, drawn anew where the plant's time went on; an OLT's table is encoded when it is asked."""

    def __init__(self, plant: MadePlant, at_s: Callable[[], float]) -> None:
        self._plant = plant
        self._at_s = at_s
        self._told = plant.tell(at_s())
        self._tables: dict[int, CellTable] = {}

    def cells(self, olt: int) -> CellTable:
        """Return what an OLT tells now."""
        now_s = self._at_s()
        if abs(now_s - self._told.at_s) >= _KEEPS_S:
            self._told = self._plant.tell(now_s)
            self._tables.clear()
        if olt not in self._tables:
            self._tables[olt] = cell_table(self._plant.layout, self._told, olt)
        return self._tables[olt]


def running_clock(begins_s: float) -> Callable[[], float]:
    """Return a clock that shows `begins_s` now, and goes on from there."""
    offset_s = begins_s - time.time()
    return lambda: time.time() + offset_s
