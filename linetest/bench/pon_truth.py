"""The exact truth about a simulated capture of a PON: who was there, what each frame is, and what must be found."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from linetest.bench.pon_plant import BEGAN_AT_NS, TQ_NS, PonOnu
from linetest.bench.pon_sent import Sent, Session, Story, Window


def mac_text(mac: bytes) -> str:
    """Return a MAC as ``00:25:9e:30:00:01``."""
    return mac.hex(":")


def capture_time_ns(at_tq: int) -> int:
    """Return the capture's time, in ns since 1970."""
    return BEGAN_AT_NS + at_tq * TQ_NS


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One time that an ONU was let in; frames by their number, None where the capture leaves them out."""

    llid: int
    asked_frame: int | None
    register_frame: int | None
    acknowledge_frame: int | None
    registered_at_ns: int
    """When its REGISTER_ACK arrived."""
    left_frame: int | None
    """The REGISTER that ended it; None also when nothing did."""


@dataclass(frozen=True, kw_only=True)
class TrueOnu:
    """One ONU."""

    number: int
    mac: str
    host: str
    """The MAC of the computer behind it."""
    rtt_tq: int
    vid: int
    loid: str
    password: str
    registrations: tuple[Registration, ...]


@dataclass(frozen=True, kw_only=True)
class Culprit:
    """Who is at fault, and the frames that prove it."""

    llid: int | None
    """The one on the frames; None when they do not tell."""
    mac: str | None
    """The ONU that the frames are about; None when it is none of the plant."""
    frames: tuple[int, ...]
    """In rising order; empty when what proves it is absent."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an audit must find."""

    check: str
    culprits: tuple[Culprit, ...]
    consequences: tuple[str, ...]
    """Other checks that may fail or warn because of it, at most three."""
    sentence: str


@dataclass(kw_only=True)
class LlidCounts:
    """Counts of one LLID; the last four as in RFC 4837, of an ONU that had this LLID all the time."""

    frames_up: int = 0
    frames_down: int = 0
    octets_up: int = 0
    """DA to FCS, as `octets_down`."""
    octets_down: int = 0
    gates: int = 0
    reports: int = 0
    crc8_errors: int = 0
    granted_tq: int = 0
    onu_llid_not_broadcast: int = 0
    not_broadcast_bit_not_onu_llid: int = 0
    broadcast_bit_not_onu_llid: int = 0
    broadcast_bit_plus_onu_llid: int = 0


@dataclass(frozen=True, kw_only=True)
class PonTruth:
    """All that is true about a capture."""

    olt: str
    onus: tuple[TrueOnu, ...]
    sent: tuple[Sent, ...]
    """The frames as they were sent; frame 1 of the capture is `sent[0]`."""
    windows: tuple[Window, ...]
    """All grants, the discovery windows among them."""
    frames: Mapping[str, tuple[int, ...]]
    """Numbers of the frames by meaning."""
    counts: Mapping[int, LlidCounts]
    expected: Expected | None
    """None when nothing is wrong."""


@dataclass(frozen=True)
class Numbers:
    """The numbers that frames get in the capture."""

    sent: tuple[Sent, ...]
    _number: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._number.update({id(sent): number for number, sent in enumerate(self.sent, start=1)})

    def of(self, sent: Sent | None) -> int | None:
        """Return the number; None when the frame is not in the capture."""
        return self._number.get(id(sent))

    def all_of(self, frames: Iterable[Sent]) -> tuple[int, ...]:
        """Return the numbers of those that are in the capture, in rising order."""
        return tuple(sorted(number for sent in frames if (number := self.of(sent)) is not None))


def by_meaning(sent: Sequence[Sent]) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the frames by meaning."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, frame in enumerate(sent, start=1):
        found[frame.meaning].append(number)
    return {meaning: tuple(numbers) for meaning, numbers in found.items()}


def true_onu(onu: PonOnu, sessions: Sequence[Session], numbers: Numbers) -> TrueOnu:
    """Return what is true about an ONU."""
    return TrueOnu(
        number=onu.number,
        mac=mac_text(onu.mac),
        host=mac_text(onu.host),
        rtt_tq=onu.rtt_tq,
        vid=onu.vid,
        loid=onu.loid,
        password=onu.password,
        registrations=tuple(
            Registration(
                llid=session.llid,
                asked_frame=numbers.of(session.asked),
                register_frame=numbers.of(session.register),
                acknowledge_frame=numbers.of(session.acknowledged),
                registered_at_ns=capture_time_ns(session.acknowledged.at_tq),
                left_frame=numbers.of(session.left),
            )
            for session in sessions
            if session.onu.number == onu.number
        ),
    )


def count(story: Story, sent: Sequence[Sent]) -> dict[int, LlidCounts]:
    """Return the counts of each LLID that is in the capture; frames without SLD belong to none."""
    counts: dict[int, LlidCounts] = defaultdict(LlidCounts)
    heard: dict[tuple[int, int], int] = defaultdict(int)
    for frame in sent:
        if frame.damage == "sld":
            continue
        row = counts[frame.llid]
        row.crc8_errors += frame.damage == "crc8"
        row.gates += frame.meaning == "gate"
        row.reports += frame.meaning == "report"
        octets = len(frame.frame) + 4
        if frame.up:
            row.frames_up += 1
            row.octets_up += octets
        else:
            row.frames_down += 1
            row.octets_down += octets
            heard[frame.llid, frame.mode] += frame.damage != "crc8"
    for window in story.windows:
        counts[window.llid].granted_tq += window.length_tq
    unicast, broadcast = (sum(n for (_llid, mode), n in heard.items() if mode == wanted) for wanted in (0, 1))
    for llid, row in counts.items():
        row.onu_llid_not_broadcast = heard[llid, 0]
        row.not_broadcast_bit_not_onu_llid = unicast - heard[llid, 0]
        row.broadcast_bit_plus_onu_llid = heard[llid, 1]
        row.broadcast_bit_not_onu_llid = broadcast - heard[llid, 1]
    return dict(counts)
