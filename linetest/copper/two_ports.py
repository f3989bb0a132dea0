"""A binder by an analyser of two ports: which ends have to be measured together, in which band, and the file.

A cable is reciprocal: between two ends there is one path. N pairs have 2N ends; of each pair that is its loss, of each
two pairs near-end crosstalk at every wanted end and far-end crosstalk both ways, which is N + 3 N(N-1)/2 cablings for
one end and N(2N-1) for both.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import BENCH_MARK, ENDS
from linetest.errors import UsageError
from linetest.model.limit import Limit
from linetest.words.text import _

_LABEL = re.compile(r"PAIR(?P<pair>[1-9]\d?)_(?P<end>NEAR|FAR)", re.IGNORECASE)
_TONE_HZ = 4_312.5  # between two tones of ADSL and VDSL, ITU-T G.992.1
_MOST_POINTS = 1601  # of a wide band; what one sweep of a usual analyser has


class Place(NamedTuple):
    """One end of one pair."""

    pair: int
    """From 1."""
    end: str
    """near or far."""

    @property
    def label(self) -> str:
        """The name of a port there, as files and ``--ports`` have it: ``PAIR1_NEAR``."""
        return f"PAIR{self.pair}_{self.end.upper()}"


class Combination(NamedTuple):
    """Where the leads of port 1 and port 2 are."""

    one: Place
    two: Place

    @property
    def name(self) -> str:
        """The name of its file, without the ending: ``PAIR1_NEAR-PAIR2_FAR``."""
        return f"{self.one.label}-{self.two.label}"


def combinations(pairs: int, ends: Sequence[str]) -> list[Combination]:
    """Return all that has to be measured when the signal is sent at `ends`.

    Lead 1 stays where it is as long as possible; lead 2 goes along the same end, then along the other one.
    """
    found: dict[frozenset[Place], Combination] = {}
    for end in ends:
        other = ENDS[1 - ENDS.index(end)]
        for pair in range(1, pairs + 1):
            one = Place(pair, end)
            same_end = [Place(later, end) for later in range(pair + 1, pairs + 1)]
            for two in [*same_end, *(Place(any_pair, other) for any_pair in range(1, pairs + 1))]:
                found.setdefault(frozenset((one, two)), Combination(one, two))
    return list(found.values())


def parse_combination(labels: Sequence[str]) -> Combination:
    """Return the two ends that labels such as ``PAIR1_NEAR`` name; raises `UsageError` for anything else."""
    found = [_LABEL.fullmatch(label.strip()) for label in labels]
    places = [Place(int(match["pair"]), match["end"].lower()) for match in found if match]
    if len(places) != len(found) or len(set(places)) != 2 or len(places) != 2:
        raise UsageError(
            _("an analyser of two ports is connected to two ends, not to {labels!r}").format(labels=",".join(labels)),
            _("name them in the order of its ports: --ports PAIR1_NEAR,PAIR2_FAR"),
        )
    return Combination(*places)


def wanted_band(limits: Iterable[Limit], settings: CopperSettings) -> tuple[float, float, float]:
    """Return lowest and highest frequency of all copper limits, and a step that is fine enough for them, in Hz.

    The step is that of the tones; in a wide band as wide as the points of one sweep make it, and never wider than the
    profile allows.
    """
    bands_hz = [limit.band_hz or settings.band_hz for limit in limits if limit.room == "copper"] or [settings.band_hz]
    low_hz, high_hz = min(low for low, _high in bands_hz), max(high for _low, high in bands_hz)
    step_hz = max(_TONE_HZ, (high_hz - low_hz) / (_MOST_POINTS - 1))
    return low_hz, high_hz, min(step_hz, settings.maximum_step_hz)


def two_port_file(
    labels: tuple[str, str],
    frequency_hz: Sequence[float],
    s: dict[str, list[complex]],
    reference_ohm: float,
    *,
    comments: Sequence[str] = (),
    simulated: bool = False,
) -> bytes:
    """Return a Touchstone file, version 1, of n frequencies.

    Args:
        labels: What port 1 and port 2 are connected to.
        frequency_hz: (n,)
        s: (n,) for each parameter. Without S12 and S22 they are written as zero, which no cable has: so readers know
            that they were not measured, and a comment tells people.
        reference_ohm: Of both ports.
        comments: Lines for people; where the values come from.
        simulated: Marks the file as the bench's.
    """
    lines = [f"{BENCH_MARK.decode()} analyser, not a measurement"] if simulated else []
    lines += [f"! {comment}" for comment in comments]
    if "S12" not in s:
        lines.append("! The analyser sends from port 1 only: S12 and S22 are not measured and stand as zero")
    lines += [f"! Port[{number}] = {label}" for number, label in enumerate(labels, start=1)]
    lines.append(f"# HZ S RI R {reference_ohm:g}")
    nothing = [0j] * len(frequency_hz)
    columns = [s.get(name, nothing) for name in ("S11", "S21", "S12", "S22")]  # of two ports, columns come first
    for hz, *row in zip(frequency_hz, *columns, strict=True):
        lines.append(f"{hz:.3f} " + " ".join(f"{value.real:.9e} {value.imag:.9e}" for value in row))
    return ("\n".join(lines) + "\n").encode("ascii", "backslashreplace")
