"""The event finder: from the samples to measured events, blind to the instrument's own table."""

import numpy as np

from linetest.otdr.bins import binned
from linetest.otdr.dead_zones import absorb_tails, without_launch_tail
from linetest.otdr.event import Analysis
from linetest.otdr.extent import end_before, fall_of, settled_after_launch, start_of
from linetest.otdr.link import Extent, analysis_of, nothing_found
from linetest.otdr.marks import Marks, Span, prune, residual, unevenness_of
from linetest.otdr.noise import bin_noise_db, noise_edge_db, pulse_noise_share, usual_slope
from linetest.otdr.placing import place_steps
from linetest.otdr.reflections import bridged, find_reflections
from linetest.otdr.significance import new_steps
from linetest.otdr.trace import Acquisition, FloatArray

_ROUNDS = 5
_FEWEST_PULSES = 4
"""A shorter trace holds nothing but the dead zone of the instrument's own connector."""


def find_events(acquisition: Acquisition, *, launch_m: float | None = None, receive_m: float | None = None) -> Analysis:
    """Find and measure the events of one trace.

    Reflections come first, since they ring in every filter. Then steps are picked, placed and measured together, and
    looked for again in what the sections' lines leave over, until nothing new stands out.

    Args:
        acquisition: the samples of one pulse width.
        launch_m: length of the launch reel; None takes the file's own distance zero as the link's start.
        receive_m: length of the receive reel; None or 0 for none.
    """
    bins = binned(acquisition)
    if len(bins.loss_db) < _FEWEST_PULSES * bins.pulse:
        return nothing_found(acquisition)
    edge_db = noise_edge_db(acquisition)
    head = start_of(bins, edge_db)
    brink = fall_of(bins, head, edge_db)
    stop = len(bins.loss_db)
    if brink is not None:
        stop = end_before(bins, brink, head, usual_slope(bins, head, brink))
    slope = usual_slope(bins, head, stop)
    first = min(settled_after_launch(bins, head, stop, slope), stop)
    noise_db = np.zeros(stop)
    noise_db[first:] = bin_noise_db(bins.loss_db[first:stop], bins.pulse)
    pulse_db = noise_db * pulse_noise_share(bins.sums, noise_db, bins.pulse, first, stop, slope)
    marks, span = _search(Span(bins, first, stop, slope, noise_db, pulse_db))
    extent = Extent(head, None if brink is None else stop, edge_db)
    return analysis_of(acquisition, span, marks, extent, launch_m, receive_m)


def _search(span: Span) -> tuple[Marks, Span]:
    """Return the events of a span, and the span without what turned out to be the launch's recovery."""
    pulse = span.bins.pulse
    marks = find_reflections(span)
    rest_db: FloatArray = bridged(marks, span)
    for number in range(_ROUNDS):
        new = new_steps(rest_db, marks, span, quick=number == 0)
        if not new:
            break
        known = marks
        marks = marks.with_more(new, [min(at + pulse + 1, span.end - 1) for at in new])
        marks = place_steps(marks, span, marks.start.searchsorted(new))
        marks, span = without_launch_tail(absorb_tails(marks, span), span)
        marks = prune(marks, span)
        if np.array_equal(marks.start, known.start):
            return marks, span
        rest_db = residual(marks, span)
        span = span._replace(unevenness_db=unevenness_of(rest_db, span))
    return prune(marks, span), span
