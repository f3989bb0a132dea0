"""Small OLTs for the tests of sweeps: served over SNMP, named by a station file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from linetest.bench.olt_agent_ber import TIMETICKS, Oid, integer, octets, parse_oid
from linetest.bench.plant_agent import CellTable, PlantAgent, listening

HUAWEI = "1.3.6.1.4.1.2011.6.128.1.1.2"
OPTICS = ("51.1.1", "51.1.2", "51.1.3", "51.1.4", "51.1.5", "51.1.6")


def olt_cells(onus: int, *, dark: int | None = None, gone: int | None = None, serial: bytes = b"BNCH") -> CellTable:
    """Return an OLT with one port of ONUs, numbered from 1; `dark` has too little light, `gone` lost its fibre."""
    values: dict[Oid, bytes] = {parse_oid("1.3.6.1.2.1.1.3.0"): integer(8_640_000, TIMETICKS)}
    for onu in range(1, onus + 1):
        up = onu != gone
        light = -2850 if onu == dark else -2000 - onu
        raw = (41, 14, 227, light, 3280, 10_000 - 2200 - onu)
        cells = {"43.1.3": octets(serial + onu.to_bytes(4, "big")), "46.1.15": integer(1 if up else 2)}
        cells |= {"46.1.20": integer(1000 + onu), "46.1.24": integer(-1 if up else 1)}
        cells |= dict(zip(OPTICS, map(integer, raw if up else [2_147_483_647] * 6), strict=True))
        for column, value in cells.items():
            values[(*parse_oid(f"{HUAWEI}.{column}"), 0xFA00_0000 + 8192, onu)] = value
    values[(*parse_oid(f"{HUAWEI}.23.1.4"), 0xFA00_0000 + 8192)] = integer(350)
    return CellTable(values)


@contextmanager
def station_of(
    folder: Path, tables: Sequence[CellTable | None], *, delay_s: float = 0.0, more: str = ""
) -> Iterator[tuple[Path, list[PlantAgent]]]:
    """Serve the tables, None for an OLT that is silent; yield the station file and the agents."""
    with listening([lambda one=one: one for one in tables], delay_s=delay_s) as agents:  # type: ignore[misc]
        (folder / "community").write_text("public")
        (folder / "community").chmod(0o600)
        station = folder / "station.toml"
        station.write_text(
            'name = "test"\n'
            + "".join(
                f'[device.olt-{number:02}]\ndriver = "huawei_smartax"\nsnmp = "{address}"\n'
                f'secrets = {{ community = "file:community" }}\n{more}'
                for number, (address, _agent) in enumerate(agents, start=1)
            )
        )
        yield station, [agent for _address, agent in agents]
