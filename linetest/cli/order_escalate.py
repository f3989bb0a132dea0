"""`linetest order escalate`: to the leader, or to the team whose fault it is."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import station_option
from linetest.cli.order_options import moment_of, order_options
from linetest.cli.order_write import keep, open_order, refuse_ended
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.cli.order_write import Open
    from linetest.model.case import Event, MassFault, Notice

_LEADERS = ("leader", "centre")
_FIELDS = ("symptom", "extent", "work", "until")


@click.command(
    "escalate",
    short_help=_("Tell the leader, or hand a cutover or cable fault on."),
    help=_(
        "Tell the team leader or the centre leader; a large fault with --symptom, --extent, --work, --until. Or hand "
        "a cutover or cable fault on: the customer must have been reached, and gets the other team's number.\n\n"
        "Example: linetest order escalate 1003 --to cutover --reached --cabinet J12 --team 3 --phone 13800000009"
    ),
)
@click.argument("order")
@click.option(
    "--to",
    "to",
    type=click.Choice([*_LEADERS, "cutover", "cable"]),
    default="leader",
    show_default=True,
    help=_("Who is to act."),
)
@click.option("--reached", is_flag=True, help=_("The customer was really reached."))
@click.option("--cabinet", help=_("For the note: the cabinet that is cut over."))
@click.option("--cable", help=_("For the note: the cable."))
@click.option("--team", help=_("For the note: the team or crew."))
@click.option("--phone", help=_("For the note: its number, as the customer was told."))
@click.option("--reason", metavar=_("CODE"), help=_("A code of the profile."))
@click.option("--text", help=_("More in your words; never a password."))
@click.option("--symptom", help=_("Large fault: what is seen."))
@click.option("--extent", help=_("Large fault: who is touched."))
@click.option("--work", help=_("Large fault: the state of the work."))
@click.option("--until", metavar=_("TIME"), help=_("Large fault: when it is expected to end."))
@station_option
@order_options
def escalate(
    order: str, to: str, at: str | None, station_file: Path | None, profile_name: str, as_json: bool, **said: Any
) -> int:
    """Note the escalation or the re-dispatch."""
    with open_order(order, profile_name, at, station_file) as opened:
        refuse_ended(opened)
        event = _to_leader(opened, to, said) if to in _LEADERS else _to_team(opened, to, said)
        return keep(opened, [event], as_json)


def _to_leader(opened: "Open", to: str, said: dict[str, Any]) -> "Event":
    from linetest.model.case import Event

    who = {"leader": "team-leader", "centre": "centre-leader"}[to]
    text = ": ".join(part for part in (who, said["text"]) if part)
    notice = _notice(opened, said)
    return Event(
        at=opened.at,
        kind="escalated",
        by=said["by"],
        reason=_reason(opened, said),
        text=text,
        notice=notice,
        mass=_mass(opened) if notice is not None else None,
    )


def _mass(opened: "Open") -> "MassFault | None":
    """Return the mass fault that the order is part of, so that what is told of it is told once for all."""
    from linetest.store.orders import cases
    from linetest.workorders.mass import described, mass_states

    kept = cases(opened.store.database)
    number = opened.case.order.number
    states = mass_states(kept, opened.deadlines, opened.at)
    return next((described(state, kept, number) for state in states if number in state.orders), None)


def _to_team(opened: "Open", to: str, said: dict[str, Any]) -> "Event":
    """Return the re-dispatch with its literal note; the customer has to be reached before it."""
    from linetest.model.case import Event
    from linetest.workorders.notes import note_text

    if not said["reached"]:
        raise UsageError(
            _("reach the customer before the order is handed on"), _("call, tell the team's number, then add --reached")
        )
    note = note_text("cutover" if to == "cutover" else "cable", said, opened.deadlines)
    text = "; ".join(part for part in (note, said["text"]) if part)
    return Event(
        at=opened.at, kind="redispatched", by=said["by"], reached=True, reason=_reason(opened, said), text=text
    )


def _notice(opened: "Open", said: dict[str, Any]) -> "Notice | None":
    """Return the four fields of a large fault; all of them or none."""
    from linetest.model.case import Notice

    if not any(said[field] for field in _FIELDS):
        return None
    if missing := [f"--{field}" for field in _FIELDS if not said[field]]:
        raise UsageError(
            _("a large fault is told with four fields; missing: {names}").format(names=", ".join(missing)), ""
        )
    until: datetime = moment_of(said["until"], opened.deadlines)
    return Notice(symptom=said["symptom"], extent=said["extent"], work=said["work"], expected_end=until)


def _reason(opened: "Open", said: dict[str, Any]) -> str | None:
    from linetest.workorders.rules import find_cause

    return find_cause(opened.deadlines, said["reason"], returns=False).code if said["reason"] else None
