"""What `linetest pon trend` says: the visits to make before light is lost, and the ONUs behind each."""

from typing import Literal

import msgspec

from linetest.model.record import Check

SCHEMA = "linetest.trend/1"
CauseName = Literal[
    "drop",
    "onu-laser",
    "splitter-leg",
    "splitter",
    "feeder",
    "olt-transmitter",
    "olt-receiver",
    "olt-card",
    "port-or-feeder",
    "weak-light",
]
"""Where light is lost: on the way to one ONU, in its laser, before the splitter that it hangs on, before the cabinet's
splitter, before all splitters of a port, in the module of a port, on a card, in the module of a port or its feeder
where these cannot be told apart; or nowhere, it was weak from the first."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Light in one direction, over time. A value that is not known is None."""

    birth_dbm: float | None
    now_dbm: float | None
    change_db: float | None
    change_interval_db: float | None
    """Half the interval that holds the true change with the confidence of the profile."""
    db_per_month: float | None
    db_per_month_interval: float | None
    leaves_percent: float | None
    """How likely it is outside of its window when the days ahead are over."""
    leaves_on: tuple[str | None, str | None, str | None] | None
    """Day on which it crosses the bound at this rate: earliest, likely, latest; None within for "not at this rate"."""


class Drifting(msgspec.Struct, frozen=True, kw_only=True):
    """One ONU that is worth a visit."""

    olt: str
    onu: str
    identity: str
    replaced: bool
    """Another box was there before; only the light since then counts."""
    first_on: str
    last_on: str
    """Day of the last reading that told its light."""
    down: Way
    up: Way
    checks: list[Check]
    """Those that failed, or came close."""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The light of the worst ONU of a visit, day by day, for the picture."""

    olt: str
    onu: str
    first_on: str
    onu_rx_dbm: list[float | None]
    olt_rx_dbm: list[float | None]


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One place to go to, and all ONUs that gain by it; the worst ONU comes first."""

    cause: CauseName
    place: str
    shared: int
    """How many ONUs share the cause, those included that are not listed."""
    onus: list[Drifting]
    down_db: float | None
    """Light lost on the way down; what the cause took from all its ONUs. None where no light was told there."""
    up_db: float | None
    at_once: bool
    since: str
    bent: bool
    inferred: bool
    leaves_in_days: float | None
    """Until the first of its ONUs leaves its window, if one is likely to; 0 for one that is outside."""
    course: Course


class JudgedBy(msgspec.Struct, frozen=True, kw_only=True):
    """A profile, and the OLTs whose ONUs it judged."""

    profile: str
    profile_sha256: str
    olts: list[str]
    looked_at: int
    """How many ONUs."""


class Preventive(msgspec.Struct, frozen=True, kw_only=True):
    """The list for preventive visits, worst first."""

    schema: str = SCHEMA
    simulated: bool
    judged_by: list[JudgedBy]
    """One for each technology of the OLTs, or the one that the person chose."""
    from_on: str | None
    to_on: str | None
    days_ahead: float
    confidence: float
    looked_at: int
    failed: int
    """ONUs that break a limit."""
    close: int
    """ONUs that come close to one."""
    undecided: dict[str, int]
    """Reason to the number of ONUs about which nothing can be said in either direction."""
    visits: list[Visit]
