"""What iperf3 prints, errors and nonsense included; the texts of errors are those that version 3.12 printed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.errors import UsageError
from linetest.model.codes import Reason
from linetest.service.iperf3 import Iperf3, read_result

_GOOD: dict[str, Any] = {
    "start": {"connected": [{"remote_host": "192.0.2.1"}], "tcp_mss_default": 1448},
    "end": {
        "sum_sent": {"bytes": 2_000_000, "retransmits": 3, "bits_per_second": 17e6},
        "sum_received": {"bytes": 1_900_000, "bits_per_second": 16e6},
        "cpu_utilization_percent": {"host_total": 1.5},
    },
}


def _tables(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = ("connected", "remote_host", "tcp_mss_default", "sum_received", "bits_per_second", "bytes", "sum_sent")
    return st.dictionaries(st.sampled_from(names), one, max_size=3)


def test_what_arrived_counts() -> None:
    sample = read_result(json.dumps(_GOOD).encode(), "up")
    assert (sample.tcp_mbps, sample.octets, sample.sent_octets, sample.resent_segments) == (
        16.0,
        1_900_000,
        2_000_000,
        3,
    )
    assert (sample.segment_octets, sample.program_cpu_percent, sample.peer) == (1448, 1.5, "192.0.2.1")
    assert sample.mbps("ip") == pytest.approx(16.0 * 1500 / 1448)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("the server is busy running a test. try again later", "server-busy"),
        ("unable to connect to server: Connection refused", "refused"),
        ("unable to connect to server: Connection timed out", "timeout"),
        ("control socket has closed unexpectedly", "server-lost"),
        ("unable to receive control message: Connection reset by peer", "server-lost"),
        ("the server has terminated", "server-lost"),
        ("something that nobody has seen", "garbled"),
    ],
)
def test_errors(said: str, reason: str) -> None:
    sample = read_result(json.dumps({"start": {}, "end": {}, "error": said}).encode(), "down")
    assert (sample.tcp_mbps, sample.reason, sample.said) == (None, reason, said)


def test_nothing_arrived() -> None:
    told = {**_GOOD, "end": {"sum_received": {"bytes": 0, "bits_per_second": 0}}}
    assert read_result(json.dumps(told).encode(), "down").reason == "server-lost"


@given(st.binary(max_size=200))
def test_nonsense(octets: bytes) -> None:
    assert read_result(octets, "down").tcp_mbps is None


_PLAIN = st.none() | st.integers() | st.text(max_size=5) | st.floats()


@settings(max_examples=60)
@given(_tables(st.recursive(_PLAIN, lambda one: st.lists(one, max_size=2) | _tables(one), max_leaves=6)))
def test_other_json(told: Any) -> None:
    sample = read_result(json.dumps({"start": told, "end": told}).encode(), "down")
    assert sample.tcp_mbps is None or sample.tcp_mbps >= 0.0


@pytest.mark.parametrize("server", ["", ":5201", "host:", "host:0", "host:65536", "host:x", "host:5201:1"])
def test_no_server(server: str) -> None:
    with pytest.raises(UsageError):
        Iperf3(server)


@pytest.mark.parametrize(
    ("complaint", "reason", "said"),
    [
        (
            "iperf3: unrecognized option '--bind-dev'",
            Reason.PROGRAM_MISSING,
            "iperf3: unrecognized option '--bind-dev'",
        ),
        ("iperf3: \x1b[2Jno", Reason.GARBLED, "iperf3: \\x1b[2Jno"),
        ("", Reason.GARBLED, "iperf3 printed no JSON"),
    ],
)
def test_what_it_says_instead_of_json(complaint: str, reason: str, said: str) -> None:
    sample = read_result(b"", "down", complaint)
    assert (sample.reason, sample.said) == (reason, said)
