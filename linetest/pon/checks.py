"""Readings of ONUs from what their OLT tells: judged by a profile, never here."""

from collections.abc import Iterator
from typing import Any

import msgspec

from linetest.devices.olt import OnuTable
from linetest.devices.olt_rows import OnuRow
from linetest.model.clock import now_text
from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.onu import OnuState, PortState
from linetest.model.onu_id import OnuId, find_onu_id
from linetest.model.reading import Measurement, Reading
from linetest.pon.links import by_loid, by_port, llids_of_mac, port_of, rtt_distance_m, same_llid, same_loid
from linetest.pon.settings import PonSettings
from linetest.pon.why_down import why_down

_FIELDS = {
    "pon.onu_rx_dbm": "onu_rx_dbm",
    "pon.onu_tx_dbm": "onu_tx_dbm",
    "pon.olt_rx_dbm": "olt_rx_dbm",
    "pon.distance_m": "distance_m",
    "pon.rtt_tq": "rtt_tq",
    "pon.temperature_c": "temperature_c",
    "pon.voltage_v": "voltage_v",
    "pon.bias_ma": "bias_ma",
}
"""Metrics that are a field as it is told."""
_UP_OR_DOWN = {"online": 1.0, "unknown": None}
Found = tuple[str, float | None, str | None, dict[str, Any], str | None]
"""Metric, value, reason, more of `where`, hint."""


def measure(
    table: OnuTable, wanted: OnuId | None, settings: PonSettings, others: OnuTable | None = None
) -> Measurement:
    """Return the readings of the ONUs in `table`.

    Args:
        table: What was read.
        wanted: The ONU or port that was asked for; where nothing of it was found, that is a reading without value.
        settings: What the profile's step leaves open.
        others: Who else is on the OLT, for LLIDs and LOIDs used twice; `table` itself when None.
    """
    at = now_text()
    rows = [row for row in table.onus if wanted is None or _covers(wanted, row)]
    known = others if others is not None and (others.onus or others.found) else table
    ports, loids = by_port(known.onus), by_loid([*known.onus, *known.found])
    readings = [
        _reading(found, row.state.onu, at)
        for row in rows
        for found in (*_of_one(row, table.ports, settings), *_of_names(row, ports, loids, settings))
    ]
    if not rows:
        missing: Found = ("pon.online_count", None, str(Reason.NO_SUCH_OBJECT), {}, None)
        readings = [_reading(missing, str(wanted) if wanted else "", at)]
    return Measurement(
        readings=readings,
        details={
            "onus": [msgspec.to_builtins(row.state) for row in rows],
            "found": [msgspec.to_builtins(row.state) for row in table.found],
            "ports": [msgspec.to_builtins(port) for port in table.ports],
            "unread": [msgspec.to_builtins(one) for one in table.unread],
        },
    )


def _covers(wanted: OnuId, row: OnuRow) -> bool:
    place = find_onu_id(row.state.onu)
    return place is not None and wanted.covers(place)


def _of_one(row: OnuRow, ports: list[PortState], settings: PonSettings) -> Iterator[Found]:
    state = row.state
    yield from _online(state)
    for metric, field in _FIELDS.items():
        yield metric, getattr(state, field), state.reasons.get(field), {}, None
    yield from _loss(state, ports, settings)


def _of_names(
    row: OnuRow, ports: dict[str, list[OnuRow]], loids: dict[str, list[OnuRow]], settings: PonSettings
) -> Iterator[Found]:
    """Yield what is found by looking at the other ONUs too."""
    if row.technology == "epon":
        yield from _link(row, ports.get(port_of(row), []), settings)
    if row.loid is not None:
        elsewhere = same_loid(row, loids.get(row.loid.reveal(), []))
        yield "pon.loid_elsewhere_count", float(len(elsewhere)), None, _named(elsewhere), None
    else:
        reason = row.state.reasons.get("loid", str(Reason.NO_SUCH_OBJECT))
        yield "pon.loid_elsewhere_count", None, reason, {}, None


def _online(state: OnuState) -> Iterator[Found]:
    value = _UP_OR_DOWN.get(state.run_state, 0.0)
    reason = state.reasons.get("run_state", str(Reason.NOT_DECIDABLE)) if value is None else None
    hint = why_down(state)
    yield "pon.online_count", value, reason, {"run_state": state.run_state}, str(hint) if hint else None


def _loss(state: OnuState, ports: list[PortState], settings: PonSettings) -> Iterator[Found]:
    """Yield the loss from the port to the ONU, and how much of it the plan does not explain."""
    place = find_onu_id(state.onu)
    port = next((one for one in ports if place is not None and one.port == place.port_text), None)
    sent = port.tx_dbm if port else None
    reason = port.reasons.get("tx_dbm") if port else str(Reason.NO_SUCH_OBJECT)
    yield "pon.olt_tx_dbm", sent, reason, {}, None
    loss = sent - state.onu_rx_dbm if sent is not None and state.onu_rx_dbm is not None else None
    why = None if loss is not None else reason or state.reasons.get("onu_rx_dbm", str(Reason.NOT_DECIDABLE))
    yield "pon.loss_db", loss, why, {}, None
    if settings.splitter_loss_db is None or state.distance_m is None or loss is None:
        yield "pon.excess_loss_db", None, why or state.reasons.get("distance_m", str(Reason.NOT_DECIDABLE)), {}, None
        return
    planned = settings.splitter_loss_db + settings.joints_db + settings.fibre_db_per_km * state.distance_m / 1e3
    yield "pon.excess_loss_db", loss - planned, None, {}, None


def _link(row: OnuRow, on_port: list[OnuRow], settings: PonSettings) -> Iterator[Found]:
    """Yield what is special to EPON: the logical link and its round-trip time."""
    state = row.state
    if state.rtt_tq is not None and state.distance_m is not None:
        error = abs(rtt_distance_m(state.rtt_tq, settings) - state.distance_m)
        yield "pon.rtt_distance_error_m", error, None, {}, None
    else:
        missing = "rtt_tq" if state.rtt_tq is None else "distance_m"
        yield "pon.rtt_distance_error_m", None, state.reasons.get(missing), {}, None
    if state.llid is None:
        for metric in ("pon.llid", "pon.llid_duplicate_count", "pon.llid_unregistered_count"):
            yield metric, None, state.reasons.get("llid"), {}, None
        return
    where: dict[str, Any] = {"llid": state.llid} | ({"mac": state.mac} if state.mac else {})
    same = same_llid(row, on_port)
    yield "pon.llid", float(state.llid), None, where, None
    yield "pon.llid_duplicate_count", float(len(same)), None, where | _named(same), None
    up = _UP_OR_DOWN.get(state.run_state, 0.0)
    without = None if up is None else float(up == 0.0 and bool(llids_of_mac(row, [])))
    reason = state.reasons.get("run_state", str(Reason.NOT_DECIDABLE)) if without is None else None
    yield "pon.llid_unregistered_count", without, reason, where, None
    if state.mac is not None:
        llids = llids_of_mac(row, on_port)
        yield "pon.mac_llid_count", float(len(llids)), None, {"mac": state.mac, "llids": llids}, None


def _named(onus: list[str]) -> dict[str, Any]:
    return {"others": onus} if onus else {}


def _reading(found: Found, onu: str, at: str) -> Reading:
    metric, value, reason, more, hint = found
    return Reading(
        metric=metric,
        value=value,
        unit=METRICS[metric].unit,
        where={"onu": onu} | more,
        reason=(reason or str(Reason.NOT_DECIDABLE)) if value is None else None,
        hint=hint,
        at=at,
    )
