"""Every power-meter driver against its simulated meter and every fault, over a pseudo-terminal.

The drivers and the simulators were written apart, from the same descriptions. Whatever is wrong, a reading is the true
level or a reason: never a wrong level.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import NamedTuple

import pytest

from linetest.bench.faults import Fault
from linetest.bench.light import NOISE_DB, Light
from linetest.bench.meters import METERS
from linetest.bench.wire import plugged_in
from linetest.devices.power_meter import PowerMeter, open_meter
from linetest.devices.station import DeviceEntry
from linetest.model.codes import Reason
from linetest.model.reading import Reading

GOOD = {1490.0: -18.4, 1550.0: -17.1}
SET_BY_HAND = "optokon_pm212"
NEVER = 3600.0
NOT_UNDERSTOOD = {Reason.GARBLED, Reason.REFUSED, Reason.TIMEOUT}

# The reasons that are right for each fault; None where the driver has to get the level through all the same.
EXPECTED: dict[Fault, set[Reason] | None] = {
    Fault.SILENT: {Reason.TIMEOUT},
    Fault.GARBLES: {Reason.GARBLED, Reason.TIMEOUT},  # noise may have no end of line
    Fault.DOUBLED: NOT_UNDERSTOOD,
    Fault.SLOW: None,
    Fault.UNPLUGGED: {Reason.OFFLINE},
    Fault.BAD_READ: None,
    Fault.IN_WATTS: {Reason.WRONG_UNIT},
    Fault.WRONG_WAVELENGTH: {Reason.WRONG_WAVELENGTH},
    Fault.WRONG_CHECKSUM: {Reason.GARBLED, Reason.REFUSED},
}


class Case(NamedTuple):
    """A meter, what is wrong with it, and the light."""

    driver: str
    fault: Fault | None = None
    level_dbm: float | None = None
    ready_after_s: float = 0.3


def cases() -> list[Case]:
    """Return every meter without a fault, with each of its faults, and in the dark and in blinding light."""
    every = [Case(driver) for driver in METERS]
    every += [Case(driver, fault) for driver in METERS for fault in sorted(METERS[driver].possible_faults())]
    every += [case._replace(ready_after_s=NEVER) for case in every if case.fault is Fault.NOT_READY]
    # The protocols of the two others have no sign for too little light; for too much, a third has none either.
    every += [Case(driver, level_dbm=-95.0) for driver in METERS if driver not in {"joinwit_jw8103a", "santec_mpm210"}]
    every += [Case(driver, level_dbm=15.0) for driver in ("keysight_816x", "newport_1830c", "thorlabs_pm100")]
    return every


def read(case: Case) -> list[Reading]:
    levels_dbm = GOOD if case.level_dbm is None else dict.fromkeys(GOOD, case.level_dbm)
    meter = METERS[case.driver](Light(levels_dbm), case.fault, case.ready_after_s)
    # One reading is enough where two would only wait longer: this meter's maker allows seconds for an answer.
    one = case.fault is Fault.SILENT or case == Case("keysight_816x", Fault.LATE)
    wavelengths_nm = [1490.0] if one else [1490.0, 1550.0]
    with plugged_in(meter, terminal=True) as address, open_entry(case.driver, address) as opened:
        assert opened.simulated
        return [opened.read(wavelength_nm) for wavelength_nm in wavelengths_nm]


def open_entry(driver: str, address: str) -> AbstractContextManager[PowerMeter]:
    return open_meter(DeviceEntry(driver=driver, address=address, name="meter"))


@pytest.fixture(scope="module")
def readings() -> Iterator[dict[Case, Future[list[Reading]]]]:
    """Start all cases at once, for most of them only wait."""
    with ThreadPoolExecutor(max_workers=len(cases())) as pool:
        yield {case: pool.submit(read, case) for case in cases()}


def name_of(case: Case) -> str:
    what = case.fault or (f"{case.level_dbm:.0f}dBm" if case.level_dbm else "good")
    return f"{case.driver}-{what}" + ("-never" if case.ready_after_s == NEVER else "")


@pytest.mark.slow
@pytest.mark.parametrize("case", cases(), ids=name_of)
def test_a_level_or_a_reason(case: Case, readings: dict[Case, Future[list[Reading]]]) -> None:
    got = readings[case].result(timeout=60)
    for reading in got:
        assert (reading.value is None) == (reading.reason is not None)
        assert_true_level(case, reading)
    reasons = {reading.reason for reading in got if reading.where["wavelength_nm"] == 1490}
    assert reasons <= allowed(case), got


def assert_true_level(case: Case, reading: Reading) -> None:
    """A level is the true one; the meter that is set by hand shows the one it was set to."""
    if reading.value is None:
        return
    wavelength_nm = 1490.0 if case.driver == SET_BY_HAND else reading.where["wavelength_nm"]
    assert reading.value == pytest.approx(GOOD[wavelength_nm], abs=NOISE_DB + 0.006)


def allowed(case: Case) -> set[str | None]:
    if case.level_dbm is not None:
        return {Reason.UNDER_RANGE if case.level_dbm < 0 else Reason.OVER_RANGE}
    if case.fault is Fault.LATE:  # right or not understood, as long as it is not another question's answer
        return {None, *NOT_UNDERSTOOD, Reason.WRONG_UNIT, Reason.WRONG_WAVELENGTH, Reason.STALE}
    if case.fault is Fault.NOT_READY:
        return {Reason.NOT_READY} if case.ready_after_s == NEVER else {None}
    expected = EXPECTED[case.fault] if case.fault is not None else None
    return {None} if expected is None else set(expected)
