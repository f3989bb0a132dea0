"""Links of a made plant as meter, ONU, OLT and OTDR see them, one of which is made to disagree."""

import numpy as np

from linetest.bench.plant_values import MadePlant, made_plant
from linetest.optical.reconcile import Suspect, Told, reconcile
from linetest.optical.reconcile_settings import ReconcileSettings

FOUR: tuple[Suspect, ...] = ("meter", "onu-rx", "olt-rx", "otdr")
CASES = 100


def link(plant: MadePlant, seed: int, suspect: Suspect | None, off_db: float) -> Told:
    """Return what is told of one ONU's link; the suspect says `off_db` too much loss.

    The modules are those of the plant (receivers off by 0.5 dB, one sigma); transmitters' own meters by as much, the
    meter by 0.15 dB, the OTDR by 0.3 dB, a patch cord of 0.1 to 0.7 dB.
    """
    random = np.random.default_rng([seed, 8])
    onu = int(random.integers(plant.layout.count))
    told = plant.tell(plant.story.begins_s)
    layout, cord_db = plant.layout, float(random.uniform(0.1, 0.7))
    off = {name: off_db if name == suspect else 0.0 for name in (*FOUR, "olt-tx", "patch-cord")}
    cord_db += off["patch-cord"]
    return Told(
        meter_dbm=float(layout.olt_tx_dbm[onu] - layout.down_db[onu] + random.normal(0.0, 0.15)) - off["meter"],
        olt_tx_dbm=float(told.olt_tx_dbm[onu] + random.normal(0.0, 0.5)) + off["olt-tx"],
        onu_rx_dbm=float(told.onu_rx_dbm[onu]) - cord_db - off["onu-rx"],
        onu_tx_dbm=float(told.onu_tx_dbm[onu] + random.normal(0.0, 0.5)),
        olt_rx_dbm=float(told.olt_rx_dbm[onu]) - cord_db - off["olt-rx"],
        otdr_loss_db=float(layout.up_db[onu] + random.normal(0.0, 0.3)) + off["otdr"],
        otdr_nm=1310.0,
        length_m=float(told.distance_m[onu]),
    )


def named(suspect: Suspect | None, least_db: float, most_db: float, *, with_birth: bool = False) -> tuple[int, int]:
    """Return in how many of 100 cases the suspect is named, and in how many another one is.

    With its birth readings, each side says the same again but for 0.1 dB, one sigma.
    """
    plant = made_plant(71, olts=1, cards=1, ports=2)
    right = wrong = 0
    for seed in range(CASES):
        random = np.random.default_rng([seed, 9])
        off_db = float(random.uniform(least_db, most_db)) * (
            1.0 if suspect == "patch-cord" else random.choice((-1.0, 1.0))
        )
        told = link(plant, seed, suspect, off_db)
        birth = _again(link(plant, seed, None, 0.0), random) if with_birth else None
        answer = reconcile(told, ReconcileSettings(), birth)
        right += answer.agree is True if suspect is None else answer.suspect == suspect
        wrong += answer.suspect not in (None, suspect)
    return right, wrong


def _again(told: Told, random: np.random.Generator) -> Told:
    names = ("meter_dbm", "olt_tx_dbm", "onu_rx_dbm", "onu_tx_dbm", "olt_rx_dbm", "otdr_loss_db")
    return told._replace(**{name: getattr(told, name) + float(random.normal(0.0, 0.1)) for name in names})
