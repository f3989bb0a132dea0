"""MPCPDUs of many frames at once (IEEE 802.3 clause 64.3.6; 10G: 77.3.6)."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from linetest.epon.frames import ABSENT, MOST_GRANTS, Bools, Bytes, Int64s, Mpcp
from linetest.epon.records import Records, rows
from linetest.epon.reports import read_reports

GATE, REPORT, REGISTER_REQ, REGISTER, REGISTER_ACK = range(2, 7)
ETHERTYPE = 0x8808

_ROOM = 80  # octets gathered of each
_GRANT_AT, _GRANT_SIZE = 21, 6
_FIXED = {  # field: (opcode, octet counted from DA, octets)
    "queue_sets": ((REPORT, 20, 1),),
    "flags": ((REGISTER_REQ, 20, 1), (REGISTER, 22, 1), (REGISTER_ACK, 20, 1)),
    "llid": ((REGISTER, 20, 2), (REGISTER_ACK, 21, 2)),
    "pending": ((REGISTER_REQ, 21, 1), (REGISTER, 25, 1)),
    "sync_time": ((REGISTER, 23, 2), (REGISTER_ACK, 23, 2)),
    "discovery_information": ((REGISTER_REQ, 22, 2),),
}


class _Pdus(NamedTuple):
    octets: Bytes
    """From DA on, (k, `_ROOM`); what lies behind `size` belongs to somebody else."""
    size: Int64s
    opcode: Int64s


class _Gates(NamedTuple):
    grants: Int64s
    discovery: Int64s
    force_report: Int64s
    start: Int64s
    length: Int64s


def read_mpcp(records: Records, at: Int64s, size: Int64s, is_whole: Bools, row: Int64s) -> Mpcp:
    """Return the MPCPDUs among some frames of EtherType 0x8808; those with another opcode, such as PAUSE, are left out.

    Args:
        records: They are part of these.
        at: Where in the buffer each one's DA stands.
        size: Octets from DA on that were captured, without FCS.
        is_whole: No octet of it is missing.
        row: Row in the block's frames.
    """
    opcode = _number(rows(records.buffer, at + 14, 2), 0, 2)
    chosen = np.flatnonzero((opcode >= GATE) & (opcode <= REGISTER_ACK) & (size >= 16))
    pdus = _Pdus(rows(records.buffer, at[chosen], _ROOM), size[chosen], opcode[chosen])
    fixed = {name: _fixed(pdus, places) for name, places in _FIXED.items()}
    gates = _read_gates(pdus, fixed["sync_time"], fixed["discovery_information"])
    information = fixed["discovery_information"]
    information[information == 0] = ABSENT
    report_good, queued = _read_reports(pdus, fixed["queue_sets"], is_whole[chosen])
    return Mpcp(
        row=row[chosen],
        opcode=pdus.opcode.astype(np.int8),
        timestamp=np.where(pdus.size >= 20, _number(pdus.octets, 16, 4), ABSENT),
        grants=gates.grants.astype(np.int8),
        discovery=gates.discovery.astype(np.int8),
        force_report=gates.force_report.astype(np.int8),
        start=gates.start,
        grant_length=gates.length.astype(np.int32),
        sync_time=fixed["sync_time"].astype(np.int32),
        flags=fixed["flags"].astype(np.int16),
        llid=fixed["llid"].astype(np.int32),
        pending=fixed["pending"].astype(np.int16),
        queue_sets=fixed["queue_sets"].astype(np.int16),
        report_good=report_good.astype(np.int8),
        queued=queued,
        discovery_information=information.astype(np.int32),
    )


def _fixed(pdus: _Pdus, places: tuple[tuple[int, int, int], ...]) -> Int64s:
    """Return a field that stands at a fixed place, which differs by opcode."""
    field = _absent(pdus.opcode.size)
    for opcode, at, octets in places:
        its = np.flatnonzero((pdus.opcode == opcode) & (pdus.size >= at + octets))
        field[its] = _number(pdus.octets[its], at, octets)
    return field


def _read_gates(pdus: _Pdus, sync_time: Int64s, information: Int64s) -> _Gates:
    """Return the fields of GATEs; those of discovery GATEs go into `sync_time` and `information`."""
    count = pdus.opcode.size
    gates = _Gates(
        grants=_absent(count),
        discovery=_absent(count),
        force_report=_absent(count),
        start=_absent((count, MOST_GRANTS)),
        length=_absent((count, MOST_GRANTS)),
    )
    its = np.flatnonzero((pdus.opcode == GATE) & (pdus.size >= _GRANT_AT))
    octets, size = pdus.octets[its], pdus.size[its]
    head = octets[:, 20].astype(np.int64)
    grants = head & 7
    gates.grants[its], gates.discovery[its], gates.force_report[its] = grants, head >> 3 & 1, head >> 4
    for grant in range(MOST_GRANTS):
        at = _GRANT_AT + _GRANT_SIZE * grant
        has_it = np.flatnonzero((grants > grant) & (size >= at + _GRANT_SIZE))
        gates.start[its[has_it], grant] = _number(octets[has_it], at, 4)
        gates.length[its[has_it], grant] = _number(octets[has_it], at + 4, 2)
    behind = _GRANT_AT + _GRANT_SIZE * np.minimum(grants, MOST_GRANTS)
    for field, place in ((sync_time, behind), (information, behind + 2)):
        has_it = np.flatnonzero((head >> 3 & 1 == 1) & (size >= place + 2))
        at = place[has_it]
        field[its[has_it]] = octets[has_it, at].astype(np.int64) << 8 | octets[has_it, at + 1]
    return gates


def _read_reports(pdus: _Pdus, queue_sets: Int64s, is_whole: Bools) -> tuple[Int64s, Int64s]:
    """Return `report_good` and `queued`."""
    good, queued = _absent(pdus.opcode.size), _absent(pdus.opcode.size)
    its = np.flatnonzero(pdus.opcode == REPORT)
    good[its], queued[its] = read_reports(pdus.octets[its], pdus.size[its], queue_sets[its], is_whole[its])
    return good, queued


def _absent(shape: int | tuple[int, int]) -> npt.NDArray[Any]:
    return np.full(shape, ABSENT, np.int64)


def _number(octets: Bytes, at: int, size: int) -> Int64s:
    """Return the big-endian numbers of so many octets in a column."""
    return np.ascontiguousarray(octets[:, at : at + size]).view(f">u{size}")[:, 0].astype(np.int64)
