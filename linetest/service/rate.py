"""The rate in both directions against the contracted one, with the delay that it causes.

A rate says how it was measured: by what, at which layer, with which server, in how many samples. Where one of these
could not be taken there is no rate but a reason: a busy server says nothing about the line.
"""

from typing import Any

import msgspec

from linetest.model.codes import Reason
from linetest.model.reading import Measurement, Reading
from linetest.service.access import Access
from linetest.service.http_rate import HttpServer
from linetest.service.iperf3 import Iperf3
from linetest.service.laptop import Port, port_of
from linetest.service.path import IpPath
from linetest.service.rate_readings import port_readings, rate_readings, shown
from linetest.service.rate_samples import take_samples
from linetest.service.rate_settings import RateSettings
from linetest.service.readings import not_measured
from linetest.service.restore import Restore
from linetest.service.sample import Direction, Meter
from linetest.service.settings import ServiceSettings
from linetest.transports.address import BENCH

_DIRECTIONS: tuple[Direction, ...] = ("down", "up")


def measure(access: Access, path: IpPath, settings: ServiceSettings, restore: Restore) -> Measurement:
    """Return the rate in both directions, its share of the contracted one, and the delay under load.

    Over a session or a lease of linetest's own, a port of the system carries the TCP: taking it away again is a
    recorded step.
    """
    wanted = settings.rate
    meter = _meter(access, wanted)
    if meter is None:
        names = [f"service.{way}stream_{what}" for way in _DIRECTIONS for what in ("mbps", "share_percent")]
        return not_measured(names, Reason.NO_SERVER, {}, path)
    port = _port(access)
    where = {"server": meter.server, "method": meter.method}
    contracted: dict[Direction, float | None] = {"down": None, "up": None}
    if access.contracted is not None:
        contracted = {"down": access.contracted.down_mbps, "up": access.contracted.up_mbps}
    readings: list[Reading] = port_readings(port)
    directions: list[dict[str, Any]] = []
    for direction in _DIRECTIONS:
        taken = take_samples(path, meter, direction, access.server("ping"), wanted, restore)
        readings += rate_readings(taken, where, contracted[direction], port, wanted)
        directions.append(shown(taken, contracted[direction], wanted))
    told = {
        **where,
        "layer": wanted.layer,
        "port": None if port is None else msgspec.to_builtins(port),
        "directions": directions,
    }
    return Measurement(
        readings=readings, details={"rate": told}, simulated=path.simulated, trouble=_trouble(directions)
    )


def _port(access: Access) -> Port | None:
    """Return the laptop's port that the test goes through; None for the bench on this computer."""
    return None if access.address.startswith(BENCH) else port_of(access.address)


def _meter(access: Access, settings: RateSettings) -> Meter | None:
    iperf3, down, up = (access.server(name) for name in ("iperf3", "http_down", "http_up"))
    if iperf3 is not None and settings.method != "http":
        return Iperf3(iperf3)
    if (down or up) and settings.method != "iperf3":
        return HttpServer(down, up)
    return None


def _trouble(directions: list[dict[str, Any]]) -> str:
    """Return the other end's words where no rate came of it."""
    said = [one["said"] for direction in directions for one in direction["samples"] if one["reason"] and one["said"]]
    return "\n".join(dict.fromkeys(said))
