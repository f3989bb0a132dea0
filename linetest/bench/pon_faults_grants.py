"""What can be wrong with grants and reports on a simulated PON."""

from collections.abc import Sequence

from linetest.bench import pon_frames as wire
from linetest.bench.pon_fault import (
    IDLE_TQ,
    STEADY_CYCLE,
    Found,
    PonFault,
    add,
    calm_run,
    cycle_of,
    down,
    drop,
    frames_of,
    move,
    random_of,
    window_of,
)
from linetest.bench.pon_plant import TQ_PER_S, PonOnu
from linetest.bench.pon_sent import Sent, Story, Window, write_gate
from linetest.bench.pon_story import CYCLE_TQ, FORCED_EVERY, GAP_TQ
from linetest.bench.pon_users import upstream
from linetest.words.text import N_

_OVERLAP_TQ = 400
_SMALL_GAP_TQ = 60
_TOO_SOON_TQ = 500
_TOO_SHORT_TQ = 80
_SPARE_GRANT_TQ = 300
_SPARE_AT_TQ, _SPARE_EVERY_TQ = IDLE_TQ + 40_000, 700
_CYCLES_PER_S = TQ_PER_S // CYCLE_TQ


def _nearer(story: Story, by_tq: int) -> list[Found]:
    """Move a grant of the third ONU towards the one before it, which is the second one's."""
    earlier, onu = story.plot.onus[1], story.plot.onus[2]
    first, second = window_of(story, earlier, STEADY_CYCLE), window_of(story, onu, STEADY_CYCLE)
    move(second, -by_tq)
    return [Found(earlier.llid, earlier, [first.gate]), Found(onu.llid, onu, [second.gate])]


def _overlap(story: Story) -> list[Found]:
    return _nearer(story, GAP_TQ + _OVERLAP_TQ)


def _small_guard(story: Story) -> list[Found]:
    return _nearer(story, GAP_TQ - _SMALL_GAP_TQ)


def _too_soon(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    for cycle in calm_run(story, onu):
        window = window_of(story, onu, cycle)
        going_tq = window.start_tq - _TOO_SOON_TQ
        if all(sent.up or abs(sent.at_tq - going_tq) > _SPARE_EVERY_TQ + 100 for sent in story.frames):
            window.gate.at_tq = going_tq
            return [Found(onu.llid, onu, [window.gate])]
    return []


def _spare_gate(story: Story, onu: PonOnu, place: int, grants: int, length_tq: int = _SPARE_GRANT_TQ) -> Sent:
    """Give an ONU grants in the idle part of a cycle, which it leaves empty."""
    gate = down(onu.llid, b"", "gate")
    gate.onu, gate.lag_tq = onu.number, 0
    base_tq = STEADY_CYCLE * CYCLE_TQ + _SPARE_AT_TQ
    windows = [
        Window(
            onu=onu.number,
            llid=onu.llid,
            start_tq=base_tq + (place * grants + number) * _SPARE_EVERY_TQ - onu.rtt_tq,
            length_tq=length_tq,
            rtt_tq=onu.rtt_tq,
            gate=gate,
        )
        for number in range(grants)
    ]
    write_gate(gate, windows)
    story.windows += windows
    return add(story, STEADY_CYCLE, place, gate)


def _five_grants(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    return [Found(onu.llid, onu, [_spare_gate(story, onu, 0, 5)])]


def _too_many_outstanding(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    gates = [_spare_gate(story, onu, place, 3) for place in range(2)]
    return [Found(onu.llid, onu, gates[1:])]


def _too_short(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    return [Found(onu.llid, onu, [_spare_gate(story, onu, 0, 1, _TOO_SHORT_TQ)])]


def _rogue(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    random = random_of(story)
    frames: list[Sent] = []
    for place in range(3):
        report = wire.report(onu.mac, [{1: 90}, {1: 200}])
        for frame, lag_tq in ((report, onu.rtt_tq), (upstream(onu, random, onu.vid), None)):
            sent = Sent(at_tq=0, up=True, llid=onu.llid, frame=frame, meaning="rogue", onu=onu.number, lag_tq=lag_tq)
            frames.append(add(story, STEADY_CYCLE + place, len(frames), sent))
    return [Found(onu.llid, onu, frames)]


def _late_report(story: Story) -> list[Found]:
    found = []
    for onu in (story.plot.onus[0], story.plot.onus[2]):
        run = calm_run(story, onu)
        drop(story, [window_of(story, onu, cycle).frames[0] for cycle in run])
        found.append(Found(onu.llid, onu, frames_of(story, onu, "report", from_cycle=run[-1])[:1]))
    return found


def _late_gate(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    run = calm_run(story, onu)
    windows = [window_of(story, onu, cycle) for cycle in run]
    drop(story, [sent for window in windows for sent in (window.gate, *window.frames)])
    return [Found(onu.llid, onu, frames_of(story, onu, "gate", from_cycle=run[-1])[:1])]


def _lost(story: Story) -> list[Found]:
    """Let an ONU fall silent; the OLT speaks to it for a second, and then gives up."""
    onu = story.plot.onus[2]
    spoken = frames_of(story, onu, from_cycle=STEADY_CYCLE)
    still = ("gate", "information", "user-down")
    drop(
        story,
        [
            sent
            for sent in spoken
            if sent.up or cycle_of(sent) >= STEADY_CYCLE + _CYCLES_PER_S or sent.meaning not in still
        ],
    )
    return [Found(onu.llid, onu, [sent for sent in frames_of(story, onu) if sent.up and sent.lag_tq][-1:])]


def _forced(story: Story, onu: PonOnu) -> Window:
    cycle = next(
        one for one in range(STEADY_CYCLE, story.plot.cycles) if one % FORCED_EVERY == onu.number % FORCED_EVERY
    )
    return window_of(story, onu, cycle)


def _ignored(story: Story) -> list[Found]:
    found = []
    for onu in (story.plot.onus[0], story.plot.onus[2]):
        window = _forced(story, onu)
        drop(story, window.frames[:1])
        found.append(Found(onu.llid, onu, [window.gate]))
    return found


def _rewritten(story: Story, body: bytes) -> list[Found]:
    """Put another body behind the timestamp of three reports."""
    onu = story.plot.onus[2]
    hit: Sequence[Sent] = frames_of(story, onu, "report", from_cycle=STEADY_CYCLE)[:3]
    for sent in hit:
        sent.frame = wire.mpcpdu(wire.REPORT, onu.mac, body)
    return [Found(onu.llid, onu, hit)]


def _garbled(story: Story) -> list[Found]:
    return _rewritten(story, b"\x09" + b"\xff" * 39)


def _one_set(story: Story) -> list[Found]:
    return _rewritten(story, b"\x01\x02\x01\x00")


GRANT_FAULTS = (
    PonFault(
        name="grant-overlap",
        check="GRT-1",
        consequences=("GRT-2", "GRT-6"),
        sentence=N_("The grants of two ONUs overlap at the OLT."),
        spoil=_overlap,
    ),
    PonFault(
        name="guard-too-small",
        check="GRT-2",
        sentence=N_("Between the grants of two ONUs is too little time for their lasers."),
        spoil=_small_guard,
    ),
    PonFault(
        name="grant-too-soon",
        check="GRT-3",
        sentence=N_("A GATE reaches its ONU too shortly before the grant begins."),
        spoil=_too_soon,
    ),
    PonFault(
        name="five-grants",
        check="GRT-4",
        consequences=("GRT-2",),
        sentence=N_("A GATE claims five grants."),
        spoil=_five_grants,
    ),
    PonFault(
        name="too-many-outstanding",
        check="GRT-4",
        sentence=N_("An ONU gets more grants than it said it can keep."),
        spoil=_too_many_outstanding,
    ),
    PonFault(
        name="grant-too-short",
        check="GRT-5",
        sentence=N_("A grant is too short for the laser and the receiver to start."),
        spoil=_too_short,
    ),
    PonFault(
        name="rogue-onu",
        check="GRT-6",
        consequences=("RPT-1",),
        sentence=N_("An ONU sends outside its grants."),
        spoil=_rogue,
    ),
    PonFault(
        name="late-report",
        check="RPT-1",
        sentence=N_("Two ONUs send no REPORT for 80 ms."),
        spoil=_late_report,
    ),
    PonFault(
        name="late-gate",
        check="RPT-2",
        consequences=("RPT-1",),
        sentence=N_("An ONU gets no GATE for 80 ms."),
        spoil=_late_gate,
    ),
    PonFault(
        name="lost-onu",
        check="RPT-3",
        consequences=("RPT-1", "RPT-4", "OAM-2"),
        sentence=N_("An ONU falls silent; after a second the OLT gives it up."),
        spoil=_lost,
    ),
    PonFault(
        name="force-report-ignored",
        check="RPT-4",
        sentence=N_("Two ONUs do not answer a GATE that asks for a REPORT."),
        spoil=_ignored,
    ),
    PonFault(
        name="garbled-report",
        check="RPT-5",
        sentence=N_("An ONU's REPORT claims more queues than fit into it."),
        spoil=_garbled,
    ),
    PonFault(
        name="one-queue-set",
        check="RPT-5",
        sentence=N_("An ONU reports one queue set where two are agreed on."),
        spoil=_one_set,
    ),
)
"""GRT and RPT."""
