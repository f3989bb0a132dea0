"""What can be wrong with OAM and with CTC's extension of it on a simulated PON."""

from linetest.bench import pon_oam as oam
from linetest.bench.pon_fault import STEADY_CYCLE, Found, PonFault, add, cycle_of, down, drop, frames_of
from linetest.bench.pon_plant import OLT, PonOnu
from linetest.bench.pon_sent import Sent, Story
from linetest.words.text import N_

_LOID = ("loid-request", "loid-response", "loid-accepted")
_AFTER_LOID = ("get-request", "get-response", "set-request", "set-response", "key-request", "new-key")
_CTC = (*_LOID, *_AFTER_LOID)
_USERS = ("user-up", "user-down", "user-broadcast")
_TOO_LONG_OCTETS = 1600
_EXTRA_PDUS = 14


def _source(sent: Sent, onu: PonOnu) -> bytes:
    return onu.mac if sent.up else OLT


def _never_stable(story: Story) -> list[Found]:
    """Let neither side come to an end with the discovery, so that nothing that follows it happens."""
    onu = story.plot.onus[2]
    drop(story, frames_of(story, onu, *_CTC, *_USERS))
    hit = frames_of(story, onu, "information", "extended-discovery")
    flags = oam.LOCAL_EVALUATING | oam.REMOTE_EVALUATING
    for sent in hit:
        sent.frame = oam.information(_source(sent, onu), flags, is_olt=not sent.up)
        sent.meaning = "information"
    return [Found(onu.llid, onu, hit)]


def _late_information(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    said = [sent for sent in frames_of(story, onu, "information") if sent.up]
    late = next(place for place, sent in enumerate(said) if cycle_of(sent) > STEADY_CYCLE)
    drop(story, [said[late]])
    return [Found(onu.llid, onu, [said[late + 1]])]


def _too_often(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    frames = [
        add(story, STEADY_CYCLE + 2 * place, 0, down(onu.llid, _information(), "information"))
        for place in range(_EXTRA_PDUS)
    ]
    return [Found(onu.llid, onu, frames)]


def _too_long(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    sent = down(onu.llid, _information().ljust(_TOO_LONG_OCTETS, b"\0"), "information")
    return [Found(onu.llid, onu, [add(story, STEADY_CYCLE, 0, sent)])]


def _information() -> bytes:
    return oam.information(OLT, oam.STABLE, is_olt=True)


def _other_dialect(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    drop(story, frames_of(story, onu, *_CTC, *_USERS))
    offered = frames_of(story, onu, "extended-discovery")
    for sent in offered:
        oui = oam.OTHER_OUI if sent.up else oam.CTC_OUI
        tlv = oam.extended_discovery(0, oam.CTC_VERSIONS, oui)
        sent.frame = oam.information(_source(sent, onu), oam.STABLE, is_olt=not sent.up, extension=tlv)
    return [Found(onu.llid, onu, [sent for sent in offered if sent.up])]


def _set_unanswered(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    drop(story, frames_of(story, onu, "set-response"))
    return [Found(onu.llid, onu, frames_of(story, onu, "set-request"))]


def _set_refused(story: Story) -> list[Found]:
    found = []
    for onu in (story.plot.onus[0], story.plot.onus[2]):
        answers = frames_of(story, onu, "set-response")
        for sent in answers:
            sent.frame = oam.set_response(onu.mac, oam.BAD_PARAMETER)
        found.append(Found(onu.llid, onu, answers))
    return found


def _loid_refused(story: Story) -> list[Found]:
    """Refuse an ONU, and leave out all that it would get afterwards."""
    onu = story.plot.onus[2]
    answer = frames_of(story, onu, "loid-accepted")[0]
    answer.frame, answer.meaning = oam.loid_refused(OLT), "loid-refused"
    drop(story, frames_of(story, onu, *_AFTER_LOID, *_USERS))
    return [Found(onu.llid, onu, [answer])]


def _key_unanswered(story: Story) -> list[Found]:
    onu = story.plot.onus[1]
    drop(story, frames_of(story, onu, "new-key")[-1:])
    _keep_key(story, onu)
    return [Found(onu.llid, onu, frames_of(story, onu, "key-request")[-1:])]


def _key_repeats(story: Story) -> list[Found]:
    onu = story.plot.onus[1]
    answer = frames_of(story, onu, "new-key")[-1]
    answer.frame = oam.new_key(onu.mac, 1, b"\x17\x2a\x5c")
    _keep_key(story, onu)
    return [Found(onu.llid, onu, [answer])]


def _keep_key(story: Story, onu: PonOnu) -> None:
    """Let the second key never come into use."""
    for sent in frames_of(story, onu, "user-down"):
        if sent.key is not None:
            sent.key = 1


OAM_FAULTS = (
    PonFault(
        name="oam-never-stable",
        check="OAM-1",
        consequences=("CTC-1", "CTC-3"),
        sentence=N_("The OAM discovery of an ONU does not come to an end."),
        spoil=_never_stable,
    ),
    PonFault(
        name="oam-information-late",
        check="OAM-2",
        sentence=N_("An ONU leaves out an Information PDU: 1.5 s without one."),
        spoil=_late_information,
    ),
    PonFault(
        name="oam-too-often",
        check="OAM-3",
        sentence=N_("The OLT sends an ONU more than 10 OAM PDUs within a second."),
        spoil=_too_often,
    ),
    PonFault(
        name="oam-too-long",
        check="OAM-4",
        sentence=N_("An OAM PDU is longer than a frame may be."),
        spoil=_too_long,
    ),
    PonFault(
        name="ctc-other-dialect",
        check="CTC-1",
        consequences=("CTC-3",),
        sentence=N_("An ONU offers the OAM of another organization than CTC."),
        spoil=_other_dialect,
    ),
    PonFault(
        name="ctc-set-unanswered",
        check="CTC-2",
        sentence=N_("An ONU does not answer a set request."),
        spoil=_set_unanswered,
    ),
    PonFault(
        name="ctc-set-refused",
        check="CTC-2",
        sentence=N_("Two ONUs answer a set request with: bad parameter."),
        spoil=_set_refused,
    ),
    PonFault(
        name="loid-refused",
        check="CTC-3",
        sentence=N_("The OLT does not know an ONU's LOID."),
        spoil=_loid_refused,
    ),
    PonFault(
        name="key-request-unanswered",
        check="CTC-4",
        sentence=N_("An ONU does not answer a request for a new key."),
        spoil=_key_unanswered,
    ),
    PonFault(
        name="key-index-repeats",
        check="CTC-4",
        sentence=N_("An ONU's new key has the index of the old one."),
        spoil=_key_repeats,
    ),
)
"""OAM and CTC."""
