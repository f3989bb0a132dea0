"""The rate through a shaper, against a real iperf3 and a real web server: what is judged is what was delivered."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from tests.service.net_namespaces import SERVER_IP, Row, can_have_namespaces, reasons, row_of_namespaces, wait_until

pytestmark = [pytest.mark.peer, pytest.mark.slow]

_CONTRACT_MBPS = 20.0
_HEADS = 1448 / 1514  # of TCP's data in a full frame, as tbf counts it
_QUICK = {"samples": 1, "seconds": 2, "omit_s": 1, "streams": 2, "busy_wait_s": 0.1, "busy_tries": 2}
# The machine that runs the tests may be busy with other things: that is not what is tested here.
_RATE = {**_QUICK, "cpu_limit_percent": 1000.0}
_SHARE = Limit(metric="service.downstream_share_percent", min=90.0, source="the test")


@pytest.fixture
def row(need: Callable[[bool, str], None]) -> Iterator[Row]:
    need(can_have_namespaces("iperf3", "tc"), "namespaces need root on Linux, ip, nft, tc and iperf3")
    with row_of_namespaces(f"lr{os.getpid() % 100_000}") as made:
        yield made


def shape(row: Row, tcp_mbps: float) -> None:
    """Let the router pass so much towards the customer, as TCP delivers it."""
    words = ["rate", f"{tcp_mbps / _HEADS * 1e6:.0f}bit", "burst", "16kb", "latency", "60ms"]
    row.do(row.router, "tc", "qdisc", "replace", "dev", "r0", "root", "tbf", *words)


def iperf3(row: Row) -> AbstractContextManager[Any]:
    return row.running(row.server, "iperf3", "--server", ready=lambda: row.listens(row.server, "tcp", 5201))


def measure(row: Row, servers: dict[str, str] | None = None, **settings: Any) -> dict[str, Any]:
    contracted = {"down_mbps": _CONTRACT_MBPS, "up_mbps": 1.0}
    return row.measure("rate", {"rate": {**_RATE, **settings}}, servers or {"iperf3": SERVER_IP}, contracted=contracted)


def reading(measured: dict[str, Any], metric: str) -> Reading:
    (found,) = [one for one in measured["readings"] if one["metric"] == f"service.{metric}"]
    return msgspec.convert(found, Reading)


def test_89_and_91_percent_of_the_contract(row: Row) -> None:
    with iperf3(row):
        verdicts = []
        for percent in (89.0, 91.0):
            shape(row, _CONTRACT_MBPS * percent / 100)
            measured = measure(row)
            share = reading(measured, "downstream_share_percent")
            assert share.value == pytest.approx(percent, abs=0.9)
            assert share.where["layer"] == "tcp"
            assert share.where["family"] == "IPv4"
            verdicts.append(judge(share, _SHARE).verdict)
            efficiency = [
                one["value"] for one in measured["readings"] if one["metric"].endswith("tcp_efficiency_percent")
            ]
            assert all(50.0 < value <= 100.0 for value in efficiency)
            assert measured["details"]["rate"]["directions"][0]["loaded"]["sent"] > 10
    assert verdicts == ["fail", "pass"]


def test_the_layer_of_ip_holds_the_heads_too(row: Row) -> None:
    shape(row, _CONTRACT_MBPS * 0.89)
    with iperf3(row):
        measured = measure(row, layer="ip", seconds=1)
    share = reading(measured, "downstream_share_percent")
    assert share.value == pytest.approx(89.0 * 1500 / 1448, abs=0.9)
    assert share.where["layer"] == "ip"


def test_a_queue_in_the_way_is_seen_as_delay(row: Row) -> None:
    shape(row, 10.0)
    with iperf3(row):
        measured = measure(row, seconds=1)
    down = measured["details"]["rate"]["directions"][0]
    assert down["loaded"]["mean_ms"] > 3 * down["idle"]["mean_ms"]
    found = [one for one in measured["readings"] if one["metric"] == "service.buffer_delay_percent"]
    assert found[0]["where"] == {"direction": "down"}
    assert found[0]["value"] > 200.0


def test_a_busy_server_is_neither_pass_nor_fail(row: Row) -> None:
    with iperf3(row):
        other = row.start("rate", {"rate": {**_RATE, "seconds": 20}}, {"iperf3": SERVER_IP})
        try:
            wait_until(lambda: ":5201 " in row.do(row.server, "ss", "-Htn", "state", "established"))
            measured = measure(row)
        finally:
            other.kill()
            other.communicate()
    share = reading(measured, "downstream_share_percent")
    assert (share.value, share.reason) == (None, "server-busy")
    assert judge(share, _SHARE).verdict == "inconclusive"


def test_a_server_that_dies_in_the_middle(row: Row) -> None:
    with iperf3(row) as server:
        going = row.start("rate", {"rate": {**_RATE, "seconds": 20}}, {"iperf3": SERVER_IP})
        wait_until(lambda: ":5201 " in row.do(row.server, "ss", "-Htn", "state", "established"))
        time.sleep(0.5)
        server.kill()
        out, err = going.communicate(timeout=30)
    assert going.returncode == 0, err.decode()
    assert reasons(msgspec.json.decode(out))["downstream_mbps"] == "server-lost"


def test_no_server_there(row: Row) -> None:
    assert reasons(measure(row))["downstream_mbps"] == "refused"


def test_ctrl_c_ends_iperf3_and_frees_its_server(row: Row) -> None:
    with iperf3(row):
        going = row.start("rate", {"rate": {**_RATE, "seconds": 20}}, {"iperf3": SERVER_IP})
        wait_until(lambda: ":5201 " in row.do(row.server, "ss", "-Htn", "state", "established"))
        os.kill(going.pid, signal.SIGINT)
        going.communicate(timeout=10)
        assert "iperf3" not in row.do(row.client, "ss", "-Htnp")
        assert reading(measure(row, seconds=1), "downstream_mbps").value is not None


def test_http_down_and_up(row: Row, tmp_path: Path) -> None:
    """Load from the web server of Python; send to one that takes all."""
    with (tmp_path / "big").open("wb") as file:
        file.truncate(64 << 20)
    shape(row, _CONTRACT_MBPS * 0.91)
    words = ["python3", "-m", "http.server", "-d", str(tmp_path), "80"]
    with row.running(row.server, *words, ready=lambda: row.listens(row.server, "tcp", 80)):
        servers = {"http_down": f"http://{SERVER_IP}/big", "http_up": f"http://{SERVER_IP}/"}
        measured = measure(row, servers, streams=4)
    share = reading(measured, "downstream_share_percent")
    assert share.value == pytest.approx(91.0, abs=0.9)
    assert share.where["method"] == "http"
    up = reading(measured, "upstream_mbps")
    assert up.value is None, "that server takes no POST"
    assert measured["details"]["rate"]["directions"][0]["samples"][0]["peer"] == SERVER_IP
