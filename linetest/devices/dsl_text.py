"""DSL modems in text: the patterns of a driver find numbers, words and tables over tones in what was printed."""

import re
from collections.abc import Iterator
from math import isfinite

import msgspec

from linetest.devices.dsl_driver import COUNT, DslDriver, DslTones, DslValue
from linetest.model.dsl import MOST_TONES, Bands, Direction, DslLine, DslSide, ToneCurve

_MOST_UNREAD = 20
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,12})?")
_PAIR = re.compile(r"(\d{1,5})\D{1,3}(\d{1,5})")


def read_text(dsl: DslDriver, text: str) -> DslLine:
    """Return what the driver finds in a text; it may be that of one command or of many."""
    text = _plain(text)
    words = {name: found for name in ("standard", "profile", "status") if (found := _word(dsl, name, text))}
    unread: list[str] = []
    curves = [curve for table in dsl.tones if (curve := _curve(table, text, unread)) is not None]
    status = words.get("status")
    in_sync = None if status is None or dsl.in_sync is None else re.fullmatch(dsl.in_sync, status) is not None
    return DslLine(
        standard=words.get("standard", dsl.standard),
        profile=words.get("profile"),
        status=status,
        in_sync=in_sync,
        down=_side(dsl, "down", text),
        up=_side(dsl, "up", text),
        curves=curves,
        down_bands=_bands(dsl.bands.down, text) if dsl.bands else [],
        up_bands=_bands(dsl.bands.up, text) if dsl.bands else [],
        unread=unread,
    )


def fits(dsl: DslDriver, text: str) -> bool:
    """Tell whether the text looks like one of this driver's."""
    text = _plain(text)
    return any(re.search(pattern, text, re.MULTILINE) for pattern in dsl.detect)


def _plain(text: str) -> str:
    """Return the text with one kind of line end, and nothing behind the last character of a line."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _word(dsl: DslDriver, name: str, text: str) -> str | None:
    for word in dsl.word:
        if word.field == name and (found := re.search(word.pattern, text, re.MULTILINE)):
            return found[1].strip()
    return None


def _side(dsl: DslDriver, direction: Direction, text: str) -> DslSide:
    """Return the numbers of one direction."""
    numbers: dict[str, float] = {}
    counts: dict[str, float] = {}
    tenths: list[str] = []
    since = None
    for value in dsl.value:
        number = _number(value, direction, text)
        if number is None:
            continue
        if value.field.startswith(COUNT):
            counts.setdefault(value.field.removeprefix(COUNT), number)
            since = since or value.since
        elif value.field not in numbers:
            numbers[value.field] = number
            tenths += [value.field] if value.scale == 0.1 else []
    return msgspec.convert({**numbers, "counts": counts, "counted_since": since, "tenths": tenths}, DslSide)


def _number(value: DslValue, direction: Direction, text: str) -> float | None:
    """Return the number of a value; None where the text does not tell one."""
    start = 0
    if value.after is not None:
        behind = re.search(value.after, text, re.MULTILINE)
        if behind is None:
            return None
        start = behind.end()
    found = re.compile(value.pattern, re.MULTILINE).search(text, start)
    return as_number(found[direction], value.scale) if found and direction in found.groupdict() else None


def as_number(word: str | None, scale: float) -> float | None:
    """Return a printed number by its scale; None for what is no number, such as ``N/A``."""
    if word is None or not _NUMBER.fullmatch(word.strip()):
        return None
    number = float(word) * scale
    return round(number, 9) if isfinite(number) else None  # 61 * 0.1 is 6.1


def _bands(pattern: str, text: str) -> Bands:
    """Return the bands at the last place where the pattern is found: the final plan stands behind the first one."""
    found = list(re.finditer(pattern, text, re.MULTILINE))
    pairs = _PAIR.findall(found[-1][1]) if found else []
    return [(int(first), int(last)) for first, last in pairs if int(first) <= int(last) < MOST_TONES]


def _curve(table: DslTones, text: str, unread: list[str]) -> ToneCurve | None:
    """Return the curve of a table's first place in the text; None without a row."""
    start = re.search(table.start, text, re.MULTILINE)
    if start is None:
        return None
    values: list[float | None] = []
    at = table.first_tone
    for row, line in _rows(table, text[start.end() :]):
        numbers = _row_values(table, row["values"])
        told = row.groupdict()
        at = int(told["tone"]) if told.get("tone") else at
        last = int(told["last"]) if told.get("last") else at + len(numbers) - 1
        if at + len(numbers) - 1 != last or last >= MOST_TONES:
            _note(unread, line)
            at = min(last, MOST_TONES) + 1
            continue
        values += [None] * (at + len(numbers) - len(values))
        values[at : at + len(numbers)] = numbers
        at += len(numbers)
    return ToneCurve(quantity=table.quantity, direction=table.direction, values=values) if values else None


def _rows(table: DslTones, text: str) -> Iterator[tuple[re.Match[str], str]]:
    row = re.compile(table.row)
    for line in text.split("\n"):
        if not line.strip():
            continue
        found = row.fullmatch(line)
        if found is None:
            return
        yield found, line


def _row_values(table: DslTones, text: str) -> list[float | None]:
    if table.form == "hex-digits":
        return [float(int(digit, 16)) for digit in "".join(text.split())]
    return [_measured(table, as_number(word, 1.0)) for word in text.split()]


def _measured(table: DslTones, number: float | None) -> float | None:
    """Return the number, None where it stands for no measurement."""
    if number is None or number in table.absent:
        return None
    low, high = table.coded_range or (number, number)
    return number if low <= number <= high else None


def _note(unread: list[str], line: str) -> None:
    if len(unread) < _MOST_UNREAD:
        unread.append(line[:200])
