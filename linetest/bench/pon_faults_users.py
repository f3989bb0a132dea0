"""What can be wrong with the isolation of users and with their encryption on a simulated PON."""

from linetest.bench.pon_fault import STEADY_CYCLE, Found, PonFault, add, down, frames_of, random_of, reflections
from linetest.bench.pon_frames import BROADCAST_LLID, padded
from linetest.bench.pon_sent import Story
from linetest.bench.pon_users import downstream, television
from linetest.words.text import N_


def _neighbours_frame(story: Story) -> list[Found]:
    there, onu = story.plot.onus[0], story.plot.onus[2]
    return [Found(there.llid, onu, reflections(story, onu, there.llid, 0, "user-up"))]


def _reflected_broadcast(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    return [Found(BROADCAST_LLID, onu, reflections(story, onu, BROADCAST_LLID, 1, "user-broadcast"))]


def _leaked_vlan(story: Story) -> list[Found]:
    there, onu = story.plot.onus[0], story.plot.onus[2]
    random = random_of(story)
    frames = [
        add(story, STEADY_CYCLE + place, 0, down(there.llid, downstream(there, random, onu.vid), "stray"))
        for place in range(3)
    ]
    return [Found(there.llid, there, frames)]


def _untagged(story: Story) -> list[Found]:
    onu = story.plot.onus[2]
    hit = frames_of(story, onu, "user-up", from_cycle=STEADY_CYCLE)[:40:8]
    for sent in hit:
        sent.frame = padded(sent.frame[:12] + sent.frame[16:])
    return [Found(onu.llid, onu, hit)]


def _multicast_on_unicast(story: Story) -> list[Found]:
    there = story.plot.onus[0]
    random = random_of(story)
    frames = [add(story, STEADY_CYCLE + place, 0, down(there.llid, television(random), "stray")) for place in range(3)]
    return [Found(there.llid, there, frames)]


def _cleartext(story: Story) -> list[Found]:
    onu = story.plot.onus[1]
    hit = [sent for sent in frames_of(story, onu, "user-down") if sent.key is not None][::3]
    for sent in hit:
        sent.key = None
    return [Found(onu.llid, onu, hit)]


USER_FAULTS = (
    PonFault(
        name="neighbours-frame",
        check="ISO-1",
        consequences=("ISO-2", "ISO-3", "GRT-6"),
        sentence=N_("What an ONU's user sends to the router comes down on a neighbour's LLID."),
        spoil=_neighbours_frame,
    ),
    PonFault(
        name="reflected-broadcast",
        check="ISO-2",
        consequences=("ISO-1", "ISO-3"),
        sentence=N_("Broadcasts of an ONU's user come back down to all ONUs."),
        spoil=_reflected_broadcast,
    ),
    PonFault(
        name="leaked-vlan",
        check="ISO-3",
        sentence=N_("Frames in the VLAN of one ONU come down on the LLID of another one."),
        spoil=_leaked_vlan,
    ),
    PonFault(
        name="untagged-leak",
        check="ISO-3",
        sentence=N_("Some frames of an ONU's user have no VLAN tag."),
        spoil=_untagged,
    ),
    PonFault(
        name="multicast-on-unicast-llid",
        check="ISO-4",
        sentence=N_("Television comes down on the LLID of a single ONU."),
        spoil=_multicast_on_unicast,
    ),
    PonFault(
        name="cleartext-though-churning",
        check="ENC-1",
        sentence=N_("An ONU has a key, and a part of what is sent to it is in clear."),
        spoil=_cleartext,
    ),
)
"""ISO and ENC."""
