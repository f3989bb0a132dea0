"""Whose fault is it: the observations of two test points side by side.

``direct`` is the line with the customer's router taken off, ``behind-cpe`` the customer's side of that router. What
fails already on the line is the operator's. What fails only behind the router is the customer's, and only where the
same thing was seen to work on the line itself: without that the answer is undetermined.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from linetest.model.codes import Hint, Reason, Verdict, Whose
from linetest.model.record import Check
from linetest.service.access import Point


class Row(NamedTuple):
    """One line of the table: an observation, and whose it is by the place where it is made."""

    id: str
    metrics: tuple[str, ...]
    direct: Whose
    """Where it fails on the line itself."""
    behind: Whose
    """Where it fails behind the router and works on the line."""
    line_shown_by: str | None = None
    """The row that shows instead that the line works, where this one cannot be seen there: a dialled session has no
    DHCP and no neighbours."""


# The order is that of causes: without a session there are no names, without names no rate.
TABLE = (
    Row("no-answer", ("service.concentrator_count",), Whose.OPERATOR_LINE, Whose.CUSTOMER_LAN),
    Row("session-refused", ("service.session_refused_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_LAN),
    Row("login-refused", ("service.login_refused_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_LAN),
    Row("slow-login", ("service.access_s",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_LAN),
    Row("too-many-concentrators", ("service.extra_concentrator_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_LAN),
    Row("small-mru", ("service.mru_octets",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_LAN),
    Row(
        "no-lease", ("service.lease_count", "service.dhcp_server_count"), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_ROUTER
    ),
    Row("rogue-dhcp", ("service.rogue_dhcp_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_LAN, "no-answer"),
    Row(
        "duplicate-address",
        ("service.duplicate_address_count",),
        Whose.OPERATOR_SERVICE,
        Whose.CUSTOMER_LAN,
        "no-answer",
    ),
    Row("loss", ("service.loss_percent",), Whose.OPERATOR_LINE, Whose.CUSTOMER_LAN),
    Row("no-names", ("service.dns_working_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_ROUTER),
    Row("mtu-black-hole", ("service.mtu_black_hole_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_ROUTER),
    Row("double-nat", ("service.home_router_count",), Whose.UNDETERMINED, Whose.CUSTOMER_ROUTER),
    Row(
        "low-rate",
        ("service.downstream_share_percent", "service.upstream_share_percent"),
        Whose.OPERATOR_LINE,
        Whose.CUSTOMER_ROUTER,
    ),
    Row("no-channel", ("service.channel_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_ROUTER),
    Row("not-registered", ("service.sip_registered_count",), Whose.OPERATOR_SERVICE, Whose.CUSTOMER_ROUTER),
)


_IN_THE_WAY = "double-nat@direct"
"""A home router on the line itself: the customer's was not taken off, so nothing was seen of the line alone."""
_POINTS = ("direct", "behind-cpe")


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at one point."""

    id: str
    """The row's, then the point's: ``low-rate@direct``."""
    row: str
    point: Point
    works: bool | None
    """None where it could not be measured."""
    metric: str
    value: float | None = None
    unit: str = ""
    held_back_by: str | None = None
    """The hint that says why the laptop, its cable or its Wi-Fi was the limit: nothing is seen of what lies beyond."""


class Isolation(msgspec.Struct, frozen=True, kw_only=True):
    """Whose fault it is, and what proves it."""

    whose: Whose
    fault: str | None = None
    """The row of the table; None where nothing was found broken."""
    because: list[str] = []
    """The ids of the observations that prove it."""
    missing: list[str] = []
    """The ids of the observations that would be needed to say more."""
    observations: list[Observation] = []


def isolate(checks: Iterable[Check], *, device_fails: bool = False) -> Isolation:
    """Return whose fault it is.

    Args:
        checks: those of both points; `where` says the point of each.
        device_fails: a person says that the customer's own device does not work although all is well at both points.
    """
    by_place: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        by_place.setdefault((check.metric, str(check.where.get("point", "direct"))), []).append(check)
    seen = [one for row in TABLE for one in _observations(row, by_place)]
    found = [one for row in TABLE if (one := _of_row(row, seen)) is not None]
    shown = [one for one in seen if one.works is not None]
    if any(one.id == _IN_THE_WAY and one.works is False for one in seen):
        return Isolation(whose=Whose.UNDETERMINED, fault="double-nat", because=[_IN_THE_WAY], observations=shown)
    proven = [one for one in found if one.whose is not Whose.UNDETERMINED]
    operators = [one for one in proven if one.whose in (Whose.OPERATOR_LINE, Whose.OPERATOR_SERVICE)]
    open_ones = [one for one in found if one.whose is Whose.UNDETERMINED]
    if found:
        answer = (operators or open_ones or proven)[0]
        return msgspec.structs.replace(answer, observations=shown)
    return _nothing_broken(seen, shown, device_fails=device_fails)


def _observations(row: Row, by_place: dict[tuple[str, str], list[Check]]) -> Iterator[Observation]:
    """Yield what was seen of a row at each point where it was asked for; of several metrics the broken one."""
    for point in _POINTS:
        checks = [check for metric in row.metrics for check in by_place.get((metric, point), [])]
        if not checks:
            continue
        worst = min(checks, key=lambda check: (_works(check) is None, _works(check) is True))
        yield Observation(
            id=f"{row.id}@{point}",
            row=row.id,
            point="direct" if point == "direct" else "behind-cpe",
            works=_works(worst),
            metric=worst.metric,
            value=worst.value,
            unit=worst.unit,
            held_back_by=worst.hint if worst.reason == Reason.LAPTOP_LIMIT else None,
        )


def _works(check: Check) -> bool | None:
    """Tell whether the thing works; a limit that only warns counts here too, and a value that the laptop held back.

    A channel that came with other tags than it was asked for with is delivered: whose tags are wrong is not seen.
    """
    if check.reason == Reason.LAPTOP_LIMIT:
        return False
    if check.verdict in (Verdict.INCONCLUSIVE, Verdict.SKIPPED) or check.hint == Hint.CHANNEL_TAGS:
        return None
    return check.verdict is Verdict.PASS and not (check.margin is not None and check.margin < 0.0)


def _of_row(row: Row, seen: list[Observation]) -> Isolation | None:
    """Return what a row says; None where nothing of it is broken."""
    direct, behind = (next((one for one in seen if one.id == f"{row.id}@{point}"), None) for point in _POINTS)
    if direct is not None and direct.works is False:
        if direct.held_back_by is not None:  # the laptop was too slow itself
            return Isolation(whose=Whose.UNDETERMINED, fault=row.id, missing=[direct.id])
        return Isolation(whose=row.direct, fault=row.id, because=[direct.id])
    if behind is None or behind.works is not False:
        return None
    if direct is None and row.line_shown_by is not None:
        direct = next((one for one in seen if one.id == f"{row.line_shown_by}@direct" and one.works), None)
    if direct is None or direct.works is None:
        return Isolation(whose=Whose.UNDETERMINED, fault=row.id, because=[behind.id], missing=[f"{row.id}@direct"])
    whose = Whose.CUSTOMER_LAN if behind.held_back_by is not None else row.behind
    return Isolation(whose=whose, fault=row.id, because=[direct.id, behind.id])


def _nothing_broken(seen: list[Observation], shown: list[Observation], *, device_fails: bool) -> Isolation:
    """Return the answer where nothing is broken: the customer's device, when a person saw it fail beside all that."""
    missing = [one.id for one in seen if one.works is None]
    good = {point: [one for one in shown if one.point == point] for point in _POINTS}
    missing += [f"any@{point}" for point in _POINTS if not good[point]]
    if device_fails and not missing:
        return Isolation(whose=Whose.TERMINAL, because=[one.id for one in shown], observations=shown)
    return Isolation(whose=Whose.UNDETERMINED, missing=missing, observations=shown)
