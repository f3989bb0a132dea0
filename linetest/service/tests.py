"""The tests that there are, and the ways of entering a line."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from linetest.model.reading import Measurement
from linetest.service import dhcp, dns, iptv, latency, mtu, neighbours, pppoe, rate, routers, system_path, voip
from linetest.service.access import Access
from linetest.service.measure import Joined
from linetest.service.path import IpPath
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
