"""One pair of a cable: nothing of the other customers' pairs stays."""

from collections.abc import Callable

import numpy as np
import pytest

from linetest.copper.crosstalk import measure
from linetest.copper.files import read_sweep
from linetest.copper.pair import only_pair
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import SweepOptions
from linetest.errors import UsageError
from linetest.model.limit import Limit
from linetest.model.reading import Measurement

LIMITS = [
    Limit(metric=f"copper.{metric}_db", max=-40.0, source="test", band_hz=(25875.0, 1104000.0))
    for metric in ("next", "fext")
]


def measured_csv(rows: Callable[[float], list[str]], header: str, options: SweepOptions | None = None) -> Measurement:
    lines = [header, *(row for tone in range(6, 257) for row in rows(tone * 4312.5))]
    sweep = read_sweep("cable.csv", "\n".join(lines).encode(), options or SweepOptions())
    return measure(sweep, LIMITS, CopperSettings())


@pytest.fixture
def labelled() -> Measurement:
    """Return the measurement of three pairs that their file calls 2, blue and red: numbers 1, 2 and 3."""
    labels = ("2", "blue", "red")
    return measured_csv(
        lambda hz: [f"{hz},{one},{other},-60.0" for one in labels for other in labels if one != other],
        "freq_hz,pair,disturber,next_gain_db",
    )


def pairs_in(measured: Measurement) -> set[str]:
    """Return every disturbed pair that is left anywhere."""
    lists = (measured.details[key] for key in ("combinations", "pairs", "curves"))
    return {one["pair"] for entries in lists for one in entries if "reference" not in one} | {
        one.where["pair"] for one in measured.readings
    }


@pytest.mark.parametrize(("wanted", "number"), [("blue", "2"), ("3", "3"), ("2", "1")])
def test_only_the_named_pair_stays_in_readings_and_details(labelled: Measurement, wanted: str, number: str) -> None:
    assert pairs_in(labelled) == {"1", "2", "3"}
    own = only_pair(labelled, wanted)
    assert pairs_in(own) == {number}
    assert own.details["pair"] == wanted
    assert [len(own.details[key]) for key in ("combinations", "pairs", "curves")] == [2, 1, 3], "one a reference"
    assert {reading.metric for reading in own.readings} >= {"copper.next_db"}
    assert own.evidence == labelled.evidence


def test_a_pair_that_was_not_swept_is_refused_with_those_that_were(labelled: Measurement) -> None:
    with pytest.raises(UsageError, match=r"no pair '7'; there is: 1 \(2\), 2 \(blue\), 3 \(red\)"):
        only_pair(labelled, "7")


def test_a_pair_that_only_disturbs_is_none_that_was_measured() -> None:
    measured = measured_csv(lambda hz: [f"{hz},1,2,-60.0"], "freq_hz,pair,disturber,next_gain_db")
    with pytest.raises(UsageError, match="no pair '2'; there is: 1"):
        only_pair(measured, "2")


def test_a_file_that_names_no_pair_is_about_the_one_that_is_wanted() -> None:
    measured = measured_csv(lambda hz: [f"{hz},-60.0"], "freq_hz,next_gain_db")
    own = only_pair(measured, "7")
    assert own.details["pair"] == "7"
    assert own.readings == measured.readings
    named = measured_csv(lambda hz: [f"{hz},-60.0"], "freq_hz,next_gain_db", SweepOptions(pair="1"))
    with pytest.raises(UsageError, match="no pair '7'"):
        only_pair(named, "7")


def test_what_could_not_be_measured_stays_so() -> None:
    nothing = Measurement(readings=[])
    assert only_pair(nothing, "1").details == {"pair": "1"}


def test_the_worst_curve_of_each_judged_pair_is_kept(
    binder: Callable[..., tuple[np.ndarray, np.ndarray]],
    write_touchstone: Callable[..., bytes],
    names: Callable[[int], list[str]],
) -> None:
    frequency_hz, s = binder(8, next_db=-50.0)
    s[:, 14, :14:2] *= 10.0 ** (-20.0 / 20.0)  # pair 8 is the quietest of all
    s[:, :14:2, 14] *= 10.0 ** (-20.0 / 20.0)
    s[:, 14, 4] *= 10.0 ** (3.0 / 20.0)
    s[:, 4, 14] *= 10.0 ** (3.0 / 20.0)
    sweep = read_sweep("cable.s16p", write_touchstone(frequency_hz, s, names(8)), SweepOptions())
    measured = measure(sweep, LIMITS, CopperSettings())
    drawn = {
        (curve["pair"], curve["disturber"])
        for curve in measured.details["curves"]
        if curve["metric"] == LIMITS[0].metric and "reference" not in curve
    }
    assert len(drawn) == 12
    for reading in measured.readings:
        if reading.metric == LIMITS[0].metric:
            assert (reading.where["pair"], reading.where["disturber"]) in drawn
    assert ("8", "3") in drawn
