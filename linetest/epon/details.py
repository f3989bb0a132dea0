"""What a record tells of a capture besides its readings; only values that JSON can hold."""

from typing import Any

import numpy as np

from linetest.epon.checks_grants import AtOlt, at_olt
from linetest.epon.constants import TQ_NS
from linetest.epon.frames import ABSENT
from linetest.epon.heard import Heard
from linetest.epon.sides import UP

_MOST_LLIDS = 4096
"""Whose counters a record lists."""
_MOST_GRANTS = 400
"""As many as a picture can show."""


def capture_details(heard: Heard, cut_at: int | None) -> dict[str, Any]:
    """Return what kind of capture it was: what it can decide follows from this."""
    source = heard.source
    return {
        "name": source.name.rpartition("/")[2],
        "frames": heard.traffic.counts.frames,
        "seconds": round((heard.last_ns - heard.first_ns) / 1e9, 6),
        "preamble": source.has_preamble,
        "nanosecond": source.is_nanosecond,
        "fcs": source.has_fcs,
        "directions": ["up" if one == UP else "down" for one in sorted(heard.traffic.heard, reverse=True)],
        "cut_at_byte": cut_at,
    }


def counter_details(heard: Heard) -> dict[str, Any]:
    """Return the counters, under their names of RFC 4837 where it has one."""
    counts = heard.traffic.counts
    sums = np.bincount(
        np.maximum(heard.gates.llid[heard.grants.gate], 0), weights=heard.grants.length, minlength=len(counts.up)
    )
    every = float(sums.sum())
    llids = [
        {
            "llid": llid,
            **counts.of_llid(llid),
            "granted_tq": int(sums[llid]),
            "granted_share_percent": round(100.0 * float(sums[llid]) / every, 2) if every else None,
        }
        for llid in counts.llids()[:_MOST_LLIDS]
    ]
    return {"pon": counts.of_pon(), "llids": llids}


def vlan_details(heard: Heard) -> list[dict[str, Any]]:
    """Return the VLANs that were seen on each LLID; null for untagged frames."""
    by_llid: dict[int, list[int | None]] = {}
    for llid, vid in sorted(heard.traffic.isolation.vlans):
        by_llid.setdefault(llid, []).append(None if vid == ABSENT else vid)
    return [{"llid": llid, "vids": vids} for llid, vids in by_llid.items()]


def grant_details(heard: Heard) -> list[dict[str, Any]]:
    """Return the grants around the worst place on the OLT's clock, for a picture."""
    if not heard.clock.is_known or not len(heard.grant_start_tq):
        return []
    placed = at_olt(heard)
    if not len(placed.start):
        return []
    first = max(_worst(placed) - _MOST_GRANTS // 2, 0)
    shown = slice(first, first + _MOST_GRANTS)
    zero = float(placed.start[first])
    return [
        {
            "llid": None if llid == ABSENT else llid,
            "start_us": round((start - zero) * TQ_NS / 1000.0, 3),
            "end_us": round((end - zero) * TQ_NS / 1000.0, 3),
            "frame": number,
        }
        for start, end, llid, number in zip(
            placed.start[shown].tolist(),
            placed.end[shown].tolist(),
            placed.llid[shown].tolist(),
            placed.number[shown].tolist(),
            strict=True,
        )
    ]


def _worst(placed: AtOlt) -> int:
    """Return the grant that overlaps most with one before it."""
    if len(placed.start) < 2:
        return 0
    over = np.maximum.accumulate(placed.end)[:-1] - placed.start[1:]
    discovery = (placed.llid[1:] == ABSENT) & (placed.llid[:-1] == ABSENT)
    return int(np.where(discovery, -np.inf, over).argmax()) + 1
