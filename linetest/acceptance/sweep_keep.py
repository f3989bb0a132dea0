"""What a sweep keeps of one OLT: its judged record, its ONUs over time and its outcome, in one transaction."""

from collections import Counter
from collections.abc import Callable

import msgspec

from linetest.acceptance.measure import read_by, unmeasured
from linetest.acceptance.onu_rows import add_onu_rows, compact
from linetest.acceptance.records import build_record
from linetest.acceptance.sweep_record import margin_of, shortened, without_light
from linetest.devices.driver_file import load_driver
from linetest.devices.olt_driver import OltDriver
from linetest.devices.olt_open import technology_of
from linetest.devices.olt_sweep import SweptOlt
from linetest.devices.station import DeviceEntry
from linetest.errors import DeviceError
from linetest.model.codes import Verdict
from linetest.model.onu import Technology
from linetest.model.profile import LoadedProfile
from linetest.model.reading import Measurement
from linetest.model.record import Check, Record
from linetest.model.sweep import MOST_WORST, OltOutcome
from linetest.pon.checks import measure
from linetest.pon.settings import settings_of
from linetest.store import journal
from linetest.store.database import transaction
from linetest.store.opened import Store
from linetest.store.records import append

Profiles = Callable[[Technology], LoadedProfile]
"""Returns the profile that judges the ONUs of a technology."""


class ReadOlt(msgspec.Struct, frozen=True, kw_only=True):
    """What reading an OLT gave: one of the last two."""

    entry: DeviceEntry
    started_at: str
    took_s: float
    swept: SweptOlt | None = None
    error: DeviceError | None = None


def keep_olt(store: Store, run: str, read: ReadOlt, profiles: Profiles) -> OltOutcome:
    """Judge an OLT, keep all of it, durably, and return the outcome."""
    record = _record(read, profiles)
    outcome = _outcome(read, record)
    with transaction(store.database):
        append(store.database, record)
        add_onu_rows(store.database, record)
        journal.note(store.database, run, read.entry.name, "recorded", record.id.encode())
        event = "failed" if read.error is not None else "done"
        journal.note(store.database, run, read.entry.name, event, msgspec.json.encode(outcome))
    return outcome


def _record(read: ReadOlt, profiles: Profiles) -> Record:
    if read.swept is None:
        olt = load_driver(read.entry.driver).olt or OltDriver()
        loaded = profiles(technology_of(olt))
        reason = read.error.reason if read.error is not None else ""
        limits = [limit for limit in loaded.profile.limit if limit.room == "pon"]
        measurement = unmeasured(limits, reason, read.entry.name, read.entry.simulated)
        return build_record("pon", [measurement], loaded, started_at=read.started_at)
    reading = read.swept.reading
    onus = reading.table.onus
    loaded = profiles(onus[0].technology if onus else reading.technology)
    if not read.swept.optics:
        loaded = without_light(loaded)
    measured = read_by(measure(reading.table, None, settings_of(loaded)), read.entry.name)
    limited = {limit.metric for limit in loaded.profile.limit if limit.required or read.swept.optics}
    judged = Measurement(
        readings=[one for one in measured.readings if one.metric in limited],
        details={
            **measured.details,
            "onus": [compact(row.state) for row in onus],
            "technology": onus[0].technology if onus else reading.technology,
            "optics": read.swept.optics,
        },
        simulated=reading.simulated,
    )
    return shortened(build_record("pon", [judged], loaded, started_at=read.started_at))


def _outcome(read: ReadOlt, record: Record) -> OltOutcome:
    told = OltOutcome(
        olt=read.entry.name,
        record=record.id,
        verdict=record.verdict,
        driver=read.entry.driver,
        simulated=record.simulated,
        took_s=round(read.took_s, 3),
    )
    if read.swept is None:
        error = read.error
        return msgspec.structs.replace(
            told, reason=error.reason if error else None, fault=f"{error.what}; {error.hint}" if error else ""
        )
    table = read.swept.reading.table
    return msgspec.structs.replace(
        told,
        driver=read.swept.reading.driver,
        optics=read.swept.optics,
        states=dict(Counter(row.state.run_state for row in table.onus)),
        found=len(table.found),
        unread=len(table.unread),
        failed=dict(Counter(check.metric for check in record.checks if check.verdict is Verdict.FAIL)),
        not_measured=dict(Counter(check.metric for check in record.checks if check.verdict is Verdict.INCONCLUSIVE)),
        worst=_worst(record.checks),
    )


def _worst(checks: list[Check]) -> list[Check]:
    """Return the checks that failed by the most, each ONU once; those that are down come first."""
    failed = [check for check in checks if check.verdict is Verdict.FAIL]
    failed.sort(key=margin_of)
    failed.sort(key=lambda check: check.unit != "")
    found: dict[str, Check] = {}
    for check in failed:
        found.setdefault(str(check.where.get("onu")), check)
    return list(found.values())[:MOST_WORST]
