"""Which LLIDs and modes a frame may bear (IEEE 802.3 clauses 64.3.3 and 65.1.3.3)."""

import numpy as np

from linetest.epon.constants import BROADCAST_LLID, BROADCAST_LLID_10G, FIRST_RESERVED_LLID, GROUP_BIT, TQ_NS, Opcode
from linetest.epon.frames import Block, Bools, Frames
from linetest.epon.grouping import held, rows_by
from linetest.epon.registration import Registry
from linetest.epon.settings import EponSettings
from linetest.epon.tally import Tally

_LLIDS = BROADCAST_LLID + 1


def tell(tally: Tally, check: str, frames: Frames, chosen: Bools, *, with_source: bool = False) -> None:
    """Count the chosen frames against a check."""
    if chosen.any():
        macs = frames.source[chosen] if with_source else None
        tally.add(check, frames.number[chosen], frames.llid[chosen], macs)


def tell_llids(
    tally: Tally, frames: Frames, trusted: Bools, users_up: Bools, registry: Registry, settings: EponSettings
) -> None:
    """LLID-3: nothing on an LLID that nobody holds; unregistered ONUs only ask to register."""
    reserved = (frames.llid >= FIRST_RESERVED_LLID) & (frames.llid < BROADCAST_LLID_10G)
    tell(tally, "LLID-3", frames, trusted & reserved, with_source=True)
    tell(tally, "LLID-3", frames, users_up & (frames.llid >= BROADCAST_LLID_10G), with_source=True)
    settled = np.zeros(_LLIDS, np.bool_)
    for llid, periods in registry.periods.items():
        if llid < _LLIDS:
            settled[llid] = len(periods) == 1 and periods[0].ended_ns is None and llid not in registry.changed
    unicast = trusted & (frames.llid < FIRST_RESERVED_LLID)
    rows = np.flatnonzero(unicast & ~settled[np.maximum(frames.llid, 0)])
    in_flight_ns = int(settings.reach_rtt_tq * TQ_NS)
    loose = [
        rows[said][~held(registry.periods.get(llid, []), frames.time_ns[rows[said]], in_flight_ns)]
        for llid, said in rows_by(frames.llid[rows]).items()
    ]
    if loose:
        unheld = np.sort(np.concatenate(loose))
        tally.add("LLID-3", frames.number[unheld], frames.llid[unheld], frames.source[unheld])


def tell_modes(tally: Tally, block: Block, trusted: Bools) -> None:
    """LLID-7: messages up have mode 0; LLID-5: unless one with mode 1 is the copy of one with mode 0.

    LLID-3 too: of an unregistered ONU's messages only REGISTER_REQ may bear 0x7FFF.
    """
    frames, mpcp = block.frames, block.mpcp
    up = (mpcp.opcode != Opcode.GATE) & (mpcp.opcode != Opcode.REGISTER) & trusted[mpcp.row]
    llids, numbers, sources = frames.llid[mpcp.row], frames.number[mpcp.row], frames.source[mpcp.row]
    loose = up & (llids >= BROADCAST_LLID_10G) & (mpcp.opcode != Opcode.REGISTER_REQ)
    tally.add("LLID-3", numbers[loose], llids[loose], sources[loose])
    wrong = up & (frames.mode[mpcp.row] == 1)
    if not wrong.any():
        return
    key = (llids.astype(np.int64) << 32) + mpcp.timestamp
    copied = wrong & np.isin(key, key[up & ~wrong])
    for check, chosen in (("LLID-5", copied), ("LLID-7", wrong & ~copied)):
        tally.add(check, numbers[chosen], llids[chosen], sources[chosen])


def tell_misaddressed(tally: Tally, frames: Frames, control: Bools, registry: Registry) -> None:
    """LLID-4: what controls one ONU, by its MAC, does not go down on another ONU's LLID."""
    rows = np.flatnonzero(control & (frames.mode == 0) & (frames.llid < FIRST_RESERVED_LLID))
    rows = rows[(frames.destination[rows] & GROUP_BIT) == 0]
    homes = registry.llids_of_macs()
    lost = [
        row
        for row, mac, llid in zip(
            rows.tolist(), frames.destination[rows].tolist(), frames.llid[rows].tolist(), strict=True
        )
        if llid not in homes.get(mac, {llid})
    ]
    tally.add("LLID-4", frames.number[lost], frames.llid[lost], frames.destination[lost])
