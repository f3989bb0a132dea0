"""A simulated binder on the table, and what an analyser of two ports sees of it: it depends on where its leads are."""

import numpy as np

from linetest.bench.binder import binder
from linetest.bench.binder_models import Complex, Curve
from linetest.bench.faults import BinderFault
from linetest.errors import UsageError, nearest
from linetest.words.text import _


class Cabling:
    """A binder whose ends all have 100 ohm, but for the two that the analyser's leads are on."""

    def __init__(self, fault: BinderFault | None = None, seed: int = 14) -> None:
        """Lay out the binder; nothing is connected yet."""
        self.names, self._frequency_hz, self._s = binder(seed=seed, fault=fault)
        self._leads: tuple[int, int] | None = None

    def connect(self, one: str, two: str) -> None:
        """Put the leads of port 1 and port 2 on two ends such as ``PAIR1_NEAR`` and ``PAIR2_FAR``."""
        for name in (one, two):
            if name not in self.names:
                raise UsageError(
                    _("the simulated binder has no end {name!r}; nearest: {names}").format(
                        name=name, names=nearest(name, self.names)
                    )
                )
        self._leads = self.names.index(one), self.names.index(two)

    def measure(self, frequency_hz: Curve) -> Complex:
        """Return S, (n, 2, 2), at these frequencies; leads in the air reflect everything.

        Between the points of the binder it is interpolated, outside of them it stays as at the edge.
        """
        seen = np.zeros((len(frequency_hz), 2, 2), dtype=np.complex128)
        if self._leads is None:
            seen[:, 0, 0] = seen[:, 1, 1] = 1.0
            return seen
        for row, heard in enumerate(self._leads):
            for column, sent in enumerate(self._leads):
                s = self._s[:, heard, sent]
                seen[:, row, column] = np.interp(frequency_hz, self._frequency_hz, s.real) + 1j * np.interp(
                    frequency_hz, self._frequency_hz, s.imag
                )
        return seen
