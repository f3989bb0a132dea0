"""Records as the rooms make them, a function that changes the words in one, and a browser that shows their pages."""

import json
import math
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import msgspec
import pytest

from linetest.model.judge import judge_all, overall
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from linetest.model.record import Chain, Evidence, ProfileUsed, Record
from linetest.model.step import StepDone

SHA = "5f2b3c6d7e8f90112233445566778899aabbccddeeff00112233445566778899"
Make = Callable[..., Record]
Event = dict[str, Any]
Open = Callable[[str], tuple[list[Event], Callable[[str], Any]]]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
START_S = 30.0
ANSWER_S = 20.0
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


@pytest.fixture
def otdr_details() -> dict[str, Any]:
    """Return the details of a trace of 4 km: a splice, a connector, an echo of it, and the end."""
    x = [10.0 * number - 200.0 for number in range(480)]
    y = [20.0 + 0.0002 * (place + 200.0) + (0.4 if place > 1000.0 else 0.0) for place in x]
    y = [40.0 + (number * 37 % 50) / 2.0 if x[number] > 4000.0 else level for number, level in enumerate(y)]
    events: list[dict[str, Any]] = [
        {"kind": "launch", "distance_m": 0.0},
        {"kind": "non-reflective", "distance_m": 1000.0, "loss_db": 0.4, "loss_u_db": 0.003, "cumulative_db": 0.6},
        {"kind": "reflective", "distance_m": 1500.0, "loss_db": 0.3, "loss_u_db": 0.01, "reflectance_db": -45.0},
        {"kind": "ghost", "distance_m": 3000.0, "reflectance_db": -60.0, "echo_of_m": [1500.0, 1500.0]},
        {"kind": "end", "distance_m": 4000.0, "reflectance_db": -14.5, "saturated": True, "section_db_per_km": 0.2},
    ]
    for number, event in enumerate(events, start=1):
        event["number"] = number
    return {
        "wavelength_nm": 1548.0,
        "pulse_width_ns": 100.0,
        "end_m": 4000.0,
        "events": events,
        "curves": [{"name": "1550", "metric": "otdr.trace", "x": x, "y": y, "x_unit": "m", "y_unit": "dB"}],
    }


@pytest.fixture
def otdr_record(otdr_details: dict[str, Any]) -> Make:
    """Return a function that makes a record of that trace whose splice is too lossy."""
    limit = Limit(metric="otdr.splice_loss_db", max=0.15, source="operator's rules")
    where = {"event": "non-reflective", "number": 2, "distance_m": 1000.0, "wavelength_nm": 1550.0}
    reading = Reading(metric="otdr.splice_loss_db", value=0.4, unit="dB", where=where)

    def make(**fields: Any) -> Record:
        return _record("otdr", [limit], [reading], **{"details": otdr_details, **fields})

    return make


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


@pytest.fixture
def browser(tmp_path: Path, need: Callable[[bool, str], None]) -> Iterator[int]:
    """Start a browser of its own and return the port of its developer tools."""
    need(CHROMIUM is not None, "no Chromium here: apt-get install chromium")
    profile = tmp_path / "browser"
    options = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0"),
        f"--user-data-dir={profile}",
    ]
    process = subprocess.Popen(
        [str(CHROMIUM), *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield _port(profile / "DevToolsActivePort", process)
    finally:
        process.terminate()
        process.wait(START_S)


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) >= 2:
            return int(lines[0])
        time.sleep(0.05)
    pytest.fail("the browser did not start")


class Tab(NamedTuple):
    """The page that the browser shows."""

    call: Callable[..., Any]
    """Calls a method of the developer tools."""
    events: list[Event]
    """What happened in it; grows with every call."""

    def ask(self, expression: str) -> Any:
        """Return what a JavaScript expression gives."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True)
        return answer["result"].get("value")


@pytest.fixture
def tab(browser: int) -> Iterator[Tab]:
    """Return the one tab of the browser."""
    websocket = pytest.importorskip("websocket", reason="websocket-client, which talks to the browser, is missing")
    with urlopen(f"http://127.0.0.1:{browser}/json/list", timeout=ANSWER_S) as answer:
        (tab,) = [target for target in json.load(answer) if target["type"] == "page"]
    socket = websocket.create_connection(tab["webSocketDebuggerUrl"], timeout=ANSWER_S, suppress_origin=True)
    events: list[Event] = []
    number = 0

    def call(method: str, **params: Any) -> Any:
        nonlocal number
        number += 1
        socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(socket.recv())
            if message.get("id") == number:
                return message["result"]
            events.append(message)

    yield Tab(call, events)
    socket.close()


@pytest.fixture
def open_page(tab: Tab, tmp_path: Path) -> Open:
    """Return a function that shows a page; it gives the browser's events and a function that asks the page."""

    def show(text: str) -> tuple[list[Event], Callable[[str], Any]]:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        for domain in ("Page", "Network", "Runtime", "Log"):
            tab.call(f"{domain}.enable")
        tab.call("Page.navigate", url=path.as_uri())
        deadline = time.monotonic() + ANSWER_S
        while not any(event["method"] == "Page.loadEventFired" for event in tab.events):
            assert time.monotonic() < deadline
            tab.call("Browser.getVersion")  # an answer brings the events before it along
        tab.ask("Promise.all([...document.images].map(image => image.decode())).then(() => true)")
        return tab.events, tab.ask

    return show
