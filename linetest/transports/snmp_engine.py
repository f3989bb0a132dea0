"""pysnmp behind blocking calls: one private event loop and one engine for each session.

A question is sent again while time is left, with growing gaps, and each of its messages has a number of its own: an
answer to the first still counts after the third was sent, and an answer to another question never does. pysnmp's own
retries have a fixed gap and forget the message before.
"""

import asyncio
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

from pyasn1.type import univ
from pysnmp.carrier.asyncio.dgram.udp import SNMP_UDP_DOMAIN, UdpAsyncioTransport
from pysnmp.carrier.asyncio.dgram.udp6 import SNMP_UDP6_DOMAIN, Udp6AsyncioTransport
from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity import config
from pysnmp.entity.rfc3413.cmdgen import BulkCommandGeneratorSingleRun, GetCommandGenerator
from pysnmp.error import PySnmpError
from pysnmp.proto import rfc1902, rfc1905

from linetest.errors import BadReply, Unreachable
from linetest.transports.snmp_mibs import new_engine
from linetest.transports.snmp_refusals import (
    NO_ERROR,
    NO_SUCH_NAME,
    REPORTS,
    TOO_BIG,
    report_refusal,
    silence,
    status_refusal,
)
from linetest.transports.snmp_target import SnmpTarget
from linetest.transports.snmp_walk import SnmpValue
from linetest.words.text import _

_AUTH = {
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
_PRIV = {
    "des": config.USM_PRIV_CBC56_DES,
    "3des": config.USM_PRIV_CBC168_3DES,
    "aes": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "aes192c": config.USM_PRIV_CFB192_AES,
    "aes256c": config.USM_PRIV_CFB256_AES,
}
_FIRST_GAP_S, _LEAST_GAP_S, _MOST_GAP_S = 1.0, 0.3, 5.0

_Answer = tuple[int, int, list[tuple[Any, Any]]]  # error status, number of the object that it is about, objects
_Send = Callable[[Callable[..., None]], Any]


class Engine:
    """Asks one agent; `end` is always a time of `monotonic`."""

    def __init__(self, target: SnmpTarget, deadline_s: float) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._engine = new_engine()
        self._gap_s = _FIRST_GAP_S
        self._discovered = False  # version 3: the agent told its engine's number
        self._answered = False
        self._failures = 0  # of pysnmp over a message
        self._loop.set_exception_handler(self._note_garbage)
        self._answer: asyncio.Future[_Answer] | None = None
        try:
            self._loop.run_until_complete(asyncio.wait_for(self._connect(), deadline_s))
        except (OSError, PySnmpError) as error:  # a time-out is one of them
            self.close()
            raise Unreachable(
                _("{place}: there is no way to the device: {fault}").format(
                    place=target.place, fault=getattr(error, "strerror", None) or error
                ),
                _("check the address and the network"),
            ) from error

    def get(self, oids: list[str], end: float) -> dict[str, SnmpValue]:
        """Return the values of `oids` that the agent has."""
        if not oids:
            return {}
        status, index, objects = self._ask(GetCommandGenerator(), (), oids, end)
        if status == TOO_BIG and len(oids) > 1:
            half = len(oids) // 2
            return self.get(oids[:half], end) | self.get(oids[half:], end)
        if status == NO_SUCH_NAME and 1 <= index <= len(oids):  # an agent that speaks like version 1
            return self.get(oids[: index - 1] + oids[index:], end)
        if status != NO_ERROR:
            raise status_refusal(status, oids[index - 1] if 1 <= index <= len(oids) else oids[0], self._target)
        found = [(str(name), _plain(value)) for name, value in objects]
        if [oid for oid, _value in found] != oids:
            raise BadReply(
                _("{place}: asked for {oid}, the device answers about other objects").format(
                    place=self._target.place, oid=oids[0]
                ),
                _("read again; if it stays, read over the command line"),
            )
        return {oid: value for oid, value in found if value is not None}

    def bulk(self, oid: str, repetitions: int, end: float) -> list[tuple[str, SnmpValue | None]]:
        """Return up to `repetitions` objects that follow `oid`; raises `TooBig`."""
        status, _index, objects = self._ask(BulkCommandGeneratorSingleRun(), (0, repetitions), [oid], end)
        if status == NO_SUCH_NAME:
            return [(oid, None)]
        if status != NO_ERROR:
            raise status_refusal(status, oid, self._target)
        return [(str(name), _plain(value)) for name, value in objects]

    def close(self) -> None:
        """Let go of the socket and the loop."""
        if self._loop.is_closed():
            return
        self._engine.close_dispatcher()
        self._loop.run_until_complete(asyncio.sleep(0))  # lets the socket and pysnmp's clock end
        self._loop.close()

    async def _connect(self) -> None:
        """Connect a socket, so that the system drops what others send and tells when nobody listens; set pysnmp up."""
        target, engine = self._target, self._engine
        family, _type, _proto, _name, address = (
            await self._loop.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
        )[0]
        base, domain = (
            (Udp6AsyncioTransport, SNMP_UDP6_DOMAIN)
            if family == socket.AF_INET6
            else (UdpAsyncioTransport, SNMP_UDP_DOMAIN)
        )
        transport = base(loop=self._loop)
        transport.error_received = self._lost  # asyncio's call for what the system tells; pysnmp does not know it
        transport.normalize_address = lambda _address: None  # a connected socket takes no address
        await self._loop.create_datagram_endpoint(
            lambda: transport, remote_addr=(target.host, target.port), family=family
        )
        engine.register_transport_dispatcher(AsyncioDispatcher(loop=self._loop))
        config.add_transport(engine, domain, transport)
        if target.community is not None:
            config.add_v1_system(engine, "us", target.community.reveal().encode())
        else:
            self._add_user()
        level = "noAuthNoPriv" if target.version == "2c" else "authPriv" if target.priv_key else "authNoPriv"
        config.add_target_parameters(engine, "us", target.user or "us", level, 1 if target.version == "2c" else 3)
        # pysnmp forgets a question after this time; no question waits longer, and none is sent again by pysnmp
        config.add_target_address(engine, "agent", domain, address, "us", timeout=100 * 3600, retryCount=0)
        engine.observer.register_observer(self._note_engine, "rfc3414.processIncomingMsg")

    def _add_user(self) -> None:
        target = self._target
        privacy = (_PRIV[target.priv_protocol], target.priv_key.reveal().encode()) if target.priv_key else ()
        key = target.auth_key.reveal().encode() if target.auth_key else None
        config.add_v3_user(self._engine, target.user, _AUTH[target.auth_protocol], key, *privacy)

    def _note_engine(self, _engine: Any, _point: str, variables: dict[str, Any], _context: Any) -> None:
        self._discovered = self._discovered or bool(variables["securityEngineId"])

    def _note_garbage(self, _loop: asyncio.AbstractEventLoop, _what: dict[str, Any]) -> None:
        """Count a message that pysnmp failed over; asyncio would print a traceback, and the question is sent again."""
        self._failures += 1

    def _garbage(self) -> int:
        """Return how many messages came that are no SNMP."""
        names = ("snmpInASNParseErrs", "snmpInBadVersions")  # pysnmp's counters of them
        counters = self._engine.get_mib_builder().import_symbols("__SNMPv2-MIB", *names)
        return self._failures + sum(int(counter.syntax) for counter in counters)

    def _ask(self, generator: Any, counts: tuple[int, ...], oids: list[str], end: float) -> _Answer:
        """Return the agent's answer; raise when there is none until `end`, or when it refuses us."""
        objects = [(rfc1902.ObjectName(oid), rfc1905.unSpecified) for oid in oids]
        context = self._target.context

        def send(take: Callable[..., None]) -> None:
            generator.send_varbinds(self._engine, "agent", None, context, *counts, objects, take)

        try:
            return self._loop.run_until_complete(self._answer_to(send, end))
        except PySnmpError as error:
            raise BadReply(
                _("{place}: SNMP fails: {fault}").format(place=self._target.place, fault=type(error).__name__),
                _("check the address, the user and the keys"),
            ) from error

    async def _answer_to(self, send: _Send, end: float) -> _Answer:
        answer: asyncio.Future[_Answer] = self._loop.create_future()
        self._answer = answer

        def take(
            _engine: Any, _handle: Any, trouble: Any, status: Any, index: Any, objects: Any, _context: Any
        ) -> None:
            if answer.done():
                return
            if trouble is None:
                answer.set_result((int(status), int(index), list(objects)))
            elif type(trouble) in REPORTS:
                answer.set_exception(report_refusal(trouble, self._target))
            # else the message is lost, for instance by an answer that does not fit to it

        gap_s, tries = self._gap_s, 0
        while (left_s := end - monotonic()) > 0.0:
            send(take)
            sent, tries = monotonic(), tries + 1
            await asyncio.wait([answer], timeout=min(gap_s, left_s))
            if answer.done():
                if tries == 1 and answer.exception() is None:  # later it is not known which message was answered
                    self._gap_s = min(max(4.0 * (monotonic() - sent), _LEAST_GAP_S), _MOST_GAP_S)
                self._answered = self._answered or answer.exception() is None
                return answer.result()
            gap_s = min(2.0 * gap_s, _MOST_GAP_S)
        raise silence(self._target, answered=self._answered, discovered=self._discovered, garbled=self._garbage() > 0)

    def _lost(self, error: OSError) -> None:
        """Take the system's word that nobody listens there; after an answer it is a restart, which may pass."""
        if self._answer is None or self._answer.done() or self._answered or self._discovered:
            return
        self._answer.set_exception(
            Unreachable(
                _("{place}: no SNMP agent there: {fault}").format(place=self._target.place, fault=error.strerror),
                _("check the address and the port; switch SNMP on in the device"),
            )
        )


def _plain(value: Any) -> SnmpValue | None:
    """Return a value of pysnmp as ours; None for noSuchObject, noSuchInstance, endOfMibView and null."""
    if isinstance(value, univ.Null):  # which is an octet string to pyasn1
        return None
    if isinstance(value, univ.ObjectIdentifier):
        return str(value)
    return bytes(value) if isinstance(value, univ.OctetString) else int(value)
