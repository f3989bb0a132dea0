"""The ONU tables of several OLTs, drawn from one plant with each maker's indices, scales and marks for "nothing".

Sources: HUAWEI-XPON-MIB; the public program switcher-core and a recorded C320 for ZTE; the same program and
LibreNMS's request 19846 for BDCOM; V-SOL's MIB and a recorded V1600D; DOT3-EPON-MIB (RFC 4837). Where no source gives
the number of an interface, one is made up here, and the interface names tell it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from linetest.bench.olt_agent_ber import COUNTER64, GAUGE32, Oid, integer, octets
from linetest.bench.olt_agent_cells import (
    ENTERPRISES,
    hundredths,
    interfaces,
    mac_octets,
    serial_octets,
    system,
    table_row,
    zte_power,
)
from linetest.bench.olt_agent_mib import Mib
from linetest.bench.olt_plant import Plant, PlantOnu

_HUAWEI = f"{ENTERPRISES}.2011.6.128.1.1.2"
_ZTE = f"{ENTERPRISES}.3902"
_BDCOM = f"{ENTERPRISES}.3320.101"
_VSOL_GPON = f"{ENTERPRISES}.37950.1.1.6.1.1"
_VSOL = f"{ENTERPRISES}.37950.1.1.5.12"
_MPCP = "1.3.6.1.2.1.155.1.1.1.1"
_MPCP_STAT = "1.3.6.1.2.1.155.1.1.2.1"
_OMP_STAT = "1.3.6.1.2.1.155.1.2.2.1"
_HUAWEI_NOTHING = 2147483647


def huawei_gpon(plant: Plant) -> Mib:
    """Return the tables of an MA5600T with a GPON board."""
    port = 0xFA000000 + plant.slot * 8192 + plant.port * 256
    values = system("Huawei Integrated Access Software", f"{ENTERPRISES}.2011.2.123")
    values |= interfaces({port: f"GPON {plant.place}"})
    light = [41, 331, 23, hundredths(plant.olt_tx_dbm), _HUAWEI_NOTHING]
    values |= table_row(
        f"{_HUAWEI}.23.1", (port,), {str(column): integer(v) for column, v in enumerate(light, start=1)}
    )
    for onu in plant.onus:
        identity = {"2": integer(1), "3": octets(serial_octets(onu)), "9": octets(onu.name), "13": octets(onu.loid)}
        state = {"15": integer(1 if onu.is_up else 2), "20": integer(round(onu.length_m) if onu.is_up else -1)}
        optics = [round(onu.temperature_c), round(onu.bias_ma), hundredths(onu.tx_dbm)]
        optics += [
            hundredths(plant.rx_dbm(onu)),
            round(onu.voltage_v * 1000),
            10_000 + hundredths(plant.olt_rx_dbm(onu)),
        ]
        values |= table_row(f"{_HUAWEI}.43.1", (port, onu.number), identity)
        values |= table_row(f"{_HUAWEI}.46.1", (port, onu.number), state | _huawei_times(onu, ("22", "23", "24", "25")))
        values |= table_row(f"{_HUAWEI}.51.1", (port, onu.number), _huawei_optics(onu, optics))
    for count, onu in enumerate(plant.waiting):
        found = {"2": octets(serial_octets(onu)), "3": octets(bytes(10)), "8": octets(_time(0)), "9": octets(onu.loid)}
        values |= table_row(f"{_HUAWEI}.48.1", (port, count), found)
    return Mib(values)


def huawei_epon(plant: Plant) -> Mib:
    """Return the tables of an MA5600T with an EPON board; its interface numbers are made up."""
    port = 0xFB000000 + plant.slot * 8192 + plant.port * 256
    values = system("Huawei Integrated Access Software", f"{ENTERPRISES}.2011.2.123")
    values |= interfaces({port: f"EPON {plant.place}"})
    for onu in plant.onus:
        identity = {"2": integer(3), "3": octets(mac_octets(onu)), "9": octets(onu.name), "12": octets(onu.loid)}
        state = {
            "15": integer(1 if onu.is_up else 2),
            "19": integer(round(onu.length_m) if onu.is_up else -1),
            "20": integer(onu.rtt_tq if onu.is_up else -1),
        }
        optics = [10_000 + hundredths(plant.olt_rx_dbm(onu)), round(onu.temperature_c), round(onu.bias_ma)]
        optics += [hundredths(onu.tx_dbm), hundredths(plant.rx_dbm(onu)), round(onu.voltage_v * 1000)]
        values |= table_row(f"{_HUAWEI}.53.1", (port, onu.number), identity)
        values |= table_row(f"{_HUAWEI}.57.1", (port, onu.number), state | _huawei_times(onu, ("23", "24", "25", "26")))
        values |= table_row(f"{_HUAWEI}.104.1", (port, onu.number), _huawei_optics(onu, optics))
    for count, onu in enumerate(plant.waiting):
        found = {"2": octets(mac_octets(onu)), "7": octets(_time(0)), "9": octets(onu.loid)}
        values |= table_row(f"{_HUAWEI}.58.1", (port, count), found)
    return Mib(values)


def zte_gpon(plant: Plant) -> Mib:
    """Return the tables of a C320; the same port has one number in them and another among the interfaces."""
    port = 0x10000000 + plant.slot * 65536 + plant.port * 256
    interface = 0x10000000 + (plant.slot - 1) * 65536 + (plant.port - 1) * 256
    phases = {"los": 1, "online": 3, "dying-gasp": 4, "offline": 6}
    causes = {"los": 2, "dying-gasp": 9}
    values = system("C320 Version V2.1.0 Software", f"{_ZTE}.1082.1001.320.2.1")
    values |= interfaces({interface: f"gpon_{plant.place}"})
    for onu in plant.onus:
        row = (port, onu.number)
        identity = {"1": octets("F660"), "2": octets(onu.name), "5": octets(serial_octets(onu))}
        values |= table_row(f"{_ZTE}.1012.3.28.1.1", row, identity)
        state = {"4": integer(phases[onu.state])}
        state |= {"7": integer(causes[onu.state])} if onu.state in causes else {}
        values |= table_row(f"{_ZTE}.1012.3.28.2.1", row, state)
        values |= table_row(f"{_ZTE}.1012.3.11.4.1", row, {"1": integer(0), "2": integer(round(onu.length_m))})
        optics = {"10": zte_power(plant.rx_dbm(onu), onu), "14": zte_power(onu.tx_dbm, onu)}
        values |= table_row(f"{_ZTE}.1012.3.50.12.1.1", (*row, 1), optics)
        if onu.is_up:
            values |= table_row(f"{_ZTE}.1015.1010.11.2.1", row, {"2": integer(round(plant.olt_rx_dbm(onu) * 1000))})
    for count, onu in enumerate(plant.waiting, start=1):
        values |= table_row(f"{_ZTE}.1012.3.13.3.1", (port, count), {"2": octets(serial_octets(onu))})
    return Mib(values)


def bdcom_epon(plant: Plant) -> Mib:
    """Return the tables of a P3310; its ONUs have interface numbers, and LLIDs stand under the MAC."""
    port = 10 + plant.port
    numbers = {onu.number: 100 * port + onu.number for onu in plant.onus}
    names = {port: f"EPON{plant.slot}/{plant.port}"}
    names |= {numbers[onu.number]: f"EPON{plant.slot}/{plant.port}:{onu.number}" for onu in plant.onus}
    states = {"online": 3, "los": 4, "dying-gasp": 4, "offline": 2}
    reasons = {"los": 8, "dying-gasp": 9}
    values = system("BDCOM(tm) P3310C Software, Version 10.1.0E", f"{ENTERPRISES}.3320.1.131.0")
    values |= interfaces(names)
    for onu in plant.onus:
        row = (numbers[onu.number],)
        state = {"3": octets(mac_octets(onu)), "26": integer(states[onu.state])}
        state |= {"27": integer(round(onu.length_m))} if onu.is_up else {}
        values |= table_row(f"{_BDCOM}.10.1.1", row, state)
        link = {"2": integer(onu.llid), "6": integer(states[onu.state])}
        link |= {"11": integer(reasons[onu.state])} if onu.state in reasons else {}
        if onu.is_up:
            optics = {"5": integer(round(plant.rx_dbm(onu) * 10)), "6": integer(round(onu.tx_dbm * 10))}
            values |= table_row(f"{_BDCOM}.10.5.1", row, optics)
            values |= table_row(f"{_BDCOM}.108.1", row, {"3": integer(round(plant.olt_rx_dbm(onu) * 10))})
            link |= {"7": integer(round(onu.length_m)), "8": integer(onu.rtt_tq)}
        values |= table_row(f"{_BDCOM}.11.1.1", (port, *mac_octets(onu)), link)
    return Mib(values)


def vsol_epon(plant: Plant) -> Mib:
    """Return the tables of a V1600D, which tells its optics as texts with two units, and its LOID passwords too."""
    values = system("V1600D", f"{ENTERPRISES}.37950.1.1.5.10.14.1")
    for onu in plant.onus:
        row = (plant.port, onu.number)
        state = {
            "4": integer(1 if onu.is_up else 0),
            "5": octets(mac_octets(onu)),
            "8": integer(1),
            "10": octets(onu.loid),
            "11": octets(f"password-of-{onu.number}"),
        }
        if onu.is_up:
            state |= {"3": integer(onu.llid), "12": integer(onu.rtt_tq), "17": integer(round(onu.length_m))}
            optics = {
                "3": f"{onu.temperature_c:.2f} C",
                "4": f"{onu.voltage_v:.2f} V",
                "5": f"{onu.bias_ma:.2f} mA",
                "6": _vsol_power(onu.tx_dbm),
                "7": _vsol_power(plant.rx_dbm(onu)),
            }
            values |= table_row(f"{_VSOL}.2.1.8.1", row, {column: octets(text) for column, text in optics.items()})
        elif onu.state in ("los", "dying-gasp"):
            state |= {"15": integer(0 if onu.state == "los" else 1)}
        values |= table_row(f"{_VSOL}.1.25.1", row, state)
    return Mib(values)


def standard_epon(plant: Plant) -> Mib:
    """Return the tables of an OLT of no known maker that keeps to RFC 4837: one interface for each logical link."""
    numbers = {onu.number: 2000 + onu.number for onu in plant.onus}
    names = {numbers[onu.number]: f"EPON{plant.slot}/{plant.port}:{onu.number}" for onu in plant.onus}
    values = system("EPON OLT", f"{ENTERPRISES}.32473.1") | interfaces(names)  # 32473: for examples, RFC 5612
    for onu in plant.onus:
        link = {"1": integer(1), "2": integer(1), "3": integer(1), "5": integer(onu.llid if onu.is_up else 0)}
        link |= {"6": octets(mac_octets(onu)), "7": integer(3 if onu.is_up else 1)}
        link |= {"10": integer(onu.rtt_tq if onu.is_up else 0, GAUGE32)}
        values |= table_row(_MPCP, (numbers[onu.number],), link)
        if onu.is_up:
            values |= _standard_counters(onu, (numbers[onu.number],))
    return Mib(values)


def _standard_counters(onu: PlantOnu, row: tuple[int, ...]) -> dict[Oid, bytes]:
    """Return what the OLT has counted since the ONU registered: a GATE and a REPORT each 10 ms, some frames."""
    cycles = 100 * onu.uptime_s
    messages = {"1": cycles + 1, "2": cycles + 2, "6": 1, "8": 1, "10": cycles, "11": cycles, "13": 1}
    frames = {"1": 0, "2": 0, "3": 0, "4": 3 * cycles, "7": 0, "8": 0, "9": 0, "10": 0}
    counted = table_row(_MPCP_STAT, row, {column: integer(count, COUNTER64) for column, count in messages.items()})
    counted |= table_row(_OMP_STAT, row, {column: integer(count, COUNTER64) for column, count in frames.items()})
    return counted


def zte_epon(plant: Plant) -> Mib:
    """Return the tables of a C320 with an EPON board; their indices are in no source and made up as with GPON."""
    port = 0x10000000 + plant.slot * 65536 + plant.port * 256
    values = system("C320 Version V2.1.0 Software", f"{_ZTE}.1082.1001.320.2.1")
    values |= interfaces({port: f"epon_{plant.place}"})
    causes = {"los": 21, "dying-gasp": 22}
    for onu in plant.onus:
        row = (port, onu.number)
        state = {"17": integer({"online": 3, "dying-gasp": 1}.get(onu.state, 2)), "18": integer(1)}
        state |= {"27": integer(causes[onu.state])} if onu.state in causes else {}
        values |= table_row(f"{_ZTE}.1015.1010.1.7.4.1", row, state)
        if onu.is_up:
            optics = [round(onu.temperature_c * 256), round(onu.voltage_v / 0.02), round(onu.bias_ma)]
            cells = {str(column): integer(value) for column, value in enumerate(optics, start=1)}
            cells |= {"4": zte_power(onu.tx_dbm, onu), "5": zte_power(plant.rx_dbm(onu), onu)}
            values |= table_row(f"{_ZTE}.1015.1010.1.1.1.29.1", row, cells)
    return Mib(values)


def vsol_gpon(plant: Plant) -> Mib:
    """Return the tables of a V1600G, which tells powers as numbers in texts."""
    values = system("V1600G1", f"{ENTERPRISES}.37950.1.1.5.10.14.1")
    states = {"online": 3, "dying-gasp": 4}
    for onu in plant.onus:
        row = (plant.port, onu.number)
        values |= table_row(f"{_VSOL_GPON}.1.1", row, {"5": integer(states.get(onu.state, 6))})
        values |= table_row(f"{_VSOL_GPON}.2.1", row, {"5": octets(onu.serial)})
        if onu.is_up:
            optics = {"6": octets(f"{onu.tx_dbm:.3f}"), "7": octets(f"{plant.rx_dbm(onu):.3f}")}
            values |= table_row(f"{_VSOL_GPON}.3.1", row, optics)
    return Mib(values)


TABLES: dict[str, Callable[[Plant], Mib]] = {
    "huawei-gpon": huawei_gpon,
    "huawei-epon": huawei_epon,
    "zte-gpon": zte_gpon,
    "zte-epon": zte_epon,
    "bdcom-epon": bdcom_epon,
    "vsol-epon": vsol_epon,
    "vsol-gpon": vsol_gpon,
    "standard-epon": standard_epon,
}
"""By maker and technology."""


def _huawei_optics(onu: PlantOnu, values: list[int]) -> dict[str, bytes]:
    shown = values if onu.is_up else [_HUAWEI_NOTHING] * len(values)
    return {str(column): integer(value) for column, value in enumerate(shown, start=1)}


def _huawei_times(onu: PlantOnu, columns: tuple[str, str, str, str]) -> dict[str, bytes]:
    """Return last up, last down, its cause and the last dying gasp."""
    up, down, cause, gasp = columns
    causes = {"los": 1, "dying-gasp": 13}
    cells = {up: octets(_time(onu.uptime_s)), cause: integer(causes.get(onu.state, -1))}
    if not onu.is_up:
        cells |= {down: octets(_time(60))}
    if onu.state == "dying-gasp":
        cells |= {gasp: octets(_time(60))}
    return cells


def _time(ago_s: int) -> bytes:
    """Return a moment as DateAndTime of 11 octets (RFC 2579)."""
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    return at.year.to_bytes(2, "big") + bytes([at.month, at.day, at.hour, at.minute, at.second, 0]) + b"+\0\0"


def _vsol_power(power_dbm: float) -> str:
    return f"{10.0 ** (power_dbm / 10.0):.2f} mW ({power_dbm:.2f} dBm)"
