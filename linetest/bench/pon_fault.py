"""What a fault of a simulated PON is, and how a good story is spoilt."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from linetest.bench.pon_plant import PonOnu
from linetest.bench.pon_sent import Plot, Sent, Session, Story, Window, write_gate
from linetest.bench.pon_story import CYCLE_TQ, FORCED_EVERY, STEP_CYCLES
from linetest.bench.pon_truth import Culprit, Expected, Numbers, mac_text
from linetest.words.text import _

IDLE_TQ = 200_000
"""From here on in a cycle nobody sends, until the discovery window."""
_IDLE_STEP_TQ = 2_000
STEADY_CYCLE = 300
"""From here on the first three ONUs have all that they will have, and the last one is away."""


class Found(NamedTuple):
    """One culprit, with the frames that prove it."""

    llid: int | None
    """None when the frames do not tell."""
    onu: PonOnu | None
    """None when no ONU of the plant has to do with it."""
    frames: Sequence[Sent]


def _as_it_was(plot: Plot) -> Plot:
    return plot


@dataclass(frozen=True, kw_only=True)
class PonFault:
    """One thing that is wrong."""

    name: str
    check: str
    """Which must find it."""
    consequences: tuple[str, ...] = ()
    sentence: str
    spoil: Callable[[Story], list[Found]]
    """Puts it into a good story, and returns who is to blame."""
    plot: Callable[[Plot], Plot] = _as_it_was
    """What is different from the start."""

    def expected(self, found: Sequence[Found], numbers: Numbers) -> Expected:
        """Return what an audit of the capture must find."""
        culprits = tuple(
            Culprit(llid=one.llid, mac=mac_text(one.onu.mac) if one.onu else None, frames=numbers.all_of(one.frames))
            for one in found
        )
        return Expected(check=self.check, culprits=culprits, consequences=self.consequences, sentence=_(self.sentence))


def cycle_of(sent: Sent) -> int:
    """Return the cycle of a frame."""
    return sent.at_tq // CYCLE_TQ


def frames_of(story: Story, onu: PonOnu, *meanings: str, from_cycle: int = 0) -> list[Sent]:
    """Return the frames from and for an ONU in order of time; without meanings all of them."""
    found = [
        sent
        for sent in story.frames
        if sent.onu == onu.number and (not meanings or sent.meaning in meanings) and cycle_of(sent) >= from_cycle
    ]
    return sorted(found, key=lambda sent: sent.at_tq)


def drop(story: Story, frames: Collection[Sent]) -> None:
    """Take frames out of the story, and the grants of the GATEs among them."""
    gone = {id(sent) for sent in frames}
    story.frames = [sent for sent in story.frames if id(sent) not in gone]
    story.windows = [window for window in story.windows if id(window.gate) not in gone]
    for window in story.windows:
        window.frames = [sent for sent in window.frames if id(sent) not in gone]


def add(story: Story, cycle: int, place: int, sent: Sent) -> Sent:
    """Put a frame into the idle part of a cycle, at one of its places from 0."""
    sent.at_tq = cycle * CYCLE_TQ + IDLE_TQ + place * _IDLE_STEP_TQ
    story.frames.append(sent)
    return sent


def down(llid: int, frame: bytes, meaning: str, *, mode: int = 0) -> Sent:
    """Return a frame of the OLT, without a time."""
    lag_tq = 0 if frame[12:14] == b"\x88\x08" else None
    return Sent(at_tq=0, up=False, llid=llid, frame=frame, meaning=meaning, mode=mode, lag_tq=lag_tq)


def session_of(story: Story, onu: PonOnu) -> Session:
    """Return the last registration of an ONU."""
    return [session for session in story.sessions if session.onu.number == onu.number][-1]


def window_of(story: Story, onu: PonOnu, cycle: int) -> Window:
    """Return the grant of an ONU in a cycle."""
    return next(one for one in story.windows if one.onu == onu.number and cycle_of(one.gate) == cycle)


def move(window: Window, by_tq: int) -> None:
    """Move a grant and what is in it."""
    window.start_tq += by_tq
    for sent in window.frames:
        sent.at_tq += by_tq
    write_gate(window.gate, [window])


def calm_cycles(story: Story, onu: PonOnu) -> Iterator[list[int]]:
    """Give runs of cycles between two that ask for a REPORT, in which the ONU has no OAM to send."""
    first = session_of(story, onu).first_cycle
    for start in range(STEADY_CYCLE, story.plot.cycles - FORCED_EVERY):
        run = list(range(start, start + FORCED_EVERY - 1))
        if (start - 1 - onu.number) % FORCED_EVERY == 0 and all((one - first - 1) % STEP_CYCLES for one in run):
            yield run


def calm_run(story: Story, onu: PonOnu) -> list[int]:
    """Return the first run of `calm_cycles`."""
    return next(calm_cycles(story, onu))


def reflections(story: Story, onu: PonOnu, llid: int, mode: int, meaning: str) -> list[Sent]:
    """Send back down what the ONU's computer sent up, on an LLID."""
    sent_up = frames_of(story, onu, meaning, from_cycle=STEADY_CYCLE)[:3]
    return [
        add(story, cycle_of(sent), place, down(llid, sent.frame, "reflected", mode=mode))
        for place, sent in enumerate(sent_up)
    ]


def random_of(story: Story) -> Random:
    """Return where a fault has its chances from."""
    return Random(story.plot.random_seed)
