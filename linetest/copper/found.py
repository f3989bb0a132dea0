"""What was found of one metric: its curves inside the band, and their worst points."""

from typing import Any, NamedTuple

import numpy as np

from linetest.copper.band import Cut
from linetest.copper.sweep import ENDS, BoolArray, FloatArray, Sweep
from linetest.copper.worst import Worst
from linetest.model.limit import Limit


class Found(NamedTuple):
    """One metric with the disturbing signal sent at one end; P disturbed pairs, D disturbers or 1 for all together."""

    metric: str
    sent_end: str
    end: str
    """Where it is heard: the far end for FEXT that was sent at the near one."""
    limits: list[Limit]
    cut: Cut
    curves_db: FloatArray
    """(n, P, D); NaN where nothing was measured."""
    worst: Worst
    expected: BoolArray
    """(P, D): the combinations that there should be."""

    def where(self, sweep: Sweep, victim: int, disturber: int | None = None) -> dict[str, Any]:
        """Return the place as records have it; a single column of disturbers stands for no one pair."""
        place: dict[str, Any] = {"pair": sweep.pairs[victim].number}
        if sweep.pairs[victim].name is not None:
            place["pair_name"] = sweep.pairs[victim].name
        if disturber is not None and self.expected.shape[1] > 1:
            other = sweep.pairs[disturber]
            place |= {} if other.number is None else {"disturber": other.number}
            place |= {} if other.name is None else {"disturber_name": other.name}
        return {**place, "end": self.end}

    def levels_db(self) -> FloatArray:
        """Return what each pair heard from each at that end, (n, P, P); on the diagonal from itself."""
        heard, sent = ENDS.index(self.end), ENDS.index(self.sent_end)
        return self.cut.gain_db[:, heard, :, sent, :]

    def measured(self) -> BoolArray:
        """Return (P, D): the combinations that have a worst point."""
        return ~np.isnan(self.worst.value_db)


def victims_of(sweep: Sweep) -> list[int]:
    """Return the pairs at which anything was received: the others only disturb."""
    count = len(sweep.pairs)
    received = ~np.all(np.isnan(sweep.gain_db), axis=0).reshape(2 * count, 2 * count)
    received &= ~np.eye(2 * count, dtype=bool)  # a reflection is not crosstalk
    return [int(pair) for pair in np.flatnonzero(received.reshape(2, count, -1).any(axis=(0, 2)))]
