"""Whether one customer's frames reach another: LLID filter, port isolation, VLANs (802.3 65.1.3.3.2, CTC 8 and 11)."""

from dataclasses import dataclass, field

import numpy as np

from linetest.epon.constants import BROADCAST_MAC, FIRST_RESERVED_LLID, GROUP_BIT, LINK_LOCAL
from linetest.epon.frames import ABSENT, Bools, Frames, Int8s, Int32s
from linetest.epon.llids import tell
from linetest.epon.registration import Registry
from linetest.epon.sides import DOWN, UP, Sides
from linetest.epon.tally import Tally

_VIDS = 4097  # 4096 stands for untagged


@dataclass(slots=True)
class Isolation:
    """What user frames say of who sees whom."""

    vlans: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    """By LLID and VLAN, `ABSENT` for untagged: the first frames."""

    def take(
        self, tally: Tally, frames: Frames, users: Bools, direction: Int8s, sides: Sides, registry: Registry
    ) -> None:
        """Take a block's user frames with the directions that they go."""
        down = users & (direction == DOWN)
        mine = frames.mode == 0
        group = (frames.destination & GROUP_BIT) != 0
        unicast_llid = frames.llid < FIRST_RESERVED_LLID
        origin = np.where(down, sides.side_of(frames.source), ABSENT)
        target = np.where(down & ~group, sides.side_of(frames.destination), ABSENT)
        others = down & (origin >= 0)
        reflected = down & ~mine & unicast_llid & _is_assigned(frames.llid, registry)
        tell(tally, "LLID-5", frames, reflected)
        leaked = others & mine & ~group & (origin != frames.llid) & (target != frames.llid)
        tell(tally, "ISO-1", frames, leaked, with_source=True)
        back = others & ~reflected & ~leaked & (group | ~mine) & (origin != frames.llid)
        tell(tally, "ISO-2", frames, back, with_source=True)
        local = (frames.destination & ~0xF) == LINK_LOCAL
        cast = down & mine & unicast_llid & group & (frames.destination != BROADCAST_MAC) & ~local & (origin < 0)
        tell(tally, "ISO-4", frames, cast)
        _hold_against_filter(tally, frames, down & mine & unicast_llid, registry)
        self._note_vlans(frames, users & mine & unicast_llid & ((direction == UP) | (down & ~leaked)))

    def _note_vlans(self, frames: Frames, chosen: Bools) -> None:
        rows = np.flatnonzero(chosen)
        vid = np.where(frames.vid[rows] < 0, _VIDS - 1, frames.vid[rows]).astype(np.int32)
        keys, first = np.unique(frames.llid[rows] * _VIDS + vid, return_index=True)
        for key, at in zip(keys.tolist(), first.tolist(), strict=True):
            llid, tag = divmod(key, _VIDS)
            seen = self.vlans.setdefault((llid, ABSENT if tag == _VIDS - 1 else tag), [])
            if not seen:
                seen.append(int(frames.number[rows[at]]))


def _hold_against_filter(tally: Tally, frames: Frames, chosen: Bools, registry: Registry) -> None:
    """LLID-6: what is addressed to an ONU itself must bear an LLID that it accepts."""
    homes = registry.llids_of_macs()
    macs = np.array(sorted(homes), np.int64)
    rows = np.flatnonzero(chosen & np.isin(frames.destination, macs))
    for mac in np.unique(frames.destination[rows]).tolist():
        ours = rows[frames.destination[rows] == mac]
        lost = ours[~np.isin(frames.llid[ours], list(homes[mac]))]
        tally.add("LLID-6", frames.number[lost], frames.llid[lost], frames.destination[lost])


def _is_assigned(llid: Int32s, registry: Registry) -> Bools:
    """Tell which LLIDs were ever given to an ONU: others may be multicast ones."""
    return np.isin(llid, [one for one, periods in registry.periods.items() if periods])
