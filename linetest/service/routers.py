"""The routers on the way to the network, as a packet's time to live ends at each of them.

Two home routers behind one another are double NAT. They are known by their addresses of 192.168.0.0/16 (RFC 1918),
which home routers use; an operator's own private addresses (10.0.0.0/8, 100.64.0.0/10) are no sign of one.
"""

from ipaddress import IPv4Address, IPv4Network
from itertools import takewhile

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading
from linetest.service.access import Access
from linetest.service.path import IpPath
from linetest.service.resolve import resolve
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings

_METRIC = "service.home_router_count"
_HOME = IPv4Network("192.168.0.0/16")
_MOST_HOPS = 8  # home routers stand at the beginning
_MOST_SILENT = 3  # in a row: further on nobody will speak either
_TRIES = 2
_TIMEOUT_S = 1.0
_OCTETS = 64


def measure(access: Access, path: IpPath, _settings: ServiceSettings, _restore: Restore) -> Measurement:
    """Return how many home routers stand in a row before the ``ping`` server."""
    server = access.server("ping")
    if server is None:
        return _found([], None, Reason.NO_SERVER, path)
    try:
        routers = _routers(path, resolve(path, server))
    except DeviceError as error:
        return _found([], None, error.reason, path)
    if not any(routers):
        return _found(routers, None, Reason.TIMEOUT, path)
    home = list(takewhile(_is_home, routers))
    return _found(routers, float(len(home)), None, path)


def _routers(path: IpPath, host: str) -> list[str | None]:
    """Return the router at each hop until the host answers; None for one that says nothing."""
    routers: list[str | None] = []
    for hops in range(1, _MOST_HOPS + 1):
        answers = (path.echo(host, _OCTETS, _TIMEOUT_S, hops=hops) for _try in range(_TRIES))
        answer = next((one for one in answers if one.rtt_s is not None or one.expired_at is not None), None)
        if answer is not None and answer.rtt_s is not None:
            return [*routers, host]
        routers.append(None if answer is None else answer.expired_at)
        if routers[-_MOST_SILENT:] == [None] * _MOST_SILENT:
            break
    return routers


def _is_home(router: str | None) -> bool:
    return router is not None and IPv4Address(router) in _HOME


def _found(routers: list[str | None], count: float | None, reason: str | None, path: IpPath) -> Measurement:
    reading = Reading(metric=_METRIC, value=count, unit=METRICS[_METRIC].unit, reason=reason)
    return Measurement(readings=[reading], details={"routers": routers}, simulated=path.simulated)
