"""The line entered by PPPoE: so many dials, their readings, and a host of our own over the last of them."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from linetest.errors import DeviceError, UsageError
from linetest.service.access import Access
from linetest.service.host import IpHost, opened_host
from linetest.service.path import Joined
from linetest.service.ppp_auth import Account
from linetest.service.ppp_lcp import MRU_OCTETS, PPPOE_HEAD, echo_rtt_s
from linetest.service.ppp_packets import IPV4
from linetest.service.ppp_session import Session
from linetest.service.pppoe_capture import Capture
from linetest.service.pppoe_dial import Dial, dial
from linetest.service.pppoe_readings import Dialled, measured
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.transports.carrier import Envelope
from linetest.transports.frames import FrameLink, open_link, read_tags
from linetest.words.text import _

_LISTEN_S = 1.0  # from the first PADI on: so long a second concentrator may take
_SETTLES_S, _SETTLE_TRIES, _ECHO_OCTETS = 0.2, 5, 64
_PAUSE_S = 0.5  # between two dials, as a concentrator has to forget the first one


@contextmanager
def joined(access: Access, settings: ServiceSettings, restore: Restore) -> Iterator[Joined]:
    """Dial in as often as the settings say, and keep the last session open within the block.

    Raises:
        UsageError: the station names no user or no password.
        DeviceError: the interface is none, or may not be used.
        Unreachable: the interface is down or gone.
    """
    account = _account(access)
    with closing(open_link(access.address, read_tags(access.tags))) as link, ExitStack() as stack:
        capture = Capture(account)
        link.watcher = capture.add
        dialled = _dials(link, account, access, settings, restore, stack)
        link.watcher = None  # what a test sends is no part of it
        found = measured(dialled, settings.pppoe, access, capture.evidence())
        host = _host(dialled.dials[-1])
        if host is not None:
            host.simulated = access.simulated
            _settle(stack.enter_context(opened_host(host)))
        yield Joined(path=host, measured=found)


def _account(access: Access) -> Account:
    password = access.secret("ppp")
    if access.user is None or password is None:
        raise UsageError(
            _("[device.{device}]: dialling in needs a user and a password").format(device=access.device),
            _('add user = "…" and secrets = { ppp = "prompt" }, or file:, env:, keyring:'),
        )
    return Account(access.user, password)


def _dials(
    link: FrameLink, account: Account, access: Access, settings: ServiceSettings, restore: Restore, stack: ExitStack
) -> Dialled:
    wanted = access.server("concentrator")
    dialled = Dialled(link.tags)
    for number in range(settings.pppoe.dials):
        is_last = number == settings.pppoe.dials - 1
        with ExitStack() as ends:
            one = dial(link, account, settings.pppoe, wanted, restore, ends)
            dialled.dials.append(one)
            if number == 0:
                _listen(one, one.began_s + _LISTEN_S)
            if one.trouble is None and is_last and one.session is not None:
                dialled.echo_rtt_s = echo_rtt_s(one.session)
                stack.push(ends.pop_all())
        if one.trouble is not None:
            break
        if not is_last:
            time.sleep(_PAUSE_S)
    return dialled


def _listen(one: Dial, until_s: float) -> None:
    """Hear which other concentrators answer; a session that ends meanwhile is the dial's trouble."""
    while time.monotonic() < until_s:
        try:
            if one.session is not None and one.trouble is None:
                one.session.receive(until_s)
            elif (frame := one.call.link.receive(until_s - time.monotonic())) is not None:
                one.call.note(frame)
        except DeviceError as error:
            one.trouble = one.trouble or error
            return


def _settle(host: IpHost) -> None:
    """Wait a moment until packets are carried: a concentrator such as pppd drops them until it has set its address."""
    try:
        for _try in range(_SETTLE_TRIES if host.gateway is not None else 0):
            if host.echo(host.gateway or "", _ECHO_OCTETS, _SETTLES_S).rtt_s is not None:
                return
    except DeviceError:
        return  # whoever uses the path next is told, too


def _host(last: Dial) -> IpHost | None:
    if last.trouble is not None or last.session is None or last.ip is None or last.ip.address is None:
        return None
    medium = _PppMedium(last.session, min(last.mru_octets or MRU_OCTETS, last.session.link.mtu - PPPOE_HEAD))
    gateway = None if last.ip.peer is None else str(last.ip.peer)
    return IpHost(medium, last.ip.address, how="pppoe", gateway=gateway, dns_servers=last.ip.dns_servers)


class _PppMedium:
    """Packets in a session; see `linetest.service.host.Medium`."""

    def __init__(self, session: Session, mtu: int) -> None:
        self.mtu = mtu
        self._session = session

    def send(self, _dst: bytes, packet: bytes) -> None:
        self._session.send(IPV4, packet)

    def receive(self, until_s: float) -> tuple[bytes, float] | None:
        came = self._session.receive(until_s)
        return (came.octets, came.at_s) if came is not None and came.protocol == IPV4 else None

    def envelope(self, _dst: bytes) -> Envelope:
        return self._session.envelope(IPV4)
