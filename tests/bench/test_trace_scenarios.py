"""The scenarios with an OTDR, from the bench to the record: what linetest finds is what the simulated fibre is."""

import json
import sys
from typing import Any

import pytest

from linetest.bench.otdr_truth import truth_of
from linetest.bench.scenarios import SCENARIOS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the bench meters need pseudo-terminals")


def readings_of(call: Any, scenario: str) -> dict[str, list[dict[str, Any]]]:
    """Return the readings of the only record, by metric, of an acceptance that ends as promised."""
    done = call("accept", "--bench", scenario, "--json")
    assert done.returncode == SCENARIOS[scenario].exit_code, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    assert (record["profile"]["name"], record["simulated"]) == ("ftth-accept", True)
    found: dict[str, list[dict[str, Any]]] = {}
    for reading in record["readings"]:
        found.setdefault(reading["metric"], []).append(reading)
    return found


@pytest.mark.parametrize("scenario", [name for name, one in SCENARIOS.items() if one.traced])
def test_what_is_found_is_true(call: Any, scenario: str) -> None:
    found = readings_of(call, scenario)
    traced = SCENARIOS[scenario].traced
    assert traced is not None
    for wavelength_nm in (1310.0, 1550.0):
        truth = truth_of(*traced(wavelength_nm))
        length = value_of(found["otdr.length_m"], wavelength_nm)
        assert length == pytest.approx(truth.end_m, abs=3.0)
        splices = [event.loss_db for event in truth.events if event.kind == "non-reflective"]
        if splices:
            loss_db = value_of(found["otdr.splice_loss_db"], wavelength_nm)
            assert loss_db == pytest.approx(splices[0], abs=0.03)


def value_of(readings: list[dict[str, Any]], wavelength_nm: float) -> float:
    """Return the only value at a wavelength."""
    (value,) = [one["value"] for one in readings if one["where"]["wavelength_nm"] == wavelength_nm]
    return float(value)
