"""The name of an ONU: every maker's spelling read, one canonical form written."""

import re
from typing import NamedTuple

from linetest.errors import UsageError
from linetest.words.text import _

_NUMBER = r"\d{1,5}"
_SERIAL = r"[A-Za-z]{4}[0-9A-Fa-f]{8}"
# Words that makers put before the numbers: gpon-onu_1/1/1:1, gpon_onu-1/1/1:1, EPON0/1:1, GPON 0/1/0, epon-olt_1/2/1.
_PREFIX = re.compile(r"^(?:xgs-?|xg-?|10g-?)?(?:gpon|epon|pon)(?:[-_ ]?(?:onu|olt))?[-_ ]?(?=\d)", re.IGNORECASE)
# V-SOL's interface names: GPON01ONU1, EPON01ONU12.
_JOINED = re.compile(rf"^[ge]pon(?P<port>\d{{1,2}})onu(?P<onu>{_NUMBER})$", re.IGNORECASE)
_WITH_COLON = re.compile(rf"^(?P<place>{_NUMBER}(?: ?/ ?{_NUMBER}){{0,2}}) ?(?:: ?(?P<onu>{_NUMBER}|{_SERIAL}))?$")
# Huawei's command line, and what people make of it: 0 1 0 1, 0/1/0 1, 0/1/0/1.
_WITHOUT_COLON = re.compile(
    rf"^(?P<rack>{_NUMBER})(?: ?/ ?| )(?P<slot>{_NUMBER})(?: ?/ ?| )(?P<port>{_NUMBER})(?:/| )(?P<onu>{_NUMBER})$"
)


class OnuId(NamedTuple):
    """The place of an ONU on an OLT; sorts as people count."""

    rack: int
    slot: int
    port: int
    onu: int | str | None = None
    """Its number on the port, or its serial where the OLT numbers nothing; None for the port itself."""

    @property
    def port_text(self) -> str:
        """Return the port as ``rack/slot/port``."""
        return f"{self.rack}/{self.slot}/{self.port}"

    def __str__(self) -> str:
        return self.port_text if self.onu is None else f"{self.port_text}:{self.onu}"

    def covers(self, other: "OnuId") -> bool:
        """Tell whether `other` is this ONU, or an ONU of this port."""
        return self[:3] == other[:3] and self.onu in (None, other.onu)


def find_onu_id(text: str) -> OnuId | None:
    """Return the ONU or port that `text` names in any maker's spelling; None when it names none.

    A missing rack or slot is 0: ``EPON0/1:2`` is ``0/0/1:2``.
    """
    plain = " ".join(text.split())
    if joined := _JOINED.fullmatch(plain):
        return OnuId(0, 0, int(joined["port"]), int(joined["onu"]))
    plain = _PREFIX.sub("", plain)
    if four := _WITHOUT_COLON.fullmatch(plain):
        return OnuId(int(four["rack"]), int(four["slot"]), int(four["port"]), int(four["onu"]))
    found = _WITH_COLON.fullmatch(plain)
    if found is None:
        return None
    rack, slot, port = [0, 0, 0, *(int(part) for part in found["place"].split("/"))][-3:]
    onu = found["onu"]
    return OnuId(rack, slot, port, int(onu) if onu is not None and onu.isdecimal() else onu)


def parse_onu_id(text: str) -> OnuId:
    """Return what `find_onu_id` returns; raises `UsageError` that shows how it is written."""
    found = find_onu_id(text)
    if found is None:
        raise UsageError(
            _("{text!r} names no ONU and no port").format(text=text[:60]),
            _("write rack/slot/port:onu as in 0/1/0:1, or the OLT's own spelling, such as gpon-onu_1/1/1:1"),
        )
    return found


def sort_key(text: str) -> tuple[int, int, int, int, str]:
    """Return what sorts canonical names as people count: 0/1/0:2 before 0/1/0:10; other texts come last."""
    found = find_onu_id(text)
    if found is None:
        return (1 << 30, 0, 0, 0, text)
    number = found.onu if isinstance(found.onu, int) else -1
    return (found.rack, found.slot, found.port, number, str(found.onu or ""))
