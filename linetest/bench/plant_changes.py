"""What happens to a made plant as time goes by, and so the truth about it: who loses light, since when and why."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt

from linetest.bench.plant_layout import Floats, Ints, Layout

Cause = Literal["drop", "onu-laser", "splitter-leg", "splitter", "feeder", "olt-transmitter", "olt-card"]
"""Where light is lost: on the way to one ONU, in its laser, before one box, before one cabinet, before the exchange's
splitter, in the transmitter of a port, in all transmitters of a card."""

Bools = npt.NDArray[np.bool_]

DAY_S = 86_400.0
# A bend loses little at 1310 nm: the share of what it loses at 1490 nm, as of the bench's bent fibre.
_BEND_UP_SHARE = 0.125
_FEWEST = 4
"""So many ONUs share a cause that is planted as a common one."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Light that is lost from one place on."""

    cause: Cause
    onus: tuple[int, ...]
    """All that it darkens."""
    begins_s: float
    lasts_s: float
    """It grows evenly for so long; 0 for a step."""
    down_db: float
    """What it takes in the end from what the ONUs receive."""
    up_db: float
    """What it takes in the end from what the OLT receives."""
    bent: bool = False


@dataclass(frozen=True, kw_only=True)
class Story:
    """All that happens to a plant from `begins_s` on."""

    begins_s: float
    ends_s: float
    """The moment that the sizes of changes are planned for; time may go on."""
    changes: tuple[Change, ...]
    away_onu: Ints
    """ONUs that went down: who, from when, until when, and whether by a power cut (else the light was lost)."""
    away_from_s: Floats
    away_to_s: Floats
    away_power: Ints
    replaced_at_s: Floats
    """Of each ONU when another took its place; infinity where none did."""

    def lost_db(self, at_s: float, onus: int) -> tuple[Floats, Floats]:
        """Return what each of `onus` ONUs has lost at a moment: light to it, and light from it, in dB."""
        who, begins_s, lasts_s, down_db, up_db = self._flat
        share = np.clip((at_s - begins_s) / np.maximum(lasts_s, 1.0), 0.0, 1.0)
        down = np.bincount(who, weights=share * down_db, minlength=onus)
        up = np.bincount(who, weights=share * up_db, minlength=onus)
        return down.astype(np.float64), up.astype(np.float64)

    def only(self, causes: tuple[Cause, ...]) -> "Story":
        """Return the story with the changes of those causes alone."""
        return replace(self, changes=tuple(change for change in self.changes if change.cause in causes))

    @cached_property
    def _flat(self) -> tuple[Ints, Floats, Floats, Floats, Floats]:
        each = [len(change.onus) for change in self.changes]
        who = [onu for change in self.changes for onu in change.onus]
        columns = [
            np.repeat([getattr(change, name) for change in self.changes], each).astype(np.float64)
            for name in ("begins_s", "lasts_s", "down_db", "up_db")
        ]
        return np.array(who, dtype=np.int64), columns[0], columns[1], columns[2], columns[3]


@dataclass(frozen=True, kw_only=True)
class Planted:
    """How much of everything is planted; shares are of all ONUs, numbers of groups."""

    drops: float = 0.03
    lasers: float = 0.01
    small: float = 0.03
    """Drops that lose 0.05 to 0.4 dB."""
    legs: int = 4
    splitters: int = 3
    feeders: int = 2
    bent_feeders: int = 2
    transmitters: int = 2
    cards: int = 1
    away: float = 0.1
    replaced: float = 0.02


def made_story(layout: Layout, seed: int, begins_s: float, days: float = 90.0, planted: Planted | None = None) -> Story:
    """Return what happens to a plant in so many days; groups with a common cause share no port, and cards none.

    A small plant gets fewer of them, as far as its ports go.

    Losses are 0.5 dB or more when the days are over, but for those that are planted as small. What grows goes on
    growing for two more months.
    """
    wanted = planted or Planted()
    random = np.random.default_rng([seed, 2])
    making = _Making(layout, random, begins_s, days * DAY_S)
    changes = making.commons(wanted)
    count = layout.count
    order = random.permutation(count)
    lasers, drops, small = (round(share * count) for share in (wanted.lasers, wanted.drops, wanted.small))
    changes += [making.laser(int(onu)) for onu in order[:lasers]]
    changes += [making.drop(int(onu), 0.5, 3.0) for onu in order[lasers : lasers + drops]]
    changes += [making.drop(int(onu), 0.05, 0.4) for onu in order[lasers + drops : lasers + drops + small]]
    away = random.choice(count, round(wanted.away * count), replace=False)
    away_from_s = begins_s + random.uniform(0.0, days * DAY_S, len(away))
    replaced = random.choice(count, round(wanted.replaced * count), replace=False)
    replaced_at_s = np.full(count, np.inf)
    replaced_at_s[replaced] = begins_s + random.uniform(0.1, 0.7, len(replaced)) * days * DAY_S
    return Story(
        begins_s=begins_s,
        ends_s=begins_s + days * DAY_S,
        changes=tuple(changes),
        away_onu=away.astype(np.int64),
        away_from_s=away_from_s,
        away_to_s=away_from_s + random.exponential(2.0 * DAY_S, len(away)),
        away_power=random.integers(0, 2, len(away)),
        replaced_at_s=replaced_at_s,
    )


class _Making:
    """Draws changes for one plant."""

    def __init__(self, layout: Layout, random: np.random.Generator, begins_s: float, span_s: float) -> None:
        self._layout, self._random = layout, random
        self._begins_s, self._span_s = begins_s, span_s

    def commons(self, wanted: Planted) -> list[Change]:
        """Return the changes that many ONUs share."""
        layout = self._layout
        cards = self._random.permutation(np.unique(layout.card_id))
        cards = cards[: min(wanted.cards, len(cards) // 2)]
        ports = iter(self._random.permutation(np.unique(layout.port_id[~np.isin(layout.card_id, cards)])).tolist())
        found = [self._change("olt-card", layout.card_id == card, up_share=0.0) for card in cards]
        kinds: list[tuple[Cause, int, Ints, float | None]] = [
            ("splitter-leg", wanted.legs, layout.box_id, None),
            ("splitter", wanted.splitters, layout.cabinet_id, None),
            ("feeder", wanted.feeders, layout.port_id, None),
            ("feeder", wanted.bent_feeders, layout.port_id, _BEND_UP_SHARE),
            ("olt-transmitter", wanted.transmitters, layout.port_id, 0.0),
        ]
        for cause, number, group, up_share in kinds:
            for port in islice(ports, number):
                places, sizes = np.unique(group[layout.port_id == port], return_counts=True)
                one = self._random.choice(places[sizes >= _FEWEST])
                found.append(self._change(cause, group == one, up_share=up_share))
        return found

    def drop(self, onu: int, least_db: float, most_db: float) -> Change:
        """Return a drop that loses light: a connector or, one time in four, a bend."""
        up_share = _BEND_UP_SHARE if self._random.random() < 0.25 else None
        return self._change("drop", [onu], least_db, most_db, up_share=up_share)

    def laser(self, onu: int) -> Change:
        """Return an ONU whose laser gets old: the OLT receives less, and nothing else is to be seen."""
        begins_s, lasts_s, size_db, _up_db = self._course(0.5, 3.0, 1.0, grows=True)
        return Change(cause="onu-laser", onus=(onu,), begins_s=begins_s, lasts_s=lasts_s, down_db=0.0, up_db=size_db)

    def _change(
        self,
        cause: Cause,
        which: Bools | list[int],
        least_db: float = 0.6,
        most_db: float = 2.5,
        *,
        up_share: float | None,
    ) -> Change:
        onus = which if isinstance(which, list) else np.flatnonzero(which).tolist()
        share = self._random.uniform(0.85, 1.1) if up_share is None else up_share
        # A bend comes in a day; what else is lost grows as often as it comes at once.
        grows = cause == "olt-card" or (up_share != _BEND_UP_SHARE and self._random.random() < 0.5)
        begins_s, lasts_s, down_db, up_db = self._course(least_db, most_db, share, grows=grows)
        return Change(
            cause=cause,
            onus=tuple(onus),
            begins_s=begins_s,
            lasts_s=lasts_s,
            down_db=down_db,
            up_db=up_db,
            bent=up_share == _BEND_UP_SHARE,
        )

    def _course(
        self, least_db: float, most_db: float, up_share: float, *, grows: bool
    ) -> tuple[float, float, float, float]:
        """Return when it begins, how long it grows, and what it takes in the end down and up."""
        at = self._random.uniform(0.15, 0.6 if grows else 0.85)
        size_db = self._random.uniform(least_db, most_db)
        if not grows:
            return self._begins_s + at * self._span_s, 0.0, size_db, size_db * up_share
        until_end_s = (1.0 - at) * self._span_s
        longer = (until_end_s + 60.0 * DAY_S) / until_end_s
        return (
            self._begins_s + at * self._span_s,
            until_end_s * longer,
            size_db * longer,
            size_db * up_share * longer,
        )
