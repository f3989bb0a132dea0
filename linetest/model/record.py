"""The record: what was measured, by whom and with what, how it was judged, and what proves it.

Records are read by the version in `schema`. Unknown fields are kept because the store holds every record as the bytes
that were hashed; these types only read it.
"""

from typing import Any, Literal

import msgspec

from linetest.model.codes import Verdict
from linetest.model.reading import Bound, Reading
from linetest.model.step import StepDone

SCHEMA = "linetest.record/1"
Kind = Literal["optical", "otdr", "copper", "pon", "epon", "service", "provision", "acceptance"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One reading held against one limit."""

    id: str | None = None
    metric: str
    verdict: Verdict
    value: float | None
    unit: str
    limit: dict[str, Any]
    margin: float | None = None
    """How far inside the limit, in the metric's unit; negative when outside."""
    marginal: bool = False
    where: dict[str, Any] = {}
    reason: str | None = None
    hint: str | None = None
    device: str | None = None
    bound: Bound | None = None
    """The true value is at least, or at most, `value`."""
    interval: tuple[float, float] | None = None
    """What a sample proves at 95 %."""


class ProfileUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The profile that judged, whole, so that the record can be judged again without it."""

    name: str
    sha256: str
    text: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a record in the chain of its store."""

    n: int
    previous: str
    sha256: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A file kept beside the record."""

    name: str
    sha256: str
    redacted_sha256: str | None = None
    """Of the copy without personal texts, which is kept beside it; None where there is none."""
    bytes: int
    media_type: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The field names are a promise to scripts: see cli.md."""

    schema: str = SCHEMA
    id: str
    simulated: bool = False
    kind: Kind
    verdict: Verdict
    profile: ProfileUsed
    software: str
    chain: Chain | None = None
    """None until the store has taken the record."""
    started_at: str
    finished_at: str
    order: str | None = None
    line: str | None = None
    operator: str | None = None
    steps: list[StepDone] = []
    checks: list[Check] = []
    readings: list[Reading] = []
    details: dict[str, Any] = {}
    evidence: list[Evidence] = []
    warnings: list[str] = []

    def __post_init__(self) -> None:
        """Refuse a verdict that only a check can have."""
        if self.verdict is Verdict.SKIPPED:
            raise ValueError("a record's verdict is pass, fail or inconclusive")
