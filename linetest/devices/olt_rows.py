"""From the values of a row to the state of an ONU: the same rules for every maker, over SNMP and over the shell.

A value outside of what a metric can be is no value, and a live value of an ONU that is down is none either: an OLT
repeats its last one or invents one, such as 0.00 dBm. Whatever is missing gets its reason.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from linetest.devices.olt_driver import Column
from linetest.devices.scale_codecs import Raw, Value, as_text, scale
from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.onu import DOWN, OnuState, PortState, Technology, mask_loid
from linetest.secrets import Secret

_LONGEST_RAW = 60  # characters that are kept of a raw value
_NEVER_LONGER = 128  # characters of a name; a longer one is not one
_LIVE = frozenset(
    {"onu_rx_dbm", "onu_tx_dbm", "olt_rx_dbm", "rtt_tq", "temperature_c", "voltage_v", "bias_ma", "uptime_s"}
)
"""Fields that only an ONU which is up can have."""
_STATES = frozenset({"run_state", "last_down_cause"})
_WINDOWS = {
    "tx_dbm": METRICS["pon.olt_tx_dbm"],
    "rx_dbm": METRICS["pon.olt_rx_dbm"],
    "rtt_tq": METRICS["pon.rtt_tq"],
    **{name.removeprefix("pon."): metric for name, metric in METRICS.items() if name.startswith("pon.")},
}


_NOT_TOLD = {
    wanted: {
        field: str(Reason.NO_SUCH_OBJECT)
        for field in wanted.__struct_fields__
        if field not in ("onu", "port", "reasons")
    }
    for wanted in (OnuState, PortState)
}
"""Why a field has no value that no column tells, for each kind of row."""


class OnuRow(msgspec.Struct, frozen=True, kw_only=True):
    """One ONU, and what must not or need not be shown of it."""

    state: OnuState
    technology: Technology
    loid: Secret | None = None
    """The whole LOID, for finding the same one elsewhere."""
    raw: dict[str, str] = {}
    """What the OLT said where it is no value, by field."""


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One raw value with the column that says how it is understood."""

    column: Column
    raw: Raw


Known = dict[tuple[int, int], Value]
"""Values of integers by column (its `id`) and raw value: thousands of ONUs share some hundred of them."""


def onu_row(
    onu: str,
    technology: Technology,
    cells: Mapping[str, Cell],
    troubles: Mapping[str, str] | None = None,
    known: Known | None = None,
) -> OnuRow:
    """Return the ONU that the cells tell of.

    Args:
        onu: Its canonical name.
        technology: Of the table or command.
        cells: By field; a field that is not there was not told.
        troubles: Why a field could not be read at all, such as a time-out.
        known: What rows of the same tables had; it is added to.
    """
    values = _values(cells, {} if known is None else known)
    state = values.get("run_state")
    down = state if isinstance(state, str) and state in DOWN else None
    if down:
        values.update((field, Reason.OFFLINE) for field in _LIVE)
    shown, reasons = _settled(values, OnuState, troubles or {})
    loid = shown.get("loid")
    if isinstance(loid, str):
        shown["loid"] = mask_loid(loid)
    raw = {field: as_text(cells[field].raw)[:_LONGEST_RAW] for field in reasons if field in cells and field != "loid"}
    return OnuRow(
        state=msgspec.convert({**shown, "onu": onu, "reasons": reasons}, OnuState),
        technology=technology,
        loid=Secret(loid) if isinstance(loid, str) else None,
        raw=raw,
    )


def port_state(port: str, cells: Mapping[str, Cell], troubles: Mapping[str, str] | None = None) -> PortState:
    """Return the port's optical module that the cells tell of."""
    shown, reasons = _settled({name: _value(name, cell) for name, cell in cells.items()}, PortState, troubles or {})
    return msgspec.convert({**shown, "port": port, "reasons": reasons}, PortState)


def _settled(
    values: dict[str, Value], wanted: type[OnuState | PortState], troubles: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields that have a value, and the reasons of those that have none."""
    shown: dict[str, Any] = {}
    reasons = _NOT_TOLD[wanted].copy()
    if troubles:
        reasons.update((field, str(why)) for field, why in troubles.items() if field in reasons)
    for field, value in values.items():
        if field not in reasons:  # what a step of provisioning looks at, and no row shows
            continue
        if isinstance(value, Reason):
            reasons[field] = str(value)
        else:
            shown[field] = value
            del reasons[field]
    if "run_state" in reasons:
        shown["run_state"] = "unknown"
    return shown, reasons


def _values(cells: Mapping[str, Cell], known: Known) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for field, cell in cells.items():
        raw = cell.raw
        if not isinstance(raw, int):
            values[field] = _value(field, cell)
            continue
        key = (id(cell.column), raw)
        value = known.get(key)
        if value is None:
            value = known[key] = _value(field, cell)
        values[field] = value
    return values


def _value(field: str, cell: Cell) -> Value:
    raw, absent = cell.raw, cell.column.absent
    if absent and (why := absent.get(str(raw) if isinstance(raw, int) else as_text(raw))) is not None:
        return why
    if field in _STATES:
        return _state(field, cell)
    value = scale(cell.column.scale, raw)
    if isinstance(value, Reason):
        return value
    if isinstance(value, str):
        return value if len(value) <= _NEVER_LONGER else Reason.GARBLED
    return _number(field, value)


def _number(field: str, value: float) -> Value:
    window = _WINDOWS.get(field)
    if window is not None and not window.lowest <= value <= window.highest:
        return Reason.OUT_OF_WINDOW
    if field == "llid":
        return int(value) if value == int(value) else Reason.GARBLED
    return value


def _state(field: str, cell: Cell) -> Value:
    """Return our word for a state. A state that the driver does not know is told as unknown, never guessed."""
    text = as_text(cell.raw).lower()
    found = {name.lower(): word for name, word in cell.column.states.items()}.get(text)
    if found is not None:
        return found
    return Reason.NO_READING if field == "last_down_cause" and text in ("", "-", "n/a") else Reason.NOT_DECIDABLE
