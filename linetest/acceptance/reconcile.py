"""One link's readings from the rooms that measured it: those of this run, and those that the store has kept."""

import sqlite3
from collections.abc import Iterable

import msgspec

from linetest.errors import BadFile
from linetest.model.profile import LoadedProfile, Step, step_settings
from linetest.model.reading import Measurement, Reading
from linetest.model.toml import convert
from linetest.optical.reconcile import reconcile
from linetest.optical.reconcile_readings import WANTED, measured, told_by
from linetest.optical.reconcile_settings import ReconcileSettings
from linetest.store.line_history import of_line
from linetest.words.text import _

ROOM = "reconcile"


def check_reconcile(step: Step, place: str) -> None:
    """Refuse settings that do not exist or cannot be meant."""
    convert(step.settings, ReconcileSettings, f"{place} settings")


def check_order_of_steps(loaded: LoadedProfile) -> None:
    """Refuse a profile whose step compares what is measured only after it."""
    rooms = [step.room for step in loaded.profile.step]
    if ROOM in rooms and not {"pon"} & set(rooms[: rooms.index(ROOM)]) and len(rooms) > 1:
        raise BadFile(
            _("{file}: the step reconcile compares what is measured before it: put it behind the step pon").format(
                file=loaded.path
            )
        )


def settings_of(loaded: LoadedProfile) -> ReconcileSettings:
    """Return the settings of the profile's step; the defaults when it has none."""
    return step_settings(loaded, ROOM, ReconcileSettings)


def reconciled(readings: Iterable[Reading], settings: ReconcileSettings, birth: Iterable[Reading] = ()) -> Measurement:
    """Return whether readings of one link fit one another, beside those of its birth where they are known."""
    first = told_by(birth, settings)
    return measured(told_by(readings, settings), settings, first if any(one is not None for one in first) else None)


def reconcile_step(step: Step, measurements: list[Measurement]) -> Measurement:
    """Return whether what the steps before measured at a line fits together."""
    settings = msgspec.convert(step.settings, ReconcileSettings)
    readings = [reading for measurement in measurements for reading in measurement.readings]
    done = reconciled(readings, settings)
    return msgspec.structs.replace(done, simulated=any(one.simulated for one in measurements))


def kept_readings(database: sqlite3.Connection, line: str, *, simulated: bool) -> list[Reading]:
    """Return what the store knows of a line's loss, the newest first: real beside real."""
    return [
        reading
        for record in of_line(database, line)
        if record.simulated == simulated
        for reading in record.readings
        if reading.metric in WANTED and reading.value is not None
    ]


def birth_readings(
    database: sqlite3.Connection, line: str, settings: ReconcileSettings, *, simulated: bool
) -> list[Reading]:
    """Return the readings of the line's oldest record whose sides fit one another; empty when there is none."""
    for record in reversed(of_line(database, line)):
        told = told_by(record.readings, settings)
        if record.simulated == simulated and reconcile(told, settings).agree:
            return record.readings
    return []
