"""What a trace file does not say, each as a named setting of the profile's otdr step."""

from typing import Literal

import msgspec

from linetest.model.profile import LoadedProfile, step_settings

LONGEST_REEL_M = 100_000.0
"""Beyond every reel: a longer one is a slip of the pen."""


class OtdrSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a ``[[step]]`` with ``room = "otdr"``."""

    launch_m: float | None = None
    """Length of the launch reel; where absent, what the file's own table says by its distance zero."""
    receive_m: float | None = None
    """Length of the receive reel at the far end; none where absent."""
    pulses: Literal["all", "first"] = "all"
    """Which traces of a file with several pulse widths are measured."""
    macrobend_db: float = 0.5
    """A loss that is so much larger at the longer wavelength is a bend: default of EXFO's FTB-7000, manual p. 29."""
    verify: bool = False
    """Check the file's checksum; makers write it in so many ways that most files cannot be verified."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        for name, length_m in (("launch_m", self.launch_m), ("receive_m", self.receive_m)):
            if length_m is not None and not 0.0 <= length_m <= LONGEST_REEL_M:
                raise ValueError(f"{name} must lie between 0 and {LONGEST_REEL_M:g} m")
        if not self.macrobend_db >= 0.0:
            raise ValueError("macrobend_db must not be below zero")


def settings_of(loaded: LoadedProfile) -> OtdrSettings:
    """Return the settings of the profile's otdr step; the defaults when it has none.

    Raises:
        BadFile: naming the step, for a setting that does not exist or cannot be meant.
    """
    return step_settings(loaded, "otdr", OtdrSettings)
