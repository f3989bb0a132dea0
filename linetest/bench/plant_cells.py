"""The SNMP tables of a made plant's OLTs: Huawei's for GPON, V-SOL's for EPON, from what the plant tells at a moment.

Sources: HUAWEI-XPON-MIB (tables 23, 43, 46 and 51); the MIB of V-SOL's V1600D and a recorded one, which tells powers as
text. The OLTs take turns: the first is Huawei's, the second V-SOL's.
"""

import math
from collections.abc import Iterator

import numpy as np

from linetest.bench.olt_agent_ber import TIMETICKS, Oid, integer, object_id, octets, parse_oid
from linetest.bench.plant_agent import CellTable, Values
from linetest.bench.plant_layout import Layout
from linetest.bench.plant_values import Told
from linetest.model.onu import OnuState, RunState

DRIVERS = ("huawei_smartax", "vsol_epon")
"""By the place of an OLT in the plant, in turns."""
_ENTERPRISES = "1.3.6.1.4.1"
_HUAWEI = f"{_ENTERPRISES}.2011.6.128.1.1.2"
_VSOL = f"{_ENTERPRISES}.37950.1.1.5.12"
_SYSTEM = "1.3.6.1.2.1.1"
_HUAWEI_NOTHING = 2_147_483_647
_DYING_GASP, _LOS = 13, 1  # hwGponDeviceOntLastDownCause


def driver_of(olt: int) -> str:
    """Return the driver that reads the OLT of that place."""
    return DRIVERS[olt % len(DRIVERS)]


def cell_table(layout: Layout, told: Told, olt: int) -> CellTable:
    """Return all cells of one OLT."""
    made = (_huawei, _vsol)[olt % len(DRIVERS)]
    return CellTable(dict(made(layout, told, np.flatnonzero(layout.olt == olt).tolist())))


def _system(description: str, object_text: str) -> Values:
    return {
        parse_oid(f"{_SYSTEM}.1.0"): octets(description),
        parse_oid(f"{_SYSTEM}.2.0"): object_id(parse_oid(object_text)),
        parse_oid(f"{_SYSTEM}.3.0"): integer(8_640_000, TIMETICKS),
    }


def _huawei(layout: Layout, told: Told, onus: list[int]) -> Iterator[tuple[Oid, bytes]]:
    yield from _system("Huawei Integrated Access Software", f"{_ENTERPRISES}.2011.2.123").items()
    roots = {name: parse_oid(f"{_HUAWEI}.{name}") for name in _HUAWEI_COLUMNS}
    for onu in onus:
        port = 0xFA00_0000 + int(layout.slot[onu]) * 8192 + int(layout.port[onu]) * 256
        index = (port, int(layout.number[onu]))
        up = bool(told.up[onu])
        values = {
            "43.1.3": octets(told.serial[onu][:4].encode() + bytes.fromhex(told.serial[onu][4:])),
            "46.1.15": integer(1 if up else 2),
            "46.1.20": _counted(told.distance_m[onu], 1.0, -1),
            "46.1.24": integer(-1 if up else _DYING_GASP if told.power_lost[onu] else _LOS),
            "51.1.1": _counted(told.temperature_c[onu], 1.0),
            "51.1.2": _counted(told.bias_ma[onu], 1.0),
            "51.1.3": _counted(told.onu_tx_dbm[onu], 100.0),
            "51.1.4": _counted(told.onu_rx_dbm[onu], 100.0),
            "51.1.5": _counted(told.voltage_v[onu], 1000.0),
            "51.1.6": _counted(told.olt_rx_dbm[onu] + 100.0, 100.0),
        }
        for name, value in values.items():
            yield roots[name] + index, value
        yield (*parse_oid(f"{_HUAWEI}.23.1.4"), port), _counted(told.olt_tx_dbm[onu], 100.0)


_HUAWEI_COLUMNS = (
    *("43.1.3", "46.1.15", "46.1.20", "46.1.24"),
    *("51.1.1", "51.1.2", "51.1.3", "51.1.4", "51.1.5", "51.1.6"),
)


def onu_states(layout: Layout, told: Told, olt: int) -> Iterator[OnuState]:
    """Yield what the cells of one OLT say of each ONU, as whoever reads them has to find it."""
    name, mac = (_huawei_name, False) if olt % len(DRIVERS) == 0 else (_vsol_name, True)
    for onu in np.flatnonzero(layout.olt == olt).tolist():
        down: RunState = "offline" if mac else "dying-gasp" if told.power_lost[onu] else "los"
        yield OnuState(
            onu=name(layout, onu),
            serial=None if mac else told.serial[onu],
            mac=_mac(told, onu) if mac else None,
            run_state="online" if told.up[onu] else down,
            onu_rx_dbm=_known(told.onu_rx_dbm[onu]),
            onu_tx_dbm=_known(told.onu_tx_dbm[onu]),
            olt_rx_dbm=None if mac else _known(told.olt_rx_dbm[onu]),
            distance_m=_known(told.distance_m[onu]),
            temperature_c=_known(told.temperature_c[onu]),
            voltage_v=_known(told.voltage_v[onu]),
            bias_ma=_known(told.bias_ma[onu] if mac else np.round(told.bias_ma[onu])),
        )


def _huawei_name(layout: Layout, onu: int) -> str:
    return layout.place(onu)


def _vsol_name(layout: Layout, onu: int) -> str:
    return f"0/0/{_vsol_port(layout, onu)}:{layout.number[onu]}"


def _vsol_port(layout: Layout, onu: int) -> int:
    """Return the port of a box without slots: counted over all cards of the plant's OLT."""
    return (int(layout.slot[onu]) - 1) * (int(layout.port.max()) + 1) + int(layout.port[onu]) + 1


def _mac(told: Told, onu: int) -> str:
    digits = f"{int(told.serial[onu][4:], 16):010x}"
    return "02:" + ":".join(digits[at : at + 2] for at in range(0, 10, 2))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 2)


def _vsol(layout: Layout, told: Told, onus: list[int]) -> Iterator[tuple[Oid, bytes]]:
    yield from _system("V1600D", f"{_ENTERPRISES}.37950.1.1.5.10.14.1").items()
    roots = {name: parse_oid(f"{_VSOL}.{name}") for name in _VSOL_COLUMNS}
    for onu in onus:
        port = _vsol_port(layout, onu)
        up = bool(told.up[onu])
        values = {
            "1.25.1.3": octets(str(layout.number[onu])),
            "1.25.1.4": integer(1 if up else 0),
            "1.25.1.5": octets(_mac(told, onu)),
            "1.25.1.15": integer(1 if told.power_lost[onu] else 0),
            "1.25.1.17": octets(_text(told.distance_m[onu], "{:.0f}")),
            "2.1.8.1.3": octets(_text(told.temperature_c[onu], "{:.2f} C")),
            "2.1.8.1.4": octets(_text(told.voltage_v[onu], "{:.2f} V")),
            "2.1.8.1.5": octets(_text(told.bias_ma[onu], "{:.2f} mA")),
            "2.1.8.1.6": octets(_power_text(told.onu_tx_dbm[onu])),
            "2.1.8.1.7": octets(_power_text(told.onu_rx_dbm[onu])),
        }
        for name, value in values.items():
            yield (*roots[name], port, int(layout.number[onu])), value


_VSOL_COLUMNS = (
    *("1.25.1.3", "1.25.1.4", "1.25.1.5", "1.25.1.15", "1.25.1.17"),
    *("2.1.8.1.3", "2.1.8.1.4", "2.1.8.1.5", "2.1.8.1.6", "2.1.8.1.7"),
)


def _counted(value: float, per_unit: float, nothing: int = _HUAWEI_NOTHING) -> bytes:
    return integer(nothing if math.isnan(value) else round(value * per_unit))


def _text(value: float, form: str) -> str:
    return "N/A" if math.isnan(value) else form.format(value)


def _power_text(power_dbm: float) -> str:
    return "N/A" if math.isnan(power_dbm) else f"{10.0 ** (power_dbm / 10.0):.4f} mW ({power_dbm:.2f} dBm)"
