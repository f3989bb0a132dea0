"""The options that several commands share, each in one place, and how a command says what it found."""

import sys
from collections.abc import Callable
from functools import wraps
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from linetest.errors import UsageError
from linetest.model.codes import Verdict
from linetest.safe import safe_json
from linetest.words.text import LANGUAGES, _

if TYPE_CHECKING:
    from linetest.model.record import Record

F = TypeVar("F", bound=Callable[..., Any])

PASSED, FAILED, USAGE, INCONCLUSIVE, STOPPED, KEPT = 0, 1, 2, 3, 4, 5
_EXIT_OF_VERDICT = {Verdict.PASS: PASSED, Verdict.FAIL: FAILED, Verdict.INCONCLUSIVE: INCONCLUSIVE}
_FIRST_THAT_APPLIES = (STOPPED, USAGE, FAILED, INCONCLUSIVE, KEPT, PASSED)


def standard_options(function: F) -> F:
    """Add the options that every command has, --lang and -v; a number that is none, such as nan, is refused."""

    @wraps(function)
    def with_numbers(*arguments: Any, **options: Any) -> Any:
        _check_numbers(click.get_current_context())
        return function(*arguments, **options)

    with_language = click.option(
        "--lang", type=click.Choice(LANGUAGES), expose_value=False, help=_("Language of the words.")
    )(cast(F, with_numbers))
    return click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        help=_("-vv shows where an error came from."),
    )(with_language)


def _check_numbers(context: click.Context) -> None:
    """Refuse nan and infinity, which pass through every range that click knows of."""
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if isinstance(value, float) and not isfinite(value):
            raise UsageError(
                _("{option}: {value} is not a number").format(option=parameter.opts[0], value=value),
                _("write digits, such as 12.5"),
            )


def json_option(function: F) -> F:
    """Add --json: one JSON document on stdout and nothing else there."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        help=_("Print one JSON document and nothing else on standard output."),
    )(function)


def profile_option(default: str | None = None) -> Callable[[F], F]:
    """Add --profile NAME|FILE."""
    return click.option(
        "--profile",
        "profile_name",
        metavar=_("NAME|FILE"),
        default=default,
        show_default=default is not None,
        help=_("The limits that judge."),
    )


def station_option(function: F) -> F:
    """Add --station FILE."""
    return click.option(
        "--station",
        "station_file",
        type=click.Path(path_type=Path),
        envvar="LINETEST_STATION",
        metavar=_("FILE"),
        help=_("The devices; else $LINETEST_STATION, else station.toml in the configuration folder."),
    )(function)


def exit_of(verdict: Verdict) -> int:
    """Return the exit code of a record's verdict."""
    return _EXIT_OF_VERDICT[verdict]


def first_exit(codes: list[int]) -> int:
    """Return the exit code of several results: the first of cli.md's order that applies."""
    return next((code for code in _FIRST_THAT_APPLIES if code in codes), PASSED)


def print_json(document: Any) -> None:
    """Print one JSON document, readable, in UTF-8 even where the terminal speaks something else."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    click.echo(safe_json(text).encode())


def print_record(record: "Record", earlier: "Record | None" = None) -> None:
    """Print a record as text, beside an earlier one of its line; the verdict in colour where a person looks."""
    from linetest.reports.beside import beside_text
    from linetest.reports.text import render_text

    click.echo(render_text(record, colour=wants_colour()))
    if earlier is not None:
        click.echo()
        click.echo(beside_text(earlier, record))


def say(text: str) -> None:
    """Print progress, a hint or a warning on stderr, where it cannot spoil a result."""
    click.echo(text, err=True)


def may_ask() -> bool:
    """Tell whether there is a person at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def wants_colour() -> bool:
    """Tell whether colour may be used: on a terminal that knows it, and unless the person said no."""
    import os

    terminal = sys.stdout is not None and sys.stdout.isatty()
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
