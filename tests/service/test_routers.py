"""Routers on the way and rivals at the wire, over the simulated segment."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import IPv4Interface

import pytest

from linetest.bench.net_gateway import Gateway, Rival
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import open_wire
from linetest.model.reading import Reading
from linetest.service import neighbours, routers
from linetest.service.access import Access
from linetest.service.host import IpHost, opened_host
from linetest.service.host_arp import EthernetMedium
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.transports.frames import open_link

OWN = "192.168.1.20"


@contextmanager
def behind(inside: Inside, *rivals: str) -> Iterator[tuple[Access, IpHost]]:
    """Return an access and a host with an address behind a gateway."""
    with open_wire() as wire:
        wire.stations += [Gateway(wire, "192.168.1.1", inside), *(Rival(wire, address) for address in rivals)]
        own = IPv4Interface(f"{OWN}/24")
        with closing(open_link(wire.address, ())) as link:
            medium = EthernetMedium(link, own, "192.168.1.1")
            host = IpHost(medium, own.ip, how="dhcp", gateway="192.168.1.1", dns_servers=[])
            with opened_host(host):
                yield Access(address=wire.address, servers={"ping": "203.0.113.9"}, simulated=True), host


def only(readings: list[Reading]) -> Reading:
    (one,) = readings
    return one


@pytest.mark.parametrize(
    ("way", "count"),
    [
        ((), 0.0),
        (("192.168.1.1", "10.64.0.1"), 1.0),
        (("192.168.1.1", "192.168.0.1", "100.64.0.1"), 2.0),
        (("10.64.0.1", "192.168.7.1"), 0.0),
    ],
)
def test_home_routers_in_a_row_are_counted(way: tuple[str, ...], count: float) -> None:
    with behind(Inside(routers=way)) as (access, host):
        measured = routers.measure(access, host, ServiceSettings(), Restore())
    assert only(measured.readings).value == count
    assert measured.details["routers"] == [*way, "203.0.113.9"]


def test_a_way_that_says_nothing_is_no_count() -> None:
    with behind(Inside(silent_hosts=("203.0.113.9",))) as (access, host):
        measured = routers.measure(access, host, ServiceSettings(), Restore())
    assert (only(measured.readings).value, only(measured.readings).reason) == (None, "timeout")


@pytest.mark.parametrize(("rivals", "count"), [((), 0.0), ((OWN,), 1.0), (("192.168.1.21",), 0.0)])
def test_others_with_the_own_address_are_found(rivals: tuple[str, ...], count: float) -> None:
    with behind(Inside(), *rivals) as (access, host):
        found = only(neighbours.measure(access, host, ServiceSettings(), Restore()).readings)
    assert found.value == count
    assert found.where == ({"others": ["02:ee:00:00:00:66"]} if count else {})
