"""Crosstalk: the quantities, the worst points, and when nothing can be said."""

import json
import re
from collections.abc import Callable
from math import log10
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from linetest.catalog import load_profile
from linetest.copper.crosstalk import measure
from linetest.copper.files import load_body, read_sweep
from linetest.copper.quantities import quantities
from linetest.copper.settings import CopperSettings, settings_of
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.errors import BadFile, UsageError
from linetest.model.codes import Verdict
from linetest.model.judge import judge_all, overall
from linetest.model.limit import Limit
from linetest.model.reading import Measurement
from linetest.model.record import Check
from linetest.safe import evidence_name
from linetest.thin import MOST_POINTS, thin_out

Binder = Callable[..., tuple[NDArray[np.float64], NDArray[np.complex128]]]
Writer = Callable[..., bytes]
Names = Callable[[int], list[str]]
Files = Callable[[str], Path]
Make = Callable[..., Sweep]

NEXT = Limit(metric="copper.next_db", max=-40.0, strict=True, source="test", band_hz=(25875.0, 1104000.0))
FEXT = Limit(metric="copper.fext_db", max=-50.0, strict=True, source="test", band_hz=(25875.0, 1104000.0))


@pytest.fixture
def make(binder: Binder, write_touchstone: Writer, names: Names) -> Make:
    """Return a function that makes the sweep of a cable, `change`d at will."""

    def make_sweep(
        pairs: int = 2,
        change: Callable[[NDArray[np.float64], NDArray[np.complex128]], None] | None = None,
        **levels: float,
    ) -> Sweep:
        frequency_hz, s = binder(pairs, **levels)
        if change:
            change(frequency_hz, s)
        return read_sweep(f"own.s{2 * pairs}p", write_touchstone(frequency_hz, s, names(pairs)), SweepOptions())

    return make_sweep


def only(sweep: Sweep, keep: slice | NDArray[np.bool_]) -> Sweep:
    return msgspec.structs.replace(sweep, frequency_hz=sweep.frequency_hz[keep], gain_db=sweep.gain_db[keep])


def judged(
    sweep: Sweep, limits: list[Limit] | None = None, settings: CopperSettings | None = None
) -> tuple[Verdict, list[Check], Measurement]:
    limits = limits if limits is not None else [NEXT, FEXT]
    measurement = measure(sweep, limits, settings or CopperSettings())
    checks = judge_all(limits, measurement.readings)
    return overall(checks), checks, measurement


def set_next(level_db: float, one: int = 0, other: int = 2) -> Callable[..., None]:
    def change(_frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]) -> None:
        s[:, one, other] = s[:, other, one] = 10.0 ** (level_db / 20.0)

    return change


@pytest.mark.parametrize("name", ["300m_pass", "300m_fail", "2000m_marginal", "narrow_138_552k"])
def test_the_known_binders_are_judged_as_their_truth_says(shared_data: Files, name: str) -> None:
    path = shared_data("dsl") / "synthetic" / f"binder4_{name}.s8p"
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    loaded = load_profile("adsl-prequal")
    sweep = read_sweep(path.name, load_body(path), SweepOptions())
    verdict, checks, measurement = judged(sweep, loaded.profile.limit, settings_of(loaded))
    expected = {"300m_fail": Verdict.FAIL, "narrow_138_552k": Verdict.INCONCLUSIVE}.get(name, Verdict.PASS)
    assert verdict is expected
    combinations, pairs = measurement.details["combinations"], measurement.details["pairs"]
    for one in truth["pairs"]:
        number = str(one["pair"])
        for metric in ("next", "fext"):
            of_pair = [c for c in combinations if (c["pair"], c["metric"]) == (number, f"copper.{metric}_db")]
            worst = max(of_pair, key=lambda c: c["worst_db"])
            assert worst["worst_db"] == pytest.approx(one[f"worst_{metric}"]["db"], abs=1e-3)
            assert worst["frequency_hz"] == one[f"worst_{metric}"]["hz"]
            assert worst["disturber"] == str(one[f"worst_{metric}"]["disturber"])
            assert worst["margin_db"] == pytest.approx(one[f"{metric}_margin_db"], abs=1e-3)
        elfext = [c["worst_db"] for c in combinations if (c["pair"], c["metric"]) == (number, "copper.elfext_db")]
        assert max(elfext) == pytest.approx(one["worst_elfext_db"], abs=1e-3)
        pair = next(pair for pair in pairs if pair["pair"] == number)
        for metric in ("psnext_db", "psfext_db", "pselfext_db"):
            assert pair[metric] == pytest.approx(one[metric], abs=1e-3)
        of_checks = [check for check in checks if check.where["pair"] == number]
        assert len(of_checks) == 2
        if verdict is Verdict.INCONCLUSIVE:
            assert {check.reason for check in of_checks} == {"band-not-covered"}
        else:
            failed = any(check.verdict is Verdict.FAIL for check in of_checks)
            assert one["verdict"] == ("FAIL" if failed else "PASS")


def test_quantities_against_a_plain_loop() -> None:
    random = np.random.default_rng(5)
    gain_db = random.uniform(-90.0, -1.0, (3, 2, 3, 2, 3))
    for end, other in ((0, 1), (1, 0)):
        found = quantities(gain_db, end)
        for n in range(3):
            for victim in range(3):
                sums = dict.fromkeys(("next", "fext", "elfext"), 0.0)
                for disturber in {0, 1, 2} - {victim}:
                    near = gain_db[n, end, victim, end, disturber]
                    far = gain_db[n, other, victim, end, disturber]
                    disturbing, disturbed = (gain_db[n, other, pair, end, pair] for pair in (disturber, victim))
                    values = {"next": near, "fext": far, "elfext": far - disturbing, "acrf": far - disturbed}
                    for name, value in values.items():
                        assert found[f"copper.{name}_db"][n, victim, disturber] == pytest.approx(value, abs=1e-12)
                        if name in sums:
                            sums[name] += 10.0 ** (value / 10.0)
                for name, power in sums.items():
                    assert found[f"copper.ps{name}_db"][n, victim, 0] == pytest.approx(10 * log10(power), abs=1e-12)
                assert found["copper.insertion_loss_db"][n, victim, 0] == -gain_db[n, other, victim, end, victim]


def test_a_good_cable_passes_with_one_check_per_pair_and_metric(make: Make) -> None:
    verdict, checks, measurement = judged(make(pairs=3))
    assert verdict is Verdict.PASS
    assert [(check.metric, check.where["pair"]) for check in checks] == [
        (metric, pair) for metric in ("copper.next_db", "copper.fext_db") for pair in "123"
    ]
    assert {check.where["pair_name"] for check in checks} == {"PAIR1", "PAIR2", "PAIR3"}
    assert len(measurement.details["combinations"]) == 4 * 6
    assert measurement.details["interpreted_as"] == "gain (negative dB)"
    assert measurement.details["band_hz"] == [25875.0, 1104000.0]
    assert measurement.details["settings"]["quantity"] == ["pair-to-pair"]
    assert measurement.details["settings"]["fext_definition"] == ["input-output"]
    assert measurement.evidence[0].name == "own.s6p"
    json.dumps(measurement.details, allow_nan=False)


@pytest.mark.parametrize(("level_db", "verdict"), [(-40.0, "fail"), (-40.001, "pass"), (-39.999, "fail")])
def test_exactly_the_limit_fails(make: Make, level_db: float, verdict: str) -> None:
    assert judged(make(change=set_next(level_db)))[0] == verdict


def test_the_worst_point_is_the_peak_wherever_it_is(make: Make) -> None:
    def peak(frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]) -> None:
        s[100, 2, 0] = s[100, 0, 2] = 10.0 ** (-33.0 / 20.0)

    verdict, checks, _measurement = judged(make(change=peak))
    assert verdict is Verdict.FAIL
    assert checks[0].value == pytest.approx(-33.0)
    assert checks[0].margin == pytest.approx(-7.0)
    assert checks[0].where == {
        "pair": "1",
        "pair_name": "PAIR1",
        "disturber": "2",
        "disturber_name": "PAIR2",
        "end": "near",
        "frequency_hz": 106 * 4312.5,
    }


def test_what_lies_outside_the_band_is_not_judged(make: Make) -> None:
    def loud(frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]) -> None:
        s[frequency_hz > 1_104_000.0, 2, 0] = 10.0 ** (-20.0 / 20.0)

    assert judged(make(change=loud, last_tone=400))[0] is Verdict.PASS


def test_a_band_edge_between_two_points_is_interpolated(make: Make) -> None:
    def slope(frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]) -> None:
        s[:, 2, 0] = s[:, 0, 2] = 10.0 ** ((-60.0 + frequency_hz / 1e5) / 20.0)

    limit = msgspec.structs.replace(NEXT, band_hz=(100_000.0, 900_001.0))
    _verdict, checks, _measurement = judged(make(change=slope), [limit])
    assert checks[0].where["frequency_hz"] == 900_001.0
    assert checks[0].value == pytest.approx(-60.0 + 9.00001, abs=1e-9)


@pytest.mark.parametrize(("edge_hz", "verdict"), [(26_000.0, "pass"), (24_000.0, "pass"), (23_000.0, "inconclusive")])
def test_half_a_tone_of_the_band_may_be_missing(make: Make, edge_hz: float, verdict: str) -> None:
    band_hz = (edge_hz, 1_104_000.0)
    limits = [msgspec.structs.replace(limit, band_hz=band_hz) for limit in (NEXT, FEXT)]
    assert judged(make(), limits)[0] == verdict


def test_a_narrow_sweep_does_not_pass_but_fails_where_it_breaks_the_limit(make: Make) -> None:
    assert judged(make(first_tone=32, last_tone=128))[0] is Verdict.INCONCLUSIVE
    verdict, checks, measurement = judged(make(first_tone=32, last_tone=128, change=set_next(-39.0)))
    assert verdict is Verdict.FAIL
    assert {(check.metric, check.verdict, check.reason) for check in checks} == {
        ("copper.next_db", Verdict.FAIL, None),
        ("copper.fext_db", Verdict.INCONCLUSIVE, "band-not-covered"),
    }
    assert all("frequency_hz" not in check.where for check in checks if check.value is None)
    assert not [reading for reading in measurement.readings if reading.metric == "copper.psfext_db"]


def test_a_sweep_beside_the_band_says_nothing(make: Make) -> None:
    verdict, checks, measurement = judged(make(first_tone=300, last_tone=400, change=set_next(-10.0, 0, 2)))
    assert verdict is Verdict.INCONCLUSIVE
    assert {check.reason for check in checks} == {"band-not-covered"}
    assert measurement.details["curves"] == []


def test_too_few_points_do_not_pass(make: Make) -> None:
    sweep = make()
    assert {check.reason for check in judged(only(sweep, slice(None, None, 5)))[1]} == {"too-few-points"}
    holed = only(sweep, np.abs(sweep.frequency_hz - 500e3) > 13e3)  # a gap wider than 25 kHz
    assert {check.reason for check in judged(holed)[1]} == {"too-few-points"}
    lenient = CopperSettings(maximum_step_hz=50e3, minimum_points=10)
    assert judged(holed, settings=lenient)[0] is Verdict.PASS


def test_a_sweep_without_fext_does_not_pass(binder: Binder, write_touchstone: Writer) -> None:
    frequency_hz, s = binder(3)
    text = write_touchstone(frequency_hz, s[:, ::2, ::2], ["PAIR1_NEAR", "PAIR2_NEAR", "PAIR3_NEAR"])
    verdict, checks, _measurement = judged(read_sweep("near.s3p", text, SweepOptions()))
    assert verdict is Verdict.INCONCLUSIVE
    assert {(check.metric, check.verdict, check.reason) for check in checks} == {
        ("copper.next_db", Verdict.PASS, None),
        ("copper.fext_db", Verdict.INCONCLUSIVE, "not-measured"),
    }


def test_zeros_stand_for_what_was_not_measured(make: Make) -> None:
    def nothing(_frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]) -> None:
        s[:, 2, 0] = s[:, 0, 2] = 0.0

    verdict, checks, _measurement = judged(make(pairs=3, change=nothing))
    assert verdict is Verdict.INCONCLUSIVE
    reasons = {check.where["pair"]: check.reason for check in checks if check.metric == "copper.next_db"}
    assert reasons == {"1": "not-measured", "2": "not-measured", "3": None}


def test_one_combination_as_csv(shared_data: Files) -> None:
    folder = shared_data("dsl") / "synthetic"
    loaded = load_profile("adsl-prequal")
    found = {}
    for name, sign in (("gain", "gain"), ("loss", None)):
        path = folder / f"sweep_next_1_3_{name}_db.csv"
        options = msgspec.convert({"sign": sign, "pair": "1", "disturber": "3"}, SweepOptions)
        verdict, checks, _measurement = judged(read_sweep(path.name, load_body(path), options), loaded.profile.limit)
        assert verdict is not Verdict.PASS
        found[name] = [(c.metric, c.verdict, c.value, c.reason, c.where) for c in checks]
    assert found["gain"] == found["loss"]
    assert found["gain"][0][4]["disturber"] == "3"


def test_a_real_cable_measured_in_another_band(shared_data: Files) -> None:
    path = shared_data("dsl") / "touchstone" / "CABLE1_TX_pair.s4p"
    body = load_body(path)
    with pytest.raises(BadFile, match="does not say which port") as refused:
        read_sweep(path.name, body, SweepOptions())
    assert "--ports PAIR1_NEAR,PAIR1_FAR,PAIR2_NEAR,PAIR2_FAR" in refused.value.hint
    labels = ("PAIR1_NEAR", "PAIR1_FAR", "PAIR2_NEAR", "PAIR2_FAR")
    verdict, checks, _measurement = judged(read_sweep(path.name, body, SweepOptions(ports=labels)))
    assert verdict is Verdict.INCONCLUSIVE
    assert {check.reason for check in checks} == {"band-not-covered"}


def test_a_split_pair_is_pointed_at(make: Make) -> None:
    _verdict, checks, _measurement = judged(make(pairs=4, change=set_next(-35.0, 0, 4)))
    hints = {check.where["pair"]: check.hint for check in checks if check.metric == "copper.next_db"}
    assert hints == {"1": "split-pair", "2": None, "3": "split-pair", "4": None}


def test_a_value_near_the_instruments_floor(make: Make) -> None:
    quiet = CopperSettings(instrument_floor_db=-64.0)
    verdict, _checks, measurement = judged(make(), settings=quiet)
    assert verdict is Verdict.PASS
    assert "floor-limited" in measurement.warnings
    deaf = CopperSettings(instrument_floor_db=-41.0)
    verdict, checks, _measurement = judged(make(change=set_next(-38.0)), settings=deaf)
    assert verdict is Verdict.INCONCLUSIVE
    assert checks[0].reason == "not-decidable"


def test_the_insertion_loss_rule_is_off_until_asked_for(make: Make) -> None:
    sweep = make(loss_db=2.0)
    assert judged(sweep)[0] is Verdict.PASS
    verdict, checks, measurement = judged(sweep, settings=CopperSettings(insertion_loss_floor_db=4.0))
    assert verdict is Verdict.INCONCLUSIVE
    assert checks[0].reason == "not-decidable"
    assert "insertion-loss-low" in measurement.warnings


def test_a_limit_line_picks_the_smallest_margin_not_the_largest_value(make: Make) -> None:
    def slope(frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]) -> None:
        s[:, 2, 0] = s[:, 0, 2] = 10.0 ** ((-60.0 + frequency_hz / 1e5) / 20.0)

    line = Limit(
        metric="copper.next_db",
        line=[(20e3, -59.0), (1_200e3, -30.0)],
        along="frequency_hz",
        source="test",
        band_hz=(25875.0, 1104000.0),
    )
    _verdict, checks, measurement = judged(make(change=slope), [line])
    assert checks[0].where["frequency_hz"] == 25875.0
    assert measurement.details["combinations"][0]["margin_db"] == checks[0].margin
    assert measurement.details["curves"][0]["limit"] == [[20e3, -59.0], [1_200e3, -30.0]]


def test_a_limit_that_only_warns_does_not_hide_one_that_fails(make: Make) -> None:
    def slope(frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]) -> None:
        s[:, 2, 0] = s[:, 0, 2] = 10.0 ** ((-50.0 + frequency_hz / 1e5) / 20.0)

    falling = [(20e3, -80.0), (1_200e3, -30.0)]
    warn = Limit(metric="copper.next_db", line=falling, along="frequency_hz", source="test", on_breach="warn")
    assert judged(make(change=slope), [warn, NEXT])[0] is Verdict.FAIL


def test_limits_of_one_metric_for_two_bands_are_refused(make: Make) -> None:
    other = msgspec.structs.replace(NEXT, band_hz=(138e3, 1104e3))
    with pytest.raises(UsageError, match=r"limits of copper\.next_db for different bands"):
        judged(make(), [NEXT, other])


def test_both_ends_when_the_profile_says_so(make: Make) -> None:
    near = msgspec.structs.replace(NEXT, end="near")
    _verdict, checks, measurement = judged(make(), [near, FEXT], CopperSettings(ends=("near", "far")))
    assert [check.where["end"] for check in checks] == ["near", "near", "far", "far", "near", "near"]
    assert {pair["end"] for pair in measurement.details["pairs"]} == {"near", "far"}


def test_the_same_bytes_and_options_measure_the_same_again(make: Make) -> None:
    sweep = make()
    first = measure(sweep, [NEXT, FEXT], CopperSettings())
    options = msgspec.convert(json.loads(json.dumps(first.details["sweeps"][0]["read_options"])), SweepOptions)
    again = measure(read_sweep(first.evidence[0].name, first.evidence[0].body, options), [NEXT, FEXT], CopperSettings())
    assert again == first
    assert first.details["sweep"] == first.evidence[0].name


def test_the_evidence_keeps_the_end_of_its_name(make: Make) -> None:
    assert evidence_name("C:\\sweeps\\my cable.s8p") == "my-cable.s8p"
    assert evidence_name("/tmp/" + "x" * 300 + ".s8p").endswith("x.s8p")


def test_settings_that_do_not_exist_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"minimum_point": 64}, CopperSettings)
    with pytest.raises(msgspec.ValidationError, match="band_hz needs two rising"):
        msgspec.convert({"band_hz": [2.0, 1.0]}, CopperSettings)


def test_the_shipped_profile_names_every_setting_and_means_the_defaults() -> None:
    loaded = load_profile("adsl-prequal")
    (step,) = loaded.profile.step
    off = set(re.findall(r"^# (\w+) = ", loaded.text, re.MULTILINE))  # TOML has no word for "off"
    fields = {field.name: field.default for field in msgspec.structs.fields(CopperSettings)}
    assert set(step.settings) | off == set(fields) - {"tones", "electricals"}  # those stand in profiles of their own
    assert {name for name, default in fields.items() if default is None} == off
    assert settings_of(loaded) == CopperSettings()


def test_thinned_curves_keep_ends_minima_and_maxima() -> None:
    random = np.random.default_rng(9)
    values = random.normal(size=123_457)
    kept = thin_out(values)
    assert len(kept) <= MOST_POINTS
    assert np.all(np.diff(kept) > 0)
    assert {0, len(values) - 1, int(values.argmin()), int(values.argmax())} <= set(kept.tolist())
    assert thin_out(values[:MOST_POINTS]).tolist() == list(range(MOST_POINTS))


def test_a_sweep_far_beyond_the_band_says_that_it_was_not_judged_there(make: Make) -> None:
    verdict, _checks, measurement = judged(make(last_tone=4096))
    assert verdict is Verdict.PASS
    assert "beyond-band" in measurement.warnings
    assert "beyond-band" not in judged(make(last_tone=512))[2].warnings
