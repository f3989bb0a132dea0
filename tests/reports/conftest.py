"""Records as the rooms make them, and a function that changes the words in one."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.model.judge import judge_all, overall
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from linetest.model.record import Chain, Evidence, ProfileUsed, Record, StepDone

SHA = "5f2b3c6d7e8f90112233445566778899aabbccddeeff00112233445566778899"
Make = Callable[..., Record]
GOLDEN = Path(__file__).resolve().parents[1] / "golden"

CROSSTALK_LIMITS = [
    Limit(
        metric="copper.next_db",
        max=-40.0,
        strict=True,
        marginal=1.0,
        source="question bank, item 7: NEXT below -40 dB",
    ),
    Limit(
        metric="copper.fext_db",
        max=-50.0,
        strict=True,
        marginal=1.0,
        source="question bank, item 7: FEXT below -50 dB",
    ),
]
LIGHT_LIMITS = [
    Limit(
        metric="optical.power_dbm",
        wavelength_nm=1490.0,
        min=-27.0,
        max=-8.0,
        marginal=1.0,
        source="ITU-T G.984.2, class B+",
    ),
    Limit(
        metric="optical.power_dbm",
        wavelength_nm=1550.0,
        min=-18.0,
        max=0.0,
        source="operator's RF overlay sheet",
    ),
    Limit(metric="optical.power_dbm", wavelength_nm=1310.0, max=-5.0, required=False, source="operator's sheet"),
]


def _record(kind: str, limits: list[Limit], readings: list[Reading], **fields: Any) -> Record:
    checks = judge_all(limits, readings)
    record: dict[str, Any] = {
        "id": "0d9a7c52-53e8-4d9b-9a53-2b8f5d1f7a10",
        "kind": kind,
        "verdict": overall(checks),
        "profile": ProfileUsed(name="adsl-prequal" if kind == "copper" else "ftth-light", sha256=SHA, text=""),
        "software": "linetest 0.1.0",
        "chain": Chain(n=17, previous="0" * 64, sha256=SHA[::-1]),
        "started_at": "2026-11-22T19:00:00+08:00",
        "finished_at": "2026-11-22T19:00:42+08:00",
        "order": "WO-1001",
        "line": "LINE-1",
        "operator": "zhang",
        "steps": [
            StepDone(
                name=kind,
                state="done",
                started_at="2026-11-22T19:00:01+08:00",
                finished_at="2026-11-22T19:00:41+08:00",
            )
        ],
        "checks": checks,
        "readings": readings,
        "evidence": [Evidence(name="binder.s8p", sha256=SHA, bytes=123456, media_type="application/x-touchstone")],
    } | fields
    return Record(**record)


def _crosstalk(worst: float, slope: float, pair: int, disturber: int) -> list[float]:
    frequencies = _frequencies()
    wave = 1.5 + 0.2 * ((pair * 7 + disturber * 3) % 5)
    top = frequencies[-1]
    return [worst + slope * math.log10(f / top) + wave * math.sin(f / 3e4 + pair) - wave for f in frequencies]


def _frequencies() -> list[float]:
    return [4312.5 * tone for tone in range(6, 257)]


@pytest.fixture
def copper_record() -> Make:
    """Return a function that makes a record of four pairs: NEXT of pair 1 from 3 fails, FEXT passes closely."""

    def make(pairs: int = 4, **fields: Any) -> Record:
        curves, readings = [], []
        for metric, slope, level, limit in (("next_db", 15.0, -52.0, -40.0), ("fext_db", 20.0, -58.0, -50.0)):
            for pair in range(1, pairs + 1):
                worst: tuple[float, int, float] | None = None
                for disturber in range(1, pairs + 1):
                    if disturber == pair:
                        continue
                    bad = metric == "next_db" and {pair, disturber} == {1, 3}
                    near = metric == "fext_db" and (pair, disturber) == (2, 4)
                    y = _crosstalk(
                        level + (14.0 if bad else 7.6 if near else (pair * disturber) % 4),
                        slope,
                        pair,
                        disturber,
                    )
                    name = f"{metric.removesuffix('_db').upper()} pair {pair} from {disturber}"
                    curves.append(
                        {
                            "name": name,
                            "metric": f"copper.{metric}",
                            "pair": str(pair),
                            "disturber": str(disturber),
                            "end": "near" if metric == "next_db" else "far",
                            "x": _frequencies(),
                            "y": y,
                            "x_unit": "Hz",
                            "y_unit": "dB",
                            "limit": limit,
                        }
                    )
                    top = max(range(len(y)), key=y.__getitem__)
                    if worst is None or y[top] > worst[0]:
                        worst = (y[top], disturber, _frequencies()[top])
                assert worst is not None
                readings.append(
                    Reading(
                        metric=f"copper.{metric}",
                        value=worst[0],
                        unit="dB",
                        where={
                            "pair": str(pair),
                            "disturber": str(worst[1]),
                            "end": "near" if metric == "next_db" else "far",
                            "frequency_hz": worst[2],
                        },
                        hint="split-pair" if worst[0] > -40 else None,
                        device="binder.s8p",
                    )
                )
        details = {"curves": curves}
        return _record(
            "copper",
            CROSSTALK_LIMITS,
            readings,
            **({"details": details, "warnings": ["read-as-gain"]} | fields),
        )

    return make


@pytest.fixture
def light_record() -> Make:
    """Return a function that makes a record of light: too little at 1490 nm, none at 1550 nm, 1310 nm not asked."""

    def make(**fields: Any) -> Record:
        readings = [
            _light(1490.0, -27.4, None),
            _light(1550.0, None, "under-range"),
            Reading(
                metric="optical.power_dbm",
                value=-13.25,
                unit="dBm",
                where={"wavelength_nm": 1625.0},
                device="meter",
            ),
        ]
        steps = [StepDone(name="light", state="interrupted", started_at="2026-11-22T19:00:01+08:00", finished_at=None)]
        return _record("optical", LIGHT_LIMITS, readings, **({"simulated": True, "steps": steps} | fields))

    return make


@pytest.fixture
def empty_record() -> Record:
    """Return a record in which nothing was judged."""
    return _record("acceptance", [], [], order=None, line=None, operator=None, chain=None, evidence=[], steps=[])


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Return a function that compares text with a golden file; LINETEST_GOLDEN=write writes the file anew."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("LINETEST_GOLDEN") == "write":
            path.write_text(text, encoding="utf-8", newline="")
        with path.open(encoding="utf-8", newline="") as stream:
            assert text == stream.read()

    return compare


@pytest.fixture
def with_words() -> Callable[[Record, str], Record]:
    """Return a function that puts one text wherever a record holds text from outside."""

    def put(record: Record, text: str) -> Record:
        check = msgspec.structs.replace(
            record.checks[0],
            device=text,
            id=text,
            where={**record.checks[0].where, "pair_name": text, text: text},
            limit={**record.checks[0].limit, "source": text},
        )
        reading = Reading(metric=text, value=1.0, unit=text, where={"onu": text}, device=text)
        curves = [{**curve, "name": f"NEXT {text}", "y_unit": text} for curve in record.details.get("curves", [])]
        return msgspec.structs.replace(
            record,
            order=text,
            line=text,
            operator=text,
            software=text,
            profile=msgspec.structs.replace(record.profile, name=text),
            steps=[StepDone(name=text, state="failed", started_at=text, finished_at=text)],
            checks=[check, *record.checks[1:]],
            readings=[*record.readings, reading],
            evidence=[msgspec.structs.replace(one, name=text, media_type=text) for one in record.evidence],
            warnings=[text],
            details={"curves": curves} if curves else {},
        )

    return put


def _light(wavelength_nm: float, power_dbm: float | None, reason: str | None) -> Reading:
    return Reading(
        metric="optical.power_dbm",
        value=power_dbm,
        unit="dBm",
        where={"wavelength_nm": wavelength_nm},
        reason=reason,
        device="meter",
        at="2026-11-22T19:00:05+08:00",
    )
