"""What is measured of a line that a modem tells of; bridged taps against the theory of transmission lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from linetest.catalog import load_profile
from linetest.copper.quantities import SWEPT
from linetest.copper.settings import settings_of
from linetest.copper.tones import measure
from linetest.copper.tones_dips import find_dips, tap_length_m
from linetest.copper.tones_settings import ToneSettings
from linetest.devices.dsl_open import DslReading, read_saved
from linetest.model.codes import Reason, Verdict, Warn
from linetest.model.dsl import DslLine, DslSide, ToneCurve
from linetest.model.judge import judge_all, overall
from linetest.model.metrics import METRICS
from linetest.model.reading import Reading

SETTINGS = ToneSettings()
Values = NDArray[np.float64]


def told(**line: Any) -> DslReading:
    return DslReading(line=DslLine(**line), drivers=["made"], evidence=[])


def readings(**line: Any) -> dict[tuple[str, str | None], Reading]:
    found = measure(told(**line), SETTINGS).readings
    return {(one.metric, one.where.get("direction")): one for one in found if one.metric != "copper.error_count"}


def test_nothing_that_a_modem_tells_is_ever_crosstalk(shared_data: Callable[[str], Path]) -> None:
    """NEXT and FEXT need a sweep: no reading, no check and no verdict of them comes out of these texts."""
    folder = shared_data("dsl") / "modem-cli"
    files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.name.startswith("bcm")]
    files += [(path.name, path.read_bytes()) for path in (Path(__file__).parents[1] / "recordings").glob("*_xdsl/*")]
    measured = measure(read_saved(files), SETTINGS)
    assert len(measured.readings) > 10
    assert SWEPT.isdisjoint(one.metric for one in measured.readings)
    limits = load_profile("adsl-prequal").profile.limit
    checks = judge_all(limits, measured.readings)
    assert {check.verdict for check in checks} == {Verdict.INCONCLUSIVE}
    for name in ("adsl-line", "vdsl-line"):
        assert SWEPT.isdisjoint(limit.metric for limit in load_profile(name).profile.limit)


def test_margins_in_whole_decibels_are_not_judged_as_tenths() -> None:
    side = DslSide(
        snr_margin_db=0.5, line_attenuation_db=1.3, rate_kbps=5e4, tenths=["snr_margin_db", "line_attenuation_db"]
    )
    measured = measure(told(in_sync=True, down=side, up=side), SETTINGS)
    assert measured.warnings == [Warn.UNIT_DOUBTFUL]
    found = {(one.metric, one.where["direction"]): one for one in measured.readings}
    margin = found["copper.snr_margin_db", "down"]
    assert (margin.value, margin.reason) == (None, Reason.UNIT_DOUBTFUL)
    assert found["copper.line_attenuation_db", "up"].reason == Reason.UNIT_DOUBTFUL
    assert found["copper.rate_kbps", "down"].value == 5e4
    checks = judge_all(load_profile("vdsl-line").profile.limit, measured.readings)
    assert overall(checks) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("margin_db", "tenths", "in_sync", "doubtful"),
    [
        (1.9, True, True, True),
        (1.9, True, None, True),
        (2.0, True, True, False),
        (1.9, False, True, False),  # printed with its decimal point: a bad line, and no doubt
        (0.0, True, False, False),
    ],
)
def test_when_the_unit_is_in_doubt(margin_db: float, tenths: bool, in_sync: bool | None, doubtful: bool) -> None:
    side = DslSide(snr_margin_db=margin_db, tenths=["snr_margin_db"] if tenths else [])
    assert (measure(told(in_sync=in_sync, down=side), SETTINGS).warnings == [Warn.UNIT_DOUBTFUL]) is doubtful


def test_a_line_out_of_sync_has_a_reason_and_no_value() -> None:
    side = DslSide(snr_margin_db=0.0, line_attenuation_db=0.0, tenths=["snr_margin_db"])
    found = readings(in_sync=False, down=side, up=side)
    assert {one.reason for one in found.values()} == {Reason.NO_SYNC}
    assert ("copper.snr_margin_db", "up") in found


def test_the_noise_floor_is_the_median_of_what_was_measured() -> None:
    curve = ToneCurve(quantity="qln_dbm_hz", direction="down", values=[None, -120.0, -110.0, -130.0, None])
    assert readings(curves=[curve])["copper.noise_floor_dbm_hz", "down"].value == -120.0


@pytest.mark.parametrize(
    ("bits", "bands", "percent"),
    [
        ([0, 0, 5, 5, 0, 5, 0], [], 25.0),
        ([0, 0, 5, 5, 5, 5, 0], [], 0.0),
        ([5, 5, 0, 0, 0, 0, 5, 0, 5, 5], [(0, 2), (5, 9)], 100.0 / 6.0),  # the gap of the band plan is none
    ],
)
def test_tones_that_carry_nothing(bits: list[float], bands: list[tuple[int, int]], percent: float) -> None:
    curve = ToneCurve(quantity="bits", direction="down", values=list(bits))
    found = readings(curves=[curve], down_bands=bands)["copper.missing_tones_percent", "down"]
    assert found.value == pytest.approx(percent)


def test_no_tone_in_use_is_no_share() -> None:
    curve = ToneCurve(quantity="bits", direction="up", values=[0.0] * 64)
    assert readings(curves=[curve]) == {}


def test_curves_go_into_the_details_with_their_frequencies() -> None:
    curve = ToneCurve(quantity="snr_db", direction="down", group=8, values=[None, 30.0, None, 31.0, None])
    (kept,) = measure(told(profile="17a", curves=[curve]), SETTINGS).details["curves"]
    assert (kept["name"], kept["x_unit"], kept["y_unit"]) == ("SNR down", "Hz", "dB")
    assert kept["x"] == [34_500.0, 69_000.0, 103_500.0]
    assert kept["y"] == [30.0, None, 31.0]
    json.dumps(kept)


def test_every_reading_has_the_unit_of_its_metric() -> None:
    folder = Path(__file__).parents[1] / "recordings" / "broadcom_xdsl"
    measured = measure(read_saved([(one.name, one.read_bytes()) for one in folder.iterdir()]), SETTINGS)
    assert all(one.unit == METRICS[one.metric].unit for one in measured.readings)
    assert {one.metric for one in measured.readings} >= {"copper.snr_margin_db", "copper.noise_floor_dbm_hz"}


@pytest.mark.parametrize("name", ["adsl-line", "vdsl-line"])
def test_the_shipped_profiles_name_every_setting_and_mean_the_defaults(name: str) -> None:
    loaded = load_profile(name)
    (step,) = loaded.profile.step
    assert set(step.settings["tones"]) == {field.name for field in msgspec.structs.fields(ToneSettings)}
    assert settings_of(loaded).tones == SETTINGS


# A line of 0.4 mm wire (AWG 26): resistance, inductance, capacitance and conductance for each km, as the constants of
# ANSI T1.417 are quoted; chain matrices of the line and of an open tap beside it, between 100 Ohm.
def line_constants(hz: Values) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    resistance = (286.17578**4 + 0.1476962 * hz**2) ** 0.25
    x = (hz / 806_338.63) ** 0.92930728
    inductance = (675.36888e-6 + 488.95186e-6 * x) / (1.0 + x)
    series = resistance + 2j * np.pi * hz * inductance
    shunt = 43e-9 * hz**0.70 + 2j * np.pi * hz * 49e-9
    return np.sqrt(series * shunt), np.sqrt(series / shunt)


def hlog(hz: Values, length_km: float, tap_km: float, seed: int = 1) -> Values:
    """Return the response in dB as a modem codes it: in tenths, with a little noise."""
    gamma, impedance = line_constants(hz)
    half = gamma * length_km / 2.0
    a, b, c = np.cosh(half), impedance * np.sinh(half), np.sinh(half) / impedance
    tap = np.tanh(gamma * tap_km) / impedance
    section = np.array([[a, b], [c, a]]).transpose(2, 0, 1)
    shunt = np.array([[np.ones_like(tap), np.zeros_like(tap)], [tap, np.ones_like(tap)]]).transpose(2, 0, 1)
    whole = section @ shunt @ section
    load = 100.0
    total = whole[:, 0, 0] * load + whole[:, 0, 1] + whole[:, 1, 0] * load**2 + whole[:, 1, 1] * load
    response_db = 20.0 * np.log10(np.abs(2.0 * load / total))
    told_db = np.round(response_db + np.random.default_rng(seed).normal(0.0, 0.15, hz.size), 1)
    return np.asarray(np.where(told_db < -90.0, np.nan, told_db), dtype=np.float64)


def tones_hz(highest: int) -> Values:
    return np.arange(33, highest, dtype=np.float64) * 4312.5


@pytest.mark.parametrize("highest", [256, 512, 4096])
@pytest.mark.parametrize("length_km", [0.3, 1.0, 2.0, 3.0])
def test_a_line_without_a_tap_has_no_dips(highest: int, length_km: float) -> None:
    hz = tones_hz(highest)
    assert find_dips(hz, hlog(hz, length_km, 0.0), SETTINGS) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("tap_km", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("length_km", [0.3, 1.0, 2.0])
def test_a_bridged_tap_is_seen_and_its_length_is_right_or_not_told(length_km: float, tap_km: float, seed: int) -> None:
    hz = tones_hz(512)
    response_db = hlog(hz, length_km, tap_km, seed)
    dips = find_dips(hz, response_db, SETTINGS)
    assert dips
    assert max(dip.depth_db for dip in dips) > 3.0
    length_m = tap_length_m(dips, hz, response_db, SETTINGS)
    assert length_m is None or length_m == pytest.approx(1000.0 * tap_km, rel=0.12)
    if tap_km == 0.1:
        assert length_m is not None  # two dips lie in the band: at a quarter and three quarters of a wave


def test_one_dip_alone_tells_no_length() -> None:
    hz = tones_hz(256)
    response_db = hlog(hz, 1.0, 0.05)
    dips = find_dips(hz, response_db, SETTINGS)
    assert dips is not None
    assert len(dips) == 1
    assert tap_length_m(dips, hz, response_db, SETTINGS) is None


def test_a_radio_tone_and_the_edge_of_a_filter_are_no_dips() -> None:
    hz = tones_hz(512)
    response_db = hlog(hz, 1.0, 0.0)
    response_db[200] -= 20.0
    response_db[:6] -= np.linspace(15.0, 3.0, 6)
    assert find_dips(hz, response_db, SETTINGS) == []


def test_too_little_of_hlog_has_no_dips_to_tell() -> None:
    curve = ToneCurve(quantity="hlog_db", direction="up", values=[-10.0] * 25)
    assert readings(curves=[curve]) == {}


def test_a_tap_is_a_reading_with_its_place() -> None:
    hz = np.arange(512) * 4312.5
    response = [
        None if tone < 33 or np.isnan(db) else float(db) for tone, db in enumerate(hlog(np.maximum(hz, 1.0), 1.0, 0.1))
    ]
    found = readings(curves=[ToneCurve(quantity="hlog_db", direction="down", values=response)])
    dip = found["copper.hlog_dip_db", "down"]
    assert dip.value is not None
    assert dip.value > 6.0
    assert dip.where["frequency_hz"] == pytest.approx(450e3, rel=0.05)
    assert found["copper.bridged_tap_m", "down"].value == pytest.approx(100.0, rel=0.1)
