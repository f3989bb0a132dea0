"""Who held which LLID from when to when, as the messages of registration tell it (IEEE 802.3 clause 64.3.3)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from linetest.epon.constants import AckFlag, Opcode, RegisterFlag, RequestFlag
from linetest.epon.control import RegistrationMessage

MOST_PERIODS = 32_768
"""As many as there are LLIDs: 64 ONUs that come and go every 7 seconds for an hour."""
EndedBy = Literal["olt", "onu", "timeout"]


@dataclass(slots=True, kw_only=True)
class Period:
    """One holder of one LLID."""

    llid: int
    mac: int | None
    """None while only the OLT spoke of the LLID."""
    began_ns: int | None = None
    """When REGISTER assigned it; None when that was before the capture."""
    register: RegistrationMessage | None = None
    request: RegistrationMessage | None = None
    ack: RegistrationMessage | None = None
    ended_ns: int | None = None
    ended_by: EndedBy | None = None
    end: RegistrationMessage | None = None
    """The message that ended it."""

    def holds(self, time_ns: int) -> bool:
        """Tell whether the LLID was this holder's at that time."""
        began = self.began_ns is None or self.began_ns <= time_ns
        return began and (self.ended_ns is None or time_ns <= self.ended_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A REGISTER or REGISTER_ACK that said no."""

    message: RegistrationMessage
    by: Literal["olt", "onu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A REGISTER that answers no request of its MAC."""

    register: RegistrationMessage
    meant: int | None
    """The MAC that was waiting for one; None where nobody was."""


@dataclass(slots=True, kw_only=True)
class Registry:
    """All periods of all LLIDs, and the messages that fit none of them."""

    messages: list[RegistrationMessage] = field(default_factory=list)
    periods: dict[int, list[Period]] = field(default_factory=lambda: defaultdict(list))
    refusals: list[Refusal] = field(default_factory=list)
    unasked: list[Unasked] = field(default_factory=list)
    stray: list[RegistrationMessage] = field(default_factory=list)
    """REGISTER_ACKs behind no REGISTER."""
    asked: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """When each MAC asked to register, in ns."""
    changed: set[int] = field(default_factory=set)
    """LLIDs whose periods changed since somebody last cleared this."""
    began: int = 0
    """How many periods there are."""
    _requests: dict[int, RegistrationMessage] = field(default_factory=dict)
    _open: dict[int, dict[int | None, Period]] = field(default_factory=lambda: defaultdict(dict))
    """By LLID and MAC: a hostile capture may register a million times."""
    _open_of_mac: dict[int, dict[int, Period]] = field(default_factory=lambda: defaultdict(dict))
    """By MAC and LLID."""

    def take(self, message: RegistrationMessage) -> None:
        """Take the next message of registration, in the order of the capture."""
        self.messages.append(message)
        if message.opcode is Opcode.REGISTER_REQ:
            self._take_request(message)
        elif message.opcode is Opcode.REGISTER:
            self._take_register(message)
        else:
            self._take_ack(message)

    def take_granted(self, llid: int, time_ns: int, mac: int | None = None) -> None:
        """Take that the LLID was alive: without a REGISTER before, it was assigned before the capture."""
        held = self.periods[llid]
        if held and (held[0].began_ns is None or held[0].began_ns <= time_ns):
            self._name(llid, mac)
        elif held:
            held.insert(0, Period(llid=llid, mac=mac, ended_ns=held[0].began_ns))
            self.changed.add(llid)
        else:
            self._begin(Period(llid=llid, mac=mac))

    @property
    def is_full(self) -> bool:
        """Tell whether there were more registrations than can be audited in a reasonable time."""
        return self.began > MOST_PERIODS

    def holder(self, llid: int, time_ns: int) -> Period | None:
        """Return who held the LLID at that time; of two, the later."""
        return next((one for one in reversed(self.periods.get(llid, [])) if one.holds(time_ns)), None)

    def llids_of_macs(self) -> dict[int, set[int]]:
        """Return every LLID that each MAC ever held."""
        homes: dict[int, set[int]] = defaultdict(set)
        for period in self.all_periods():
            if period.mac is not None:
                homes[period.mac].add(period.llid)
        return homes

    def all_periods(self) -> list[Period]:
        """Return all periods, by LLID and time."""
        return [one for _llid, held in sorted(self.periods.items()) for one in held]

    def _take_request(self, message: RegistrationMessage) -> None:
        if message.flags != RequestFlag.DEREGISTER:
            self._requests[message.source] = message
            self.asked[message.source].append(message.time_ns)
            return
        for period in list(self._open_of_mac[message.source].values()):
            self._end(period, message, "onu")

    def _take_register(self, message: RegistrationMessage) -> None:
        if message.flags == RegisterFlag.ACK:
            self._assign(message)
        elif message.flags == RegisterFlag.NACK:
            self._requests.pop(message.destination, None)
            self.refusals.append(Refusal(message=message, by="olt"))
        elif message.flags == RegisterFlag.DEREGISTER:
            period = self._meant(message.port, message.destination)
            if period is None:
                period = Period(llid=message.port, mac=message.destination)
                self.began += 1
                self.periods[message.port].append(period)
            self._end(period, message, "olt")

    def _assign(self, message: RegistrationMessage) -> None:
        request = self._requests.pop(message.destination, None)
        former = self._open[message.port].get(message.destination)
        if request is None and former is not None:
            return  # it says once more what holds already
        if request is None:
            asked = next(reversed(self._requests.values()), None)
            self.unasked.append(Unasked(register=message, meant=asked.source if asked is not None else None))
        if former is not None:
            self._end(former, message, "onu")  # it asked anew: it had lost its registration
        self._begin(
            Period(
                llid=message.port,
                mac=message.destination,
                began_ns=message.time_ns,
                register=message,
                request=request,
            )
        )

    def _take_ack(self, message: RegistrationMessage) -> None:
        period = self._meant(message.llid, message.source)
        if period is None or period.register is None or period.ack is not None:
            self.stray.append(message)
            return
        period.ack = message
        if message.flags == AckFlag.NACK:
            self.refusals.append(Refusal(message=message, by="onu"))
            self._end(period, message, "onu")

    def _meant(self, llid: int, mac: int) -> Period | None:
        """Return the open period of that LLID and MAC; one whose holder nobody named takes any MAC."""
        held = self._open.get(llid, {})
        return held.get(mac) or held.get(None) or next(iter(self._open_of_mac[mac].values()), None)

    def _begin(self, period: Period) -> None:
        self.began += 1
        self.periods[period.llid].append(period)
        self._open[period.llid][period.mac] = period
        if period.mac is not None:
            self._open_of_mac[period.mac][period.llid] = period
        self.changed.add(period.llid)

    def _name(self, llid: int, mac: int | None) -> None:
        """Give the holder of an LLID its MAC, where only the OLT had spoken of it."""
        if mac is not None and (period := self._open[llid].pop(None, None)):
            period.mac = mac
            self._open[llid][mac] = self._open_of_mac[mac][llid] = period

    def _end(self, period: Period, message: RegistrationMessage, by: EndedBy) -> None:
        period.ended_ns, period.ended_by, period.end = message.time_ns, by, message
        self._open[period.llid].pop(period.mac, None)
        if period.mac is not None:
            self._open_of_mac[period.mac].pop(period.llid, None)
        self.changed.add(period.llid)
