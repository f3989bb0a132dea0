"""Checks ``[dsl]`` of a ``driver.toml``: every pattern against its example."""

import re
from collections.abc import Iterator
from typing import Any

from linetest.devices.dsl_driver import DslColumn, DslDriver, DslTable, DslTones, DslValue, DslWord, UsualBands
from linetest.devices.dsl_text import read_text
from linetest.model.toml import convert_tables
from linetest.words.text import _

_LISTS: dict[str, type[Any]] = {"value": DslValue, "word": DslWord, "tones": DslTones, "usual_bands": UsualBands}


def check_dsl(dsl: Any, place: str) -> None:
    """Refuse what is wrong in ``[dsl]``, naming the table it stands in; raises `BadFile`."""
    if not isinstance(dsl, dict):
        return  # absent, or said by the type of the whole
    convert_tables(dsl, _LISTS, f"{place}: dsl")
    tables = dsl.get("table")
    for number, table in enumerate(tables if isinstance(tables, list) else (), start=1):
        if isinstance(table, dict):
            convert_tables(table, {"column": DslColumn}, f"{place}: dsl.table {number}")
    convert_tables(dsl, {"table": DslTable}, f"{place}: dsl")


def dsl_faults(dsl: DslDriver | None) -> Iterator[str]:
    """Yield what the types do not see: patterns that are none, or that do not find what they should."""
    if dsl is None:
        return
    try:
        yield from _faults(dsl)
    except re.error as error:
        yield f"[dsl]: {error.pattern!r}: {error}"
    except IndexError:
        yield _("[dsl]: a pattern lacks a group")


def _faults(dsl: DslDriver) -> Iterator[str]:
    for pattern in (*dsl.detect, *(one.standard for one in dsl.usual_bands), dsl.in_sync or ""):
        re.compile(pattern)
    for word in dsl.word:
        if re.search(word.pattern, word.example) is None:
            yield _("[[dsl.{table}]] {field}: the pattern does not find its example").format(
                table="word", field=word.field
            )
    for value in dsl.value:
        yield from _value_faults(value)
    for table in dsl.tones:
        told = read_text(DslDriver(tones=[table]), table.example)
        if not told.curves or told.unread:
            yield _("[[dsl.{table}]] {field}: the pattern does not find its example").format(
                table="tones", field=table.quantity
            )
    if dsl.bands is not None:
        told = read_text(DslDriver(bands=dsl.bands), dsl.bands.example)
        if not (told.down_bands and told.up_bands):
            yield _("[[dsl.{table}]] {field}: the pattern does not find its example").format(table="bands", field="")


def _value_faults(value: DslValue) -> Iterator[str]:
    found = re.search(value.pattern, value.example)
    re.compile(value.after or "")
    if found is None or not {"down", "up"} & found.groupdict().keys():
        yield _("[[dsl.{table}]] {field}: the pattern does not find its example").format(
            table="value", field=value.field
        )
