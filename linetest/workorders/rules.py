"""The profile of deadlines by its name."""

from linetest.catalog import load_profile, readable_profiles
from linetest.errors import UsageError
from linetest.model.deadlines import Cause, Deadlines, Reminder
from linetest.words.text import _, language


def load_deadlines(name: str) -> Deadlines:
    """Return the deadlines of the profile of that name or file.

    Raises:
        UsageError: it is a profile of another kind.
    """
    loaded = load_profile(name)
    if loaded.profile.deadlines is None:
        names = [one.profile.name for one in readable_profiles()[0] if one.profile.deadlines is not None]
        raise UsageError(
            _("profile {name} is of kind {kind}, not of kind deadlines").format(name=name, kind=loaded.profile.kind),
            _("there are: {names}").format(names=", ".join(names)),
        )
    return loaded.profile.deadlines


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
