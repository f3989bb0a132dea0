"""The profile that judges ONUs, named by the person or chosen by the OLT's technology."""

from typing import TYPE_CHECKING

from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.profile import LoadedProfile

PROFILES = {"gpon": "gpon-b-plus", "epon": "epon-px20"}
"""The profile that judges where the person names none, by the OLT's technology."""

TREND_PROFILES = {"gpon": "pon-trend", "epon": "pon-trend-epon"}
"""The same for trends."""


def onu_profile(name: str) -> "LoadedProfile":
    """Return the profile; refuse one that says nothing of ONUs."""
    from linetest.cli.room_profile import room_profile

    return room_profile(name, PROFILES["gpon"], _("ONUs"), lambda limit: limit.room == "pon")
