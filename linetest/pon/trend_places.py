"""Where ONUs hang: card and port from their names, splitters from what orders or a plan say."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from linetest.model.onu_id import find_onu_id
from linetest.pon.trend_days import Bools, Ints, OnuName

Stage = Literal["card", "port", "splitter", "splitter-leg"]
STAGES: tuple[Stage, ...] = ("card", "port", "splitter", "splitter-leg")
"""From the OLT to the ONU. The leg of a splitter is all that hangs on the one splitter behind it."""


@dataclass(frozen=True, kw_only=True)
class Hung:
    """What a plan says of an ONU: the cabinet with the first splitter, and the splitter that its drop begins at."""

    cabinet: str | None = None
    splitter: str | None = None


@dataclass(frozen=True, kw_only=True)
class Topology:
    """The places of ONUs, by row."""

    names: list[OnuName]
    hung: dict[tuple[str, str], Hung] = field(default_factory=dict)
    """By the OLT's name and the ONU's place; what is not known is left out."""

    def places(self, stage: Stage) -> list[tuple[str, Ints]]:
        """Return the places of a stage with their ONUs."""
        return self._all[stage]

    def split(self, stage: Stage, rows: Ints) -> list[Ints]:
        """Return the places of a stage that some of `rows` hang in, with those rows."""
        place = self._place[stage][rows]
        return [rows[place == one] for one in np.unique(place[place >= 0])]

    @cached_property
    def without_splitter(self) -> Bools:
        """Tell of each ONU that no plan names its splitter."""
        return np.asarray(self._place["splitter-leg"] < 0)

    @cached_property
    def _all(self) -> dict[Stage, list[tuple[str, Ints]]]:
        found: dict[Stage, list[tuple[str, Ints]]] = {}
        for stage, labels in self._labels.items():
            rows: dict[str, list[int]] = defaultdict(list)
            for row, label in enumerate(labels):
                if label is not None:
                    rows[label].append(row)
            found[stage] = [(label, np.array(inside, dtype=np.int64)) for label, inside in rows.items()]
        return found

    @cached_property
    def _place(self) -> dict[Stage, Ints]:
        found: dict[Stage, Ints] = {}
        for stage in STAGES:
            numbers = np.full(len(self.names), -1, dtype=np.int64)
            for number, (_label, rows) in enumerate(self._all[stage]):
                numbers[rows] = number
            found[stage] = numbers
        return found

    @cached_property
    def _labels(self) -> dict[Stage, list[str | None]]:
        labels: dict[Stage, list[str | None]] = {stage: [] for stage in STAGES}
        for name in self.names:
            known = find_onu_id(name.onu)
            hung = self.hung.get((name.olt, name.onu), Hung())
            port = f"{name.olt} {known.port_text}" if known else None
            labels["card"].append(f"{name.olt} {known.rack}/{known.slot}" if known else None)
            labels["port"].append(port)
            labels["splitter"].append(f"{port} {hung.cabinet}" if hung.cabinet else None)
            leg = " ".join(part for part in (port, hung.cabinet, hung.splitter) if part)
            labels["splitter-leg"].append(leg if hung.splitter else None)
        return labels
