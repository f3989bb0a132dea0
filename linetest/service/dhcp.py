"""The line entered by DHCP: its times, all servers that offer, the lease, and a host of our own with it."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from ipaddress import AddressValueError, IPv4Interface, NetmaskValueError
from typing import Any

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.reading import Measurement
from linetest.safe import safe_text
from linetest.service.access import Access
from linetest.service.dhcp_exchange import Exchange, Heard
from linetest.service.dhcp_wire import Kind, Message, Option, read_vendors
from linetest.service.host import IpHost, opened_host
from linetest.service.host_arp import EthernetMedium
from linetest.service.path import Joined
from linetest.service.readings import reading
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.system_path import SystemPath
from linetest.transports.address import BENCH
from linetest.transports.frames import FrameLink, open_link, read_tags

_TIMES = ("service.dhcp_offer_ms", "service.dhcp_ack_ms", "service.dhcp_ms")


@contextmanager
def joined(access: Access, settings: ServiceSettings, restore: Restore) -> Iterator[Joined]:
    """Get a lease and use it within the block; then give it back.

    A lease that the system itself has at the moment is left alone, and the path is the system's own: two hosts with one
    address would answer for each other.

    Raises:
        DeviceError: the interface is none, or may not be used.
        Unreachable: the interface is down or gone.
    """
    with closing(open_link(access.address, read_tags(access.tags))) as link, ExitStack() as stack:
        exchange = Exchange(link, settings.dhcp)
        exchange.discover()
        expected = _expected(access)
        system = None
        try:
            if exchange.offers:
                exchange.request(_choice(exchange.offers, expected))
        finally:  # also where Ctrl-C came before the answer
            message = _lease(exchange)
            system = None if message is None else _system_with(access, message)
            if message is not None and system is None:
                stack.enter_context(restore.changed("dhcp lease", exchange.release))
        host = None if message is None or system is not None else _host(link, message, access)
        if host is not None:
            stack.enter_context(opened_host(host))
        yield Joined(path=system or host, measured=_measured(exchange, expected, access))


def _host(link: FrameLink, message: Message, access: Access) -> IpHost | None:
    """Return the host that has the lease; None where the server gave no address."""
    own = _own(message)
    if own is None:
        return None
    gateway = next(map(str, message.addresses(Option.ROUTER)), None)
    names = [str(one) for one in message.addresses(Option.DNS)]
    host = IpHost(EthernetMedium(link, own, gateway), own.ip, how="dhcp", gateway=gateway, dns_servers=names)
    host.simulated = access.simulated
    return host


def _expected(access: Access) -> list[str]:
    """Return the servers that may answer; empty where the station names none."""
    return [one.strip() for one in (access.server("dhcp") or "").split(",") if one.strip()]


def _choice(offers: list[Heard], expected: list[str]) -> Heard:
    """Return the first offer of a server that may answer; the first of all where there is none."""
    return next((one for one in offers if str(one.message.server) in expected), offers[0])


def _lease(exchange: Exchange) -> Message | None:
    answer = exchange.answer
    return answer.message if answer is not None and answer.message.kind == Kind.ACK else None


def _own(message: Message) -> IPv4Interface | None:
    """Return the address with its network; None where the server gave what is none."""
    masks = message.addresses(Option.MASK)
    try:
        own = IPv4Interface(f"{message.address}/{masks[0] if masks else 32}")
    except (AddressValueError, NetmaskValueError):
        return None
    return None if own.ip.is_unspecified or own.ip.is_multicast or own.ip.is_loopback else own


def _system_with(access: Access, message: Message) -> SystemPath | None:
    """Return the system's own connection where it has this very address: a server that knows the MAC gives it again."""
    if access.address.startswith(BENCH) or access.tags:
        return None
    try:
        system = SystemPath(access.address)
    except DeviceError:  # it has none
        return None
    return system if system.address == str(message.address) else None


def _rogues(offers: list[Heard], expected: list[str]) -> list[Heard]:
    """Return who offers and may not; where the station names nobody, all of them as soon as there are several."""
    if expected:
        return [one for one in offers if str(one.message.server) not in expected]
    return offers if len(offers) > 1 else []


def _measured(exchange: Exchange, expected: list[str], access: Access) -> Measurement:
    answer = exchange.answer
    reason = None
    if answer is None:
        reason = Reason.TIMEOUT if not exchange.broken or exchange.offers else Reason.GARBLED
    elif answer.message.kind != Kind.ACK:
        reason = Reason.REFUSED
    acked_s = exchange.ack_s if reason is None else None
    whole_s = None if exchange.offer_s is None or acked_s is None else exchange.offer_s + acked_s
    where = {} if exchange.chosen is None else _who(exchange.chosen)
    readings = [
        reading(name, None if seconds is None else 1e3 * seconds, where, reason or Reason.TIMEOUT)
        for name, seconds in zip(_TIMES, (exchange.offer_s, acked_s, whole_s), strict=True)
    ]
    rogues = _rogues(exchange.offers, expected)
    count = len(rogues) if expected else max(len(rogues) - 1, 0)
    named = {"rogues": [f"{one.message.server} {one.mac.hex(':')}" for one in rogues]} if rogues else {}
    readings += [
        reading("service.dhcp_resend_count", float(sum(exchange.resent.values())), {}),
        reading("service.dhcp_server_count", float(len(exchange.offers)), {}),
        reading("service.rogue_dhcp_count", float(count) if exchange.offers else None, named, Reason.TIMEOUT),
    ]
    return Measurement(readings=readings, details={"dhcp": _details(exchange, expected)}, simulated=access.simulated)


def _details(exchange: Exchange, expected: list[str]) -> dict[str, Any]:
    answer = exchange.answer
    return {
        "expected": expected,
        "offers": [{**_who(one), **_shown(one.message)} for one in exchange.offers],
        "lease": None
        if answer is None or answer.message.kind != Kind.ACK
        else {**_who(answer), **_shown(answer.message)},
        "refused": None
        if answer is None or answer.message.kind == Kind.ACK
        else safe_text(answer.message.text(Option.TEXT) or ""),
        "resent": exchange.resent,
        "broken": exchange.broken,
    }


def _who(heard: Heard) -> dict[str, Any]:
    return {"server": str(heard.message.server or ""), "mac": heard.mac.hex(":")}


def _shown(message: Message) -> dict[str, Any]:
    domain = message.text(Option.DOMAIN)
    return {
        "address": str(message.address),
        "mask": next(map(str, message.addresses(Option.MASK)), None),
        "gateway": next(map(str, message.addresses(Option.ROUTER)), None),
        "dns_servers": [str(one) for one in message.addresses(Option.DNS)],
        "domain": None if domain is None else safe_text(domain),
        "lease_s": message.seconds(Option.LEASE_S),
        "renew_s": message.seconds(Option.RENEW_S),
        "rebind_s": message.seconds(Option.REBIND_S),
        "relay": None if message.relay is None else str(message.relay),
        "vendor_hex": message.options[Option.VENDOR].hex() if Option.VENDOR in message.options else None,
        "vendors": read_vendors(message.options.get(Option.VENDOR_OPTION, b"")),
    }
