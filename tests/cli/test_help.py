"""Every command explains itself: a sentence, an example, the same words in the table as in its own help."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click
import pytest
from wcwidth import wcswidth

from linetest.cli.main import COMMANDS


def load(name: str) -> click.Command:
    command = import_module(f"linetest.cli.{name}").command
    assert isinstance(command, click.Command)
    return command


def walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for below, child in command.commands.items():
            yield from walk(f"{name} {below}", child)


ALL = [found for name in COMMANDS for found in walk(name, load(name))]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    assert load(name).short_help == COMMANDS[name]


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _command in ALL])
def test_every_command_has_help_with_an_example(name: str, command: click.Command) -> None:
    assert command.help
    assert "Example" in command.help
    assert f"linetest {name}" in command.help
    options = {option for parameter in command.params for option in parameter.opts}
    if not isinstance(command, click.Group):
        assert {"--lang", "--verbose"} <= options
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.name} has no help"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [[], ["accept"], ["report"], ["record", "judge"]])
def test_the_help_fits_80_columns(run: Any, words: list[str], language: str) -> None:
    done = run(*words, "--help", "--lang", language, env={"COLUMNS": "80"})
    assert done.returncode == 0
    assert "linetest" in done.stdout
    assert max(map(wcswidth, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["acept"], "No such command"),
        (["accept", "--lang", "fr", "--bench"], "fr"),
        (["profile", "show"], "Missing argument"),
        (["record", "list", "--most", "no"], "--most"),
        (["--colour"], "--colour"),
    ],
)
def test_wrong_usage_is_two_lines_and_exit_2(run: Any, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert done.stdout == ""
