"""Routers on the way and rivals at the wire, over the simulated segment."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import IPv4Interface
from types import SimpleNamespace
from typing import Literal, cast

import msgspec
import pytest

from linetest.bench.net_gateway import Gateway, Rival
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import open_wire
from linetest.model.codes import Reason, Verdict
from linetest.model.judge import judge_all
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from linetest.model.record import Check
from linetest.service import neighbours, routers
from linetest.service.access import Access
from linetest.service.host import IpHost, opened_host
from linetest.service.host_arp import EthernetMedium
from linetest.service.neighbours_settings import NeighboursSettings
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.routers_settings import RoutersSettings
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


def only_check(checks: list[Check]) -> Check:
    (one,) = checks
    return one


@pytest.mark.parametrize(
    ("point", "way", "count", "is_sure"),
    [
        ("behind-cpe", (), 0.0, True),
        ("behind-cpe", ("192.168.1.1", "100.64.0.1"), 1.0, True),
        ("behind-cpe", ("192.168.1.1", "198.51.100.1"), 1.0, True),
        ("behind-cpe", ("192.168.1.1", "192.168.0.1", "100.64.0.1"), 2.0, True),
        ("behind-cpe", ("10.0.0.1", "100.64.0.1"), 1.0, True),  # the first hop is the customer's router
        ("behind-cpe", ("100.64.0.1",), 0.0, True),
        ("behind-cpe", ("192.168.1.1", "10.64.0.1"), 1.0, False),  # the operator's, or a second one of the customer's
        ("behind-cpe", ("192.168.1.1", "192.168.0.1", "10.64.0.1"), 2.0, False),
        ("behind-cpe", ("192.168.1.1", "172.16.0.1", "192.168.0.1"), 1.0, False),
        ("direct", ("100.64.0.1", "192.168.7.1"), 0.0, True),  # what is behind the operator's is the operator's
        ("direct", ("10.64.0.1", "192.168.7.1"), 0.0, False),
        ("direct", ("192.168.1.1", "100.64.0.1"), 1.0, True),
        ("direct", ("198.51.100.1",), 0.0, True),
    ],
)
def test_home_routers_in_a_row_are_counted(
    point: Literal["direct", "behind-cpe"], way: tuple[str, ...], count: float, is_sure: bool
) -> None:
    with behind(Inside(routers=way)) as (access, host):
        access = msgspec.structs.replace(access, point=point)
        measured = routers.measure(access, host, ServiceSettings(), Restore())
    found = only(measured.readings)
    assert (found.value, found.bound) == (count, None if is_sure else "at-least")
    assert measured.details["routers"] == [*way, "203.0.113.9"]


def test_an_open_question_is_neither_pass_nor_fail_and_two_are_two_all_the_same() -> None:
    def verdict(*way: str, operators: tuple[str, ...] = ("100.64.0.0/10",)) -> Check:
        with behind(Inside(routers=way)) as (access, host):
            access = msgspec.structs.replace(access, point="behind-cpe")
            wanted = ServiceSettings(routers=RoutersSettings(operator_networks=operators))
            measured = routers.measure(access, host, wanted, Restore())
        limit = Limit(metric="service.home_router_count", max=1.0, required=False, source="x")
        return only_check(judge_all([limit], measured.readings))

    open_one = verdict("192.168.1.1", "10.64.0.1")
    assert (open_one.verdict, open_one.reason) == (Verdict.SKIPPED, Reason.WHOSE_ROUTER)
    assert verdict("192.168.1.1", "192.168.0.1", "10.64.0.1").verdict is Verdict.FAIL
    named = verdict("192.168.1.1", "10.64.0.1", operators=("100.64.0.0/10", "10.0.0.0/8"))
    assert named.verdict is Verdict.PASS


def test_behind_the_concentrator_of_a_session_nothing_is_the_customers() -> None:
    path = cast(IpPath, SimpleNamespace(how="pppoe"))
    assert routers.home_routers(["192.168.3.1", "10.0.0.1"], "direct", path, RoutersSettings()) == (0, 0)


def test_a_customers_router_that_is_silent_counts() -> None:
    path = cast(IpPath, SimpleNamespace(how="system"))
    assert routers.home_routers([None, "192.168.0.1", "100.64.0.1"], "behind-cpe", path, RoutersSettings()) == (2, 2)
    assert routers.home_routers(["192.168.0.1", None, None, None], "behind-cpe", path, RoutersSettings()) == (1, 1)


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="has host bits set"):
        RoutersSettings(operator_networks=("10.0.0.1/8",))


def test_a_way_that_says_nothing_is_no_count() -> None:
    with behind(Inside(silent_hosts=("203.0.113.9",))) as (access, host):
        measured = routers.measure(access, host, ServiceSettings(routers=RoutersSettings(timeout_s=0.1)), Restore())
    assert (only(measured.readings).value, only(measured.readings).reason) == (None, "timeout")


@pytest.mark.parametrize(("rivals", "count"), [((), 0.0), ((OWN,), 1.0), (("192.168.1.21",), 0.0)])
def test_others_with_the_own_address_are_found(rivals: tuple[str, ...], count: float) -> None:
    wanted = ServiceSettings(neighbours=NeighboursSettings(listen_s=0.3))
    with behind(Inside(), *rivals) as (access, host):
        found = only(neighbours.measure(access, host, wanted, Restore()).readings)
    assert found.value == count
    assert found.where == ({"others": ["02:ee:00:00:00:66"]} if count else {})
