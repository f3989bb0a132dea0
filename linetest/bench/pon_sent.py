"""What a simulated PON's story consists of: frames on their way, the grants they stand in, and registrations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from linetest.bench.pon_frames import gate
from linetest.bench.pon_plant import OLT, PonOnu, olt_clock

Damage = Literal["sld", "crc8", "fcs", "security"]


@dataclass(slots=True, eq=False, kw_only=True)
class Sent:
    """One frame at the OLT's end of the fibre."""

    at_tq: int
    """When it starts there: going for downstream, arriving for upstream."""
    up: bool
    llid: int
    frame: bytes
    """In clear, from DA on, without FCS and with an empty timestamp."""
    meaning: str
    onu: int | None = None
    """Number of the ONU that it comes from or is for; None for all."""
    lag_tq: int | None = None
    """Of an MPCPDU: how far the clock of its sender is behind the OLT's at `at_tq`."""
    mode: int = 0
    key: int | None = None
    """Index of the churning key that it is encrypted with."""
    damage: Damage | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Window:
    """One grant."""

    onu: int | None
    """None for a discovery window."""
    llid: int
    start_tq: int
    """By the ONU's clock."""
    length_tq: int
    rtt_tq: int
    gate: Sent
    is_forced: bool = False
    """It asks for a REPORT."""
    frames: list[Sent] = field(default_factory=list)
    """What the ONU sends in it."""

    @property
    def arrival_tq(self) -> int:
        """Return when it begins at the OLT."""
        return self.start_tq + self.rtt_tq


@dataclass(slots=True, eq=False, kw_only=True)
class Session:
    """One ONU from REGISTER_REQ to its end."""

    onu: PonOnu
    llid: int
    asked: Sent
    register: Sent
    acknowledged: Sent
    first_cycle: int
    """Of the registration."""
    left: Sent | None = None
    """The REGISTER that ended it."""
    last_cycle: int | None = None
    """The first one without it."""


@dataclass(frozen=True, kw_only=True)
class Plot:
    """What the story is about: the ONUs, and what runs otherwise than it should from the start."""

    onus: tuple[PonOnu, ...]
    cycles: int
    random_seed: int
    late_to_ack: int | None = None
    """The ONU that waits for its first grant too long."""
    second_llid: int | None = None
    """What the ONU that comes back gets; None for what it had."""
    gone_when_back: int | None = None
    """The ONU that falls silent when the other comes back."""


@dataclass(kw_only=True)
class Story:
    """What went over the fibre, in any order."""

    plot: Plot
    frames: list[Sent] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)


def write_gate(sent: Sent, windows: Sequence[Window]) -> None:
    """Put the grants into a GATE."""
    force = sum(window.is_forced << bit for bit, window in enumerate(windows))
    sent.frame = gate(OLT, [(olt_clock(window.start_tq), window.length_tq) for window in windows], force_report=force)
