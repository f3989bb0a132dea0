"""`linetest order done` and `return`: the two ways in which an order ends."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import say, station_option
from linetest.cli.order_options import order_options
from linetest.cli.order_write import keep, line_of, open_order, refuse_ended
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.cli.order_write import Open
    from linetest.model.case import Event

_CHANNELS = ("voice-platform", "wap", "web", "phone")


@click.command(
    "done",
    short_help=_("Report the work done: the last test of every line has passed."),
    help=_(
        "Report the work done. Every line needs a test that passed, or --reason says why there is none.\n\n"
        "Example: linetest order done 1003 --satisfied --signed --side drop"
    ),
)
@click.argument("order")
@click.option("--line", metavar=_("LINE"), help=_("Only this line or room."))
@click.option("--side", type=click.Choice(["home", "drop", "beyond"]), help=_("Where the fault was."))
@click.option("--satisfied/--not-satisfied", default=None, help=_("What the customer said."))
@click.option("--signed", is_flag=True, help=_("The customer signed the order."))
@click.option("--replied", type=click.Choice(_CHANNELS), help=_("The completion reply was given by hand, this way."))
@click.option("--reason", metavar=_("CODE"), help=_("Why it is done without a test that passed."))
@click.option("--text", help=_("More in your words; never a password."))
@station_option
@order_options
def done(
    order: str,
    line: str | None,
    at: str | None,
    station_file: Path | None,
    profile_name: str,
    as_json: bool,
    **said: Any,
) -> int:
    """Note that it is done, and what the customer said."""
    from linetest.model.case import Event

    with open_order(order, profile_name, at, station_file) as opened:
        refuse_ended(opened)
        by = said["by"]
        events = _done_events(opened, line_of(opened.case, line), **said)
        if said["satisfied"] is not None:
            events.append(Event(at=opened.at, kind="satisfaction", by=by, agreed=said["satisfied"]))
        if said["signed"]:
            events.append(Event(at=opened.at, kind="signed", by=by, agreed=True))
        if said["replied"]:
            events.append(Event(at=opened.at, kind="replied", by=by, channel=said["replied"]))
        if not events:
            raise UsageError(
                _("order {number} is done already").format(number=opened.case.order.number),
                _("--satisfied, --signed and --replied can still be added"),
            )
        return keep(opened, events, as_json)


@click.command(
    "return",
    short_help=_("Send an order back, with the reason."),
    help=_(
        "Send an order back, with the code of the reason and more in your words.\n\n"
        "Example: linetest order return 1003 no-resource --text 'splitter full'"
    ),
)
@click.argument("order")
@click.argument("reason", required=False)
@click.option("--text", help=_("More in your words; never a password."))
@station_option
@order_options
def give_back(
    order: str,
    reason: str | None,
    text: str | None,
    at: str | None,
    station_file: Path | None,
    by: str | None,
    profile_name: str,
    as_json: bool,
) -> int:
    """Note the return; without a reason, name those that there are."""
    from linetest.model.case import Event
    from linetest.workorders.rules import find_cause

    with open_order(order, profile_name, at, station_file) as opened:
        refuse_ended(opened)
        cause = find_cause(opened.deadlines, reason or "", returns=True)
        event = Event(at=opened.at, kind="returned", by=by, reason=cause.code, text=text)
        return keep(opened, [event], as_json)


def _done_events(
    opened: "Open", line: str | None, *, by: str | None, side: Any, reason: str | None, text: str | None, **_rest: Any
) -> list["Event"]:
    """Return one event for each line that becomes done, with the record that proves it."""
    from linetest.model.case import Event
    from linetest.workorders.moments import is_done
    from linetest.workorders.rules import find_cause

    case = opened.case
    waiting = [one.id for one in case.order.line if line in (None, one.id) and not is_done(case, one.id)]
    code = find_cause(opened.deadlines, reason, returns=False).code if reason else None
    proofs = {one: _proof(opened, one) for one in waiting}
    if case.order.work_type != "remove" and code is None and (bare := [one for one in waiting if proofs[one] is None]):
        raise UsageError(
            _("order {number}: no test has passed on {lines}").format(
                number=case.order.number, lines=", ".join(bare[:8])
            ),
            _("linetest accept {number}, or say why with --reason CODE").format(number=case.order.number),
        )
    if any(proof and proof.simulated for proof in proofs.values()):
        say(_("The test that this rests on was simulated."))
    return [
        Event(
            at=opened.at,
            kind="done",
            by=by,
            line=one,
            side=side,
            reason=code,
            text=text,
            record=proof.record if proof else None,
            evidence_sha256=proof.evidence_sha256 if proof else None,
            simulated=bool(proof and proof.simulated),
        )
        for one, proof in proofs.items()
    ]


def _proof(opened: "Open", line: str) -> "Event | None":
    """Return the line's last test on site up to the moment of the report, when it passed."""
    from linetest.workorders.next_step import last_test

    known = [event for event in opened.case.events if event.at <= opened.at]
    test = last_test(known, line)
    return test if test is not None and test.verdict == "pass" else None
