"""Which two traces may be held against each other, and which of their events are the same place.

Both directions of a link, before and after a repair, and two wavelengths of one fibre all go by these rules.
"""

from bisect import bisect_left
from math import hypot

from linetest.errors import UsageError
from linetest.model.codes import Warn
from linetest.otdr.trace import Acquisition, Trace, nominal_nm
from linetest.words.text import _

COVERAGE = 2.0
"""Standard deviations that a difference has to exceed before anything is concluded from it: 95 % of a normal error."""
LARGEST_PULSE_RATIO = 4.0
"""EXFO FastReporter's manual averages traces of one pulse width; its older versions neighbouring ones up to this."""
PULSES = 1.5
"""Of the larger pulse, how far apart one joint may seem. Own choice: from two ends of real links one joint in 25 is
seen more than one pulse apart, and events within two pulses are one event to any instrument."""
SMALLEST_TOLERANCE_M = 20.0
"""EXFO FastReporter's manual: the tolerance grows with the pulse, and is this at least."""
SHARE_OF_LENGTH = 0.02
"""On a link shorter than a kilometre 20 m would take a drop's connectors for one another: this share. Own choice."""
SAMPLES = 4
"""No edge is found more sharply than within so many samples. Own choice."""


def check_alike(first: Trace, second: Trace) -> list[str]:
    """Refuse two traces whose losses say nothing about each other; return the warnings of those that may.

    The first pulse width of each file counts.

    Raises:
        UsageError: other nominal wavelengths, or pulse widths too far apart; it names both values.
    """
    a, b = first.acquisitions[0], second.acquisitions[0]
    if nominal_nm(a.wavelength_nm) != nominal_nm(b.wavelength_nm):
        raise UsageError(
            _("{first} was measured at {a:g} nm, {second} at {b:g} nm: their losses cannot be compared").format(
                first=first.name, second=second.name, a=a.wavelength_nm, b=b.wavelength_nm
            ),
            _("measure both at the same wavelength"),
        )
    shorter, longer = sorted((a.pulse_width_ns, b.pulse_width_ns))
    if longer > shorter * LARGEST_PULSE_RATIO:
        raise UsageError(
            _(
                "{first} was measured with a pulse of {a:g} ns, {second} with {b:g} ns: more than {ratio:g} times apart"
            ).format(
                first=first.name,
                second=second.name,
                a=a.pulse_width_ns,
                b=b.pulse_width_ns,
                ratio=LARGEST_PULSE_RATIO,
            ),
            _("measure both with the same pulse width"),
        )
    return [] if longer == shorter else [str(Warn.PULSES_DIFFER)]


def tolerance_m(a: Acquisition, b: Acquisition, length_m: float | None) -> float:
    """Return how far apart two events may lie and still be one place.

    One and a half of the larger pulse, or four samples, or 20 m; on a link below a kilometre 2 % of its length instead
    of 20 m.
    """
    least_m = SMALLEST_TOLERANCE_M if length_m is None else min(SMALLEST_TOLERANCE_M, SHARE_OF_LENGTH * length_m)
    return max(PULSES * max(a.pulse_m, b.pulse_m), SAMPLES * max(a.step_m, b.step_m), least_m)


def match_places(a_m: list[float], b_m: list[float], tolerance: float) -> dict[int, int]:
    """Return which place of `a_m` is which of `b_m`, by index: one to one, the nearest first; `b_m` rises."""
    near = []
    for i, place_m in enumerate(a_m):
        j = bisect_left(b_m, place_m - tolerance)
        while j < len(b_m) and b_m[j] <= place_m + tolerance:
            near.append((abs(b_m[j] - place_m), i, j))
            j += 1
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _distance_m, i, j in sorted(near):
        if i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return found


def combine(*uncertainties: float | None) -> float | None:
    """Return the uncertainty of a sum or difference of independent values; None where one is not known."""
    known = [one for one in uncertainties if one is not None]
    return hypot(*known) if len(known) == len(uncertainties) else None


def mean(a: float | None, b: float | None) -> float | None:
    """Return the mean of two values; None where one is missing."""
    return None if a is None or b is None else (a + b) / 2.0
