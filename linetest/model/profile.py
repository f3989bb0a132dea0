"""A profile: the steps for a kind of line and the limits that judge it."""

from typing import Any, Literal, TypeVar

import msgspec

from linetest.model.checklist import Stage
from linetest.model.deadlines import Deadlines
from linetest.model.indicators import IndicatorRules
from linetest.model.limit import Limit
from linetest.model.toml import convert
from linetest.model.trend_rules import TrendRules
from linetest.words.text import _

S = TypeVar("S")


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[step]]``: which room measures, with which settings."""

    room: str
    name: str | None = None
    """What the step is called in records and on the screen; the room's name when absent."""
    device: str | None = None
    """The device of the station file; needed only where several could do it."""
    settings: dict[str, Any] = {}
    """The room's own settings; the room refuses what it does not know."""

    @property
    def title(self) -> str:
        """Return what the step is called."""
        return self.name or self.room


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One file of ``profiles/``."""

    name: str
    kind: Literal["limits", "deadlines", "check-list", "indicators", "trend"]
    title: str = ""
    title_zh: str = ""
    access: list[str] = []
    """The kinds of line whose acceptance uses this profile when the person names none."""
    step: list[Step] = []
    limit: list[Limit] = []
    indicators: IndicatorRules | None = None
    """Of a profile of kind ``indicators``."""
    deadlines: Deadlines | None = None
    """Of a profile of kind ``deadlines``."""
    trend: TrendRules | None = None
    """Of a profile of kind ``trend``."""
    stage: list[Stage] = []
    """Of a profile of kind ``check-list``."""

    def __post_init__(self) -> None:
        """Refuse steps that cannot be told apart: the journal knows them by name. Refuse rules of another kind."""
        if (self.kind == "indicators") is not (self.indicators is not None):
            raise ValueError(_('kind = "indicators" and the table [indicators] belong together'))
        if (self.kind == "trend") is not (self.trend is not None):
            raise ValueError(_('kind = "trend" and the table [trend] belong together'))
        titles = [step.title for step in self.step]
        if len(set(titles)) != len(titles):
            raise ValueError(_("two steps have the same name: give each [[step]] a name of its own"))
        if (self.kind == "deadlines") is not (self.deadlines is not None):
            raise ValueError(_('kind = "deadlines" and the table [deadlines] belong together'))
        if (self.kind == "check-list") is not bool(self.stage):
            raise ValueError(_('kind = "check-list" and the tables [[stage]] belong together'))


class LoadedProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile with the text it was read from, which goes into the record whole."""

    profile: Profile
    text: str
    sha256: str
    path: str


def step_settings(loaded: LoadedProfile, room: str, wanted: type[S]) -> S:
    """Return the settings of the profile's first step of a room; the defaults of `wanted` when it has none.

    Raises:
        BadFile: naming the step, for a setting that does not exist or cannot be meant.
    """
    for number, step in enumerate(loaded.profile.step, start=1):
        if step.room == room:
            return convert(step.settings, wanted, f"{loaded.path}: [[step]] {number} settings")
    return wanted()
