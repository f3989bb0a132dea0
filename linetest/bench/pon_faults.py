"""The table of what can be wrong on a simulated PON, each with the check that must find it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from linetest.bench.pon_plant import PonOnu
from linetest.bench.pon_sent import Plot, Sent, Story
from linetest.bench.pon_truth import Culprit, Expected, Numbers, mac_text
from linetest.errors import UsageError, nearest
from linetest.words.text import N_, _


class Found(NamedTuple):
    """One culprit, with the frames that prove it."""

    llid: int
    onu: PonOnu | None
    """None when no ONU of the plant is to blame."""
    frames: Sequence[Sent]


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
    plot: Callable[[Plot], Plot] = lambda plot: plot
    """What is different from the start."""

    def expected(self, found: list[Found], numbers: Numbers) -> Expected:
        """Return what an audit of the capture must find."""
        culprits = tuple(
            Culprit(llid=one.llid, mac=mac_text(one.onu.mac) if one.onu else None, frames=numbers.all_of(one.frames))
            for one in found
        )
        return Expected(check=self.check, culprits=culprits, consequences=self.consequences, sentence=_(self.sentence))


def _crc8(story: Story) -> list[Found]:
    found = []
    for onu in (story.plot.onus[0], story.plot.onus[2]):
        hit = [sent for sent in story.frames if sent.onu == onu.number and sent.meaning == "user-up"][3:40:6]
        for sent in hit:
            sent.damage = "crc8"
        found.append(Found(onu.llid, onu, hit))
    return found


_ALL = (
    PonFault(
        name="crc8-errors",
        check="PRE-2",
        sentence=N_("Some frames of two ONUs arrive with a wrong CRC-8."),
        spoil=_crc8,
    ),
)

PON_FAULTS: dict[str, PonFault] = {fault.name: fault for fault in _ALL}


def find_fault(name: str) -> PonFault:
    """Return the fault of that name, or say which there are."""
    if name in PON_FAULTS:
        return PON_FAULTS[name]
    raise UsageError(
        _("there is no fault {name!r}; nearest: {names}").format(name=name, names=nearest(name, list(PON_FAULTS))),
        _("the faults of a simulated PON are in {file}").format(file="linetest/bench/pon_faults.py"),
    )
