"""The cells that the tables of a simulated OLT's agent are made of."""

from collections.abc import Mapping

from linetest.bench.olt_agent_ber import TIMETICKS, Oid, integer, object_id, octets, parse_oid
from linetest.bench.olt_agent_mib import UPTIME
from linetest.bench.olt_plant import PlantOnu

Values = dict[Oid, bytes]
ENTERPRISES = "1.3.6.1.4.1"
_ZTE_NOTHING = 65535


def table_row(table: str, index: Oid, cells: Mapping[str, bytes]) -> Values:
    """Return the cells of one row under their whole names; `table` ends before the column."""
    return {parse_oid(f"{table}.{column}") + index: value for column, value in cells.items()}


def system(description: str, maker: str) -> Values:
    """Return who the OLT says it is; `maker` is its sysObjectID."""
    cells = {"1.0": octets(description), "2.0": object_id(parse_oid(maker)), "5.0": octets("bench-olt")}
    return table_row("1.3.6.1.2.1.1", (), cells) | {UPTIME: integer(8_640_000, TIMETICKS)}


def interfaces(names: Mapping[int, str]) -> Values:
    """Return the interfaces by number and name."""
    values: Values = {}
    for number, name in names.items():
        values |= table_row("1.3.6.1.2.1.2.2.1", (number,), {"1": integer(number), "2": octets(name)})
        values |= table_row("1.3.6.1.2.1.31.1.1.1", (number,), {"1": octets(name)})
    return values


def serial_octets(onu: PlantOnu) -> bytes:
    """Return a serial as ITU-T G.984.3, 9.2.4.1 sends it: four letters and four octets."""
    return onu.serial[:4].encode() + bytes.fromhex(onu.serial[4:])


def mac_octets(onu: PlantOnu) -> bytes:
    """Return a MAC as six octets."""
    return bytes.fromhex(onu.mac.replace(":", ""))


def hundredths(value: float) -> int:
    """Return a value in hundredths."""
    return round(value * 100)


def zte_power(power_dbm: float, onu: PlantOnu) -> bytes:
    """Return a power in steps of 0.002 dB above -30 dBm, below it as a 16-bit number with sign."""
    return integer(round((power_dbm + 30.0) / 0.002) % 65536 if onu.is_up else _ZTE_NOTHING)
