"""The table whole: the rows by hand and those of the seeded generator, 300 orders together, and their sums."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

from linetest.model.case import Event
from tests.workorders.month import Counts, Row, at, booked, e, row
from tests.workorders.month_counts import COUNTED
from tests.workorders.month_limits import LIMITS

MADE = 300
USERS = {"north": (1000, 4000), "south": (900, 3000)}
"""Installed users of the two teams: brand and ordinary."""


def _made(number: str, random: Random) -> Row:
    """Return an order whose fate is drawn first; its events are written so that it comes true."""
    team = random.choice(("north", "south"))
    received = at("02 00:00:00") + timedelta(seconds=random.randrange(22 * 86400))
    brand = random.random() < 0.3
    customer = "urban brand" if brand else "urban"
    if random.random() < 0.5:
        return _made_fault(number, random, received, customer, team)
    return _made_install(number, random, received, customer, team)


def _made_fault(number: str, random: Random, received: datetime, customer: str, team: str) -> Row:
    kind = "brand" if "brand" in customer else "ordinary"
    in_time = random.random() < 0.9
    seconds = random.randrange(600, 6 * 3600) if in_time else random.randrange(86401, 150000)
    counts: Counts = {
        f"K6.{kind}": (0, 1),
        f"K7.{kind}": (seconds, 1),
        f"K8.{kind}": (1, 0),
        "K9": (1, 0),
        "K10.repair": (int(in_time), 1),
        "K10.complaint": (0, 1),
    }
    answer, answered = _call_back(random, received + timedelta(days=7))
    events = [e(received + timedelta(seconds=seconds), "done"), *answer]
    made = _row(number, "fault", customer, received, events, team)
    due = received + timedelta(hours=24)
    clocks = {"completion": (due, "kept" if in_time else "broken")}
    return made._replace(counts={**counts, **answered[0]}, left=answered[1], clocks=clocks)


def _made_install(number: str, random: Random, received: datetime, customer: str, team: str) -> Row:
    work = random.choice(("install", "move"))
    counts: Counts = {"K2": (0, 1)}
    if random.random() < 0.05:
        made = _row(number, work, customer, received, [e(received + timedelta(hours=3), "returned")], team)
        return made._replace(counts={"K2": (1, 1)}, left={f"K4.{work}": "returned", "K10.install": "returned"})
    in_time = random.random() < 0.9
    seconds = random.randrange(3600, 172801) if in_time else random.randrange(172801, 300000)
    done = received + timedelta(seconds=seconds)
    counts |= {f"K4.{work}": (seconds, 1), "K10.install": (int(in_time), 1)}
    answer, answered = _call_back(random, received + timedelta(days=7))
    events = [e(done, "done"), *answer]
    if random.random() < 0.6:  # the appointment is that of the day of the work, before noon or missed
        kept = random.random() < 0.8
        day = done.strftime("%m-%d")
        came = at(f"{day} 11:00:00") if kept else at(f"{day} 14:00:01")
        events += [booked(min(received, came), day, "morning"), e(came, "arrived")]
        counts |= {"K3": (int(kept), 1), "K5": (int(kept), 1)}
    made = _row(number, work, customer, received, events, team)
    due = received + timedelta(hours=48)
    clocks = {"completion": (due, "kept" if in_time else "broken")}
    paid = None
    if work == "move" and not in_time:  # at most 127 200 s late: a day has begun, or a second one
        paid = (1, "2.00") if seconds <= 172800 + 86400 else (2, "4.00")
    return made._replace(counts={**counts, **answered[0]}, left=answered[1], clocks=clocks, paid=paid)


def _call_back(random: Random, moment: datetime) -> tuple[list[Event], tuple[Counts, dict[str, str]]]:
    drawn = random.random()
    if moment >= at("12-01 00:00:00") or drawn < 0.5:
        return [], ({}, {})
    if drawn < 0.55:
        return [e(moment, "call-back", reached=False)], ({}, {"K1": "not-reached"})
    good = drawn < 0.97
    return [e(moment, "call-back", reached=True, agreed=good)], ({"K1": (int(good), 1)}, {})


def _row(number: str, work: Any, customer: str, received: datetime, events: list[Event], team: str) -> Row:
    return row(number, work, customer, "made", received, *events, team=team)


def _table() -> list[Row]:
    random = Random(8)
    by_hand = [*LIMITS, *COUNTED]
    return by_hand + [_made(f"M{number:03d}", random) for number in range(MADE - len(by_hand))]


TABLE = _table()
BY_HAND = len(LIMITS) + len(COUNTED)


def sums(rows: list[Row]) -> Counts:
    """Return what the rows add up to, indicator by indicator."""
    above: Counter[str] = Counter()
    below: Counter[str] = Counter()
    for one in rows:
        for name, (over, under) in one.counts.items():
            above[name] += over
            below[name] += under
    return {name: (above[name], below[name]) for name in above}


def left_out(rows: list[Row]) -> dict[str, dict[str, str]]:
    """Return which orders are left out of which indicator, and why."""
    found: dict[str, dict[str, str]] = {}
    for one in rows:
        for name, reason in one.left.items():
            found.setdefault(name, {})[one.case.order.number] = reason
    return found
