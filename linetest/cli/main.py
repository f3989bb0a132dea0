"""The command `linetest`: a table of commands, loaded only when one is named.

No command's module is imported for the help, so that help is there at once on a slow laptop.
"""

import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from linetest.errors import LinetestError
from linetest.safe import safe_text
from linetest.version import __version__
from linetest.words.text import LANGUAGES, N_, _, language, language_from_locale, use_language

COMMANDS = {
    "accept": N_("The main job: test the lines of an order, keep the record, update the ticket."),
    "order": N_("Your orders: what is next, what is late, what happened."),
    "kpi": N_("The indicators of field work, by month and team."),
    "power": N_("Read an optical power meter."),
    "copper": N_("Judge copper pairs: crosstalk, a modem's values, electrical values."),
    "otdr": N_("Read, judge, compare and redact OTDR traces."),
    "epon": N_("Audit a capture of an EPON: who speaks on which LLID, and may it."),
    "pon": N_("List, show and check the ONUs of an OLT."),
    "service": N_("Test the service at the customer's port, and find whose fault it is."),
    "provision": N_("Bring an order's ONU into service on its OLT, and take it back."),
    "ticket": N_("Send results to the ticket system; see what waits."),
    "record": N_("List, show, verify and judge again the kept records."),
    "report": N_("Write a record as a page, JUnit XML or CSV."),
    "profile": N_("List, show and check profiles of limits."),
    "driver": N_("List, show, check and try drivers of devices."),
    "station": N_("Check the devices of a station file, and trust their SSH keys."),
    "bench": N_("Simulated devices with faults."),
    "metrics": N_("List every metric, its unit, its meaning and the profiles that limit it."),
    "doctor": N_("Check this installation: data folder, data base, station, ticket system."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return its command."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"linetest.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the table, without importing a command."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, text in COMMANDS.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"linetest {__version__}")
        ctx.exit()


def _root() -> LazyGroup:
    """Build the root command in the language that is spoken now."""
    return LazyGroup(
        name="linetest",
        help=_(
            "Test a telecom line, bring it into service and report it.\n\n"
            "Example: linetest accept --bench   (the whole job on simulated devices)"
        ),
        context_settings={"help_option_names": ["-h", "--help"]},
        params=[
            click.Option(
                ["--lang"], type=click.Choice(LANGUAGES), expose_value=False, help=_("Language of the words.")
            ),
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_print_version,
                help=_("Show the version and exit."),
            ),
        ],
    )


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the code of cli.md."""
    arguments = sys.argv[1:] if arguments is None else arguments
    os.umask(0o077)  # records, evidence and reports are the customer's: nobody else on this computer reads them
    for name in ("SIGTERM", "SIGHUP"):  # ended from outside is stopped: steps are noted as interrupted
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    use_language(_language_of(arguments))
    if language() == "zh":
        from linetest.cli.wide import WideFormatter

        click.Context.formatter_class = WideFormatter
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a character gets an escape, not a crash
            stream.reconfigure(errors="backslashreplace")
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except (AttributeError, OSError):  # closed, or its reader went away: Python would complain once more at its end
        with suppress(AttributeError, OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _run(arguments: list[str]) -> int:
    try:
        result: Any = _root().main(args=arguments, prog_name="linetest", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        return _refuse_usage(error)
    except LinetestError as error:
        return _refuse(error, error.what, error.hint, error.exit_code, arguments)
    except (KeyboardInterrupt, click.Abort):
        click.echo(_("Stopped."), err=True)
        return 4
    except SystemExit:  # click's answer to a reader that went away
        return 4
    except OSError as error:
        return _refuse(error, f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), "", 2, arguments)
    except Exception as error:
        sqlite3 = sys.modules.get("sqlite3")
        if sqlite3 is not None and isinstance(error, sqlite3.Error):
            from linetest.store.database import store_error

            fault = store_error(error)
            return _refuse(error, fault.what, fault.hint, fault.exit_code, arguments)
        what = _("linetest itself failed: {kind}: {fault}").format(kind=type(error).__name__, fault=error)
        return _refuse(error, what, _("run it again with -vv and report what it prints"), 3, arguments)


def _refuse_usage(error: click.ClickException) -> int:
    """Print click's complaint and where the help is, in at most two lines."""
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help" if context else "linetest --help"
    click.echo(_("Error: {what}").format(what=safe_text(error.format_message())), err=True)
    click.echo(_("Try: {command}").format(command=hint), err=True)
    return 2


def _refuse(error: Exception, what: str, hint: str, code: int, arguments: list[str]) -> int:
    if _is_verbose(arguments):
        import traceback

        click.echo(safe_lines("".join(traceback.format_exception(error))), err=True)
    click.echo(_("Error: {what}").format(what=safe_text(what)), err=True)
    if hint:
        click.echo(_("Try: {hint}").format(hint=safe_text(hint)), err=True)
    return code


def safe_lines(text: str) -> str:
    """Return text of several lines, each made safe for the terminal."""
    return "\n".join(safe_text(line) for line in text.splitlines())


def _is_verbose(arguments: list[str]) -> bool:
    """Tell whether the person said -vv, or -v twice."""
    short = sum(word.count("v") for word in arguments if word.startswith("-v") and set(word[1:]) == {"v"})
    return short + arguments.count("--verbose") >= 2


def _language_of(arguments: list[str]) -> str:
    """Find ``--lang`` before any help text is made; click checks its value later."""
    for number, argument in enumerate(arguments):
        value = ""
        if argument == "--lang" and number + 1 < len(arguments):
            value = arguments[number + 1]
        elif argument.startswith("--lang="):
            value = argument.removeprefix("--lang=")
        if value in LANGUAGES:
            return value
    return language_from_locale()
