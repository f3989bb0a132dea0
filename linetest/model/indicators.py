"""What the indicators of field work are compared with: targets, how orders are counted, what the sources leave open."""

from decimal import Decimal
from typing import Literal

import msgspec

from linetest.words.text import _

IndicatorId = Literal["K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10"]
Share = Literal["install", "move", "brand", "ordinary", "repair", "complaint", "on-site"]
"""Which orders an indicator is about, where it has several values."""


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[indicators.target]]``: percent, or hours for K4 and K7."""

    indicator: IndicatorId
    share: Share | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    strict: bool = False
    """The bound itself misses."""
    source: str
    source_read: bool = True

    def __post_init__(self) -> None:
        """Refuse a target without exactly one bound, or without its source."""
        bounds = [bound for bound in (self.min, self.max) if bound is not None]
        if len(bounds) != 1:
            raise ValueError(_("a target needs min or max, not both"))
        if not bounds[0].is_finite() or bounds[0] < 0:
            raise ValueError(_("a target is a number that is not below zero"))
        if not self.source.strip():
            raise ValueError(_("a target needs its source"))


class Contradiction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[indicators.contradiction]]``: where the sources disagree or say too little; it is shown, not mended."""

    indicators: list[IndicatorId]
    text: str
    text_zh: str = ""


class IndicatorRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The table ``[indicators]`` of a profile."""

    install_runs_from: Literal["accepted", "received"]
    """K4: from the acceptance in the CRM, or from when the technician's side got the order."""
    repeat_within: Literal["one-month", "calendar-month"]
    """K6: a month after the clearing to the second, or both reports in one calendar month."""
    target: list[Target] = []
    contradiction: list[Contradiction] = []

    def __post_init__(self) -> None:
        """Refuse two targets for one value."""
        named = [(target.indicator, target.share) for target in self.target]
        if len(set(named)) != len(named):
            raise ValueError(_("two targets are for the same indicator"))


class InstalledUsers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[users]]``: how many broadband users a team, or all, had installed in a month."""

    month: str
    """``2026-11``."""
    team: str | None = None
    """All teams when absent."""
    brand: int
    ordinary: int

    def __post_init__(self) -> None:
        """Refuse a month that is none, and counts below zero."""
        year, _dash, month = self.month.partition("-")
        if not (len(year) == 4 and year.isascii() and year.isdigit() and month in _MONTHS):
            raise ValueError(_("month is written as 2026-11"))
        if self.brand < 0 or self.ordinary < 0:
            raise ValueError(_("a number of users is below zero"))


class UsersFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of ``--users``: the installed users, which no order tells."""

    users: list[InstalledUsers]

    def __post_init__(self) -> None:
        """Refuse two counts of one month and team."""
        named = [(one.month, one.team) for one in self.users]
        if len(set(named)) != len(named):
            raise ValueError(_("two [[users]] are for the same month and team"))


_MONTHS = {f"{month:02d}" for month in range(1, 13)}
