"""One question to one name server over a path; and the address of a host that a person named."""

import ipaddress
import secrets
import time
from typing import NamedTuple

from linetest.errors import DeviceError, UsageError
from linetest.model.codes import Reason
from linetest.service.dns_wire import DnsAnswer, question_octets, read_answer
from linetest.service.path import IpPath
from linetest.words.text import _

_PORT = 53
_TIMEOUT_S = 2.0
_TRIES = 2


class Asked(NamedTuple):
    """One question and what came of it."""

    answer: DnsAnswer | None
    """None when none came."""
    took_s: float
    reason: str | None = None
    """Why there is no answer."""


def ask(path: IpPath, server: str, name: str, timeout_s: float) -> Asked:
    """Ask a name server for the addresses of a name; answers to other questions are passed over.

    Raises:
        UsageError: it is no name.
    """
    try:
        question = question_octets(secrets.randbelow(0x10000), name)
    except (ValueError, UnicodeError) as error:
        raise UsageError(
            _("{name!r} is not a name that can be asked for: {fault}").format(name=name, fault=error)
        ) from error
    sent_s = time.monotonic()
    reason: str = Reason.TIMEOUT
    try:
        with path.udp(server, _PORT) as talk:
            talk.send(question)
            while (left_s := sent_s + timeout_s - time.monotonic()) > 0.0:
                octets = talk.receive(left_s)
                if octets is None:
                    break
                try:
                    answer = read_answer(octets, question)
                except ValueError:
                    reason = Reason.GARBLED
                    continue
                if answer is not None:
                    return Asked(answer, time.monotonic() - sent_s)
    except DeviceError as error:
        reason = error.reason
    return Asked(None, time.monotonic() - sent_s, reason)


def resolve(path: IpPath, host: str) -> str:
    """Return a host's IPv4 address: an address is its own, a name is asked for over the path.

    Raises:
        DeviceError: no name server of the path knows it; the reason is that of the last one.
    """
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        reason: str = Reason.NO_SERVER
    for server in path.dns_servers:
        for _try in range(_TRIES):
            asked = ask(path, server, host, _TIMEOUT_S)
            if asked.answer is not None:
                if asked.answer.addresses:
                    return asked.answer.addresses[0]
                reason = Reason.NO_SUCH_OBJECT
                break
            reason = asked.reason or reason
    raise DeviceError(
        _("{host}: no name server knows its address").format(host=host),
        _("name its address instead, or a name server"),
        reason=reason,
    )
