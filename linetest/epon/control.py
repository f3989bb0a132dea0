"""The MPCP messages of a whole capture, kept small: a million frames hold some hundred thousand of them."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from linetest.epon.constants import Opcode
from linetest.epon.frames import MOST_GRANTS, Block, Int8s, Int16s, Int32s, Int64s, Ticks

Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All GATEs, discovery ones included; g rows in the order of the capture."""

    number: Int32s
    time_ns: Int64s
    llid: Int16s
    timestamp: Ticks
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
    start: Ticks
    length: Int32s


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """All REPORTs; r rows in the order of the capture."""

    number: Int32s
    time_ns: Int64s
    llid: Int16s
    mode: Int8s
    source: Int64s
    timestamp: Ticks
    good: Int8s
    queue_sets: Int16s

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
    rows = np.flatnonzero((mpcp.opcode == Opcode.GATE) & (mpcp.timestamp >= 0))
    at = mpcp.row[rows]
    gates = Gates(
        number=frames.number[at].astype(np.int32),
        time_ns=frames.time_ns[at],
        llid=frames.llid[at].astype(np.int16),
        timestamp=mpcp.timestamp[rows].astype(np.uint32),
        claimed=mpcp.grants[rows],
        discovery=mpcp.discovery[rows],
        force_report=mpcp.force_report[rows],
    )
    lengths, starts = mpcp.grant_length[rows], mpcp.start[rows]
    place = np.arange(MOST_GRANTS)[None, :]
    gate, column = np.nonzero((place < gates.claimed[:, None]) & (lengths > 0) & (starts >= 0))
    grants = Grants(
        gate=gate.astype(np.int32),
        place=column.astype(np.int8),
        start=starts[gate, column].astype(np.uint32),
        length=lengths[gate, column],
    )
    return gates, grants


def reports_of(block: Block) -> Reports:
    """Return the block's REPORTs."""
    mpcp, frames = block.mpcp, block.frames
    rows = np.flatnonzero((mpcp.opcode == Opcode.REPORT) & (mpcp.timestamp >= 0))
    at = mpcp.row[rows]
    return Reports(
        number=frames.number[at].astype(np.int32),
        time_ns=frames.time_ns[at],
        llid=frames.llid[at].astype(np.int16),
        mode=frames.mode[at],
        source=frames.source[at],
        timestamp=mpcp.timestamp[rows].astype(np.uint32),
        good=mpcp.report_good[rows],
        queue_sets=mpcp.queue_sets[rows],
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


@dataclass(slots=True)
class Kept:
    """The columns of all blocks so far. Joining empties them one by one: a long capture stands in memory once."""

    gates: dict[str, list[Column]] = field(default_factory=lambda: {name: [] for name in Gates.__slots__})
    grants: dict[str, list[Column]] = field(default_factory=lambda: {name: [] for name in Grants.__slots__})
    reports: dict[str, list[Column]] = field(default_factory=lambda: {name: [] for name in Reports.__slots__})
    _gate_count: int = 0

    def take(self, gates: Gates, grants: Grants, reports: Reports) -> None:
        """Keep the messages of the next block."""
        moved = dataclasses.replace(grants, gate=(grants.gate + self._gate_count).astype(np.int32))
        self._gate_count += len(gates)
        for columns, rows in ((self.gates, gates), (self.grants, moved), (self.reports, reports)):
            for name, parts in columns.items():
                parts.append(getattr(rows, name))
                _grow(parts)

    def join(self) -> tuple[Gates, Grants, Reports]:
        """Return all messages as one, and keep none."""
        return Gates(**_joined(self.gates)), Grants(**_joined(self.grants)), Reports(**_joined(self.reports))


def _grow(parts: list[Column]) -> None:
    """Join neighbours of like size: few large arrays go back to the system when they go, many small ones do not."""
    while len(parts) > 1 and len(parts[-2]) < 2 * len(parts[-1]):
        last = parts.pop()
        parts[-1] = np.concatenate([parts[-1], last])


def _joined(columns: dict[str, list[Column]]) -> dict[str, Any]:
    whole = {}
    for name, parts in columns.items():
        whole[name] = np.concatenate(parts)
        parts.clear()
    return whole
