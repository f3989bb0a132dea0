"""The ONUs of a simulated OLT as they truly are; its tables and its screens are drawn from this alone.

Losses: G.652 fibre of 0.22 dB/km at 1490 nm and 0.35 dB/km at 1310 nm (ITU-T G.652, appendix I), a splitter of the
loss that its ways need, and connectors. Times: one time quantum is 16 ns (IEEE 802.3, 64.2.2.1), light goes at
c / 1.468, and an ONU answers `ANSWER_TQ` after it was asked.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

ANSWER_TQ = 92
METRES_PER_TQ = 1.634
_DOWN_DB_PER_KM, _UP_DB_PER_KM = 0.22, 0.35
_CONNECTORS_DB = 1.0

State = Literal["online", "los", "dying-gasp", "offline"]
Case = Literal[
    "good",
    "los",
    "dying-gasp",
    "weak-light",
    "duplicate-llid",
    "loid-elsewhere",
    "waiting",
    "waiting-weak-light",
    "absent",
    "port-full",
]
"""What is with the customer's ONU; in the last four it is bound nowhere, and waits or is not there."""
CUSTOMER = 5
"""The number of the ONU that the order is about."""
_WEAK_DB = 11.0


@dataclass(frozen=True, kw_only=True)
class PlantOnu:
    """One ONU on a port."""

    number: int
    serial: str
    """The maker's four letters and eight hexadecimal digits."""
    mac: str
    loid: str
    check_code: str = field(default="", repr=False)
    """What it proves its LOID with."""
    password: str = field(default="", repr=False)
    llid: int
    length_m: float
    state: State = "online"
    """Also why it is down; `offline` when the OLT does not know."""
    drop_db: float = 0.5
    """What the way from the splitter to the ONU loses beside the fibre."""
    tx_dbm: float = 2.3
    temperature_c: float = 41.0
    voltage_v: float = 3.28
    bias_ma: float = 14.5
    uptime_s: int = 125_121
    name: str = "room"

    @property
    def is_up(self) -> bool:
        """Tell whether it is registered and working."""
        return self.state == "online"

    @property
    def rtt_tq(self) -> int:
        """Return the round-trip time that the OLT measures."""
        return round(self.length_m / METRES_PER_TQ) + ANSWER_TQ


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One PON port of an OLT with its splitter and its ONUs."""

    rack: int
    slot: int
    port: int
    onus: tuple[PlantOnu, ...]
    waiting: tuple[PlantOnu, ...] = ()
    """ONUs that ask to be let in and belong to no row."""
    olt_tx_dbm: float = 4.5
    splitter_db: float = 20.5

    @property
    def place(self) -> str:
        """Return the port as ``rack/slot/port``."""
        return f"{self.rack}/{self.slot}/{self.port}"

    def rx_dbm(self, onu: PlantOnu) -> float:
        """Return the light that the ONU gets."""
        return self.olt_tx_dbm - self._loss_db(onu, _DOWN_DB_PER_KM)

    def olt_rx_dbm(self, onu: PlantOnu) -> float:
        """Return the light that the OLT gets from the ONU."""
        return onu.tx_dbm - self._loss_db(onu, _UP_DB_PER_KM)

    def find(self, number: int) -> PlantOnu | None:
        """Return the ONU of that number."""
        return next((onu for onu in self.onus if onu.number == number), None)

    def _loss_db(self, onu: PlantOnu, db_per_km: float) -> float:
        return self.splitter_db + _CONNECTORS_DB + onu.drop_db + onu.length_m / 1000.0 * db_per_km


def made_plant(
    case: Case = "good",
    *,
    rack: int = 0,
    slot: int = 1,
    port: int = 0,
    rows: int = 0,
    numbers: range = range(1, 129),
) -> Plant:
    """Return a port with eight ONUs of all states, of which number 5 is the customer's and in the state of `case`.

    A stranger waits in every case. Where the customer's ONU is bound nowhere, there are seven.

    Args:
        case: what is wrong with the customer's ONU.
        rack: where the OLT counts the port.
        slot: as `rack`.
        port: as `rack`.
        rows: so many more ONUs that work, numbered from 100.
        numbers: which the ONUs of a port can have; all are taken in the case ``port-full``.
    """
    onus: tuple[PlantOnu, ...] = (
        _onu(1, 412.0),
        replace(_onu(2, 11_820.0), temperature_c=57.0, bias_ma=19.25),
        _onu(3, 1_733.0, "dying-gasp"),
        _onu(4, 958.0, "los"),
        _customers(case),
        replace(_onu(6, 2_210.0), drop_db=3.4),
        _onu(8, 640.0, "offline"),
        replace(_onu(10, 2_195.0), tx_dbm=4.25, voltage_v=3.24),
    )
    more = tuple(_onu(100 + count, 300.0 + 7 * count) for count in range(rows))
    stranger = _onu(0, 1_500.0, unit=0xF0)
    if case == "loid-elsewhere":  # the first to come with a LOID is let in, and the right one stays out
        customer = onus[4]
        onus = (*onus[:4], replace(customer, state="offline"), replace(onus[5], loid=customer.loid), *onus[6:])
        stranger = replace(stranger, serial=customer.serial, mac=customer.mac, loid=customer.loid)
    waiting: tuple[PlantOnu, ...] = (stranger,)
    if case in ("waiting", "waiting-weak-light", "absent", "port-full"):
        waiting = (stranger,) if case == "absent" else (stranger, onus[4])
        onus = (*onus[:4], *onus[5:])
    if case == "port-full":
        taken = {onu.number for onu in onus}
        more += tuple(_onu(number, 500.0, unit=0x200 + number) for number in numbers if number not in taken)
    return Plant(rack=rack, slot=slot, port=port, onus=onus + more, waiting=waiting)


def _customers(case: Case) -> PlantOnu:
    good = replace(_onu(CUSTOMER, 2_080.0), drop_db=0.94)
    match case:
        case "los" | "dying-gasp":
            return replace(good, state=case)
        case "weak-light" | "waiting-weak-light":
            return replace(good, drop_db=good.drop_db + _WEAK_DB)
        case "duplicate-llid":
            return replace(good, llid=_onu(6, 0.0).llid)
        case _:
            return good


def _onu(number: int, length_m: float, state: State = "online", unit: int | None = None) -> PlantOnu:
    """Return an ONU whose names follow from its number, or from `unit` when it has no number."""
    unit = number if unit is None else unit
    return PlantOnu(
        number=number,
        serial=f"BNCH{0x0B1E0000 + unit:08X}",
        mac=f"02:d1:9a:01:{unit >> 8:02x}:{unit & 0xFF:02x}",
        loid=f"2026BENCH{unit:06d}",
        check_code=f"chk{unit:06d}",
        password=f"pw{unit:06d}",
        llid=number + 2,
        length_m=length_m,
        state=state,
        name=f"room {unit}",
    )
