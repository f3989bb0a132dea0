"""`linetest metrics`: what can be measured, in which unit, and who limits it."""

import click

from linetest.cli.options import json_option, print_json, standard_options
from linetest.words.text import _


@click.command(
    short_help=_("List every metric, its unit, its meaning and the profiles that limit it."),
    help=_("List every metric, its unit, its meaning and the profiles that limit it.\n\nExample: linetest metrics"),
)
@json_option
@standard_options
def command(as_json: bool) -> None:
    """Print one paragraph per metric."""
    from linetest.catalog import readable_profiles
    from linetest.model.metrics import METRICS

    limited_by: dict[str, list[str]] = {name: [] for name in METRICS}
    for profile in (one.profile for one in readable_profiles()[0]):
        for metric in dict.fromkeys(limit.metric for limit in profile.limit):
            limited_by.setdefault(metric, []).append(profile.name)
    if as_json:
        rows = [
            {
                "metric": one.name,
                "unit": one.unit,
                "title": one.title,
                "meaning": one.meaning,
                "profiles": limited_by[one.name],
            }
            for one in METRICS.values()
        ]
        print_json({"schema": "linetest.metrics/1", "metrics": rows})
        return
    for one in METRICS.values():
        click.echo(f"{one.name}  [{one.unit}]  {_(one.title)}")
        click.echo(f"    {_(one.meaning)}")
        if limited_by[one.name]:
            click.echo("    " + _("limited by: {profiles}").format(profiles=", ".join(limited_by[one.name])))
