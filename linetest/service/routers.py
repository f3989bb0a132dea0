"""The routers on the way to the network, as a packet's time to live ends at each of them.

Two home routers behind one another are double NAT. Whose a router is its address tells only in part: one of the shared
address space (RFC 6598) is the operator's, one of 192.168.0.0/16 home routers are delivered with, and the rest of
RFC 1918 is used by both. Where that leaves it open the count is a bound, never a guess.
"""

from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import Bound, Measurement, Reading
from linetest.service.access import Access, Point
from linetest.service.path import IpPath
from linetest.service.resolve import resolve
from linetest.service.restore import Restore
from linetest.service.routers_settings import RoutersSettings
from linetest.service.settings import ServiceSettings

_METRIC = "service.home_router_count"
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # RFC 1918 section 3
_OCTETS = 64

Whose = Literal["home", "operator", "either"]


def measure(access: Access, path: IpPath, settings: ServiceSettings, _restore: Restore) -> Measurement:
    """Return how many home routers stand in a row before the ``ping`` server."""
    server = access.server("ping")
    if server is None:
        return _found([], path, reason=Reason.NO_SERVER)
    wanted = settings.routers
    try:
        host = resolve(path, server)
        routers = _routers(path, host, wanted)
    except DeviceError as error:
        return _found([], path, reason=error.reason)
    if not any(routers):
        return _found(routers, path, reason=Reason.TIMEOUT)
    before = routers[:-1] if routers[-1] == host else routers
    at_least, at_most = home_routers(before, access.point, path, wanted)
    return _found(routers, path, float(at_least), "at-least" if at_most > at_least else None)


def home_routers(routers: list[str | None], point: Point, path: IpPath, settings: RoutersSettings) -> tuple[int, int]:
    """Return how many home routers stand at the beginning of a way, at least and at most.

    Behind the customer's router the first hop is that router, whatever its address and even where it is silent. A
    session of PPPoE ends at the operator's concentrator, so that nothing behind it is the customer's. Otherwise the row
    of home routers ends at the first router that is silent, or has a public address or one of the operator's networks.
    """
    if path.how == "pppoe":
        return 0, 0
    at_least = at_most = 0
    for number, router in enumerate(routers):
        whose = _whose(router, settings)
        if number == 0 and point == "behind-cpe" and _may_be_home(router):
            whose = "home"
        if whose == "operator":
            break
        at_most += 1
        at_least += whose == "home" and at_least == at_most - 1
    return at_least, at_most


def _routers(path: IpPath, host: str, settings: RoutersSettings) -> list[str | None]:
    """Return the router at each hop until the host answers; None for one that says nothing."""
    routers: list[str | None] = []
    for hops in range(1, settings.hops + 1):
        answers = (path.echo(host, _OCTETS, settings.timeout_s, hops=hops) for _try in range(settings.tries))
        answer = next((one for one in answers if one.rtt_s is not None or one.expired_at is not None), None)
        if answer is not None and answer.rtt_s is not None:
            return [*routers, host]
        routers.append(None if answer is None else answer.expired_at)
        if routers[-settings.silent_hops :] == [None] * settings.silent_hops:
            break
    return routers


def _whose(router: str | None, settings: RoutersSettings) -> Whose:
    """Return whose a router is by its address; home routers do answer, so a silent one is taken for the operator's."""
    if router is None or _is_in(router, settings.operator_networks):
        return "operator"
    if _is_in(router, settings.home_networks):
        return "home"
    return "either" if _is_in(router, _PRIVATE) else "operator"


def _may_be_home(router: str | None) -> bool:
    return router is None or _is_in(router, _PRIVATE)


def _is_in(router: str, networks: tuple[str, ...]) -> bool:
    return any(IPv4Address(router) in IPv4Network(network) for network in networks)


def _found(
    routers: list[str | None],
    path: IpPath,
    count: float | None = None,
    bound: Bound | None = None,
    *,
    reason: str | None = None,
) -> Measurement:
    reading = Reading(metric=_METRIC, value=count, unit=METRICS[_METRIC].unit, bound=bound, reason=reason)
    return Measurement(readings=[reading], details={"routers": routers}, simulated=path.simulated)
