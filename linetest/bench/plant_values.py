"""What the OLTs of a made plant tell at a moment: true light, and what temperature, noise and rounding make of it.

The same seed and the same moment give the same values, whoever asks and however often.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linetest.bench.plant_changes import DAY_S, Planted, Story, made_story
from linetest.bench.plant_layout import Floats, Layout, made_layout

_YEAR_S = 365.25 * DAY_S
_QUANTA_DB = (0.01, 0.1)
"""The steps in which OLTs tell powers: hundredths (Huawei, UFiber), tenths (BDCOM)."""
_WILD = 0.002
"""Share of the values that are plainly wrong, by 1 to 4 dB: an ONU that was asked at a bad moment."""
_NEVER_DBM = -40.0
"""What a receiver's meter cannot tell any more."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What all OLTs tell at one moment, one place for each ONU; NaN where an ONU that is down tells nothing."""

    at_s: float
    up: npt.NDArray[np.bool_]
    power_lost: npt.NDArray[np.bool_]
    """Of those that are down: they said so before their power went."""
    serial: list[str]
    onu_rx_dbm: Floats
    onu_tx_dbm: Floats
    olt_rx_dbm: Floats
    olt_tx_dbm: Floats
    """Of the ONU's port."""
    temperature_c: Floats
    voltage_v: Floats
    bias_ma: Floats
    distance_m: Floats


class MadePlant:
    """A plant with its story: ask it what it tells at any moment."""

    def __init__(self, layout: Layout, story: Story, seed: int) -> None:
        """Draw what the modules of each ONU are like; a replaced ONU has another module."""
        self.layout = layout
        self.story = story
        self._seed = seed
        self._lasers = story.only(("onu-laser",))
        self._transmitters = story.only(("olt-transmitter", "olt-card"))
        self._modules = [_Modules.made(layout.count, seed, turn) for turn in (0, 1)]
        random = np.random.default_rng([seed, 5])
        self._swing_c = random.uniform(1.0, 6.0, layout.count)
        self._room_c = random.uniform(36.0, 50.0, layout.count)
        self._outdoors_db = random.uniform(0.0, 0.05, layout.count)
        self._quantum_db = np.array(_QUANTA_DB)[np.arange(len(layout.olts)) % len(_QUANTA_DB)][layout.olt]

    def tell(self, at_s: float) -> Told:
        """Return what the OLTs tell at a moment, seconds since 1970."""
        layout, story = self.layout, self.story
        random = np.random.default_rng([self._seed, 6, round(at_s * 1000.0)])
        day = np.sin(2.0 * np.pi * (at_s / DAY_S - 0.35))
        weather = 3.0 * np.sin(2.0 * np.pi * at_s / (6.3 * DAY_S)) + 2.0 * np.sin(2.0 * np.pi * at_s / (2.9 * DAY_S))
        year = 4.0 * np.sin(2.0 * np.pi * at_s / _YEAR_S)
        warmer_c = self._swing_c * day + 0.5 * weather + year
        temperature_c = self._room_c + warmer_c + random.normal(0.0, 0.3, layout.count)
        down_db, up_db = story.lost_db(at_s, layout.count)
        outdoors_db = self._outdoors_db * (day + weather / 5.0)
        replaced = at_s >= story.replaced_at_s
        module = self._modules[0].with_those(self._modules[1], replaced)
        rx_dbm = layout.olt_tx_dbm - layout.down_db - down_db - outdoors_db
        olt_rx_dbm = module.tx_dbm - layout.up_db - up_db - outdoors_db
        away, power_lost = self._away(at_s)
        laser_db = self._lasers.lost_db(at_s, layout.count)[1]
        transmitter_db = self._transmitters.lost_db(at_s, layout.count)[0]

        def told(value: Floats, step: Floats | float) -> Floats:
            return np.where(away, np.nan, np.round(np.round(value / step) * step, 4))

        def heard(value: Floats, noise_db: Floats, db_per_c: Floats) -> Floats:
            wild = (random.random(layout.count) < _WILD) * random.uniform(1.0, 4.0, layout.count)
            wrong = wild * random.choice((-1.0, 1.0), layout.count)
            noisy = value + db_per_c * warmer_c + random.normal(0.0, 1.0, layout.count) * noise_db + wrong
            return told(np.maximum(noisy, _NEVER_DBM), self._quantum_db)

        return Told(
            at_s=at_s,
            up=~away,
            power_lost=power_lost,
            serial=self._serials(replaced),
            onu_rx_dbm=heard(rx_dbm + module.rx_off_db, module.noise_db, module.db_per_c),
            onu_tx_dbm=heard(module.tx_dbm - laser_db, 0.3 * module.noise_db, 0.3 * module.db_per_c),
            olt_rx_dbm=heard(olt_rx_dbm + module.olt_off_db, 1.3 * module.noise_db, module.olt_db_per_c),
            olt_tx_dbm=np.round(layout.olt_tx_dbm - transmitter_db, 2),
            temperature_c=told(temperature_c, 1.0),
            voltage_v=told(3.28 + random.normal(0.0, 0.005, layout.count), 0.01),
            bias_ma=told(module.bias_ma * 10.0 ** (laser_db / 20.0) + 0.05 * warmer_c, 0.01),
            distance_m=told(layout.length_m, 1.0),
        )

    def _away(self, at_s: float) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        story = self.story
        now = (story.away_from_s <= at_s) & (at_s < story.away_to_s)
        away = np.zeros(self.layout.count, dtype=np.bool_)
        power_lost = away.copy()
        away[story.away_onu[now]] = True
        power_lost[story.away_onu[now & (story.away_power == 1)]] = True
        return away, power_lost

    def _serials(self, replaced: npt.NDArray[np.bool_]) -> list[str]:
        return [f"BNCH{0x10000000 * (1 + turn) + onu:08X}" for onu, turn in enumerate(replaced.astype(int).tolist())]


@dataclass(frozen=True, kw_only=True)
class _Modules:
    """The optical modules of all ONUs, and how the OLT's receivers hear them."""

    tx_dbm: Floats
    bias_ma: Floats
    rx_off_db: Floats
    olt_off_db: Floats
    noise_db: Floats
    db_per_c: Floats
    olt_db_per_c: Floats

    @classmethod
    def made(cls, count: int, seed: int, turn: int) -> "_Modules":
        random = np.random.default_rng([seed, 3, turn])
        return cls(
            tx_dbm=random.uniform(1.5, 3.5, count),
            bias_ma=random.uniform(9.0, 16.0, count),
            rx_off_db=random.normal(0.0, 0.5, count),
            olt_off_db=random.normal(0.0, 0.5, count),
            noise_db=random.uniform(0.03, 0.1, count),
            db_per_c=random.normal(0.0, 0.008, count),
            olt_db_per_c=random.normal(0.0, 0.008, count),
        )

    def with_those(self, other: "_Modules", which: npt.NDArray[np.bool_]) -> "_Modules":
        pairs = {name: np.where(which, getattr(other, name), value) for name, value in vars(self).items()}
        return _Modules(**pairs)


def made_plant(
    seed: int,
    *,
    olts: int = 4,
    cards: int = 2,
    ports: int = 8,
    begins_s: float = 1_787_000_000.0,
    days: float = 90.0,
    planted: Planted | None = None,
) -> MadePlant:
    """Return a plant with a story; about 45 ONUs a port. Arguments as of `made_layout` and `made_story`."""
    layout = made_layout(seed, olts=olts, cards=cards, ports=ports)
    return MadePlant(layout, made_story(layout, seed, begins_s, days, planted), seed)


def sweep_moments(plant: MadePlant, seed: int, per_day: int = 4) -> list[float]:
    """Return when a plant was swept: not on the minute, one sweep in thirty missed, and once for four days none."""
    random = np.random.default_rng([seed, 4])
    span_s = plant.story.ends_s - plant.story.begins_s
    count = int(span_s / DAY_S * per_day)
    at_s = plant.story.begins_s + (np.arange(count) + 0.5) * DAY_S / per_day + random.uniform(-900.0, 900.0, count)
    gap_s = plant.story.begins_s + random.uniform(0.3, 0.7) * span_s
    kept = (random.random(count) > 1.0 / 30.0) & ((at_s < gap_s) | (at_s > gap_s + 4.0 * DAY_S))
    return [float(one) for one in at_s[kept]]
