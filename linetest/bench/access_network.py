"""A customer's access line with two points to test at: the line itself, and the customer's side of a router.

On the line a concentrator answers PPPoE; behind the router a DHCP server does. Behind both lie the same network, a name
server, and a server for the rate. No rights are needed: the wires are UDP, the rest is this computer's loopback.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from linetest.bench.bng import Bng
from linetest.bench.bng_settings import BngSettings
from linetest.bench.media_headend import Headend, HeadendSettings
from linetest.bench.media_sender import MediaChannel
from linetest.bench.net_dhcp import DhcpServer
from linetest.bench.net_dns import NameServer
from linetest.bench.net_gateway import Gateway, Rival
from linetest.bench.net_http import rate_server
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import Wire, open_wire
from linetest.words.text import N_

USER, PASSWORD = "line1@isp", "correct horse"
CONTRACTED_MBPS = {"down": 20.0, "up": 8.0}
PING = "203.0.113.9"
_DNS, _WEB = "192.0.2.53", "203.0.113.80"
_ROUTER, _CUSTOMER, _SECOND_ROUTER = "192.168.1.1", "192.168.1.20", "192.168.0.1"
_OPERATORS = "100.64.0.1"  # RFC 6598
_LIMITED_MBPS = 4.0
_GROUP, _CHANNEL_PORT = "239.10.0.1", 5000


@dataclass
class AccessPlan:
    """What a line is like; a fault changes it before it is built."""

    concentrator: BngSettings = field(default_factory=BngSettings)
    second_concentrator: bool = False
    line: Inside = field(default_factory=lambda: Inside(routers=("10.64.0.1",)))
    home: Inside = field(default_factory=lambda: Inside(routers=(_ROUTER, _OPERATORS)))
    has_names: bool = True
    router_forwards_names: bool = True
    line_mbps: dict[str, float] = field(default_factory=lambda: {"down": 24.0, "up": 10.0})
    home_mbps: dict[str, float] = field(default_factory=lambda: {"down": 24.0, "up": 10.0})
    router_forwards_channels: bool = True
    second_dhcp: bool = False
    rival: bool = False


class AccessFault(NamedTuple):
    """Something that is wrong, by design."""

    sentence: str
    """In English; translated when it is shown."""
    stage: Callable[[AccessPlan], None]


class Point(NamedTuple):
    """Where a laptop is plugged in."""

    address: str
    servers: dict[str, str]


class AccessNetwork(NamedTuple):
    """The two points of a line that is up."""

    line: Point
    router: Point


def _silent(plan: AccessPlan) -> None:
    plan.concentrator = replace(plan.concentrator, faults=frozenset({"silent"}))


def _login(plan: AccessPlan) -> None:
    plan.concentrator = replace(plan.concentrator, faults=frozenset({"auth-refused"}))


def _small_mru(plan: AccessPlan) -> None:
    plan.concentrator = replace(plan.concentrator, mru=1400)


def _two_concentrators(plan: AccessPlan) -> None:
    plan.second_concentrator = True


def _no_names(plan: AccessPlan) -> None:
    plan.has_names = False


def _router_without_names(plan: AccessPlan) -> None:
    plan.router_forwards_names = False


def _black_hole(plan: AccessPlan) -> None:
    for inside in (plan.line, plan.home):
        inside.largest_packet, inside.black_hole = 1400, True


def _loss(plan: AccessPlan) -> None:
    plan.line.drop_every = plan.home.drop_every = 8


def _no_channel(plan: AccessPlan) -> None:
    plan.router_forwards_channels = False


def _rogue(plan: AccessPlan) -> None:
    plan.second_dhcp = True


def _double_nat(plan: AccessPlan) -> None:
    plan.home.routers = (_ROUTER, _SECOND_ROUTER, _OPERATORS)


def _router_limits(plan: AccessPlan) -> None:
    plan.home_mbps = {"down": _LIMITED_MBPS, "up": _LIMITED_MBPS}


def _slow_line(plan: AccessPlan) -> None:
    plan.line_mbps = plan.home_mbps = {"down": _LIMITED_MBPS, "up": _LIMITED_MBPS}


def _rival(plan: AccessPlan) -> None:
    plan.rival = True


ACCESS_FAULTS = {
    "no-answer": AccessFault(N_("Nobody answers a PPPoE call on the line."), _silent),
    "login-refused": AccessFault(N_("The concentrator refuses user or password."), _login),
    "small-mru": AccessFault(N_("The concentrator takes packets of 1400 octets at most."), _small_mru),
    "two-concentrators": AccessFault(N_("Two concentrators answer a call."), _two_concentrators),
    "no-names": AccessFault(N_("The name server of the line is silent."), _no_names),
    "router-without-names": AccessFault(N_("The router does not pass on questions for names."), _router_without_names),
    "mtu-black-hole": AccessFault(N_("Packets above 1400 octets vanish in the network."), _black_hole),
    "loss": AccessFault(N_("The line loses every eighth packet."), _loss),
    "no-channel": AccessFault(N_("The router does not pass on the request for a television channel."), _no_channel),
    "rogue-dhcp": AccessFault(N_("A second device behind the router gives addresses."), _rogue),
    "double-nat": AccessFault(N_("Two routers stand behind one another."), _double_nat),
    "router-limits-rate": AccessFault(N_("The router lets only 4 Mbit/s pass."), _router_limits),
    "slow-line": AccessFault(N_("The line carries only 4 Mbit/s."), _slow_line),
    "duplicate-address": AccessFault(N_("Another device behind the router has the laptop's address."), _rival),
}


_SHORT = {"seconds": "1", "samples": "2", "requests": "40", "dials": "1", "questions": "2", "omit_s": "0"}


def shortened(profile: str) -> str:
    """Return the text of a profile with tests that are only as long as this line needs."""
    for name, value in _SHORT.items():
        profile = re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", profile)
    return profile


@contextmanager
def access_network(fault: str | None = None) -> Iterator[AccessNetwork]:
    """Run a line with that fault of `ACCESS_FAULTS`, or with none."""
    plan = AccessPlan()
    if fault is not None:
        ACCESS_FAULTS[fault].stage(plan)
    if plan.has_names:
        plan.line.services[_DNS, 53] = NameServer(rest=_WEB)
        if plan.router_forwards_names:
            plan.home.services[_ROUTER, 53] = NameServer(rest=_WEB)
    plan.line.silent_hosts = () if plan.has_names else (_DNS,)
    plan.home.silent_hosts = () if plan.has_names and plan.router_forwards_names else (_ROUTER,)
    with ExitStack() as stack:
        yield AccessNetwork(line=_line(plan, stack), router=_home(plan, stack))


def _channel(wire: Wire, *, is_heard: bool) -> str:
    """Return a channel; one that nobody hears asked for is only named."""
    if is_heard:
        wire.stations.append(Headend(wire, HeadendSettings([MediaChannel(group=_GROUP, port=_CHANNEL_PORT)])))
    return f"{_GROUP}:{_CHANNEL_PORT}"


def _line(plan: AccessPlan, stack: ExitStack) -> Point:
    wire = stack.enter_context(open_wire())
    settings = replace(plan.concentrator, users={USER: PASSWORD}, dns=(_DNS,))
    wire.stations.append(Bng(wire, settings, plan.line))
    if plan.second_concentrator:
        other = replace(settings, name="UNKNOWN", offer_delay_s=0.05)
        wire.stations.append(Bng(wire, other, plan.line, mac=b"\x02\xbb\x00\x00\x00\x02"))
    return Point(wire.address, _servers(plan.line_mbps, stack, wire, has_channel=True))


def _home(plan: AccessPlan, stack: ExitStack) -> Point:
    wire = stack.enter_context(open_wire())
    wire.stations += [
        Gateway(wire, _ROUTER, plan.home, mac=b"\x02\xaa\x00\x00\x00\x01"),
        DhcpServer(wire, b"\x02\xaa\x00\x00\x00\x01", _ROUTER, _CUSTOMER, _ROUTER, (_ROUTER,)),
    ]
    if plan.second_dhcp:
        rogue = "192.168.1.77"
        wire.stations.append(DhcpServer(wire, b"\x02\xdd\x00\x00\x00\x77", rogue, "192.168.1.130", rogue, delay_s=0.05))
    if plan.rival:
        wire.stations.append(Rival(wire, _CUSTOMER))
    return Point(wire.address, _servers(plan.home_mbps, stack, wire, has_channel=plan.router_forwards_channels))


def _servers(mbps: dict[str, float], stack: ExitStack, wire: Wire, *, has_channel: bool) -> dict[str, str]:
    rates = stack.enter_context(rate_server(mbps["down"], mbps["up"]))
    channel = _channel(wire, is_heard=has_channel)
    return {
        "ping": PING,
        "http_down": rates.down_url,
        "http_up": rates.up_url,
        "iptv": channel,
        "iptv_vlans": "untagged",
    }
