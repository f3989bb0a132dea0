"""Logical links: whether an LLID or a LOID is used twice, and whether round-trip time and distance agree."""

from collections.abc import Iterable

from linetest.devices.olt_rows import OnuRow
from linetest.pon.settings import PonSettings

_LIGHT_M_PER_S = 299_792_458.0
_TQ_S = 16e-9  # IEEE 802.3, 64.2.2.1
_NO_LLID = frozenset({0x7FFF, 0x7FFE, 0})
"""What an ONU without a link of its own has: the two broadcast ids, and the 0 of an empty table row."""


def rtt_distance_m(rtt_tq: float, settings: PonSettings) -> float:
    """Return the distance that a round-trip time gives: c / n * half of the time that light was on its way."""
    return (rtt_tq - settings.answer_tq) * _TQ_S / 2.0 * _LIGHT_M_PER_S / settings.group_index


def by_port(rows: Iterable[OnuRow]) -> dict[str, list[OnuRow]]:
    """Return the ONUs of each port."""
    found: dict[str, list[OnuRow]] = {}
    for row in rows:
        found.setdefault(port_of(row), []).append(row)
    return found


def by_loid(rows: Iterable[OnuRow]) -> dict[str, list[OnuRow]]:
    """Return the ONUs of each LOID; the keys are whole LOIDs and are shown nowhere."""
    found: dict[str, list[OnuRow]] = {}
    for row in rows:
        if row.loid is not None:
            found.setdefault(row.loid.reveal(), []).append(row)
    return found


def port_of(row: OnuRow) -> str:
    """Return the port of an ONU as ``rack/slot/port``."""
    return row.state.onu.partition(":")[0]


def same_llid(row: OnuRow, on_port: Iterable[OnuRow]) -> list[str]:
    """Return the other ONUs of the port with the same LLID; one MAC with several links is no such case."""
    llid = row.state.llid
    if llid is None or llid in _NO_LLID:
        return []
    return [
        other.state.onu
        for other in on_port
        if other.state.onu != row.state.onu
        and other.state.llid == llid
        and (other.state.mac is None or other.state.mac != row.state.mac)
    ]


def llids_of_mac(row: OnuRow, on_port: Iterable[OnuRow]) -> list[int]:
    """Return all LLIDs that the ONU's MAC has on its port, its own included."""
    same = [other for other in on_port if other.state.mac == row.state.mac]
    return sorted({one.state.llid for one in (row, *same) if one.state.llid is not None} - _NO_LLID)


def same_loid(row: OnuRow, with_loid: Iterable[OnuRow]) -> list[str]:
    """Return the other ONUs among those with the same LOID.

    An ONU that is both configured and waiting is one ONU: the same serial or MAC is not another one.
    """
    return [other.state.onu for other in with_loid if not _is_same(row, other)]


def _is_same(row: OnuRow, other: OnuRow) -> bool:
    if row.state.onu == other.state.onu:
        return True
    for name in ("serial", "mac"):
        mine, its = getattr(row.state, name), getattr(other.state, name)
        if mine is not None and its is not None:
            return bool(mine == its)
    return False
