"""The rate by HTTP against the bench's web server: its rate is what is told, and no fault is a slow line."""

from typing import Any

import pytest

from linetest.bench.net_http import Fault, rate_server
from linetest.errors import UsageError
from linetest.model.codes import Verdict
from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.order import Rates
from linetest.model.reading import Measurement, Reading
from linetest.service import rate
from linetest.service.access import Access
from linetest.service.http_rate import HttpServer
from linetest.service.path import Echo, How
from linetest.service.rate_settings import RateSettings
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings

_CONTRACTED = Rates(down_mbps=16.0, up_mbps=8.0)
_QUICK: dict[str, Any] = {"samples": 1, "seconds": 1, "omit_s": 0, "streams": 2, "busy_tries": 2, "busy_wait_s": 0.01}


class Loopback:
    """A path of the bench: this computer."""

    how: How = "dhcp"
    address = "127.0.0.1"
    gateway: str | None = None
    mtu = 1500
    dns_servers: list[str] = []  # noqa: RUF012 -- as the protocol says

    def __init__(self, *, simulated: bool = True) -> None:
        self.simulated = simulated

    def udp(self, server: str, port: int) -> Any:
        raise NotImplementedError

    def echo(
        self, host: str, octets: int, timeout_s: float, *, dont_fragment: bool = False, hops: int | None = None
    ) -> Echo:
        return Echo(rtt_s=0.001)


def measured(
    *mbps: float, fault: Fault | None = None, simulated: bool = True, ways: int = 2, **more: Any
) -> Measurement:
    with rate_server(*(mbps or (16.0, 8.0)), fault=fault, fault_after_s=0.3) as server:
        servers = {"http_down": server.down_url, "http_up": server.up_url}
        access = Access(
            address="bench:",
            servers=dict(list(servers.items())[:ways]),
            contracted=_CONTRACTED,
            simulated=True,
        )
        settings = ServiceSettings(rate=RateSettings(**{**_QUICK, "cpu_limit_percent": 1000.0, **more}))
        return rate.measure(access, Loopback(simulated=simulated), settings, Restore())


def reading(found: Measurement, metric: str) -> Reading:
    return next(one for one in found.readings if one.metric == f"service.{metric}")


@pytest.mark.slow
@pytest.mark.parametrize(("percent", "verdict"), [(89.0, Verdict.FAIL), (91.0, Verdict.PASS)])
def test_89_and_91_percent_both_ways(percent: float, verdict: Verdict) -> None:
    found = measured(16.0 * percent / 100, 8.0 * percent / 100, seconds=3, omit_s=1)
    for direction in ("down", "up"):
        share = reading(found, f"{direction}stream_share_percent")
        assert share.value == pytest.approx(percent, abs=0.8)
        limit = Limit(metric=share.metric, min=90.0, source="the test")
        assert judge(share, limit).verdict is verdict
        assert (share.where["method"], share.where["family"], share.where["layer"]) == ("http", "IPv4", "tcp")
    assert found.simulated


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("busy", "server-busy"),
        ("missing", "refused"),
        ("redirects", "refused"),
        ("dies", "server-lost"),
        pytest.param("stalls", "server-lost", marks=pytest.mark.slow),
    ],
)
def test_a_fault_of_the_server_is_no_slow_line(fault: Fault, reason: str) -> None:
    found = measured(fault=fault, ways=1)
    share = reading(found, "downstream_share_percent")
    assert (share.value, share.reason) == (None, reason)
    assert judge(share, Limit(metric=share.metric, min=90.0, source="the test")).verdict is Verdict.INCONCLUSIVE


def test_one_direction_may_have_no_server() -> None:
    found = measured(ways=1)
    assert reading(found, "downstream_mbps").value is not None
    assert reading(found, "upstream_mbps").reason == "no-server"


def test_no_server_at_all() -> None:
    found = rate.measure(Access(address="bench:"), Loopback(), ServiceSettings(), Restore())
    assert {one.reason for one in found.readings} == {"no-server"}


def test_a_session_of_our_own_carries_no_tcp() -> None:
    found = measured(simulated=False, ways=1)
    assert reading(found, "downstream_share_percent").reason == "no-tcp"


@pytest.mark.parametrize("url", ["ftp://host/", "http://", "http://a:b@host/", "http://host:99999/", "http://h/a b"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError):
        HttpServer(url, None)
