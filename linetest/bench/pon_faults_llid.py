"""What can be wrong with preambles and LLIDs on a simulated PON."""

from dataclasses import replace

from linetest.bench import pon_frames as wire
from linetest.bench.pon_fault import (
    STEADY_CYCLE,
    Found,
    PonFault,
    add,
    calm_run,
    down,
    drop,
    frames_of,
    random_of,
    reflections,
    session_of,
    window_of,
)
from linetest.bench.pon_plant import OLT, PENDING_GRANTS, SHARED_VID, SYNC_TQ, PonOnu
from linetest.bench.pon_sent import Damage, Plot, Sent, Story
from linetest.bench.pon_story import BACK_CYCLE, LEAVES_CYCLE
from linetest.bench.pon_users import downstream
from linetest.words.text import N_

_NEVER_ASSIGNED, _RESERVED = 0x0123, 0x7F42
_AWAY_CYCLE = LEAVES_CYCLE + 20
_USER_FRAMES = ("user-up", "user-down", "user-broadcast")


def _damaged(story: Story, onu: PonOnu, meaning: str, damage: Damage) -> list[Sent]:
    hit = frames_of(story, onu, meaning)[3:40:6]
    for sent in hit:
        sent.damage = damage
    return hit


def _no_sld(story: Story) -> list[Found]:
    return [Found(None, None, _damaged(story, story.plot.onus[2], "user-up", "sld"))]


def _crc8(story: Story) -> list[Found]:
    return [
        Found(onu.llid, onu, _damaged(story, onu, "user-up", "crc8"))
        for onu in (story.plot.onus[0], story.plot.onus[2])
    ]


def _security(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    return [Found(onu.llid, onu, _damaged(story, onu, "user-down", "security"))]


def _fcs(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    return [Found(onu.llid, onu, _damaged(story, onu, "user-up", "fcs"))]


def _onto_second(plot: Plot) -> Plot:
    return replace(plot, second_llid=plot.onus[1].llid)


def _onto_second_gone(plot: Plot) -> Plot:
    return replace(plot, second_llid=plot.onus[1].llid, gone_when_back=2)


def _newcomer(story: Story) -> list[Found]:
    newcomer = story.plot.onus[-1]
    drop(story, frames_of(story, newcomer, *_USER_FRAMES, from_cycle=BACK_CYCLE))
    spoken = [sent for sent in frames_of(story, newcomer, from_cycle=BACK_CYCLE + 1) if sent.up and sent.lag_tq]
    return [Found(session_of(story, newcomer).llid, newcomer, spoken)]


def _stray_down(story: Story, llid: int) -> list[Found]:
    stranger = replace(story.plot.onus[0], host=bytes.fromhex("f44d305fffff"))
    random = random_of(story)
    frames = [
        add(story, STEADY_CYCLE + 7 * place, 0, down(llid, downstream(stranger, random, SHARED_VID), "stray"))
        for place in range(3)
    ]
    return [Found(llid, None, frames)]


def _never_assigned(story: Story) -> list[Found]:
    return _stray_down(story, _NEVER_ASSIGNED)


def _reserved(story: Story) -> list[Found]:
    return _stray_down(story, _RESERVED)


def _report_when_away(story: Story, llid: int) -> list[Found]:
    onu = story.plot.onus[-1]
    frames = [
        add(
            story,
            _AWAY_CYCLE + place,
            0,
            Sent(
                at_tq=0,
                up=True,
                llid=llid,
                frame=wire.report(onu.mac, [{1: 90}, {1: 200}]),
                meaning="stray",
                onu=onu.number,
                lag_tq=onu.rtt_tq,
            ),
        )
        for place in range(3)
    ]
    return [Found(llid, onu, frames)]


def _after_deregistration(story: Story) -> list[Found]:
    return _report_when_away(story, story.plot.onus[-1].llid)


def _unregistered_data(story: Story) -> list[Found]:
    return _report_when_away(story, wire.BROADCAST_LLID)


def _register_elsewhere(story: Story) -> list[Found]:
    there, onu = story.plot.onus[0], story.plot.onus[2]
    said = wire.register(OLT, onu.mac, onu.llid, wire.ACCEPTS, sync_tq=SYNC_TQ, pending=PENDING_GRANTS)
    return [Found(there.llid, onu, [add(story, STEADY_CYCLE, 0, down(there.llid, said, "stray"))])]


def _reflected_frame(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    return [Found(onu.llid, onu, reflections(story, onu, onu.llid, 1, "user-broadcast"))]


def _dropped_by_filter(story: Story) -> list[Found]:
    there, onu = story.plot.onus[0], story.plot.onus[2]
    random = random_of(story)
    frames = [
        add(story, STEADY_CYCLE + place, 0, down(there.llid, downstream(onu, random, SHARED_VID, onu.mac), "stray"))
        for place in range(3)
    ]
    return [Found(there.llid, onu, frames)]


def _upstream_mode(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    hit = [window_of(story, onu, cycle).frames[0] for cycle in calm_run(story, onu)[:3]]
    for sent in hit:
        sent.mode = 1
    return [Found(onu.llid, onu, hit)]


LLID_FAULTS = (
    PonFault(
        name="no-sld",
        check="PRE-1",
        sentence=N_("Some frames have no start of LLID delimiter."),
        spoil=_no_sld,
    ),
    PonFault(
        name="crc8-errors",
        check="PRE-2",
        sentence=N_("Some frames of two ONUs arrive with a wrong CRC-8."),
        spoil=_crc8,
    ),
    PonFault(
        name="bad-security-octet",
        check="PRE-3",
        sentence=N_("The security octet of some frames has a value that no rule knows."),
        spoil=_security,
    ),
    PonFault(
        name="fcs-errors",
        check="PRE-4",
        sentence=N_("Some frames of an ONU arrive with a wrong FCS."),
        spoil=_fcs,
    ),
    PonFault(
        name="duplicate-llid",
        check="LLID-1",
        consequences=("TS-2", "GRT-6", "OAM-3"),
        sentence=N_("An ONU registers and gets an LLID that another one has."),
        plot=_onto_second,
        spoil=_newcomer,
    ),
    PonFault(
        name="llid-reused-too-early",
        check="LLID-1",
        consequences=("TS-2", "RPT-3", "GRT-6"),
        sentence=N_("An ONU gets the LLID of another one that fell silent a moment ago and was not deregistered."),
        plot=_onto_second_gone,
        spoil=_newcomer,
    ),
    PonFault(
        name="llid-never-assigned",
        check="LLID-3",
        sentence=N_("The OLT sends frames on an LLID that no ONU ever got."),
        spoil=_never_assigned,
    ),
    PonFault(
        name="llid-after-deregistration",
        check="LLID-3",
        consequences=("GRT-6",),
        sentence=N_("An ONU goes on speaking after it was deregistered."),
        spoil=_after_deregistration,
    ),
    PonFault(
        name="llid-reserved",
        check="LLID-3",
        sentence=N_("The OLT sends frames on a reserved LLID."),
        spoil=_reserved,
    ),
    PonFault(
        name="report-before-registration",
        check="LLID-3",
        consequences=("GRT-6",),
        sentence=N_("An ONU without LLID sends something else than a REGISTER_REQ."),
        spoil=_unregistered_data,
    ),
    PonFault(
        name="register-on-other-llid",
        check="LLID-4",
        consequences=("LLID-6", "REG-1", "REG-5"),
        sentence=N_("The OLT repeats the REGISTER of an ONU on the LLID of another one."),
        spoil=_register_elsewhere,
    ),
    PonFault(
        name="reflected-frame",
        check="LLID-5",
        consequences=("ISO-1", "ISO-2", "ISO-4"),
        sentence=N_("Broadcasts of an ONU's user come back with the broadcast bit and the ONU's own LLID."),
        spoil=_reflected_frame,
    ),
    PonFault(
        name="dropped-by-filter",
        check="LLID-6",
        sentence=N_("The OLT sends frames for an ONU's own MAC on the LLID of another one; the ONU must drop them."),
        spoil=_dropped_by_filter,
    ),
    PonFault(
        name="upstream-mode-bit",
        check="LLID-7",
        consequences=("LLID-5",),
        sentence=N_("An ONU sets the mode bit."),
        spoil=_upstream_mode,
    ),
)
"""PRE and LLID."""
