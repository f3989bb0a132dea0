"""One ONU of many: by its MAC or its LLID."""

import re
from typing import Any, NamedTuple

from linetest.epon.constants import FIRST_RESERVED_LLID
from linetest.epon.finding import Finding, Outcome, mac_text
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

_MAC = re.compile(r"[0-9a-fA-F]{2}([:.-]?[0-9a-fA-F]{2}){5}")


class OnuWanted(NamedTuple):
    """How a person named an ONU; one of the two is None."""

    llid: int | None
    mac: int | None


def parse_onu(text: str) -> OnuWanted:
    """Read ``3``, ``0x0003`` or ``00:25:9e:30:00:02``.

    Raises:
        UsageError: it is neither.
    """
    if _MAC.fullmatch(text):
        return OnuWanted(None, int(re.sub("[:.-]", "", text), 16))
    try:
        llid = int(text, 0)
    except ValueError:
        llid = -1
    if not 0 <= llid < FIRST_RESERVED_LLID:
        raise UsageError(
            _("{text!r} is neither an LLID nor a MAC").format(text=safe_text(text)),
            _("write an LLID such as 3, or a MAC such as 00:25:9e:30:00:02"),
        )
    return OnuWanted(llid, None)


def only_onu(
    onus: list[dict[str, Any]], outcomes: list[Outcome], wanted: OnuWanted
) -> tuple[list[dict[str, Any]], list[Outcome]]:
    """Return what belongs to that ONU, and what belongs to none.

    Raises:
        UsageError: naming the ONUs that there are.
    """
    mac = mac_text(wanted.mac) if wanted.mac is not None else None
    ours = [one for one in onus if (mac is not None and one["mac"] == mac) or one["llid"] == wanted.llid is not None]
    if not ours:
        there = ", ".join(f"{one['llid']} ({one['mac'] or '?'})" for one in onus[:8])
        raise UsageError(
            _("there is no ONU {onu} in this capture").format(onu=mac or wanted.llid),
            _("there are: {onus}").format(onus=there) if there else _("no ONU registers or reports in it"),
        )
    llids = {one["llid"] for one in ours}
    macs = {one["mac"] for one in ours}

    def concerns(found: Finding) -> bool:
        if found.llid is None and found.mac is None:
            return True
        return found.llid in llids or (found.mac is not None and mac_text(found.mac) in macs)

    kept = [
        Outcome(check=one.check, findings=[found for found in one.findings if concerns(found)], missing=one.missing)
        for one in outcomes
    ]
    return ours, kept
