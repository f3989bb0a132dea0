"""All ONUs of one OLT for a sweep: few questions on their way at a time, one deadline, optics only where wanted.

Nothing is recorded as evidence: the answers of some hundred OLTs would fill the disk with every sweep.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue

import msgspec

from linetest.devices.driver_file import load_driver
from linetest.devices.olt import read_onus
from linetest.devices.olt_driver import FIELDS, OltDriver
from linetest.devices.olt_open import OltReading, fitting, read_olt, technology_of
from linetest.devices.sessions import snmp_tables
from linetest.devices.station import DeviceEntry
from linetest.transports.snmp_replay import Tables
from linetest.transports.snmp_walk import SnmpValue

OPTICS = frozenset({"onu_rx_dbm", "onu_tx_dbm", "olt_rx_dbm", "temperature_c", "voltage_v", "bias_ma"})
"""What an OLT may have to ask each ONU for."""
_ALL_FIELDS = frozenset().union(*FIELDS.values())


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """How an OLT is asked."""

    optics: bool = False
    """The person wants the light, whatever it costs the OLT."""
    in_flight: int | None = None
    """Questions on their way to it at a time; else as the station says, else as its driver does."""
    ends_at: float
    """When it has to be done, on `time.monotonic`."""


class SweptOlt(msgspec.Struct, frozen=True, kw_only=True):
    """What one OLT told."""

    reading: OltReading
    optics: bool
    """Its ONUs' light was asked for."""


def sweep_olt(entry: DeviceEntry, manners: Manners) -> SweptOlt:
    """Read all ONUs of an OLT; one without SNMP is read over its shell, which tells whatever its commands tell.

    Raises:
        UsageError: the entry has no address, or its secrets are not where it says.
        DeviceError: nothing could be read; it carries the reason.
    """
    if not entry.snmp:
        return SweptOlt(reading=msgspec.structs.replace(read_olt(entry, None), evidence=[]), optics=True)
    driver = load_driver(entry.driver)
    with ExitStack() as stack:
        first = stack.enter_context(snmp_tables(entry, driver, manners.ends_at))
        driver = fitting(driver, first)
        olt = driver.olt or OltDriver()
        optics = manners.optics or olt.sweep.optics_are_cheap
        fields = _ALL_FIELDS if optics else _ALL_FIELDS - OPTICS
        many = manners.in_flight or entry.in_flight or olt.sweep.in_flight
        tables: Tables = first
        if many > 1:
            more = [stack.enter_context(snmp_tables(entry, driver, manners.ends_at)) for _one in range(many - 1)]
            tables = stack.enter_context(_ahead([first, *more], _roots(olt, fields)))
        reading = OltReading(
            driver=driver.name,
            technology=technology_of(olt),
            table=read_onus(olt, tables, fields=fields),
            simulated=entry.simulated,
        )
    return SweptOlt(reading=reading, optics=optics)


def _roots(olt: OltDriver, fields: frozenset[str]) -> list[str]:
    """Return what will be walked, in that order."""
    return [
        root
        for table in olt.table
        for root in (
            [table.root]
            if table.column_last
            else [f"{table.root}.{one.oid}" for name, one in table.column.items() if name in fields | {"port"}]
        )
    ]


class _Ahead:
    """Walks several tables at once, each session with one question on its way, and answers as one session does."""

    def __init__(self, sessions: list[Tables], pool: ThreadPoolExecutor, roots: list[str]) -> None:
        self._free: SimpleQueue[Tables] = SimpleQueue()
        for session in sessions:
            self._free.put(session)
        self._walks: dict[str, Future[list[tuple[str, SnmpValue]]]] = {
            root: pool.submit(self._walk, root) for root in roots
        }

    def get(self, oids: Iterable[str]) -> dict[str, SnmpValue]:
        """Ask as soon as a session is free."""
        with self._session() as session:
            return session.get(oids)

    def walk(self, root: str) -> list[tuple[str, SnmpValue]]:
        """Return what was walked ahead, or walk as soon as a session is free."""
        walk = self._walks.pop(root, None)
        return walk.result() if walk is not None else self._walk(root)

    def _walk(self, root: str) -> list[tuple[str, SnmpValue]]:
        with self._session() as session:
            return session.walk(root)

    @contextmanager
    def _session(self) -> Iterator[Tables]:
        session = self._free.get()
        try:
            yield session
        finally:
            self._free.put(session)


@contextmanager
def _ahead(sessions: list[Tables], roots: list[str]) -> Iterator[_Ahead]:
    pool = ThreadPoolExecutor(len(sessions))
    try:
        yield _Ahead(sessions, pool, roots)
    finally:
        pool.shutdown(cancel_futures=True)
