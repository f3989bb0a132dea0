"""The README's example is what the program prints, and the commands it names exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from linetest.cli.main import COMMANDS

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCK = re.compile(r"```console\n\$ linetest (?P<command>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)
VARYING = (
    (re.compile(r"\S+\.html"), "PAGE"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d)?"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"number \d+ in the chain"), "PLACE"),
    (re.compile(r"^Operator .*$", re.MULTILINE), "OPERATOR"),
    (re.compile(r"-?\d+\.\d+"), "NUMBER"),
    (re.compile(r" +"), " "),
)


def named_commands() -> list[str]:
    """Return what the README says to type after `linetest`, in its blocks of commands."""
    blocks = README.read_text(encoding="utf-8").split("```")[1::2]
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("linetest ") for line in lines if line.startswith("linetest ")]


def plain(text: str) -> list[str]:
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    return [line.strip() for line in text.strip().splitlines()]


def test_the_examples_are_what_the_program_prints(run: Any) -> None:
    blocks = list(BLOCK.finditer(README.read_text(encoding="utf-8")))
    assert blocks
    for block in blocks:
        done = run(*shlex.split(block["command"]))
        assert done.returncode == 0, done.stderr
        assert plain(done.stdout) == plain(block["output"])


@pytest.mark.parametrize("line", named_commands())
def test_every_command_that_the_readme_names_exists(call: Any, line: str) -> None:
    words = [word for word in shlex.split(line, comments=True) if not word.startswith("-")]
    assert words[0] in COMMANDS
    done = call(*words[: 1 if words[0] in ("accept", "metrics", "doctor", "report") else 2], "--help")
    assert done.returncode == 0, done.stderr
