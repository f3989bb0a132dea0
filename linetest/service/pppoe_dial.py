"""One dial by PPPoE, from the first PADI to an IPv4 address, with the time and the retransmissions of each phase."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

import msgspec

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.service.ppp_auth import Account, Authentication
from linetest.service.ppp_ipcp import IpcpSide
from linetest.service.ppp_lcp import LcpSide
from linetest.service.ppp_negotiation import Negotiation
from linetest.service.ppp_packets import CHAP, IPCP, LCP, PAP
from linetest.service.ppp_session import Renegotiates, Session
from linetest.service.pppoe_discovery import Asking, Call
from linetest.service.pppoe_settings import PppoeSettings
from linetest.service.restore import Restore
from linetest.transports.frames import FrameLink
from linetest.words.text import _

PHASES = ("PADO", "PADS", "LCP", "authentication", "IPCP")
SESSION_STEP = "pppoe session"
"""What the record calls the restoration."""
AUTHENTICATIONS = {PAP: "PAP", CHAP: "CHAP-MD5", None: None}
_MOST_ROUNDS = 3  # of LCP: a concentrator hands the caller on, to one behind a tunnel


class Phase(msgspec.Struct, kw_only=True):
    """What became of one phase."""

    name: str
    time_s: float | None = None
    """From the end of the phase before, of PADO from the first PADI; None when it did not come to its end."""
    retransmissions: int = 0
    reason: str | None = None
    """A `Reason` when there is no time."""


class _Counter(Protocol):
    retransmissions: int


class Dial:
    """What became of one dial."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.began_s = time.monotonic()
        """When the first PADI went, on the monotonic clock."""
        self.phases: dict[str, Phase] = {}
        self.trouble: DeviceError | None = None
        """Why it did not succeed."""
        self.session: Session | None = None
        self.authentication: int | None = None
        self.mru_octets: int | None = None
        """How many octets of IP the other side takes."""
        self.ip: IpcpSide | None = None
        self.access_time_s: float | None = None
        """From the first PADI to the address; None when it did not succeed."""

    @contextmanager
    def phase(self, name: str, counter: _Counter) -> Iterator[Phase]:
        """Note what becomes of a phase in this block; one that is done again keeps its count."""
        phase = self.phases.setdefault(name, Phase(name=name))
        before, phase.time_s, phase.reason = phase.retransmissions, None, Reason.INTERRUPTED
        try:
            yield phase
            phase.reason = None
        except DeviceError as error:
            phase.reason = error.reason
            raise
        finally:
            phase.retransmissions = before + counter.retransmissions


def dial(
    link: FrameLink,
    account: Account,
    settings: PppoeSettings,
    wanted: str | None,
    restore: Restore,
    stack: ExitStack,
) -> Dial:
    """Dial in once.

    Args:
        link: The wire, with its tags.
        account: Who dials in.
        settings: Times and service.
        wanted: The name of the only concentrator that may be taken; None for the first that answers.
        restore: Where the end of the session is noted.
        stack: At its end the session is ended.

    Returns:
        What became of it. It fails with `trouble`, never by raising.
    """
    done = Dial(Call(link, settings.service_name))
    try:
        given_s, session = _discover(done, settings, wanted)
        stack.enter_context(restore.changed(SESSION_STEP, session.end))
        done.session = session
        for count in range(_MOST_ROUNDS):
            try:
                ends_s = _negotiate(done, session, account, settings, given_s)
                break
            except Renegotiates:
                if count == _MOST_ROUNDS - 1:
                    raise
        done.access_time_s = ends_s - done.began_s
    except DeviceError as error:
        done.trouble = error
    return done


def _end_s(settings: PppoeSettings) -> float:
    return time.monotonic() + settings.phase_timeout_s


def _discover(done: Dial, settings: PppoeSettings, wanted: str | None) -> tuple[float, Session]:
    """Return when the PADS came, and the session."""
    asking = Asking(settings.retry_s, _end_s(settings))
    with done.phase("PADO", asking) as phase:
        one = done.call.find(wanted, asking)
        phase.time_s = one.offered_at_s - asking.first_at_s
    done.began_s = asking.first_at_s
    asking = Asking(settings.retry_s, _end_s(settings))
    with done.phase("PADS", asking) as phase:
        number, given_s = done.call.request(one, asking)
        phase.time_s = given_s - one.offered_at_s
    return given_s, Session(done.call, one, number)


def _negotiate(done: Dial, session: Session, account: Account, settings: PppoeSettings, given_s: float) -> float:
    """Do LCP, authentication and IPCP; return when the last of them was agreed."""
    lcp = LcpSide(session)
    negotiation = Negotiation(session, LCP, lcp, settings.retry_s)
    with done.phase("LCP", negotiation) as phase:
        agreed = negotiation.run(_end_s(settings))
        session.lcp_agreed = agreed.theirs
        phase.time_s = agreed.at_s - given_s
    done.mru_octets, done.authentication = lcp.mru_octets, lcp.authentication
    before_s = agreed.at_s
    if lcp.authentication is not None:
        authentication = Authentication(session, account)
        with done.phase("authentication", authentication) as phase:
            proven_s = authentication.run(lcp.authentication, _end_s(settings))
            phase.time_s = proven_s - before_s
        before_s = proven_s
    ipcp = IpcpSide()
    negotiation = Negotiation(session, IPCP, ipcp, settings.retry_s)
    with done.phase("IPCP", negotiation) as phase:
        agreed = negotiation.run(_end_s(settings))
        if ipcp.address is None:
            raise DeviceError(
                _("IPCP: the concentrator {name!r} gives no address").format(name=session.concentrator.name),
                _("its pool of addresses may be used up: tell the operator"),
                reason=Reason.NOT_AGREED,
            )
        phase.time_s = agreed.at_s - before_s
    done.ip = ipcp
    return agreed.at_s
