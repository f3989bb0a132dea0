"""`linetest order note`: whatever else happened to an order."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from linetest.cli.options import station_option
from linetest.cli.order_options import order_options
from linetest.cli.order_write import keep, line_of, open_order
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.cli.order_write import Open
    from linetest.model.case import EventKind, Mismatch

_KINDS = (
    "called",
    "first-reply",
    "consent",
    "tested",
    "satisfaction",
    "signed",
    "replied",
    "chaser",
    "delay",
    "mismatch",
    "call-back",
)
_ASKED = {
    "called": "reached",
    "call-back": "reached",
    "consent": "agreed",
    "satisfaction": "agreed",
    "signed": "agreed",
    "delay": "reason",
}
"""What an event of that kind must say."""


@click.command(
    "note",
    short_help=_("Note a call, a delay, wrong resource data and the like."),
    help=_(
        "Note what happened: a call or first reply, a guest's consent, a test from the centre, a delay with reason, "
        "wrong resource data, a customer who urges.\n\n"
        "Example: linetest order note 1003 called --reached\n\n"
        "Example: linetest order note 1003 delay --reason customer-absent\n\n"
        "Example: linetest order note 1003 mismatch --what port --planned 0/1/0:5 --found 0/1/0:7"
    ),
)
@click.argument("order")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--reached/--not-reached", default=None, help=_("Whether the customer was really reached."))
@click.option("--agreed/--not-agreed", default=None, help=_("Whether the customer consents, is satisfied, signed."))
@click.option("--reason", metavar=_("CODE"), help=_("A code of the profile."))
@click.option("--text", help=_("More in your words; never a password."))
@click.option("--line", metavar=_("LINE"), help=_("The line or room."))
@click.option("--record", "record_id", metavar=_("RECORD"), help=_("The record that this rests on."))
@click.option("--what", type=click.Choice(["port", "serial", "pair"]), help=_("What the resource data has wrong."))
@click.option("--planned", help=_("What the resource data says."))
@click.option("--found", help=_("What is really there."))
@station_option
@order_options
def note(
    order: str,
    kind: "EventKind",
    at: str | None,
    station_file: Path | None,
    profile_name: str,
    as_json: bool,
    **said: Any,
) -> int:
    """Check what the kind of event asks for, and note it."""
    from linetest.model.case import Event

    with open_order(order, profile_name, at, station_file) as opened:
        _check(kind, said)
        proof = _proof(opened, kind, said["record_id"])
        code = _reason(opened, said["reason"])
        event = Event(
            at=opened.at,
            kind=kind,
            by=said["by"],
            line=line_of(opened.case, said["line"]) or proof.get("line"),
            reached=said["reached"],
            agreed=said["agreed"],
            reason=code,
            text=said["text"],
            mismatch=_mismatch(kind, said),
            remote=kind == "tested",
            **{name: value for name, value in proof.items() if name != "line"},
        )
        return keep(opened, [event], as_json)


def _check(kind: str, said: dict[str, Any]) -> None:
    asked = _ASKED.get(kind)
    if asked is not None and said[asked] is None:
        option = {"reached": "--reached | --not-reached", "agreed": "--agreed | --not-agreed"}.get(asked, "--reason")
        raise UsageError(_("{kind}: {option} is missing").format(kind=kind, option=option), "")


def _reason(opened: "Open", code: str | None) -> str | None:
    from linetest.workorders.rules import find_cause

    return find_cause(opened.deadlines, code, returns=False).code if code is not None else None


def _proof(opened: "Open", kind: str, wanted: str | None) -> dict[str, Any]:
    """Return what the named record says: its id, hash, line and verdict. A test from the centre needs one."""
    from linetest.store.records import find

    if wanted is None:
        if kind == "tested":
            raise UsageError(
                _("a test from the centre needs its record: --record RECORD"),
                _("tests on site are noted by `linetest accept`"),
            )
        return {}
    record = find(opened.store.database, wanted)
    return {
        "record": record.id,
        "evidence_sha256": record.chain.sha256 if record.chain else None,
        "line": record.line if record.line in [line.id for line in opened.case.order.line] else None,
        "verdict": record.verdict if kind == "tested" else None,
        "simulated": record.simulated,
    }


def _mismatch(kind: str, said: dict[str, Any]) -> "Mismatch | None":
    from linetest.model.case import Mismatch

    what: Literal["port", "serial", "pair"] | None = said["what"]
    if kind != "mismatch" and what is None:
        return None
    if kind != "mismatch" or what is None or not said["planned"] or not said["found"]:
        raise UsageError(
            _("wrong resource data is told with --what, --planned and --found"),
            "linetest order note ORDER mismatch --what port --planned 0/1/0:5 --found 0/1/0:7",
        )
    return Mismatch(what=what, planned=said["planned"], found=said["found"])
