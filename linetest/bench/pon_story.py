"""What happens on a simulated PON, and when: nothing in it is wrong.

Every 10 ms is a cycle: the OLT sends a GATE to each ONU and what it has for them; the ONUs answer in their grants with
a REPORT and what they have. Discovery windows come every 250 ms, behind all other grants. The last ONU is deregistered
after 2.2 s and registers again 1 s later. The second one gets churning keys, and what users get on its LLID is
encrypted from then on, DA to FCS; MPCP and OAM stay in clear. The first one raises and clears an alarm.
"""

from random import Random

from linetest.bench import pon_frames as wire
from linetest.bench.pon_frames import BROADCAST_LLID
from linetest.bench.pon_plant import (
    LASER_ON_TQ,
    OLT,
    OVERHEAD_TQ,
    PENDING_GRANTS,
    SYNC_TQ,
    PonOnu,
    olt_clock,
)
from linetest.bench.pon_sent import Plot, Sent, Session, Story, Window, write_gate
from linetest.bench.pon_talk import ACCEPTED_STEP, FIRST_KEY_STEP, SECOND_KEY_STEP, talk
from linetest.bench.pon_users import downstream, for_all, question, upstream

CYCLE_TQ = 625_000
STEP_CYCLES = 25
"""Between the steps of the OAM talk."""
GRANTS_AT_TQ = 20_000
"""In the cycle: late enough for every ONU to get its GATE and to answer from 25 km."""
GAP_TQ = 256
"""Between two grants at the OLT."""
SLACK_TQ = 24
FORCED_EVERY = 8
DISCOVERY_EVERY, _FIRST_DISCOVERY = 25, 1
DISCOVERY_AT_TQ, DISCOVERY_LENGTH_TQ = 400_000, 16_384
_LONGEST_WAIT_TQ = 6_000
LEAVES_CYCLE, BACK_CYCLE = 220, 326
_LATE_CYCLES = 8
"""How long the first grant of the ONU that is late to acknowledge takes."""
_FIRST_USER_CYCLE = STEP_CYCLES * ACCEPTED_STEP + 3


def tell(plot: Plot) -> Story:
    """Return the whole story."""
    story = Story(plot=plot)
    random = Random(plot.random_seed)
    asked: list[tuple[PonOnu, Sent]] = []
    for cycle in range(plot.cycles):
        _Cycle(story, cycle, random).run(asked)
        asked = _discover(story, cycle, random)
    return story


class _Cycle:
    """One cycle; the OLT's frames follow each other from its start, and the grants from `GRANTS_AT_TQ` on."""

    def __init__(self, story: Story, cycle: int, random: Random) -> None:
        self._story = story
        self._cycle = cycle
        self._random = random
        self._base_tq = cycle * CYCLE_TQ
        self._free_tq = self._base_tq
        self._grant_tq = self._base_tq + GRANTS_AT_TQ
        self._users: list[tuple[Sent, int]] = []

    def run(self, asked: list[tuple[PonOnu, Sent]]) -> None:
        """Put the cycle's frames into the story."""
        self._end_sessions()
        if _is_discovery(self._cycle):
            self._open_discovery()
        for onu, request in asked:
            self._register(onu, request)
        for session in self._story.sessions:
            age = self._cycle - session.first_cycle
            if session.last_cycle is None and age == 0:
                self._grant(session, [session.acknowledged], forced=False)
            elif session.last_cycle is None and age > 0:
                self._serve(session, age)
        for sent, pause_tq in self._users:
            self._down(sent, pause_tq)
        for meaning, frame in for_all(self._cycle, self._random):
            self._down(self._sent(False, BROADCAST_LLID, frame, meaning, mode=1), 0)

    def _end_sessions(self) -> None:
        plot = self._story.plot
        for session in self._story.sessions:
            number = session.onu.number
            if session.last_cycle is not None:
                continue
            if number == plot.gone_when_back and self._cycle == BACK_CYCLE + 1:
                session.last_cycle = self._cycle
            elif number == len(plot.onus) and self._cycle == LEAVES_CYCLE:
                frame = wire.register(
                    OLT, session.onu.mac, session.llid, wire.DEREGISTERS, sync_tq=SYNC_TQ, pending=PENDING_GRANTS
                )
                session.left = self._sent(False, BROADCAST_LLID, frame, "deregister", session.onu, mode=1)
                session.last_cycle = self._cycle
                self._down(session.left, 0)

    def _open_discovery(self) -> None:
        start_tq = self._base_tq + DISCOVERY_AT_TQ
        frame = wire.gate(OLT, [(olt_clock(start_tq), DISCOVERY_LENGTH_TQ)], sync_tq=SYNC_TQ)
        sent = self._sent(False, BROADCAST_LLID, frame, "discovery-gate", mode=1)
        self._down(sent, 0)
        self._story.windows.append(
            Window(
                onu=None,
                llid=BROADCAST_LLID,
                start_tq=start_tq,
                length_tq=DISCOVERY_LENGTH_TQ,
                rtt_tq=0,
                gate=sent,
            )
        )

    def _register(self, onu: PonOnu, request: Sent) -> None:
        plot = self._story.plot
        is_back = any(session.onu is onu for session in self._story.sessions)
        llid = plot.second_llid if is_back and plot.second_llid is not None else onu.llid
        said = wire.register(OLT, onu.mac, llid, wire.ACCEPTS, sync_tq=SYNC_TQ, pending=PENDING_GRANTS)
        register = self._sent(False, BROADCAST_LLID, said, "register", onu, mode=1)
        acknowledged = self._sent(True, llid, wire.register_ack(onu.mac, llid, sync_tq=SYNC_TQ), "register-ack", onu)
        self._down(register, 0)
        self._story.sessions.append(
            Session(
                onu=onu,
                llid=llid,
                asked=request,
                register=register,
                acknowledged=acknowledged,
                first_cycle=self._cycle + (_LATE_CYCLES if onu.number == plot.late_to_ack else 0),
            )
        )

    def _serve(self, session: Session, age: int) -> None:
        onu, llid = session.onu, session.llid
        up = [self._sent(True, llid, wire.report(onu.mac, self._queues()), "report", onu)]
        if (age - 1) % STEP_CYCLES == 0:
            down, answers = talk((age - 1) // STEP_CYCLES, onu)
            self._users += [(self._sent(False, llid, said.frame, said.meaning, onu), 0) for said in down]
            up += [self._sent(True, llid, said.frame, said.meaning, onu) for said in answers]
        if age >= _FIRST_USER_CYCLE:
            self._user_traffic(session, age, up)
        self._grant(session, up, forced=self._cycle % FORCED_EVERY == onu.number % FORCED_EVERY)

    def _user_traffic(self, session: Session, age: int, up: list[Sent]) -> None:
        random, onu, llid = self._random, session.onu, session.llid
        up += [
            self._sent(True, llid, upstream(onu, random, onu.vid), "user-up", onu) for _ in range(random.randrange(3))
        ]
        if age % 40 == 0:
            up.append(self._sent(True, llid, question(onu), "user-broadcast", onu))
        for _ in range(random.randrange(4)):
            sent = self._sent(False, llid, downstream(onu, random, onu.vid), "user-down", onu)
            sent.key = _key(onu, age)
            self._users.append((sent, random.randrange(2000)))

    def _queues(self) -> list[dict[int, int]]:
        """Return two queue sets: what a threshold lets through, and all that waits."""
        first = {1: self._random.randrange(40, 800), 6: self._random.randrange(1, 60)}
        return [first, {queue: waiting + self._random.randrange(900) for queue, waiting in first.items()}]

    def _grant(self, session: Session, up: list[Sent], *, forced: bool) -> None:
        """Send a GATE with one grant that the frames fit into, and the frames in it."""
        onu = session.onu
        length_tq = OVERHEAD_TQ + sum(wire.duration_tq(sent.frame) for sent in up) + SLACK_TQ
        gate = self._sent(False, session.llid, b"", "gate", onu)
        window = Window(
            onu=onu.number,
            llid=session.llid,
            start_tq=self._grant_tq - onu.rtt_tq,
            length_tq=length_tq,
            rtt_tq=onu.rtt_tq,
            gate=gate,
            is_forced=forced,
            frames=up,
        )
        write_gate(gate, [window])
        gate.lag_tq = 0
        self._down(gate, 0)
        at_tq = self._grant_tq + LASER_ON_TQ + SYNC_TQ
        for sent in up:
            sent.at_tq = at_tq
            at_tq += wire.duration_tq(sent.frame)
        self._story.frames += up
        self._story.windows.append(window)
        self._grant_tq += length_tq + GAP_TQ

    def _down(self, sent: Sent, pause_tq: int) -> None:
        """Let the OLT send it, after what it sent before."""
        sent.at_tq = self._free_tq + pause_tq
        self._free_tq = sent.at_tq + wire.duration_tq(sent.frame)
        self._story.frames.append(sent)

    def _sent(self, up: bool, llid: int, frame: bytes, meaning: str, onu: PonOnu | None = None, mode: int = 0) -> Sent:
        """Return a frame that waits for its time."""
        is_mpcp = frame[12:14] == b"\x88\x08"
        lag_tq = (onu.rtt_tq if up and onu else 0) if is_mpcp else None
        number = onu.number if onu else None
        return Sent(at_tq=-1, up=up, llid=llid, frame=frame, meaning=meaning, onu=number, lag_tq=lag_tq, mode=mode)


def _key(onu: PonOnu, age: int) -> int | None:
    """Return the index of the key in use, a new one from the cycle behind its exchange on."""
    if not onu.churns or age < STEP_CYCLES * FIRST_KEY_STEP + 2:
        return None
    return 1 if age < STEP_CYCLES * SECOND_KEY_STEP + 2 else 0


def _is_discovery(cycle: int) -> bool:
    return cycle % DISCOVERY_EVERY == _FIRST_DISCOVERY


def _discover(story: Story, cycle: int, random: Random) -> list[tuple[PonOnu, Sent]]:
    """Let the ONUs whose turn it is ask for registration, in the window of this cycle; no two at a time."""
    onus = story.plot.onus
    if not _is_discovery(cycle):
        return []
    if cycle == BACK_CYCLE:
        asking = onus[-1:]
    else:
        at_once = max(2, -(-len(onus) // 8))
        turn = cycle // DISCOVERY_EVERY * at_once
        asking = onus[turn : turn + at_once]
    window = next(window for window in reversed(story.windows) if window.onu is None)
    taken: list[int] = []
    asked = []
    for onu in asking:
        frame = wire.register_req(onu.mac, wire.ASKS, PENDING_GRANTS)
        room_tq = wire.duration_tq(frame) + OVERHEAD_TQ
        while True:
            at_tq = window.start_tq + LASER_ON_TQ + SYNC_TQ + random.randrange(_LONGEST_WAIT_TQ) + onu.rtt_tq
            if all(abs(at_tq - other) > room_tq for other in taken):
                break
        taken.append(at_tq)
        sent = Sent(
            at_tq=at_tq,
            up=True,
            llid=BROADCAST_LLID,
            frame=frame,
            meaning="register-req",
            onu=onu.number,
            lag_tq=onu.rtt_tq,
        )
        window.frames.append(sent)
        story.frames.append(sent)
        asked.append((onu, sent))
    return asked
