"""`linetest profile`: the limits that judge, listed, shown and checked."""

import click

from linetest.cli.options import json_option, print_json, say, standard_options
from linetest.safe import safe_text
from linetest.words.text import _, language


@click.group(
    short_help=_("List, show and check profiles of limits."),
    help=_("List, show and check profiles of limits.\n\nExample: linetest profile show adsl-prequal"),
)
@standard_options
def command() -> None:
    """Hold the commands about profiles."""


@command.command("list", help=_("List all profiles.\n\nExample: linetest profile list"))
@json_option
@standard_options
def list_profiles(as_json: bool) -> None:
    """Print one line per profile."""
    from linetest.catalog import readable_profiles

    loaded, unreadable = readable_profiles()
    for error in unreadable:
        say(safe_text(error.what))
    if as_json:
        rows = [{"name": one.profile.name, "kind": one.profile.kind, "title": one.profile.title} for one in loaded]
        print_json({"schema": "linetest.profiles/1", "profiles": rows})
        return
    for one in loaded:
        title = one.profile.title_zh if language() == "zh" and one.profile.title_zh else one.profile.title
        click.echo(safe_text(f"{one.profile.name:<16} {title}"))


@command.command(
    "show",
    help=_("Show a profile: its steps and its limits with their sources.\n\nExample: linetest profile show ftth-light"),
)
@click.argument("name")
@json_option
@standard_options
def show(name: str, as_json: bool) -> None:
    """Print the profile as it is written."""
    from linetest.catalog import load_profile

    loaded = load_profile(name)
    if as_json:
        print_json({"schema": "linetest.profile/1", "profile": loaded.profile})
        return
    for line in loaded.text.splitlines():
        click.echo(safe_text(line))
    if unread := [limit for limit in loaded.profile.limit if not limit.source_read]:
        say(_("{count} limits name a source that was not read").format(count=len(unread)))


@command.command(
    "check",
    help=_(
        "Check a profile: is it readable, do its rooms, metrics and settings exist?\n\n"
        "Example: linetest profile check my-limits.toml"
    ),
)
@click.argument("names", nargs=-1, metavar=_("[NAME|FILE]..."))
@json_option
@standard_options
def check(names: tuple[str, ...], as_json: bool) -> None:
    """Check the named profiles, else all of them; the first fault is told and ends with exit 2."""
    from linetest.acceptance.measure import check_profile
    from linetest.catalog import load_profile, profile_names

    good = [load_profile(name) for name in names or profile_names()]
    for loaded in good:
        check_profile(loaded)
    if as_json:
        print_json({"schema": "linetest.profile-check/1", "good": [loaded.profile.name for loaded in good]})
        return
    for loaded in good:
        click.echo(
            _("{name}: good; steps: {steps}, limits: {limits}").format(
                name=safe_text(loaded.profile.name), steps=len(loaded.profile.step), limits=len(loaded.profile.limit)
            )
        )
