"""Everything that was heard in a capture, as the checks want it."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from linetest.epon.clock import OltClock
from linetest.epon.constants import FIRST_RESERVED_LLID
from linetest.epon.control import (
    Gates,
    Grants,
    Kept,
    Reports,
    gates_of,
    registrations_of,
    reports_of,
)
from linetest.epon.frames import ABSENT, Block, Frames, Int64s, Source
from linetest.epon.grouping import Rows, rows_by
from linetest.epon.oam import Oampdu, read_oampdu
from linetest.epon.octets import Garbled
from linetest.epon.registration import Period, Registry
from linetest.epon.settings import EponSettings
from linetest.epon.sides import DOWN, UP
from linetest.epon.traffic import Traffic
from linetest.epon.vlan_plan import VlanPlan
from linetest.epon.windows import Windows, starts_tq
from linetest.model.codes import Reason

NS_PER_MS = 1_000_000
_NO_ROWS = np.empty(0, np.int32)


class OamHeard(NamedTuple):
    """One OAMPDU with its frame."""

    number: int
    time_ns: int
    llid: int
    source: int
    octets: int
    """From DA to FCS, the FCS counted whether it was captured or not."""
    pdu: Oampdu | Garbled
    is_cut: bool
    """The capture holds only its begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A whole capture, taken apart."""

    source: Source
    settings: EponSettings
    registry: Registry
    clock: OltClock
    gates: Gates
    grants: Grants
    grant_start_tq: np.typing.NDArray[np.float64]
    """Each grant's start on the OLT's clock; empty where that is not known."""
    reports: Reports
    oam: list[OamHeard]
    traffic: Traffic
    plan: VlanPlan | None
    first_ns: int
    last_ns: int
    gate_rows: dict[int, Rows]
    """By LLID, the rows of its GATEs."""
    grant_rows: dict[int, Rows]
    """By LLID, the rows of its grants; without those of discovery windows."""
    report_rows: dict[int, Rows]
    """By LLID, the rows of its REPORTs; without preambles by the MAC of their sender."""
    olt_macs: frozenset[int]

    def cannot(
        self, *, up: bool = False, down: bool = False, preamble: bool = False, clock: bool = False
    ) -> Reason | None:
        """Return why the capture cannot decide what needs this much; None where it can."""
        if preamble and not self.source.has_preamble:
            return Reason.NO_PREAMBLE
        if (up and UP not in self.traffic.heard) or (down and DOWN not in self.traffic.heard):
            return Reason.ONE_DIRECTION if self.traffic.heard else Reason.NOT_SEEN
        if clock and not self.source.is_nanosecond:
            return Reason.COARSE_CLOCK
        return Reason.NOT_SEEN if clock and not self.clock.is_known else None

    def reports_in(self, period: Period) -> Rows:
        """Return the rows of a holder's REPORTs."""
        key = period.llid if self.source.has_preamble else period.mac
        rows = self.report_rows.get(ABSENT if key is None else key, _NO_ROWS)
        if not len(rows):
            return rows
        mine = _within(self.reports.time_ns[rows], period)
        if period.mac is not None:
            mine &= self.reports.source[rows] == period.mac
        return rows[mine]

    def gates_in(self, period: Period) -> Rows:
        """Return the rows of the GATEs to a holder."""
        rows = self.gate_rows.get(period.llid, _NO_ROWS)
        return rows[_within(self.gates.time_ns[rows], period)] if len(rows) else rows

    def grants_in(self, period: Period) -> Rows:
        """Return the rows of the grants to a holder."""
        rows = self.grant_rows.get(period.llid, _NO_ROWS)
        return rows[_within(self.gates.time_ns[self.grants.gate[rows]], period)] if len(rows) else rows


@dataclass(slots=True, kw_only=True)
class Listener:
    """Takes a capture apart, block by block."""

    source: Source
    settings: EponSettings
    plan: VlanPlan | None
    registry: Registry = field(default_factory=Registry)
    windows: Windows = field(default_factory=Windows)
    clock: OltClock | None = None
    traffic: Traffic | None = None
    last_ns: int = 0
    kept: Kept = field(default_factory=Kept)
    oam: list[OamHeard] = field(default_factory=list)

    def take(self, block: Block) -> None:
        """Take the next block; messages of control first, since they say what the other frames may do."""
        frames = block.frames
        if not len(frames.number):
            return
        if self.clock is None or self.traffic is None:
            self.clock = OltClock(origin_ns=int(frames.time_ns[0]))
            self.traffic = Traffic(
                settings=self.settings, registry=self.registry, clock=self.clock, windows=self.windows
            )
        gates, grants = gates_of(block)
        reports = reports_of(block)
        self.clock.learn(gates.time_ns, gates.timestamp)
        self.windows.learn(int(frames.time_ns[0]), gates, grants, reports, self.clock)
        self._register(block, gates, reports)
        for one in block.oam:
            self._take_oam(frames, one.row, one.body)
        self.traffic.take(block)
        self.kept.take(gates, grants, reports)
        self.last_ns = max(self.last_ns, int(frames.time_ns.max()))

    def heard(self) -> Heard | None:
        """Return all of it; None of a capture without frames."""
        if self.clock is None or self.traffic is None:
            return None
        gates, grants, reports = self.kept.join()
        of_grant = np.where(gates.discovery[grants.gate] == 1, ABSENT, gates.llid[grants.gate])
        return Heard(
            source=self.source,
            settings=self.settings,
            registry=self.registry,
            clock=self.clock,
            gates=gates,
            grants=grants,
            grant_start_tq=starts_tq(gates, grants, self.clock) if self.clock.is_known else np.empty(0),
            reports=reports,
            oam=self.oam,
            traffic=self.traffic,
            plan=self.plan,
            first_ns=self.clock.origin_ns,
            last_ns=self.last_ns,
            gate_rows=rows_by(gates.llid),
            grant_rows=rows_by(of_grant),
            report_rows=rows_by(reports.llid if self.source.has_preamble else reports.source),
            olt_macs=self.traffic.sides.olts,
        )

    def _register(self, block: Block, gates: Gates, reports: Reports) -> None:
        for message in registrations_of(block):
            self.registry.take(message)
        alive = gates if len(gates) else reports
        speakers, first = np.unique(reports.llid, return_index=True)
        macs = dict(zip(speakers.tolist(), reports.source[first].tolist(), strict=True))
        llids, first = np.unique(alive.llid, return_index=True)
        for llid, time_ns in zip(llids.tolist(), alive.time_ns[first].tolist(), strict=True):
            if 0 <= llid < FIRST_RESERVED_LLID:
                self.registry.take_granted(llid, time_ns, macs.get(llid))

    def _take_oam(self, frames: Frames, row: int, body: bytes) -> None:
        fcs = 0 if self.source.has_fcs else 4
        self.oam.append(
            OamHeard(
                number=int(frames.number[row]),
                time_ns=int(frames.time_ns[row]),
                llid=int(frames.llid[row]),
                source=int(frames.source[row]),
                octets=int(frames.length[row]) - max(int(frames.lead[row]), 0) + fcs,
                pdu=_read(body),
                is_cut=bool(frames.captured[row] < frames.length[row]),
            )
        )


@lru_cache(maxsize=4096)
def _read(body: bytes) -> Oampdu | Garbled:
    """Read an OAMPDU; most of them repeat one of the same second."""
    return read_oampdu(body)


def _within(time_ns: Int64s, period: Period) -> np.typing.NDArray[np.bool_]:
    began = period.began_ns if period.began_ns is not None else -1
    ended = period.ended_ns if period.ended_ns is not None else np.iinfo(np.int64).max
    return (time_ns >= began) & (time_ns <= ended)
