"""``[tester]`` of a ``driver.toml``: the lines of a line tester's protocol, as data that is read strictly."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from linetest.model.toml import convert_tables
from linetest.words.text import _


class LineTesterValue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[tester.value]]``: one value; the last place where it is found counts."""

    name: str
    """What `linetest copper enter` calls it, such as ``insulation-ab``."""
    pattern: str
    """A regular expression for a line; its first group is the value, with its unit where the tester writes one."""
    unit: str = ""
    """Put behind the value of a tester that writes none, such as ``M``."""
    example: str


class LineTester(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[tester]``: how a line tester's protocol looks."""

    value: list[LineTesterValue]
    end: str | None = None
    """A pattern for the last line; without one, a pause of `quiet_s` ends the protocol."""
    quiet_s: float = 3.0


def check_tester(tester: Any, place: str) -> None:
    """Refuse what is wrong in ``[tester]``, naming the value; raises `BadFile`."""
    if isinstance(tester, dict):
        convert_tables(tester, {"value": LineTesterValue}, f"{place}: tester")


def tester_faults(tester: LineTester | None) -> Iterator[str]:
    """Yield the patterns that are none, or that do not find their example."""
    for value in tester.value if tester else []:
        try:
            found = re.search(value.pattern, value.example)
        except re.error as error:
            yield f"[[tester.value]] {value.name}: {error}"
            continue
        if found is None or not found.groups():
            yield _("[[tester.value]] {name}: the pattern does not find its example").format(name=value.name)
