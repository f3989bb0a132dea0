"""What the commands about orders share: when, by whom, by which profile."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from linetest.cli.options import json_option, profile_option, standard_options
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.deadlines import Deadlines

F = TypeVar("F", bound=Callable[..., Any])
DEADLINES = "deadlines-cn"


def by_option(function: F) -> F:
    """Add --by STAFF."""
    return click.option(
        "--by",
        envvar="LINETEST_TECHNICIAN",
        metavar=_("STAFF"),
        help=_("The technician's staff number; else $LINETEST_TECHNICIAN."),
    )(function)


def order_options(function: F) -> F:
    """Add --at, --by, --profile, --json and the options of every command."""
    for option in (
        click.option(
            "--at",
            metavar=_("TIME"),
            help=_("When it happened, or as of when: 14:30, or 2026-11-22T14:30. Now, when absent."),
        ),
        by_option,
        profile_option(DEADLINES),
        json_option,
        standard_options,
    ):
        function = option(function)
    return function


def rules_and_time(profile_name: str, at: str | None) -> tuple["Deadlines", datetime]:
    """Return the profile and the moment that the options name, in the profile's zone."""
    from linetest.workorders.rules import load_deadlines

    deadlines = load_deadlines(profile_name)
    return deadlines, moment_of(at, deadlines)


def moment_of(at: str | None, deadlines: "Deadlines") -> datetime:
    """Return the moment that `at` names: a time of today, or a day and a time; now when it is None."""
    from linetest.model.clock import now

    zone = deadlines.zone()
    today = now().astimezone(zone)
    if at is None:
        return today
    try:
        found = datetime.fromisoformat(f"{today:%Y-%m-%d}T{at}" if len(at) <= 5 else at)
    except ValueError as error:
        raise UsageError(
            _("{text!r} is no time").format(text=at[:40]), _("write 14:30, or 2026-11-22T14:30")
        ) from error
    return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)
