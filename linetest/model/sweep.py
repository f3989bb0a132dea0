"""What a sweep of many OLTs came to, one outcome for each: what its journal keeps and its summary shows."""

import msgspec

from linetest.model.codes import Verdict
from linetest.model.record import Check

MOST_WORST = 10
"""ONUs that an outcome names; the record has them all."""


class OltOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One OLT of a sweep."""

    olt: str
    record: str
    """The id of its record."""
    verdict: Verdict
    driver: str
    simulated: bool = False
    reason: str | None = None
    """Why nothing was read."""
    fault: str = ""
    """The same in words, for the screen."""
    optics: bool = False
    """The light of its ONUs was asked for."""
    states: dict[str, int] = {}
    """How many ONUs are in which state."""
    found: int = 0
    """ONUs that wait to be configured."""
    unread: int = 0
    """Rows that were not understood."""
    failed: dict[str, int] = {}
    """By metric, how many ONUs are outside of its limit."""
    not_measured: dict[str, int] = {}
    """By metric, how many ONUs could not be judged."""
    worst: list[Check] = []
    """The checks that ONUs failed by the most, one for each ONU."""
    took_s: float = 0.0

    @property
    def onus(self) -> int:
        """Return how many ONUs it has."""
        return sum(self.states.values())
