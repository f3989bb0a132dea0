"""A simulated fibre seen by a simulated OTDR: samples, and the exact truth about them.

A `Fibre` is a line as it is at one wavelength. Powers are linear and relative to the launched one; levels of
them are 10 log. What an OTDR draws is 5 log, so that the loss of the way there and back reads as one-way loss.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple

LIGHT_M_PER_S = 299_792_458.0

Kind = Literal["launch", "non-reflective", "reflective", "splitter", "macrobend", "ghost", "end"]


class Section(NamedTuple):
    """Glass without a joint."""

    length_m: float
    db_per_km: float
    backscatter_db: float = 0.0
    """Of its glass against the glass that the instrument is set to, 10 log; a joint to a brighter one is a gainer."""


class Joint(NamedTuple):
    """What is between two sections."""

    loss_db: float
    """True loss, one way, the same in both directions."""
    reflectance_db: float | None = None
    """Negative; None where nothing is reflected."""
    made: Literal["joint", "splitter", "macrobend"] = "joint"


@dataclass(frozen=True, kw_only=True)
class Fibre:
    """Sections in a row from the instrument on, with a joint between each two."""

    sections: tuple[Section, ...]
    joints: tuple[Joint, ...] = ()
    end_reflectance_db: float | None = -14.7
    """Of the last end: glass to air unless it is broken at an angle, crushed or in a matching gel."""
    launch: bool = False
    """The first section is a launch reel: distance zero is behind it."""
    receive: bool = False
    """The last section is a receive reel."""

    def __post_init__(self) -> None:
        if len(self.joints) != len(self.sections) - 1 or len(self.sections) <= self.launch + self.receive:
            raise ValueError("a fibre is sections with one joint between each two, its reels not counted at least one")

    @property
    def edges_m(self) -> list[float]:
        """Where the sections start, and where the last one ends, from the instrument; one more than sections."""
        return list(accumulate((section.length_m for section in self.sections), initial=0.0))

    @property
    def starts_db(self) -> list[float]:
        """True one-way loss from the instrument to the start of each section, the joint before it included."""
        losses = (
            section.length_m * section.db_per_km / 1000.0 + joint.loss_db
            for section, joint in zip(self.sections, self.joints, strict=False)
        )
        return list(accumulate(losses, initial=0.0))

    @property
    def ends_db(self) -> list[float]:
        """True one-way loss from the instrument to the end of each section."""
        return [
            start_db + section.length_m * section.db_per_km / 1000.0
            for start_db, section in zip(self.starts_db, self.sections, strict=True)
        ]

    @property
    def zero_m(self) -> float:
        """Where the distance zero of the table lies, from the instrument: behind a launch reel."""
        return self.edges_m[1] if self.launch else 0.0


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """An OTDR and its settings."""

    wavelength_nm: float = 1550.0
    pulse_width_ns: float = 100.0
    step_m: float = 1.0
    samples: int = 16_384
    group_index: float = 1.4682
    backscatter_db: float = -81.5
    """What comes back from a pulse of 1 ns."""
    noise_db: float = -82.0
    """Rms of the detector's noise in one sample of one shot, as a level of power."""
    averages: int = 65_536
    rise_ns: float = 3.0
    """Of the detector: how long it takes over an edge; the position of an event is the middle of its edge."""
    tail_share: float = 0.002
    """Share of the light that the detector shows late, decaying with `tail_m`: this makes attenuation dead zones."""
    tail_m: float = 60.0
    headroom_db: float = 15.0
    """From the backscatter of its own glass at the start up to where the detector is saturated, 5 log."""
    connector_reflectance_db: float | None = -50.0
    """Of its own connector, at the first sample."""
    db_per_count: float = 0.001
    clipped_count: int = 65_535
    """What it writes for all that is weaker, negative noise included."""

    @property
    def m_per_ns(self) -> float:
        """Length of fibre that a nanosecond there and back is worth."""
        return LIGHT_M_PER_S / self.group_index * 1e-9 / 2.0

    @property
    def pulse_m(self) -> float:
        """The pulse width as length in the fibre."""
        return self.pulse_width_ns * self.m_per_ns

    @property
    def noise_power(self) -> float:
        """Rms of the noise of one sample after averaging."""
        return float(10.0 ** (self.noise_db / 10.0) / self.averages**0.5)

    @property
    def scatter_per_m(self) -> float:
        """Share of the light that comes back from a metre of its own glass."""
        return float(10.0 ** (self.backscatter_db / 10.0) / self.m_per_ns)

    @property
    def saturation_power(self) -> float:
        """The strongest light that it can show; its trace has 0 dB there."""
        return float(self.scatter_per_m * self.pulse_m * 10.0 ** (self.headroom_db / 5.0))


class Reflector(NamedTuple):
    """A place that sends light back, seen from the instrument."""

    distance_m: float
    """From the instrument."""
    reflectance_db: float
    before_db: float
    """True one-way loss up to it, without its own."""
    behind_db: float
    """The same with its own."""


class Echo(NamedTuple):
    """Light that was reflected three times, so that it seems to come from where nothing is."""

    distance_m: float
    """From the instrument."""
    power: float
    of_m: tuple[float, float, float]
    """From the instrument: the far reflector, the near one that sent it out again, the last one."""


def reflectors(fibre: Fibre, instrument: Instrument) -> list[Reflector]:
    """Return all reflectors from the instrument's own connector to the end."""
    found = []
    if instrument.connector_reflectance_db is not None:
        found.append(Reflector(0.0, instrument.connector_reflectance_db, 0.0, 0.0))
    places = zip(fibre.edges_m[1:], fibre.joints, fibre.ends_db, fibre.starts_db[1:], strict=False)
    found += [
        Reflector(distance_m, joint.reflectance_db, before_db, behind_db)
        for distance_m, joint, before_db, behind_db in places
        if joint.reflectance_db is not None
    ]
    if fibre.end_reflectance_db is not None:
        found.append(Reflector(fibre.edges_m[-1], fibre.end_reflectance_db, fibre.ends_db[-1], fibre.ends_db[-1]))
    return found


def echoes(fibre: Fibre, instrument: Instrument) -> list[Echo]:
    """Return the echoes of first order: out to a reflector, back to a nearer one, out to one behind it, and home.

    Only those that rise above the noise of the averaged trace and lie within it.
    """
    found = []
    mirrors = reflectors(fibre, instrument)
    for number, near in enumerate(mirrors):
        for index, far in enumerate(mirrors[number + 1 :]):
            for last in mirrors[number + 1 + index :]:
                level_db = near.reflectance_db + far.reflectance_db + last.reflectance_db
                level_db -= 2.0 * (far.before_db + last.before_db - near.behind_db)
                both_ways = 1.0 if far is last else 2.0
                distance_m = far.distance_m + last.distance_m - near.distance_m
                of_m = (far.distance_m, near.distance_m, last.distance_m)
                found.append(Echo(distance_m, both_ways * float(10.0 ** (level_db / 10.0)), of_m))
    reach_m = instrument.samples * instrument.step_m
    return [echo for echo in found if echo.power > instrument.noise_power and echo.distance_m < reach_m]
