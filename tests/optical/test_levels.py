"""Levels at the wavelengths that limits want."""

from pathlib import Path

import pytest

from linetest.catalog import load_profile
from linetest.devices.power_meter import open_meter
from linetest.devices.station import DeviceEntry
from linetest.model.judge import judge_all, overall
from linetest.model.reading import Measurement
from linetest.optical.levels import measure, wavelengths_of

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"


def levels(driver: str, name: str, wavelengths_nm: list[float]) -> Measurement:
    entry = DeviceEntry(name="meter", driver=driver, address=f"replay:{RECORDINGS / driver / name}.jsonl")
    with open_meter(entry) as meter:
        return measure(meter, wavelengths_nm)


def test_levels_are_readings_details_and_evidence() -> None:
    found = levels("thorlabs_pm100", "good", [1490, 1550])
    assert [reading.value for reading in found.readings] == [-18.2314, -19.05]
    assert [level["power_dbm"] for level in found.details["levels"]] == [-18.2314, -19.05]
    assert found.details["meter"] == "Thorlabs,PM100D,P0012345,2.4.0"
    assert b"MEAS:POW?" in found.evidence[0].body
    assert found.simulated
    assert found.warnings == []


def test_the_profile_measures_what_it_limits() -> None:
    limits = load_profile("ftth-light").profile.limit
    assert wavelengths_of(limits) == [1490, 1550]
    assert wavelengths_of([]) == []


@pytest.mark.parametrize(
    ("driver", "name", "verdict"),
    [
        ("joinwit_jw8103a", "good", "pass"),
        ("newport_1830c", "left-in-watts", "inconclusive"),
        ("newport_1830c", "watts-behind-dbm", "inconclusive"),
        ("optokon_pm212", "no-light", "inconclusive"),
        ("joinwit_jw8103a", "low-light", "fail"),
    ],
)
def test_verdict_of_a_level(driver: str, name: str, verdict: str) -> None:
    found = levels(driver, name, [1490])
    limits = [limit for limit in load_profile("ftth-light").profile.limit if limit.wavelength_nm == 1490]
    assert overall(judge_all(limits, found.readings)) == verdict


def test_person_who_set_the_wavelength_is_named() -> None:
    reading = levels("optokon_pm212", "good", [1490]).readings[0]
    assert reading.where == {"wavelength_nm": 1490, "wavelength_source": "person"}
