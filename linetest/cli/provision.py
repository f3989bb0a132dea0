"""`linetest provision`: an order's ONU brought into service on its OLT, and taken back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from linetest.cli.options import (
    FAILED,
    INCONCLUSIVE,
    PASSED,
    json_option,
    may_ask,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.errors import Clash, LinetestError, Stopped, UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.station import Station
    from linetest.model.order import Line, Order
    from linetest.model.profile import LoadedProfile
    from linetest.provisioning.plan import Plan

_PROFILES = {"ftth-gpon": "provision-gpon", "ftth-epon": "provision-epon"}
"""The profile that says when an ONU is in service, where the person names none."""


class _Job(NamedTuple):
    order: "Order"
    line: "Line"
    station: "Station"
    loaded: "LoadedProfile"


@click.group(
    short_help=_("Bring an order's ONU into service on its OLT, and take it back."),
    help=_(
        "Bring an order's ONU into service on its OLT, and take it back. What it is to have stands in the order:\n\n"
        "\b\n"
        "[[line]]\n"
        'id = "LINE-1"\n'
        'olt = "olt7"\n'
        'onu = "0/1/0"                  # or 0/1/0:5, with its number\n'
        "[line.service]\n"
        'serial = "HWTC01020304"        # or mac, or loid with checkcode = "file:PATH"\n'
        'line_profile = "10"\n'
        'service_profile = "10"\n'
        "[[line.service.ethernet]]\n"
        "port = 1\n"
        "vlan = 35\n"
        "[[line.service.port]]\n"
        "vlan = 2000\n"
        "user_vlan = 35\n"
        "gem_port = 10\n\n"
        "Example: linetest provision plan WO-1001"
    ),
)
@standard_options
def command() -> None:
    """Hold the commands that change an OLT, and the one that shows how."""


def _shared(function: Any) -> Any:
    """Add what all four commands take."""
    for option in (standard_options, json_option, station_option, profile_option()):
        function = option(function)
    line = click.option("--line", "line_id", metavar=_("LINE"), help=_("The line of an order that has several."))
    return click.argument("order")(line(function))


_yes_option = click.option(
    "--yes", "agreed", metavar=_("HASH"), help=_("Agree to the plan with this hash; nothing is asked then.")
)


@command.command(
    "plan",
    help=_(
        "Show what is to be done on the OLT for ORDER, step by step, with the inverse of each. Nothing is changed.\n\n"
        "Example: linetest provision plan WO-1001"
    ),
)
@_shared
def plan(order: str, as_json: bool, **options: Any) -> int:
    """Read the OLT and print the plan."""
    from linetest.acceptance.provision import plan_line
    from linetest.cli.provision_words import print_document, print_plan
    from linetest.provisioning.past import past_runs, unfinished
    from linetest.store.opened import open_store

    job = _job(order, **options)
    with open_store() as store:
        left = unfinished(past_runs(store, job.order.number, job.line.id))
    if left is not None:
        say(_("Run {run} was cut off: apply finishes it or takes it back first").format(run=left.run[:8]))
    planned = plan_line(job.order, job.line, job.station)
    if as_json:
        print_document(planned, None)
    else:
        print_plan(planned)
    return PASSED


@command.command(
    "apply",
    help=_(
        "Show the plan for ORDER, ask, do it step by step, wait until the ONU is in service, and only then save. "
        "On anything unexpected all is taken back. A run that was cut off is finished or taken back first.\n\n"
        "Example: linetest provision apply WO-1001\n\n"
        "Without a terminal: linetest provision apply WO-1001 --yes 0123456789ab"
    ),
)
@_shared
@_yes_option
def apply(order: str, **options: Any) -> int:
    """Bring the line into service."""
    return _provision("apply", order, **options)


@command.command(
    "undo",
    help=_(
        "Take back what a finished or cut-off run has done for ORDER, the last step first, and save.\n\n"
        "Example: linetest provision undo WO-1001"
    ),
)
@_shared
@_yes_option
def undo(order: str, **options: Any) -> int:
    """Take the line out of service."""
    return _provision("undo", order, **options)


@command.command(
    "verify",
    help=_(
        "Look whether all that ORDER wants is on the OLT, and whether the ONU is online with enough light.\n\n"
        "Example: linetest provision verify WO-1001"
    ),
)
@_shared
def verify(order: str, as_json: bool, **options: Any) -> int:
    """Compare, and wait until the ONU is in service."""
    from linetest.cli.provision_words import print_document, print_plan, tell
    from linetest.devices.olt_provision_shell import ProvisionShell
    from linetest.provisioning.plan import plan_for
    from linetest.provisioning.verify import verify as look
    from linetest.provisioning.wanted import wanted_of

    job = _job(order, **options)
    wanted = wanted_of(job.order, job.line, job.station, with_secrets=False)
    with ProvisionShell(wanted.entry, wanted.driver, wanted.masks) as shell:
        planned = plan_for(wanted, shell).plan
        seen = None if planned.todo else look(wanted, shell, planned.place, job.loaded, tell)
    faults = [_("not done: {step}").format(step=step) for step in planned.todo] if seen is None else seen.faults
    result = "open" if seen is None else "unknown" if not seen.was_read else "refused" if faults else "verified"
    if as_json:
        print_document(planned, result, "; ".join(faults))
    else:
        print_plan(planned)
        click.echo("; ".join(faults) if faults else _("{onu} is in service.").format(onu=planned.onu))
    return PASSED if not faults else INCONCLUSIVE if result == "unknown" else FAILED


def _provision(action: str, order: str, *, as_json: bool, agreed: str | None, **options: Any) -> int:
    from linetest.acceptance.provision import Hands, provision_line
    from linetest.cli.provision_words import exit_of_outcome, print_document, print_outcome, tell
    from linetest.provisioning.past import past_runs, unfinished
    from linetest.store.opened import open_store

    job = _job(order, **options)
    hands = Hands(tell, lambda plan, earlier: agree(plan, earlier, agreed))
    with open_store() as store:
        try:
            done = provision_line(store, job.order, job.line, job.station, job.loaded, action, hands)
        except (KeyboardInterrupt, LinetestError):
            if unfinished(past_runs(store, job.order.number, job.line.id)) is not None:
                again = _("start the same command again; it reads the OLT, and finishes or takes back what was begun")
                tell(_("This run is not at its end: {again}").format(again=again))
            raise
    outcome = done.outcome
    if as_json:
        record = done.record.id if done.record else None
        print_document(outcome.plan, outcome.result, outcome.why, record, outcome.look_at)
    else:
        print_outcome(outcome)
    return exit_of_outcome(action, outcome)


def agree(plan: "Plan", earlier: str | None, agreed: str | None) -> None:
    """Show the plan; return when the person agrees, or has agreed to just this one.

    Args:
        plan: what is to be done.
        earlier: the hash under which a run that was cut off had been agreed to.
        agreed: the hash that the person gave beforehand.
    """
    from linetest.cli.provision_words import print_plan

    print_plan(plan, to_stderr=True)
    if agreed is not None:
        if agreed in (plan.hash, earlier):
            return
        raise Clash(
            _("the plan is {hash} now, and {agreed} was agreed to: nothing was changed").format(
                hash=plan.hash, agreed=agreed
            ),
            _("look at the plan above; then --yes {hash}").format(hash=plan.hash),
        )
    if not may_ask():
        raise UsageError(
            _("there is no terminal to ask at: nothing was changed"),
            _("look at the plan above; then --yes {hash}").format(hash=plan.hash),
        )
    if not click.confirm(_("Do it?"), default=False, err=True):
        raise Stopped(_("not agreed: nothing was changed"))


def _job(order: str, *, line_id: str | None, profile_name: str | None, station_file: Path | None) -> _Job:
    from linetest.acceptance.plan import find_order, only_line
    from linetest.catalog import load_profile
    from linetest.devices.station import default_station_path, load_station

    path = station_file or default_station_path()
    found = find_order(order, path)
    name = profile_name or _PROFILES.get(found.access)
    if name is None:
        raise UsageError(
            _("order {number}: a line of kind {access} has no ONU").format(number=found.number, access=found.access),
            _("provision is for ftth-gpon and ftth-epon"),
        )
    return _Job(found, only_line(found, line_id), load_station(path), load_profile(name))
