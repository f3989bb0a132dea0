"""`linetest order mass`: faults of many customers at one place: found, told once a person agreed, ended."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import PASSED, may_ask, print_json, say, station_option
from linetest.cli.order_mass_words import event_pairs, plan_hash, state_json, state_lines
from linetest.cli.order_options import moment_of, order_options, rules_and_time
from linetest.cli.order_show import print_pairs
from linetest.cli.order_write import keep, open_order
from linetest.errors import Clash, Stopped, UsageError, nearest
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from datetime import datetime

    from linetest.model.case import Case, Event, Notice
    from linetest.model.deadlines import Deadlines
    from linetest.workorders.mass import MassState

_FIELDS = ("symptom", "extent", "work", "until")


@click.command(
    "mass",
    short_help=_("Show mass faults, and tell of one: many customers, one place."),
    help=_(
        "Show the places where many customers have a fault, and who was told. With PLACE tell of one: what would be "
        "sent is shown, and sent with the next push once you agree. It is told once for all its orders, in the ticket "
        "of the oldest; told again it is brought up to date, and with the last of its orders it is closed.\n\n"
        "Example: linetest order mass\n\n"
        "Example: linetest order mass SP-3 --symptom 'no light' --work 'crew on the way' --until 18:00"
    ),
)
@click.argument("place", required=False)
@click.option("--symptom", help=_("What is seen."))
@click.option("--extent", help=_("Who is touched; else the orders are counted."))
@click.option("--work", help=_("The state of the work."))
@click.option("--until", metavar=_("TIME"), help=_("When it is expected to end."))
@click.option("--ended", is_flag=True, help=_("It has ended, though some of its orders are still open or handed on."))
@click.option("--yes", "agreed", metavar=_("HASH"), help=_("Agree to what would be sent, by its hash."))
@station_option
@order_options
def mass(
    place: str | None,
    at: str | None,
    station_file: Path | None,
    profile_name: str,
    as_json: bool,
    ended: bool,
    agreed: str | None,
    **said: Any,
) -> int:
    """Show all of them, or tell of one."""
    from linetest.store.opened import open_store
    from linetest.store.orders import cases
    from linetest.workorders.mass import described, mass_states

    deadlines, now = rules_and_time(profile_name, at)
    with open_store() as store:
        kept = cases(store.database)
    states = mass_states(kept, deadlines, now)
    if place is None:
        _refuse_excess(said, ended, agreed)
        return _show(states, kept, now, as_json)
    state = _find(states, place)
    if state.told is not None and not (ended or state.untold or any(said[name] for name in _FIELDS)):
        return _show([state], kept, now, as_json)
    number = described(state, kept).order
    with open_order(number, profile_name, at, station_file) as opened:
        event = _event(state, kept, deadlines, opened.at, ended, said)
        if state.told is not None and (event.mass, event.notice, ended) == (state.told.mass, state.told.notice, False):
            say(_("Nothing has changed since it was told: nothing is sent."))
            return _show([state], kept, now, as_json)
        entry = opened.ticket if opened.case.order.ticket is not None else None
        print_pairs(event_pairs(event, opened.case.order, entry, now), to_stderr=as_json)
        _agree(plan_hash(event), agreed)
        return keep(opened, [event], as_json)


def _refuse_excess(said: dict[str, Any], ended: bool, agreed: str | None) -> None:
    given = [f"--{name}" for name in _FIELDS if said[name]] + ["--ended"] * ended + ["--yes"] * (agreed is not None)
    if given:
        raise UsageError(
            _("{options}: which mass fault is meant?").format(options=", ".join(given)),
            _("name its place; `linetest order mass` shows them"),
        )


def _show(states: "list[MassState]", kept: "list[Case]", now: "datetime", as_json: bool) -> int:
    """Print each with what would be sent of it."""
    if as_json:
        print_json({"schema": "linetest.mass-faults/1", "mass_faults": [state_json(one, kept) for one in states]})
        return PASSED
    if not states:
        click.echo(_("No place has many faults."))
    for number, state in enumerate(states):
        if number:
            click.echo()
        title, pairs = state_lines(state, kept, now)
        click.echo(safe_text(title))
        print_pairs(pairs)
    return PASSED


def _find(states: "list[MassState]", wanted: str) -> "MassState":
    """Return the mass fault at a place of that name; the kind before it tells two of one name apart."""
    for state in states:
        if wanted in (state.mass.name, f"{state.mass.place} {state.mass.name}"):
            return state
    names = [state.mass.name for state in states]
    raise UsageError(
        _("there is no mass fault at {place!r}").format(place=wanted[:80]),
        _("there are: {names}").format(names=nearest(wanted, names))
        if names
        else _("no place has many faults; one order's is told with `linetest order escalate`"),
    )


def _event(
    state: "MassState", kept: "list[Case]", deadlines: "Deadlines", at: "datetime", ended: bool, said: dict[str, Any]
) -> "Event":
    """Return what is to be noted and sent: the first time all fields, later what has changed."""
    from linetest.model.case import Event
    from linetest.workorders.mass import described

    if ended and state.told is None:
        raise UsageError(_("this mass fault was never told, so its end is none to tell"), "")
    notice = _notice(state, deadlines, said)
    kind: Any = "restored" if ended else "escalated"
    text = None if ended else "team-leader"
    return Event(at=at, kind=kind, by=said["by"], text=text, notice=notice, mass=described(state, kept))


def _notice(state: "MassState", deadlines: "Deadlines", said: dict[str, Any]) -> "Notice":
    from linetest.cli.order_events import place_name
    from linetest.model.case import Notice

    if state.told is not None:
        before = state.told.notice
        until = moment_of(said["until"], deadlines) if said["until"] else before.expected_end
        return Notice(
            symptom=said["symptom"] or before.symptom,
            extent=said["extent"] or (_extent(state, place_name(state.mass)) if state.untold else before.extent),
            work=said["work"] or before.work,
            expected_end=until,
        )
    if missing := [f"--{field}" for field in _FIELDS if field != "extent" and not said[field]]:
        raise UsageError(
            _("a mass fault is told with what is seen, the state of the work and its end; missing: {names}").format(
                names=", ".join(missing)
            ),
            f"linetest order mass {state.mass.name} --symptom … --work … --until 18:00",
        )
    return Notice(
        symptom=said["symptom"],
        extent=said["extent"] or _extent(state, place_name(state.mass)),
        work=said["work"],
        expected_end=moment_of(said["until"], deadlines),
    )


def _extent(state: "MassState", place: str) -> str:
    return _("{count} orders at {place}").format(count=len(state.orders), place=place)


def _agree(found: str, agreed: str | None) -> None:
    """Return when the person agrees, or has agreed to just this."""
    if agreed == found:
        return
    if agreed is not None:
        raise Clash(
            _("what would be sent is {hash} now, and {agreed} was agreed to: nothing is sent").format(
                hash=found, agreed=agreed[:40]
            ),
            _("look at it above; then --yes {hash}").format(hash=found),
        )
    if not may_ask():
        raise UsageError(
            _("there is no terminal to ask at: nothing is sent"),
            _("look at it above; then --yes {hash}").format(hash=found),
        )
    if not click.confirm(_("Send it with the next push?"), default=False, err=True):
        raise Stopped(_("not agreed: nothing is sent"))
