"""The MPCP messages of a whole capture, kept small: a million frames hold some hundred thousand of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linetest.epon.constants import Opcode
from linetest.epon.frames import ABSENT, MOST_GRANTS, Block, Int8s, Int16s, Int32s, Int64s


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All GATEs, discovery ones included; g rows in the order of the capture."""

    number: Int32s
    time_ns: Int64s
    llid: Int16s
    timestamp: Int64s
    claimed: Int8s
    """The number of grants that the message claims."""
    discovery: Int8s
    force_report: Int8s

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """Every grant of every GATE; zero-length ones are left out: they keep alive and grant nothing."""

    gate: Int32s
    """Row in `Gates`."""
    place: Int8s
    """0 to 3 within its GATE."""
    start: Int64s
    length: Int32s


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """All REPORTs; r rows in the order of the capture."""

    number: Int32s
    time_ns: Int64s
    llid: Int16s
    mode: Int8s
    source: Int64s
    timestamp: Int64s
    good: Int8s
    queue_sets: Int16s
    queued: Int64s

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.number)


class RegistrationMessage(NamedTuple):
    """One REGISTER_REQ, REGISTER or REGISTER_ACK."""

    number: int
    time_ns: int
    opcode: Opcode
    llid: int
    """Of its preamble; -1 without one."""
    mode: int
    source: int
    destination: int
    timestamp: int
    flags: int
    port: int
    """The assigned LLID, or its echo."""
    sync_time: int
    pending: int
    information: int


def gates_of(block: Block) -> tuple[Gates, Grants]:
    """Return the block's GATEs and what they grant."""
    mpcp, frames = block.mpcp, block.frames
    rows = np.flatnonzero(mpcp.opcode == Opcode.GATE)
    at = mpcp.row[rows]
    gates = Gates(
        number=frames.number[at].astype(np.int32),
        time_ns=frames.time_ns[at],
        llid=frames.llid[at].astype(np.int16),
        timestamp=mpcp.timestamp[rows],
        claimed=mpcp.grants[rows],
        discovery=mpcp.discovery[rows],
        force_report=mpcp.force_report[rows],
    )
    lengths = mpcp.grant_length[rows]
    place = np.arange(MOST_GRANTS)[None, :]
    gate, column = np.nonzero((place < gates.claimed[:, None]) & (lengths > 0))
    grants = Grants(
        gate=gate.astype(np.int32),
        place=column.astype(np.int8),
        start=mpcp.start[rows][gate, column],
        length=lengths[gate, column],
    )
    return gates, grants


def reports_of(block: Block) -> Reports:
    """Return the block's REPORTs."""
    mpcp, frames = block.mpcp, block.frames
    rows = np.flatnonzero(mpcp.opcode == Opcode.REPORT)
    at = mpcp.row[rows]
    return Reports(
        number=frames.number[at].astype(np.int32),
        time_ns=frames.time_ns[at],
        llid=frames.llid[at].astype(np.int16),
        mode=frames.mode[at],
        source=frames.source[at],
        timestamp=mpcp.timestamp[rows],
        good=mpcp.report_good[rows],
        queue_sets=mpcp.queue_sets[rows],
        queued=mpcp.queued[rows],
    )


def registrations_of(block: Block) -> list[RegistrationMessage]:
    """Return the block's messages of registration: few, and their order is what matters."""
    mpcp, frames = block.mpcp, block.frames
    found = []
    for row in np.flatnonzero(mpcp.opcode >= Opcode.REGISTER_REQ).tolist():
        at = int(mpcp.row[row])
        found.append(
            RegistrationMessage(
                number=int(frames.number[at]),
                time_ns=int(frames.time_ns[at]),
                opcode=Opcode(int(mpcp.opcode[row])),
                llid=int(frames.llid[at]),
                mode=int(frames.mode[at]),
                source=int(frames.source[at]),
                destination=int(frames.destination[at]),
                timestamp=int(mpcp.timestamp[row]),
                flags=int(mpcp.flags[row]),
                port=int(mpcp.llid[row]),
                sync_time=int(mpcp.sync_time[row]),
                pending=int(mpcp.pending[row]),
                information=int(mpcp.discovery_information[row]),
            )
        )
    return found


def join_gates(parts: list[tuple[Gates, Grants]]) -> tuple[Gates, Grants]:
    """Return the GATEs and grants of all blocks as one."""
    firsts = np.cumsum([0, *(len(gates) for gates, _ in parts[:-1])])
    gates = Gates(**{name: np.concatenate([getattr(one, name) for one, _ in parts]) for name in Gates.__slots__})
    moved = [(one.gate + int(first)).astype(np.int32) for (_, one), first in zip(parts, firsts, strict=True)]
    grants = Grants(
        gate=np.concatenate(moved),
        **{
            name: np.concatenate([getattr(one, name) for _, one in parts])
            for name in Grants.__slots__
            if name != "gate"
        },
    )
    return gates, grants


def join_reports(parts: list[Reports]) -> Reports:
    """Return the REPORTs of all blocks as one."""
    return Reports(**{name: np.concatenate([getattr(one, name) for one in parts]) for name in Reports.__slots__})


def unicast(gates: Gates) -> Int64s:
    """Return the rows of the GATEs that speak to one ONU."""
    return np.flatnonzero((gates.discovery != 1) & (gates.llid != ABSENT))
