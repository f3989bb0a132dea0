"""The bench as a whole: its files, its table of scenarios, and that it ends cleanly."""

import json
import socket
import stat
import threading
import time
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from linetest.bench.meters import METERS
from linetest.bench.run import start
from linetest.bench.scenarios import DEFAULT, SCENARIOS, find_scenario
from linetest.errors import UsageError
from linetest.model.codes import Hint, Reason
from linetest.model.order import Order
from linetest.model.toml import convert

PROMISED = {
    "all-good": 0,
    "low-light": 1,
    "no-light": 3,
    "meter-silent": 3,
    "meter-garbles": 3,
    "meter-in-watts": 3,
    "meter-wrong-wavelength": 3,
    "next-too-high": 1,
    "ticket-down": 5,
    "trace-good": 0,
    "trace-bad-splice": 1,
    "trace-broken": 3,
    "pon-good": 0,
    "pon-los": 1,
    "pon-dying-gasp": 1,
    "pon-weak-light": 1,
    "pon-duplicate-llid": 1,
    "epon-good": 0,
    "epon-duplicate-llid": 1,
    "epon-lost-onu": 1,
    "epon-loid-refused": 1,
}


def test_the_promised_scenarios_with_their_exit_codes() -> None:
    assert DEFAULT == "all-good"
    for name, exit_code in PROMISED.items():
        assert SCENARIOS[name].exit_code == exit_code


def test_every_scenario_says_what_it_shows() -> None:
    codes = set(Reason) | set(Hint)
    for scenario in SCENARIOS.values():
        assert scenario.exit_code in {0, 1, 3, 5}
        assert scenario.sentence.endswith(".")
        assert (scenario.code in codes) == (scenario.exit_code in {1, 3}), scenario.name
    shown = {
        (
            one.code,
            one.tmf,
            one.lost_answers,
            *(part is not None for part in (one.traced, one.olt, one.captured, one.access)),
        )
        for one in SCENARIOS.values()
    }
    assert len(shown) == len(SCENARIOS), "each shows a code of its own"
    assert {scenario.driver for scenario in SCENARIOS.values()} == set(METERS), "every meter is rehearsed"


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no-light"):
        find_scenario("nolight")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_files_of_the_bench(name: str, tmp_path: Path) -> None:
    with start(name, tmp_path) as bench:
        station = tomllib.loads(bench.station.read_text(encoding="utf-8"))
        assert station["name"] == f"bench-{name}"
        assert station["device"]["meter"]["driver"] == SCENARIOS[name].driver
        sweep = station["device"]["sweep"]["address"]
        assert sweep.startswith("bench:binder.s")
        assert (tmp_path / sweep.removeprefix("bench:")).is_file()
        assert station["ticket"]["url"] == bench.ticket_url
        token = Path(station["ticket"]["token"].removeprefix("file:"))
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        assert token.read_text(encoding="utf-8").strip()
        orders = [convert(tomllib.loads(path.read_text(encoding="utf-8")), Order, str(path)) for path in bench.orders]
        is_epon = SCENARIOS[name].olt == "bdcom-epon" or SCENARIOS[name].captured
        access = "ftth-epon" if is_epon else "ftth-gpon"
        tickets = ["workOrder/1", "workOrder/2"] if SCENARIOS[name].tmf else ["1", "2"]
        assert [order.access for order in orders] == [access, "adsl"][: len(orders)]
        assert [order.ticket for order in orders] == tickets[: len(orders)]
        assert [order.line[0].pair for order in orders[1:]] == ["1"] * (len(orders) - 1)
        assert len(orders) == (2 if bench.profile is None else 1)
        assert listens(bench.ticket_url) is (name != "ticket-down")
    assert not listens(bench.ticket_url)


@pytest.mark.parametrize("name", [name for name, scenario in SCENARIOS.items() if scenario.traced])
def test_the_traces_of_the_bench_lie_in_their_folder(name: str, tmp_path: Path) -> None:
    with start(name, tmp_path) as bench:
        device = tomllib.loads(bench.station.read_text(encoding="utf-8"))["device"]["otdr"]
        assert (device["driver"], bench.profile) == ("sor_file", "ftth-accept")
        traces = sorted((tmp_path / device["address"].removeprefix("bench:")).iterdir())
        assert [trace.name for trace in traces] == ["B1_1310.sor", "B1_1550.sor"]
        assert all(trace.read_bytes().startswith(b"Map\0") for trace in traces)


@pytest.mark.parametrize("name", [name for name, scenario in SCENARIOS.items() if scenario.captured])
def test_the_capture_of_the_bench_and_the_onu_of_its_line(name: str, tmp_path: Path) -> None:
    with start(name, tmp_path) as bench:
        device = tomllib.loads(bench.station.read_text(encoding="utf-8"))["device"]["tap"]
        assert (device["driver"], bench.profile) == ("epon_capture", "epon-ctc")
        capture = (tmp_path / device["address"].removeprefix("bench:")).read_bytes()
        assert capture.startswith(b"\x4d\x3c\xb2\xa1")
        (line,) = tomllib.loads(bench.orders[0].read_text(encoding="utf-8"))["line"]
        assert bytes.fromhex(line["mac"].replace(":", "")) in capture


def test_the_record_of_a_captured_pon(call: Any) -> None:
    done = call("accept", "--bench", "epon-good", "--json")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    assert (record["simulated"], [step["name"] for step in record["steps"]]) == (True, ["epon"])
    assert {check["verdict"] for check in record["checks"]} == {"pass", "skipped"}


def listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2).close()
    except ConnectionRefusedError:
        return False
    return True


def test_starting_is_quick_and_leaves_nothing(tmp_path: Path) -> None:
    before = threading.active_count()
    started = time.monotonic()
    with start(DEFAULT, tmp_path):
        took_s = time.monotonic() - started
    assert took_s < 1.0
    assert threading.active_count() <= before + 1, "at most the ticket server's thread is still ending"


def test_a_folder_can_be_used_again(tmp_path: Path) -> None:
    for _count in range(2):
        with start(DEFAULT, tmp_path) as bench:
            assert bench.station.is_file()


def test_a_folder_with_an_awkward_name(tmp_path: Path) -> None:
    folder = tmp_path / 'a "b" 测试'
    folder.mkdir()
    with start(DEFAULT, folder) as bench:
        station = tomllib.loads(bench.station.read_text(encoding="utf-8"))
    assert station["ticket"]["token"] == f"file:{folder / 'ticket-token'}"


def test_two_benches_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with start("all-good", tmp_path / "a") as one, start("low-light", tmp_path / "b") as other:
        assert one.ticket_url != other.ticket_url
