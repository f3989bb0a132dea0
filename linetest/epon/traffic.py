"""The frames of a block against what is known of the PON by then: preambles, LLIDs, directions, grants, isolation.

Rules and clauses: IEEE 802.3 clause 65.1.3.3 for the preamble, 65.1.3.3.2 for what an ONU accepts, 64.3.5 for grants.
"""

from dataclasses import dataclass, field

import numpy as np

from linetest.epon.clock import OltClock
from linetest.epon.constants import (
    ENCRYPTED_BIT,
    FIRST_RESERVED_LLID,
    MAC_CONTROL,
    SECURITY_MASK,
    SLOW_PROTOCOLS,
    TQ_NS,
    VALID_SECURITY,
    Opcode,
)
from linetest.epon.counts import Counts
from linetest.epon.encryption import Encryption
from linetest.epon.frames import Block, Bools, Frames, Int8s
from linetest.epon.isolation import Isolation
from linetest.epon.llids import tell, tell_llids, tell_misaddressed, tell_modes
from linetest.epon.registration import Registry
from linetest.epon.settings import EponSettings
from linetest.epon.sides import DOWN, EITHER, NETWORK, NOBODY, UP, Sides
from linetest.epon.tally import Tally
from linetest.epon.windows import OUTSIDE, UNKNOWN, Windows

_PREAMBLE_OCTETS = 8


@dataclass(slots=True, kw_only=True)
class Traffic:
    """What the frames of all blocks so far came to."""

    settings: EponSettings
    registry: Registry
    clock: OltClock
    windows: Windows
    sides: Sides = field(default_factory=Sides)
    counts: Counts = field(default_factory=Counts)
    tally: Tally = field(default_factory=Tally)
    isolation: Isolation = field(default_factory=Isolation)
    encryption: Encryption = field(default_factory=Encryption)
    heard: set[int] = field(default_factory=set)
    """Directions of which messages of control were seen."""
    users_seen: bool = False

    def take(self, block: Block) -> None:
        """Take a block whose messages of control have been taken already."""
        frames = block.frames
        self._count_preambles(frames)
        trusted = (frames.lead > 0) & (frames.crc8_good == 1)
        control = (frames.ethertype == MAC_CONTROL) | (frames.ethertype == SLOW_PROTOCOLS)
        encrypted = trusted & ((frames.security & (SECURITY_MASK | ENCRYPTED_BIT)) == VALID_SECURITY | ENCRYPTED_BIT)
        users = trusted & ~control & ~encrypted & (frames.destination >= 0)
        judged = self._judge_grants(frames, trusted & ~encrypted & (frames.mode == 0))
        direction = self._directions(block, users, control, encrypted, judged)
        self.counts.take(block, trusted, direction)
        up = trusted & (direction == UP)
        ungranted = up & (judged == OUTSIDE) & (frames.llid < FIRST_RESERVED_LLID)
        tell(self.tally, "GRT-6", frames, ungranted)
        tell_llids(self.tally, frames, trusted, users & (direction == UP), self.registry, self.settings)
        self.registry.changed.clear()
        tell_modes(self.tally, block, trusted)
        tell_misaddressed(self.tally, frames, trusted & control, self.registry)
        self.isolation.take(self.tally, frames, users, direction, self.sides, self.registry)
        self.encryption.take(frames, users & (direction == DOWN) & (frames.mode == 0), encrypted)

    def _count_preambles(self, frames: Frames) -> None:
        tell(self.tally, "PRE-1", frames, frames.lead < 0)
        tell(self.tally, "PRE-2", frames, frames.crc8_good == 0)
        strange = (frames.security & SECURITY_MASK) != VALID_SECURITY
        tell(self.tally, "PRE-3", frames, (frames.crc8_good == 1) & strange)
        tell(self.tally, "PRE-4", frames, frames.fcs_good == 0)

    def _judge_grants(self, frames: Frames, chosen: Bools) -> Int8s:
        judged = np.full(len(frames.number), UNKNOWN, np.int8)
        rows = np.flatnonzero(chosen & (frames.llid < FIRST_RESERVED_LLID))
        if self.clock.is_known and len(rows):
            octets = frames.length[rows] - frames.lead[rows] + _PREAMBLE_OCTETS
            lasts = octets.astype(np.float64) * (self.settings.upstream_ns_per_octet / TQ_NS)
            arrival = self.clock.at(frames.time_ns[rows])
            llid = frames.llid[rows].astype(np.int64)
            judged[rows] = self.windows.judged(llid, arrival, lasts, self.settings.grant_tolerance_tq)
        return judged

    def _directions(self, block: Block, users: Bools, control: Bools, encrypted: Bools, judged: Int8s) -> Int8s:
        """Return UP, DOWN or EITHER for every frame; messages of control say it themselves."""
        frames = block.frames
        direction = np.zeros(len(frames.number), np.int8)
        opcodes = block.mpcp.opcode
        down = (opcodes == Opcode.GATE) | (opcodes == Opcode.REGISTER)
        direction[block.mpcp.row] = np.where(down, DOWN, UP)
        direction[encrypted] = DOWN
        self._hear(frames, block, down)
        slow = np.array([one.row for one in block.oam], np.int64)
        if len(slow):
            side = self.sides.side_of(frames.source[slow])
            direction[slow] = np.where(side == NOBODY, EITHER, np.where(side >= 0, UP, DOWN))
        rows = np.flatnonzero(users)
        self.users_seen = self.users_seen or len(rows) > 0
        direction[rows] = self.sides.directions(
            frames.source[rows], frames.llid[rows], frames.mode[rows], judged[rows], self.windows.duty
        )
        return direction

    def _hear(self, frames: Frames, block: Block, down: Bools) -> None:
        """Learn the OLT's MACs and the ONUs' own from what only they send."""
        olts = np.unique(frames.source[block.mpcp.row[down]])
        self.sides.olts |= frozenset(olts.tolist())
        self.sides.learn(olts, np.full(len(olts), NETWORK, np.int32))
        ups = block.mpcp.row[~down & (block.mpcp.opcode != Opcode.REGISTER_REQ)]
        ups = ups[frames.llid[ups] < FIRST_RESERVED_LLID]
        macs, first = np.unique(frames.source[ups], return_index=True)
        self.sides.learn(macs, frames.llid[ups][first])
        is_first = not self.heard
        self.heard |= {DOWN} if down.any() else set()
        self.heard |= {UP} if not down.all() else set()
        if len(self.heard) == 2:
            self.sides.only = EITHER
        elif is_first and self.heard:
            (self.sides.only,) = self.heard
