"""The profiles of deadlines and of indicators by their names."""

from linetest.catalog import load_profile, readable_profiles
from linetest.errors import UsageError
from linetest.model.deadlines import Cause, Deadlines, Reminder
from linetest.model.indicators import IndicatorRules
from linetest.model.profile import LoadedProfile
from linetest.words.text import _, language


def load_deadlines(name: str) -> Deadlines:
    """Return the deadlines of the profile of that name or file.

    Raises:
        UsageError: it is a profile of another kind.
    """
    loaded = load_profile(name)
    if loaded.profile.deadlines is None:
        raise _wrong_kind(loaded, "deadlines")
    return loaded.profile.deadlines


def load_indicators(name: str) -> IndicatorRules:
    """Return the targets of the profile of that name or file.

    Raises:
        UsageError: it is a profile of another kind.
    """
    loaded = load_profile(name)
    if loaded.profile.indicators is None:
        raise _wrong_kind(loaded, "indicators")
    return loaded.profile.indicators


def _wrong_kind(loaded: LoadedProfile, kind: str) -> UsageError:
    names = [one.profile.name for one in readable_profiles()[0] if one.profile.kind == kind]
    return UsageError(
        _("profile {name} is of kind {kind}, not of kind {wanted}").format(
            name=loaded.profile.name, kind=loaded.profile.kind, wanted=kind
        ),
        _("there are: {names}").format(names=", ".join(names)),
    )


def find_cause(deadlines: Deadlines, code: str, *, returns: bool) -> Cause:
    """Return the reason of that code; with `returns`, one for which an order may be returned.

    Raises:
        UsageError: there is none; it names those that there are.
    """
    causes = {cause.code: cause for cause in deadlines.reason if cause.returns or not returns}
    if code not in causes:
        raise UsageError(
            _("there is no reason {code!r} for this").format(code=code) if code else _("a reason is missing"),
            _("there are: {names}").format(names=", ".join(causes)),
        )
    return causes[code]


def title_of(titled: Cause | Reminder) -> str:
    """Return what a reason or a reminder is called in the language that is spoken."""
    return titled.title_zh if language() == "zh" else titled.title
