"""The counters that an OLT keeps of each logical link, over SNMP: which tables have them is the driver's to say."""

import msgspec

from linetest.devices.driver_file import load_driver
from linetest.devices.index_codecs import INDEXES
from linetest.devices.olt import LazyNames, read_onus
from linetest.devices.olt_driver import CounterTable, OltDriver
from linetest.devices.olt_open import evidence_of, fitting
from linetest.devices.sessions import snmp_session
from linetest.devices.station import DeviceEntry
from linetest.errors import UsageError
from linetest.model.reading import EvidenceFile
from linetest.transports.snmp_replay import Tables
from linetest.words.text import _

_IDENTITY = frozenset({"llid", "mac", "rtt_tq", "run_state"})
_MOST_LINKS = 20_000


class LinkCounters(msgspec.Struct, frozen=True, kw_only=True):
    """What an OLT shows of one logical link."""

    onu: str
    llid: int | None = None
    mac: str | None = None
    rtt_tq: float | None = None
    counters: dict[str, int] = {}
    """By the driver's names, such as those of RFC 4837; since the link came up."""


class CounterReading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read at one go."""

    driver: str
    links: list[LinkCounters]
    evidence: list[EvidenceFile] = []
    simulated: bool = False


def read_counters(entry: DeviceEntry) -> CounterReading:
    """Read the counters of all links of the OLT of a station entry.

    Raises:
        UsageError: it has no address for SNMP, or its driver knows no counters.
        DeviceError: nothing could be read; it carries the reason.
    """
    if not entry.snmp:
        raise UsageError(
            _("device {name}: counters are read over SNMP").format(name=entry.name),
            _('write snmp = "udp://HOST:161" into its table'),
        )
    driver = load_driver(entry.driver)
    with snmp_session(entry, driver) as session:
        driver = fitting(driver, session)
        olt = driver.olt or OltDriver()
        if not olt.counters:
            raise UsageError(
                _("device {name}: the driver {driver} knows no counters of links").format(
                    name=entry.name, driver=driver.name
                ),
                _('driver = "std_epon" reads those of RFC 4837, where the OLT has them'),
            )
        links = links_of(olt, session)
        return CounterReading(
            driver=driver.name,
            links=links,
            evidence=[evidence_of(entry, "snmprec", session.body())],
            simulated=entry.simulated,
        )


def links_of(olt: OltDriver, session: Tables) -> list[LinkCounters]:
    """Return the links that the OLT has both a row and counters of, in the order of their ONUs."""
    names = LazyNames(session)
    counted: dict[str, dict[str, int]] = {}
    for table in olt.counters:
        _count(table, session, names, counted)
    rows = read_onus(olt, session, fields=_IDENTITY).onus
    return [
        LinkCounters(
            onu=row.state.onu,
            llid=row.state.llid,
            mac=row.state.mac,
            rtt_tq=row.state.rtt_tq,
            counters=counted.get(row.state.onu, {}),
        )
        for row in rows
    ]


def _count(table: CounterTable, session: Tables, names: LazyNames, counted: dict[str, dict[str, int]]) -> None:
    """Take a table column by column; what is no number is not taken."""
    decode = INDEXES[table.index].decode
    for name, oid in table.column.items():
        root = f"{table.root}.{oid}."
        for at, value in session.walk(root.removesuffix(".")):
            place = decode(tuple(map(int, at.removeprefix(root).split("."))), names) if at.startswith(root) else None
            if place is not None and isinstance(value, int) and (str(place) in counted or len(counted) < _MOST_LINKS):
                counted.setdefault(str(place), {})[name] = value
