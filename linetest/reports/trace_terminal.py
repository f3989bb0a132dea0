"""A trace as a small picture of characters, for a terminal of 80 columns."""

from itertools import pairwise

from linetest.reports.trace_view import Span, TraceView

_ROWS = 14
_MARGIN = 8  # columns left of the picture, for the levels
# Braille characters have 2 x 4 dots each; the bit of a dot by its place (Unicode chart U+2800).
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800
# Without braille each character has three heights.
_HEIGHTS = "'-."


def draw_in_terminal(view: TraceView, width: int = 80, braille: bool = True) -> list[str]:
    """Return the trace as lines of at most `width` columns: levels at the left, event numbers below, then metres.

    Args:
        view: The trace.
        width: Columns that there are; at least 40 are used.
        braille: Draw with braille dots; else with ASCII only, for terminals that have no such characters.
    """
    columns = max(width, 40) - _MARGIN - 1
    span = view.interesting()
    across, down = (columns * 2, _ROWS * 4) if braille else (columns, _ROWS * 3)
    lit = _lit(view, span, across, down)
    picture = _as_braille(lit, columns) if braille else _as_ascii(lit, columns)
    lines = [f"{_level(span, row)} |{text}".rstrip() for row, text in enumerate(picture)]
    return [*lines, *_scale(view, span, columns)]


def _lit(view: TraceView, span: Span, across: int, down: int) -> set[tuple[int, int]]:
    """Return the dots (column, row) that the trace goes through, drawn as upright strokes from point to point."""
    places = [
        (
            round((x - span.x0) / (span.x1 - span.x0) * (across - 1)),
            round((min(max(y, span.y0), span.y1) - span.y0) / (span.y1 - span.y0) * (down - 1)),
        )
        for x, y in zip(view.x_m, view.loss_db, strict=True)
        if span.x0 <= x <= span.x1
    ]
    lit = set(places)
    for (left, high), (right, low) in pairwise(places):
        for column in range(left, right + 1):
            part = (column - left) / (right - left) if right > left else 1.0
            here = round(high + (low - high) * part)
            before = high if column == left else round(high + (low - high) * (column - 1 - left) / (right - left))
            lit |= {(column, row) for row in range(min(before, here), max(before, here) + 1)}
    return lit


def _as_braille(lit: set[tuple[int, int]], columns: int) -> list[str]:
    cells = [[_BLANK] * columns for _row in range(_ROWS)]
    for column, row in lit:
        cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
    return ["".join(" " if cell == _BLANK else chr(cell) for cell in line) for line in cells]


def _as_ascii(lit: set[tuple[int, int]], columns: int) -> list[str]:
    cells = [[" "] * columns for _row in range(_ROWS)]
    for column, row in lit:
        sign = _HEIGHTS[row % 3]
        cells[row // 3][column] = sign if cells[row // 3][column] in (" ", sign) else "|"
    return ["".join(line) for line in cells]


def _level(span: Span, row: int) -> str:
    """Return the level at the middle of a row, relative in dB, on every third row."""
    if row % 3:
        return " " * (_MARGIN - 2)
    return f"{-(span.y0 + (row + 0.5) / _ROWS * (span.y1 - span.y0)):{_MARGIN - 2}.1f}"


def _scale(view: TraceView, span: Span, columns: int) -> list[str]:
    """Return the axis, the numbers of the events where there is room, and the distances at both ends."""
    axis, numbers = ["-"] * columns, [" "] * columns
    free = 0
    for event in view.events:
        at = round((event.distance_m - span.x0) / (span.x1 - span.x0) * (columns - 1))
        if not 0 <= at < columns:
            continue
        axis[at] = "+"
        text = str(event.number)
        if at >= free and at + len(text) <= columns:
            numbers[at : at + len(text)] = text
            free = at + len(text) + 1
    left, right = f"{span.x0:.0f} m", f"{span.x1:.0f} m"
    pad = " " * (_MARGIN - 1)
    return [
        f"{'dB':>{_MARGIN - 2}} +{''.join(axis)}",
        f"{pad} {''.join(numbers)}".rstrip(),
        f"{pad} {left}{right.rjust(columns - len(left))}",
    ]
