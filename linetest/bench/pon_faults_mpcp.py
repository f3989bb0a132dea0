"""What can be wrong with registration and clocks on a simulated PON."""

from dataclasses import replace

from linetest.bench import pon_frames as wire
from linetest.bench.pon_fault import STEADY_CYCLE, Found, PonFault, cycle_of, drop, frames_of, session_of, window_of
from linetest.bench.pon_plant import OLT, PENDING_GRANTS, SYNC_TQ
from linetest.bench.pon_sent import Plot, Story
from linetest.bench.pon_story import CYCLE_TQ, FORCED_EVERY
from linetest.words.text import N_

_FAR_M = 25_000.0
_DRIFT_EVERY, _MOST_DRIFT_TQ, _OLT_GUARD_TQ = 3, 40, 12
_BEHIND_WINDOW_TQ = 40_000
_STRANGER = bytes.fromhex("00259e3000ff")


def _unasked(story: Story) -> list[Found]:
    onu = story.plot.onus[-1]
    session = session_of(story, onu)
    drop(story, [session.asked])
    return [Found(session.llid, onu, [session.register])]


def _outside_window(story: Story) -> list[Found]:
    onu = story.plot.onus[-1]
    session = session_of(story, onu)
    session.asked.at_tq += _BEHIND_WINDOW_TQ
    return [Found(session.asked.llid, onu, [session.asked])]


def _illegal_flags(story: Story) -> list[Found]:
    onu = story.plot.onus[-1]
    asked = session_of(story, onu).asked
    asked.frame = wire.register_req(onu.mac, 7, PENDING_GRANTS)
    return [Found(asked.llid, onu, [asked])]


def _wrong_echo(story: Story) -> list[Found]:
    found = []
    for onu in (story.plot.onus[0], story.plot.onus[-1]):
        session = session_of(story, onu)
        session.acknowledged.frame = wire.register_ack(onu.mac, session.llid, sync_tq=SYNC_TQ + 25)
        found.append(Found(session.llid, onu, [session.acknowledged]))
    return found


def _late_to_ack(plot: Plot) -> Plot:
    return replace(plot, late_to_ack=plot.onus[-1].number)


def _late_acknowledge(story: Story) -> list[Found]:
    onu = story.plot.onus[-1]
    return [Found(onu.llid, onu, frames_of(story, onu, "register-ack"))]


def _wrong_destination(story: Story) -> list[Found]:
    onu = story.plot.onus[-1]
    session = session_of(story, onu)
    session.register.frame = wire.register(
        OLT, _STRANGER, session.llid, wire.ACCEPTS, sync_tq=SYNC_TQ, pending=PENDING_GRANTS
    )
    return [Found(session.llid, onu, [session.register])]


def _steps_back(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    cycle = next(one for one in range(STEADY_CYCLE, story.plot.cycles) if one % FORCED_EVERY == 0)
    report = window_of(story, onu, cycle).frames[0]
    report.lag_tq = onu.rtt_tq + CYCLE_TQ + 100_000
    return [Found(onu.llid, onu, [report])]


def _drift(story: Story) -> list[Found]:
    """Let an ONU's clock run fast: it speaks ever earlier, and its round-trip time seems to shrink."""
    onu = story.plot.onus[2]
    far = []
    for sent in frames_of(story, onu, from_cycle=STEADY_CYCLE):
        if not sent.up:
            continue
        drift_tq = min(_MOST_DRIFT_TQ, (cycle_of(sent) - STEADY_CYCLE) // _DRIFT_EVERY)
        sent.at_tq -= drift_tq
        if sent.lag_tq is not None:
            sent.lag_tq -= drift_tq
            if drift_tq > _OLT_GUARD_TQ:
                far.append(sent)
    return [Found(onu.llid, onu, far)]


def _far_away(plot: Plot) -> Plot:
    return replace(plot, onus=tuple(replace(onu, distance_m=_FAR_M) if onu.number == 3 else onu for onu in plot.onus))


def _too_far(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    return [Found(onu.llid, onu, [sent for sent in frames_of(story, onu) if sent.up and sent.lag_tq is not None])]


MPCP_FAULTS = (
    PonFault(
        name="register-unasked",
        check="REG-1",
        consequences=("REG-4", "REG-6"),
        sentence=N_("An ONU is registered that did not ask."),
        spoil=_unasked,
    ),
    PonFault(
        name="request-outside-window",
        check="REG-2",
        consequences=("GRT-6",),
        sentence=N_("An ONU asks to be registered when no discovery window is open."),
        spoil=_outside_window,
    ),
    PonFault(
        name="illegal-flags",
        check="REG-3",
        consequences=("REG-1",),
        sentence=N_("An ONU's REGISTER_REQ has flags that mean nothing."),
        spoil=_illegal_flags,
    ),
    PonFault(
        name="wrong-echo",
        check="REG-4",
        consequences=("REG-1",),
        sentence=N_("Two ONUs acknowledge another sync time than they were told."),
        spoil=_wrong_echo,
    ),
    PonFault(
        name="late-acknowledge",
        check="REG-5",
        consequences=("RPT-1", "RPT-2"),
        sentence=N_("An ONU acknowledges its registration 80 ms late."),
        plot=_late_to_ack,
        spoil=_late_acknowledge,
    ),
    PonFault(
        name="register-to-other-mac",
        check="REG-6",
        consequences=("REG-1", "REG-4", "LLID-1"),
        sentence=N_("The REGISTER goes to another MAC than the one that asked."),
        spoil=_wrong_destination,
    ),
    PonFault(
        name="clock-steps-back",
        check="TS-1",
        consequences=("TS-2", "TS-3", "GRT-6"),
        sentence=N_("An ONU's timestamp is earlier than its last one."),
        spoil=_steps_back,
    ),
    PonFault(
        name="clock-drift",
        check="TS-2",
        sentence=N_("An ONU's clock runs fast: its round-trip time changes by 40 TQ."),
        spoil=_drift,
    ),
    PonFault(
        name="too-far",
        check="TS-3",
        sentence=N_("An ONU is 25 km away."),
        plot=_far_away,
        spoil=_too_far,
    ),
)
"""REG and TS."""
