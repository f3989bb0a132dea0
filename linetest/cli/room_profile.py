"""The profile that is to judge one room: it has to say something about it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.limit import Limit
    from linetest.model.profile import LoadedProfile


def room_profile(name: str, default: str, subject: str, speaks: "Callable[[Limit], bool]") -> "LoadedProfile":
    """Return the profile; refuse one that has no limit that `speaks` accepts.

    Args:
        name: the profile's name or file.
        default: the profile that is named as one that would do.
        subject: what is judged, such as "traces", in the person's language.
        speaks: tells whether a limit is about it.
    """
    from linetest.acceptance.measure import check_profile
    from linetest.catalog import load_profile

    loaded = load_profile(name)
    check_profile(loaded)
    if not any(speaks(limit) for limit in loaded.profile.limit):
        raise UsageError(
            _("the profile {name} has no limits for {subject}").format(name=loaded.profile.name, subject=subject),
            _("`linetest profile list` shows all profiles; {name} is one for {subject}").format(
                name=default, subject=subject
            ),
        )
    return loaded
