"""What became of one step of a run, a restoration included."""

from typing import Literal

import msgspec


class StepDone(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one step."""

    name: str
    state: Literal["done", "failed", "interrupted", "restored"]
    started_at: str
    finished_at: str | None = None
