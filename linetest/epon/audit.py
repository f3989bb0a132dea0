"""The audit of a capture: block by block into what was heard, and then every check over it."""

from collections.abc import Iterable

from linetest.epon.checks_ctc import ctc
from linetest.epon.checks_frames import frames
from linetest.epon.checks_grants import grants
from linetest.epon.checks_oam import oam
from linetest.epon.checks_registration import holders, registration
from linetest.epon.checks_reports import reports
from linetest.epon.checks_time import times
from linetest.epon.finding import Outcome
from linetest.epon.frames import Block, Source
from linetest.epon.heard import NS_PER_MS, Heard, Listener
from linetest.epon.metric_of import METRIC_OF
from linetest.epon.settings import EponSettings
from linetest.epon.vlan_plan import VlanPlan
from linetest.model.codes import Reason

_GROUPS = (frames, holders, registration, times, grants, reports, oam, ctc)


def listen(
    source: Source, blocks: Iterable[Block], settings: EponSettings, plan: VlanPlan | None = None
) -> Heard | None:
    """Take a capture apart; None where it holds no frame. A capture may be larger than the memory.

    Where ONUs registered more often than can be judged, what comes behind is left out; the registry says so.
    """
    listener = Listener(source=source, settings=settings, plan=plan)
    for block in blocks:
        listener.take(block)
        if listener.registry.is_full:
            break
    heard = listener.heard()
    if heard is not None:
        _end_the_silent(heard)
    return heard


def check_all(heard: Heard) -> list[Outcome]:
    """Return what every check came to, in the order in which they are shown."""
    found = {outcome.check: outcome for group in _GROUPS for outcome in group(heard)}
    found["GRT-6"] = _without_shared(found["GRT-6"], {one.llid for one in found["LLID-1"].findings})
    return [_decided(found[check]) for check in METRIC_OF]


def _without_shared(outcome: Outcome, shared: set[int | None]) -> Outcome:
    """Drop what was found on LLIDs that two ONUs use: whose round trip their frames have is not known then."""
    left = [one for one in outcome.findings if one.llid not in shared]
    missing = Reason.NOT_DECIDABLE if outcome.findings and not left else outcome.missing
    return Outcome(check=outcome.check, findings=left, missing=missing)


def _decided(outcome: Outcome) -> Outcome:
    """Drop what was found where the capture does not hold enough to decide: half of a talk looks like a fault."""
    return outcome if outcome.missing is None else Outcome(check=outcome.check, missing=outcome.missing)


def _end_the_silent(heard: Heard) -> None:
    """End the registrations of ONUs that were not heard for a time-out: nobody deregistered them."""
    timeout_ns = int(heard.settings.mpcp_timeout_ms * NS_PER_MS)
    for period in heard.registry.all_periods():
        if period.ended_ns is not None:
            continue
        spoken = heard.reports_in(period)
        if len(spoken) and heard.last_ns - (last := int(heard.reports.time_ns[spoken[-1]])) > timeout_ns:
            period.ended_ns, period.ended_by = last + timeout_ns, "timeout"
