"""DSL lines over SNMP: the tables of a driver, read for one line or for all of an agent.

A value is taken only under the OID that was asked for, and its index says of which line and direction it is.
"""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from linetest.devices.dsl_codings import decode
from linetest.devices.dsl_driver import COUNT, GROUP, DslColumn, DslDriver, DslTable
from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.dsl import MOST_TONES, NUMBERS, Direction, DslLine, DslSide, Quantity, ToneCurve, is_gfast
from linetest.transports.snmp_replay import Tables
from linetest.transports.snmp_walk import SnmpValue
from linetest.words.text import _

_UP = 1
"""Of ifOperStatus (RFC 2863)."""
_GROUPS = (1, 2, 4, 8)
_MOST_LINES = 1_000  # a DSLAM of 16 boards with 48 ports has fewer


class _Gathered:
    """The cells of one line while the tables are read."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[Direction, str], float] = {}
        self.tenths: dict[Direction, list[str]] = {"down": [], "up": []}
        self.octets: dict[tuple[Direction, str], dict[int, tuple[DslColumn, bytes]]] = {}
        self.standard: str | None = None
        self.up: bool | None = None
        self.unread: list[str] = []


def read_lines(dsl: DslDriver, session: Tables, line: int | None = None) -> dict[int, DslLine]:
    """Return the lines of an agent by ifIndex.

    Args:
        dsl: Says what to ask and how to understand it.
        session: Asks.
        line: Only the line with this ifIndex; all when None.

    Raises:
        DeviceError: the agent has no line, or not this one.
    """
    gathered: dict[int, _Gathered] = {}
    for table, column, index, raw in _cells(dsl, session):
        if index[0] not in gathered and len(gathered) >= _MOST_LINES:
            continue
        if line is None or index[0] == line:
            _keep(gathered.setdefault(index[0], _Gathered()), table, column, index, raw)
    lines = {number: _line(dsl, one) for number, one in gathered.items() if one.numbers or one.octets}
    if not lines:
        what = _("the device tells of no DSL line") if line is None else _("the device has no DSL line {line}")
        raise DeviceError(
            what.format(line=line), _("check model and driver, and the line's ifIndex"), Reason.NO_SUCH_OBJECT
        )
    return lines


def _cells(dsl: DslDriver, session: Tables) -> Iterator[tuple[DslTable, DslColumn, tuple[int, ...], SnmpValue]]:
    for table in dsl.table:
        for column in table.column:
            root = f"{table.root}.{column.oid}"
            for oid, raw in session.walk(root):
                if oid.startswith(f"{root}."):
                    yield table, column, tuple(int(part) for part in oid.removeprefix(f"{root}.").split(".")), raw


def _keep(one: _Gathered, table: DslTable, column: DslColumn, index: tuple[int, ...], raw: SnmpValue) -> None:
    """Keep one cell; of several tables with the same field the first that tells it counts."""
    if column.field == "oper_status":
        one.up = raw == _UP
    elif column.field == "standard":
        one.standard = one.standard or _standard(column, raw)
    else:
        told = table.directions.get(str(index[1])) if len(index) > 1 else None
        direction = column.direction or told
        if direction is not None:
            _keep_of_side(one, column, direction, index[2] if len(index) > 2 else 1, raw)


def _keep_of_side(one: _Gathered, column: DslColumn, direction: Direction, segment: int, raw: SnmpValue) -> None:
    key = direction, column.field
    if column.coding is not None and isinstance(raw, bytes):
        one.octets.setdefault(key, {}).setdefault(segment, (column, raw))
    elif column.coding is None and isinstance(raw, int):
        if raw in column.absent or key in one.numbers:
            return
        one.numbers[key] = round(raw * column.scale, 9)  # 61 * 0.1 is 6.1
        one.tenths[direction] += [column.field] if column.scale == 0.1 else []


def _standard(column: DslColumn, raw: SnmpValue) -> str | None:
    """Return the word of the last bit that is set and known; bit 0 is the highest of the first octet (RFC 2578)."""
    octets = raw if isinstance(raw, bytes) else b""
    known = sorted(((int(bit), word) for bit, word in column.bits.items()), reverse=True)
    return next((word for bit, word in known if bit // 8 < len(octets) and octets[bit // 8] & (0x80 >> bit % 8)), None)


def _line(dsl: DslDriver, one: _Gathered) -> DslLine:
    standard = one.standard or dsl.standard
    curves = [curve for key in one.octets if (curve := _curve(one, *key, gfast=is_gfast(standard))) is not None]
    return DslLine(
        standard=standard,
        in_sync=_in_sync(one),
        down=_side(one, "down"),
        up=_side(one, "up"),
        curves=curves,
        unread=one.unread,
    )


def _in_sync(one: _Gathered) -> bool | None:
    """Return whether the line runs; an agent whose values are all zero has none, whatever else it says."""
    measured = [number for (_side, field), number in one.numbers.items() if field in ("snr_margin_db", "rate_kbps")]
    if measured and not any(measured):
        return False
    return one.up


def _side(one: _Gathered, direction: Direction) -> DslSide:
    own = {field: number for (side, field), number in one.numbers.items() if side == direction}
    told: dict[str, Any] = {field: number for field, number in own.items() if field in NUMBERS}
    counts = {field.removeprefix(COUNT): number for field, number in own.items() if field.startswith(COUNT)}
    since = "start" if counts else None
    return msgspec.convert({**told, "counts": counts, "counted_since": since, "tenths": one.tenths[direction]}, DslSide)


def _curve(one: _Gathered, direction: Direction, field: str, *, gfast: bool) -> ToneCurve | None:
    """Return a curve of its segments in order; None, and a note, where its tones cannot be told."""
    segments = one.octets[direction, field]
    column = segments[min(segments)][0]
    body = b"".join(segments[number][1] for number in sorted(segments))
    values = decode(column.coding or "qln", body, gfast=gfast)
    group = one.numbers.get((direction, f"{GROUP}{field}"), 1)
    if not body:
        return None
    if values is None or group not in _GROUPS or len(values) * group > MOST_TONES:
        one.unread.append(f"{field} {direction}: {len(body)} octets, group {group:g}")
        return None
    return ToneCurve(
        quantity=cast(Quantity, field),  # octets are kept of such fields only
        direction=direction,
        group=int(group),
        values=values,
    )
