"""Records of the tests with TM Forum's APIs, and what they look at in its documents."""

from typing import Any

from linetest.model.codes import Verdict
from linetest.model.reading import Reading
from linetest.model.record import Check


def failing(**changes: Any) -> dict[str, Any]:
    """Return a record with a broken limit, a value that is missing and one that is good."""
    limit = {"min": -27.0, "max": -8.0, "source": "a test"}
    checks = [
        Check(
            metric="optical.power_dbm",
            verdict=Verdict.FAIL,
            value=-29.5,
            unit="dBm",
            limit=limit,
            margin=-2.5,
            where={"wavelength_nm": 1490},
            hint="low-light",
        ),
        Check(
            metric="optical.power_dbm",
            verdict=Verdict.INCONCLUSIVE,
            value=None,
            unit="dBm",
            limit=limit,
            where={"wavelength_nm": 1550},
            reason="under-range",
        ),
        Check(
            metric="copper.next_db",
            verdict=Verdict.FAIL,
            value=-40.0,
            unit="dB",
            limit={"line": [[1e5, -50.0], [1e6, -40.0]], "along": "frequency_hz", "strict": True, "source": "a line"},
            margin=0.0,
            where={"pair": "1", "frequency_hz": 1e6},
        ),
    ]
    readings = [
        Reading(
            metric="optical.power_dbm",
            value=-29.5,
            unit="dBm",
            where={"wavelength_nm": 1490},
            at="2026-11-22T19:00:03+08:00",
        )
    ]
    return {"verdict": Verdict.FAIL, "checks": checks, "readings": readings, **changes}


def only(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    (document,) = found.values()
    return document


def valued(document: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in document["characteristic"]}
