"""What a check of tones leaves to the profile, each as a named setting of its copper step."""

import msgspec


class ToneSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.tones]`` of a step with ``room = "copper"``."""

    whole_db_below_db: float = 2.0
    """A margin in tenths that would be lower while the line is in sync was told in whole dB: the unit is in doubt."""
    dip_from_db: float = 2.0
    """Shallower dips of Hlog are ripple. Own choice: twice the accuracy of Hlog, 1 dB by field reports."""
    dip_points: int = 64
    """Hlog with fewer measured groups of tones has no trend to compare with. Own choice."""
    tap_fit: float = 0.15
    """How far, as a share of the first dip's frequency, dips may lie beside its odd multiples. Own choice."""
    velocity_m_s: float = 1.9e8
    """Of a wave on the pair, from 49 nF/km and 0.5 to 0.6 mH/km of common cables: a length is good to about 10 %."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if self.dip_from_db <= 0.0 or self.dip_points < 8 or self.velocity_m_s <= 0.0:
            raise ValueError("dip_from_db and velocity_m_s must be positive, dip_points at least 8")
        if not 0.0 < self.tap_fit < 0.5:
            raise ValueError("tap_fit lies between 0 and 0.5")
