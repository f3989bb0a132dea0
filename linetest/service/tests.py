"""The tests that there are, and the ways of entering a line."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from linetest.model.reading import Measurement
from linetest.service import dhcp, dns, iptv, latency, mtu, neighbours, pppoe, rate, routers, system_path, voip
from linetest.service.access import Access
from linetest.service.http_rate import address_of
from linetest.service.iperf3 import Iperf3
from linetest.service.path import IpPath, Joined
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings

Connect = Callable[[Access, ServiceSettings, Restore], AbstractContextManager[Joined]]
Test = Callable[[Access, IpPath, ServiceSettings, Restore], Measurement]

CONNECTS: dict[str, Connect] = {"system": system_path.joined, "dhcp": dhcp.joined, "pppoe": pppoe.joined}
TESTS: dict[str, Test] = {
    "neighbours": neighbours.measure,
    "routers": routers.measure,
    "dns": dns.measure,
    "latency": latency.measure,
    "mtu": mtu.measure,
    "rate": rate.measure,
    "iptv": iptv.measure,
    "voip": voip.measure,
}
DECIDED_BY: dict[str, tuple[str, ...]] = {
    "neighbours": ("service.duplicate_address_count",),
    "routers": ("service.home_router_count",),
    "dns": ("service.dns_working_count",),
    "latency": ("service.latency_ms", "service.loss_percent"),
    "mtu": ("service.mtu_octets", "service.mtu_black_hole_count"),
    "rate": ("service.downstream_share_percent", "service.upstream_share_percent"),
    "iptv": ("service.channel_count", "service.iptv_loss_ppm"),
    "voip": ("service.sip_registered_count", "service.voip_mos"),
}
"""The metrics that each test is judged by: where it was not done, they have a reason instead of a value."""


def check_servers(access: Access, settings: ServiceSettings) -> None:
    """Refuse a server that is none before anything is measured: later, what was measured until then would be lost.

    Raises:
        UsageError: naming the server.
    """
    checks: dict[str, dict[str, Callable[[str], object]]] = {
        "rate": {"iperf3": Iperf3, "http_down": address_of, "http_up": address_of},
        "iptv": {"iptv": iptv.channels_of, "iptv_vlans": iptv.read_vlans},
        "voip": {"sip": voip.account_of},
    }
    for test in settings.tests:
        for name, check in checks.get(test, {}).items():
            if (named := access.server(name)) is not None:
                check(named)
