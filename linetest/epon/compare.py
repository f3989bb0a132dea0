"""The counters of a capture beside those that the OLT shows (RFC 4837): told side by side, judged by nobody.

The OLT counts since a link came up, the capture since it began: the OLT may have more, and fewer only where it lost
frames, or where the capture is of another link.
"""

from collections import Counter
from typing import Any, NamedTuple


class Shown(NamedTuple):
    """What an OLT shows of one link."""

    onu: str
    llid: int | None
    mac: str | None
    rtt_tq: float | None
    counters: dict[str, int]


def beside_olt(details: dict[str, Any], shown: list[Shown]) -> list[dict[str, Any]]:
    """Return for each LLID of a capture that the OLT shows too, name by name, what both say.

    Args:
        details: The capture's, with its counters and ONUs.
        shown: By the OLT. A link is known by its MAC; by its LLID only where one link has it.
    """
    counted = {row["llid"]: row for row in details["counters"]["llids"]}
    by_mac = {one.mac.lower(): one for one in shown if one.mac is not None}
    often = Counter(one.llid for one in shown)
    by_llid = {one.llid: one for one in shown if often[one.llid] == 1}
    found = []
    for onu in details["onus"]:
        llid, mac = onu["llid"], onu["mac"]
        link = by_mac.get(mac) if mac is not None else by_llid.get(llid)
        if llid is None or link is None or not onu["is_registered"]:
            continue
        rows = [_row("dot3MpcpLinkID", llid, link.llid), _row("dot3MpcpRoundTripTime", onu["rtt_tq"], link.rtt_tq)]
        row = counted.get(llid, {})
        rows += [_row(name, row[name], value) for name, value in link.counters.items() if name in row]
        found.append({"llid": llid, "mac": mac, "onu": link.onu, "counters": [one for one in rows if one is not None]})
    return found


def _row(name: str, captured: float | None, told: float | None) -> dict[str, Any] | None:
    if captured is None or told is None:
        return None
    captured, told = round(captured), round(told)
    return {"name": name, "capture": captured, "olt": told, "differs": captured != told, "fewer": told < captured}
