"""Many OLTs at once: read by a few threads, judged and kept one after the other by the thread that holds the store.

Each OLT becomes a record, its ONUs' readings and a line of the journal in one transaction: what a killed sweep has kept
is whole, and a resumed one reads only the others. An OLT that cannot be read has a record that says why.
"""

import time
from collections.abc import Iterator, Mapping
from queue import Queue
from threading import Thread

import msgspec

from linetest.acceptance.sweep_keep import Profiles, ReadOlt, keep_olt
from linetest.devices.olt_sweep import Manners, sweep_olt
from linetest.devices.station import DeviceEntry
from linetest.errors import DeviceError, LinetestError, Timeout
from linetest.model.clock import now_text
from linetest.model.codes import Reason
from linetest.model.sweep import OltOutcome
from linetest.store import journal
from linetest.store.opened import Store
from linetest.words.text import _

KIND = "sweep"
"""What the plan of such a run says that it is."""
_READ_AHEAD = 2  # OLTs that are read and wait to be kept: what memory holds beside those being read


class SweepPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All that it takes to go on with a sweep; it is kept in the journal."""

    kind: str = KIND
    station: str
    """The station file."""
    olts: list[str]
    profile: str | None = None
    """The name or file that the person gave; else each OLT's technology chooses."""
    optics: bool = False
    in_flight: int | None = None
    workers: int
    olt_deadline_s: float
    deadline_s: float | None = None


def outcomes_of(store: Store, run: str) -> dict[str, OltOutcome]:
    """Return what a run has kept so far, by OLT."""
    return {
        event.step: msgspec.json.decode(event.body, type=OltOutcome)
        for event in journal.events(store.database, run)
        if event.event in ("done", "failed") and event.body is not None
    }


def sweep(
    store: Store, run: str, plan: SweepPlan, entries: Mapping[str, DeviceEntry], profiles: Profiles
) -> Iterator[OltOutcome]:
    """Yield each OLT's outcome as soon as it is kept.

    Args:
        store: Takes records, readings and the journal.
        run: The run's id in the journal.
        plan: How to read.
        entries: The OLTs that are still to be read, by name.
        profiles: Says by which limits.
    """
    for read in _read_all(list(entries.values()), plan):
        yield keep_olt(store, run, read, profiles)


def _read_all(entries: list[DeviceEntry], plan: SweepPlan) -> Iterator[ReadOlt]:
    """Yield what the threads read, in the order in which they are done.

    They are daemons: after Ctrl-C nobody waits for an OLT that does not answer.
    """
    ends_at = time.monotonic() + plan.deadline_s if plan.deadline_s is not None else float("inf")
    waiting: Queue[DeviceEntry | None] = Queue()
    done: Queue[ReadOlt | Exception] = Queue(_READ_AHEAD)
    workers = min(plan.workers, len(entries))
    for entry in [*entries, *[None] * workers]:
        waiting.put(entry)

    def work() -> None:
        try:
            while (entry := waiting.get()) is not None:
                done.put(_read(entry, plan, ends_at))
        except Exception as error:  # no fault of an OLT: the thread that waits raises it
            done.put(error)

    for number in range(workers):
        Thread(target=work, name=f"sweep {number}", daemon=True).start()
    for _entry in entries:
        read = done.get()
        if isinstance(read, Exception):
            raise read
        yield read


def _read(entry: DeviceEntry, plan: SweepPlan, ends_at: float) -> ReadOlt:
    started_at, began = now_text(), time.monotonic()
    manners = Manners(optics=plan.optics, in_flight=plan.in_flight, ends_at=min(began + plan.olt_deadline_s, ends_at))
    try:
        if began >= ends_at:
            raise Timeout(_("{olt}: the time for the whole sweep is over").format(olt=entry.name))
        swept = sweep_olt(entry, manners)
        table = swept.reading.table
        if not (table.onus or table.found or table.ports or table.unread):
            raise DeviceError(
                _("{olt}: no ONU rows here: the tables of driver {driver} are empty").format(
                    olt=entry.name, driver=swept.reading.driver
                ),
                reason=Reason.NO_SUCH_OBJECT,
            )
    except LinetestError as error:
        if not isinstance(error, DeviceError):  # its secret is not where the station says: the others are read
            error = DeviceError(error.what, error.hint)
        return ReadOlt(entry=entry, started_at=started_at, took_s=time.monotonic() - began, error=error)
    return ReadOlt(entry=entry, started_at=started_at, took_s=time.monotonic() - began, swept=swept)
