"""The discovery stage of PPPoE (RFC 2516 section 5): which concentrators answer, and a session at one of them."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from linetest.errors import CommandRefused, DeviceError, Timeout
from linetest.model.codes import Reason
from linetest.service.pppoe_packets import DISCOVERY, Code, Discovery, TagType, discovery, read_discovery, text_of
from linetest.transports.frames import BROADCAST, Frame, FrameLink, tags_code, tags_words
from linetest.words.text import _

Found = TypeVar("Found")
_MOST_CONCENTRATORS = 32
_LATE_PADS_S = 0.3
_KEPT = (TagType.AC_COOKIE, TagType.RELAY_SESSION_ID)  # given back as they came: RFC 2516 appendix A


class Concentrator(NamedTuple):
    """One that answered a PADI."""

    name: str
    mac: bytes
    services: tuple[str, ...]
    error: str | None
    offered_at_s: float
    kept: tuple[tuple[int, bytes], ...]
    """Cookie and relay's session, for the PADR."""


class Asking:
    """Asks again until there is an answer, and keeps count: of a phase that fails, too."""

    def __init__(self, every_s: float, end_s: float) -> None:
        self._every_s = every_s
        self._end_s = end_s
        self.first_at_s = 0.0
        """When it was asked first, on the monotonic clock."""
        self.retransmissions = 0

    def ask(self, send: Callable[[], float], take: Callable[[float], Found | None]) -> Found | None:
        """Return what `take` finds; None at the end of the time.

        Args:
            send: Asks, and returns when.
            take: Waits until a time of the monotonic clock and returns what came; None for nothing, or something else.
        """
        self.first_at_s = send()
        again_at_s = self.first_at_s + self._every_s
        while (now_s := time.monotonic()) < self._end_s:
            if now_s >= again_at_s:
                send()
                self.retransmissions += 1
                again_at_s = now_s + self._every_s
            if (found := take(min(again_at_s, self._end_s))) is not None:
                return found
        return None


class Call:
    """One call into the wire, whoever answers. All answers are kept, also those that come later."""

    def __init__(self, link: FrameLink, service: str = "") -> None:
        self.link = link
        self.concentrators: list[Concentrator] = []
        self._service = service.encode()
        self._host_uniq = os.urandom(8)

    def find(self, wanted: str | None, asking: Asking) -> Concentrator:
        """Return the first concentrator that offers the service, or the first one of the wanted name.

        Raises:
            DeviceError: none did (no-concentrator), or only with other VLAN tags (wrong-tags), or they refuse.
            Unreachable: the interface is down or gone.
        """
        padi = discovery(Code.PADI, tags=self._tags())
        found = asking.ask(lambda: self.link.send(BROADCAST, DISCOVERY, padi), lambda until: self._offer(wanted, until))
        if found is None:
            raise self._nobody(wanted)
        return found

    def request(self, one: Concentrator, asking: Asking) -> tuple[int, float]:
        """Return the number of the session that a concentrator gives, and when it came.

        Raises:
            CommandRefused: it gives none; in its words.
            Timeout: it does not answer.
            Unreachable: the interface is down or gone.
        """
        padr = discovery(Code.PADR, tags=(*self._tags(), *one.kept))
        try:
            given = asking.ask(lambda: self.link.send(one.mac, DISCOVERY, padr), lambda until: self._given(one, until))
        except KeyboardInterrupt:
            self._give_back(one)
            raise
        if given is None:
            self._give_back(one)
            raise Timeout(
                _("the concentrator {name!r} offers a session and then gives none: no PADS").format(name=one.name),
                _("dial again later; it may be full, or this MAC address may be blocked"),
            )
        return given

    def note(self, frame: Frame) -> Concentrator | None:
        """Return the concentrator whose offer to this call the frame is, and remember it; None for another frame."""
        offer = self._mine(frame, Code.PADO)
        if offer is None:
            return None
        known = [one for one in self.concentrators if one.mac == frame.src]
        if known or len(self.concentrators) >= _MOST_CONCENTRATORS:
            return known[0] if known else None
        one = Concentrator(
            name=text_of(b"".join(offer.values(TagType.AC_NAME)[:1])),
            mac=frame.src,
            services=tuple(text_of(value) for value in offer.values(TagType.SERVICE_NAME)),
            error=offer.error(),
            offered_at_s=frame.at_s,
            kept=tuple((kind, value) for kind, value in offer.tags if kind in _KEPT),
        )
        self.concentrators.append(one)
        return one

    def wrong_tags(self) -> list[str]:
        """Return the tags, as a record holds them, of each answer to this call that came with others than the call."""
        answers = (Code.PADO, Code.PADS)
        return [tags_code(one.tags) for one in self.link.strays if any(self._mine(one, code) for code in answers)]

    def _tags(self) -> tuple[tuple[int, bytes], ...]:
        return (TagType.SERVICE_NAME, self._service), (TagType.HOST_UNIQ, self._host_uniq)

    def _mine(self, frame: Frame, code: Code) -> Discovery | None:
        if frame.ethertype != DISCOVERY:
            return None
        packet = read_discovery(frame.payload)
        if packet is None or packet.code != code or packet.values(TagType.HOST_UNIQ) != [self._host_uniq]:
            return None
        return packet

    def _next(self, until_s: float) -> Frame | None:
        return self.link.receive(until_s - time.monotonic())

    def _offer(self, wanted: str | None, until_s: float) -> Concentrator | None:
        frame = self._next(until_s)
        one = self.note(frame) if frame is not None else None
        if one is None or one.error is not None or wanted not in (None, one.name):
            return None
        return one

    def _given(self, one: Concentrator, until_s: float) -> tuple[int, float] | None:
        frame = self._next(until_s)
        if frame is None:
            return None
        self.note(frame)
        given = self._mine(frame, Code.PADS) if frame.src == one.mac else None
        if given is None:
            return None
        error = given.error()
        if error is not None or given.session_id == 0:
            raise CommandRefused(
                _("the concentrator {name!r} gives no session: {error}").format(
                    name=one.name, error=error or _("session number 0")
                ),
                _("give its words to the operator"),
                reason=Reason.SESSION_REFUSED,
            )
        return given.session_id, frame.at_s

    def _give_back(self, one: Concentrator) -> None:
        """End the session of a PADS that comes too late."""
        end_s = time.monotonic() + _LATE_PADS_S
        while time.monotonic() < end_s:
            try:
                given = self._given(one, end_s)
            except CommandRefused:
                return
            if given is not None:
                self.link.send(one.mac, DISCOVERY, discovery(Code.PADT, given[0]))

    def _nobody(self, wanted: str | None) -> DeviceError:
        refused = [f"{one.name}: {one.error}" for one in self.concentrators if one.error is not None]
        if refused:
            return CommandRefused(
                _("no concentrator offers the service: {error}").format(error="; ".join(refused)),
                _("give its words to the operator"),
                reason=Reason.SESSION_REFUSED,
            )
        if self.concentrators:
            return DeviceError(
                _("the concentrator {name!r} does not answer; these do: {names}").format(
                    name=wanted, names=", ".join(one.name for one in self.concentrators)
                ),
                _("check the name in the station file, and the VLAN"),
                reason=Reason.NO_CONCENTRATOR,
            )
        if wrong := self.wrong_tags():
            return DeviceError(
                _("wrong tags: a call with {sent} was answered with {came}").format(
                    sent=tags_words(self.link.tags), came=_(wrong[0])
                ),
                _("check the VLAN of the port at the OLT; a concentrator listens where it should not"),
                reason=Reason.WRONG_TAGS,
            )
        return DeviceError(
            _("no concentrator answers: no PADO to any PADI"),
            _("check that the ONU is online, and the VLAN of its port"),
            reason=Reason.NO_CONCENTRATOR,
        )
