"""What a made plant told over months, as the trend takes it, and the plan of its splitters."""

import numpy as np

from linetest.bench.plant_values import MadePlant
from linetest.pon.trend_days import LightReadings, OnuName
from linetest.pon.trend_places import Hung


def readings_of_plant(plant: MadePlant, moments: list[float]) -> LightReadings:
    """Return what the plant tells at those moments."""
    layout = plant.layout
    places = [(layout.olts[layout.olt[onu]], layout.place(onu)) for onu in range(layout.count)]
    names: dict[OnuName, int] = {}
    told = [plant.tell(moment) for moment in moments]
    which = [
        [
            names.setdefault(OnuName(*place, serial), len(names))
            for place, serial in zip(places, one.serial, strict=True)
        ]
        for one in told
    ]

    def column(name: str) -> "np.typing.NDArray[np.float64]":
        return np.concatenate([getattr(one, name) for one in told])

    return LightReadings(
        names=list(names),
        which=np.concatenate([np.array(one, dtype=np.int64) for one in which]),
        at_s=np.repeat(np.array(moments), layout.count),
        onu_rx_dbm=column("onu_rx_dbm"),
        onu_tx_dbm=column("onu_tx_dbm"),
        olt_rx_dbm=column("olt_rx_dbm"),
        temperature_c=column("temperature_c"),
    )


def plan_of(plant: MadePlant) -> dict[tuple[str, str], Hung]:
    """Return the cabinet and the splitter of each ONU, as a cable plan has them."""
    layout = plant.layout
    return {
        (layout.olts[layout.olt[onu]], layout.place(onu)): Hung(
            cabinet=f"C{layout.cabinet_id[onu]}", splitter=f"S{layout.box_id[onu]}"
        )
        for onu in range(layout.count)
    }
