"""What one scenario of the bench says: what differs from a day on which all is good, and how the day then ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from linetest.bench.faults import BinderFault, Fault
from linetest.bench.fibres import Setup
from linetest.bench.olt_plant import Case

GOOD_CAPTURE = GOOD_LINE = "good"
_GOOD_DBM = {1490.0: -18.40, 1550.0: -17.10}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What differs from a bench on which all is good."""

    name: str
    sentence: str
    """What is wrong, in English; translated when it is shown."""
    exit_code: int
    """How the whole acceptance of the bench's orders ends."""
    code: str | None = None
    """The reason or hint that a person will see, or the state of a result that was not sent; None when all is good."""
    driver: str = "joinwit_jw8103a"
    fault: Fault | None = None
    ready_after_s: float = 0.5
    levels_dbm: Mapping[float, float] = field(default_factory=lambda: _GOOD_DBM)
    binder_fault: BinderFault | None = None
    ticket_down: bool = False
    tmf: bool = False
    """The ticket system has TM Forum's APIs; else it is a Request Tracker."""
    lost_answers: int = 0
    """So many answers of the ticket system are lost after it has done what was asked."""
    traced: Callable[[float], Setup] | None = None
    """The fibre of the only order, by wavelength, when there is an OTDR too."""
    olt: str | None = None
    """The OLT of the only order's line, from `olt.OLTS`, when there is one."""
    pon: Case = "good"
    """What is wrong with the line's ONU."""
    access: str | None = None
    """What is wrong with the service of the only order's line, from `access_network.ACCESS_FAULTS`, or `GOOD_LINE`,
    when it is tested."""
    captured: str | None = None
    """What is wrong on the PON of the only order's line, from `pon_faults.PON_FAULTS`, or `GOOD_CAPTURE`, when there is
    a capture of it."""

    @property
    def is_one_line(self) -> bool:
        """Tell whether the day has the fibre's order only: its profile asks for what the copper's has not."""
        return any(one is not None for one in (self.traced, self.olt, self.captured, self.access))
