"""One ONU and one PON port as an OLT tells of them, the same for every maker."""

from typing import Literal

import msgspec

RunState = Literal["online", "offline", "los", "dying-gasp", "auth-failed", "registering", "disabled", "unknown"]
Technology = Literal["gpon", "epon"]

DOWN = frozenset({"offline", "los", "dying-gasp", "auth-failed", "disabled"})
"""States in which no light comes back: an optical value beside one of them is an old or invented one."""
POWER_LOST = ("dying-gasp", "power-off")
FIBRE_LOST = ("los", "wire-down")
"""Codes of `last_down_cause` that tell a power cut from a cut fibre."""


class OnuState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one ONU. Each field that is None has its reason code in `reasons`.

    The field names are a promise to scripts: they are those of the schema ``linetest.onus/1``.
    """

    onu: str
    """``rack/slot/port:onu``; the port alone for an ONU that the OLT found but that has no number yet."""
    serial: str | None = None
    """As printed on the ONU: the maker's four letters and eight hexadecimal digits where the OLT tells them."""
    mac: str | None = None
    """Six pairs of small hexadecimal digits with colons."""
    loid: str | None = None
    """The logical ONU id, only its first and last two characters: see `mask_loid`."""
    llid: int | None = None
    run_state: RunState = "unknown"
    last_down_cause: str | None = None
    onu_rx_dbm: float | None = None
    """Power that the ONU receives."""
    onu_tx_dbm: float | None = None
    """Power that the ONU sends."""
    olt_rx_dbm: float | None = None
    """Power that the OLT receives from this ONU."""
    distance_m: float | None = None
    rtt_tq: float | None = None
    """Round-trip time in time quanta of 16 ns (IEEE 802.3, clause 64)."""
    temperature_c: float | None = None
    voltage_v: float | None = None
    bias_ma: float | None = None
    uptime_s: float | None = None
    reasons: dict[str, str] = {}
    """Field name to the `Reason` for which it is None."""


class PortState(msgspec.Struct, frozen=True, kw_only=True):
    """The optical module of one port of the OLT."""

    port: str
    """``rack/slot/port``, or the number that the OLT gives where its place is not known."""
    tx_dbm: float | None = None
    rx_dbm: float | None = None
    temperature_c: float | None = None
    voltage_v: float | None = None
    bias_ma: float | None = None
    reasons: dict[str, str] = {}


def mask_loid(loid: str) -> str:
    """Return a LOID by its first and last two characters; one so short that they would tell all is hidden whole."""
    return f"{loid[:2]}…{loid[-2:]}" if len(loid) > 4 else "…"
