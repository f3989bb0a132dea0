"""The slow way to the audit's arrays: one frame at a time through the scapy layers, for live taps and single frames.

It fills exactly what `linetest.epon.capture` fills for large files, so that one audit judges both.
"""

import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from linetest.epon.frames import ABSENT, MOST_GRANTS, Block, Frames, Mpcp, OamFrame, Source
from linetest.epon.layers import ENCRYPTED, FCS_SIZE, GOOD_FCS, TAGS, EponPreamble, Ethernet, lead_of
from linetest.epon.layers_mpcp import Gate, MacControl, Register, RegisterAck, RegisterReq, Report
from linetest.epon.layers_oam import SlowProtocol
from linetest.epon.layers_part import QueueSet
from linetest.epon.oam import OAM_SUBTYPE

MOST_FRAMES = 4096
"""Frames of a block."""

_HEAD = 14  # DA, SA, EtherType
_SHORTEST_WITH_FCS = _HEAD + FCS_SIZE
_MPCPDU = 60  # octets from DA on, without FCS
_BODY_AT = 16  # of an MPCPDU: its timestamp
_GRANT_AT, _GRANT = 21, 6
_CLASSES: dict[int, Any] = {2: Gate, 3: Report, 4: RegisterReq, 5: Register, 6: RegisterAck}
# Where each field of fixed place ends, counted from DA: a shorter capture does not have it.
_ENDS: dict[Any, dict[str, int]] = {
    Gate: {},
    Report: {},
    RegisterReq: {"flags": 21, "pending": 22, "discovery_information": 24},
    Register: {"llid": 22, "flags": 23, "sync_time": 25, "pending": 26},
    RegisterAck: {"flags": 21, "llid": 23, "sync_time": 25},
}
_FRAME_TYPES = {
    "number": np.int64, "time_ns": np.int64, "captured": np.int32, "length": np.int32, "lead": np.int8,
    "security": np.int16, "mode": np.int8, "llid": np.int32, "crc8_good": np.int8, "fcs_good": np.int8,
    "destination": np.int64, "source": np.int64, "ethertype": np.int32, "vid": np.int16,
}  # fmt: skip
_MPCP_TYPES = {
    "row": np.int64, "opcode": np.int8, "timestamp": np.int64, "grants": np.int8, "discovery": np.int8,
    "force_report": np.int8, "start": np.int64, "grant_length": np.int32, "sync_time": np.int32, "flags": np.int16,
    "llid": np.int32, "pending": np.int16, "queue_sets": np.int16, "report_good": np.int8, "queued": np.int64,
    "discovery_information": np.int32,
}  # fmt: skip

Row = dict[str, Any]


class Sniffed(NamedTuple):
    """A frame as a tap delivers it."""

    time_ns: int
    """Since 1970."""
    octets: bytes
    """With the preamble where the source has one."""
    length: int
    """Octets on the wire; more than there are octets where the tap cut the frame short."""


def blocks_from_packets(packets: Iterable[Sniffed], source: Source) -> Iterator[Block]:
    """Yield the frames in blocks of at most `MOST_FRAMES`, numbered from 1; `source` says how to read them."""
    rest = iter(packets)
    number = 1
    while taken := list(islice(rest, MOST_FRAMES)):
        yield _block(taken, source, number)
        number += len(taken)


def _block(packets: list[Sniffed], source: Source, first_number: int) -> Block:
    frames: list[Row] = []
    mpcp: list[Row] = []
    oam: list[OamFrame] = []
    for row, packet in enumerate(packets):
        frame, octets, is_whole = _frame(packet, source)
        frames.append({"number": first_number + row, **frame})
        if frame["ethertype"] == MacControl.ETHERTYPE:
            mpcp.extend({**pdu, "row": row} for pdu in _mpcpdu(octets, is_whole))
        elif frame["ethertype"] == SlowProtocol.ETHERTYPE and octets[_HEAD : _HEAD + 1] == bytes([OAM_SUBTYPE]):
            oam.append(OamFrame(row=row, body=octets[_HEAD:]))
    return Block(
        frames=Frames(**_columns(frames, _FRAME_TYPES)),
        mpcp=Mpcp(**{name: _grants(column, name) for name, column in _columns(mpcp, _MPCP_TYPES).items()}),
        oam=oam,
    )


def _columns(rows: list[Row], types: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array([row[name] for row in rows], kind) for name, kind in types.items()}


def _grants(column: Any, name: str) -> Any:
    """Return a column of grants in its two dimensions, which an empty one does not show."""
    return column.reshape(-1, MOST_GRANTS) if name in ("start", "grant_length") else column


def _frame(packet: Sniffed, source: Source) -> tuple[Row, bytes, bool]:
    """Return the frame's row, its octets from DA on without FCS, and whether none of them is missing."""
    lead = (lead_of(packet.octets) or ABSENT) if source.has_preamble else 0
    row: Row = {
        "time_ns": packet.time_ns,
        "captured": len(packet.octets),
        "length": min(packet.length, np.iinfo(np.int32).max),
        "lead": lead,
        **dict.fromkeys(("security", "mode", "llid", "crc8_good", "fcs_good"), ABSENT),
    }
    is_whole = len(packet.octets) >= packet.length
    octets = packet.octets[lead:] if lead >= 0 else b""
    if lead > 0:
        preamble = EponPreamble(packet.octets[:lead])
        row |= {name: getattr(preamble, name) for name in ("security", "mode", "llid")}
        row["crc8_good"] = int(preamble.has_good_crc8())
        if preamble.security in ENCRYPTED:
            octets = b""
    if source.has_fcs:
        if is_whole and len(octets) >= _SHORTEST_WITH_FCS:
            row["fcs_good"] = int(zlib.crc32(octets) == GOOD_FCS)
        end = packet.length - max(lead, 0) - FCS_SIZE
        octets = octets[: max(len(octets) - FCS_SIZE if is_whole else end, 0)]
    return row | _head(octets), octets, is_whole


def _head(octets: bytes) -> Row:
    head = Ethernet(octets[:_HEAD].ljust(_HEAD, b"\0"))
    row: Row = {
        "destination": _mac(head.dst) if len(octets) >= 6 else ABSENT,
        "source": _mac(head.src) if len(octets) >= 12 else ABSENT,
        "ethertype": head.type if len(octets) >= _HEAD else ABSENT,
        "vid": ABSENT,
    }
    if row["ethertype"] in TAGS and len(octets) >= _HEAD + 2:
        row["vid"] = Ethernet(octets[: _HEAD + 4].ljust(_HEAD + 4, b"\0")).payload.vlan
    return row


def _mac(text: str) -> int:
    return int(text.replace(":", ""), 16)


def _mpcpdu(octets: bytes, is_whole: bool) -> Iterator[Row]:
    """Yield the row of an MPCPDU; none of PAUSE and other MAC control frames."""
    if len(octets) < _BODY_AT:
        return
    opcode = MacControl(octets[_HEAD:_BODY_AT]).opcode
    kind = _CLASSES.get(opcode)
    if kind is None:
        return
    pdu = kind(octets[_BODY_AT:_MPCPDU].ljust(_MPCPDU - _BODY_AT, b"\0"))
    row: Row = dict.fromkeys(_MPCP_TYPES, ABSENT)
    row |= {"opcode": opcode, "start": [ABSENT] * MOST_GRANTS, "grant_length": [ABSENT] * MOST_GRANTS}
    if len(octets) >= 20:
        row["timestamp"] = pdu.timestamp
    row |= {name: getattr(pdu, name) for name, end in _ENDS[kind].items() if len(octets) >= end}
    if kind is Gate and len(octets) >= _GRANT_AT:
        row |= _gate(pdu, len(octets))
    elif kind is Report:
        row |= _report(octets[_BODY_AT:_MPCPDU], may_be_cut=not is_whole and len(octets) < _MPCPDU)
    row["discovery_information"] = row["discovery_information"] or ABSENT
    yield row


def _gate(gate: Gate, size: int) -> Row:
    captured = (size - _GRANT_AT) // _GRANT
    rest = [ABSENT] * MOST_GRANTS
    row: Row = {
        "grants": gate.number,
        "discovery": gate.discovery,
        "force_report": gate.force_report,
        "start": ([grant.start for grant in gate.grants[:captured]] + rest)[:MOST_GRANTS],
        "grant_length": ([grant.length for grant in gate.grants[:captured]] + rest)[:MOST_GRANTS],
    }
    behind = _GRANT_AT + _GRANT * len(gate.grants)
    if gate.discovery and size >= behind + 2:
        row["sync_time"] = gate.sync_time
    if gate.discovery and size >= behind + 4:
        row["discovery_information"] = gate.discovery_information
    return row


def _report(octets: bytes, *, may_be_cut: bool) -> Row:
    """Return what a REPORT's octets from its timestamp on say; nothing is put in for octets that are missing."""
    if len(octets) < 5:
        return {"report_good": ABSENT if may_be_cut else 0}
    report = Report(octets)
    sets = report.queue_sets
    fits = len(sets) == report.number and all(
        isinstance(one, QueueSet) and len(one.queues) == one.bitmap.bit_count() for one in sets
    )
    is_good = fits and not any(bytes(report.payload))
    return {
        "queue_sets": report.number,
        "report_good": ABSENT if may_be_cut else int(is_good),
        "queued": sum(sets[-1].queues) if fits and sets else ABSENT,
    }
