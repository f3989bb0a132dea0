"""What the checks of a passive optical network leave open, each as a named setting of the profile's step."""

import msgspec

from linetest.model.profile import LoadedProfile, step_settings


class PonSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a ``[[step]]`` with ``room = "pon"``."""

    splitter_loss_db: float | None = None
    """What all splitters between OLT and ONU lose by the plan; off, the loss beyond the plan is not measured."""
    fibre_db_per_km: float = 0.3
    """Of the fibre at 1490 nm by the plan; 0.30 is the planning value of ITU-T G.652.D cable for 1530 to 1565 nm."""
    joints_db: float = 1.5
    """What connectors and splices lose by the plan; own choice: two mated pairs of 0.75 dB (TIA-568)."""
    group_index: float = 1.468
    """Of G.652 fibre at 1490 nm, for the distance that a round-trip time gives."""
    answer_tq: float = 92.0
    """The part of the round-trip time that passes inside OLT and ONU; from a V1600D: 2080 m at 1365 TQ."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 1.0 < self.group_index < 2.0:
            raise ValueError("group_index is that of glass, between 1 and 2")
        if self.answer_tq < 0.0 or self.fibre_db_per_km < 0.0 or self.joints_db < 0.0:
            raise ValueError("answer_tq, fibre_db_per_km and joints_db are not below zero")
        if self.splitter_loss_db is not None and self.splitter_loss_db < 0.0:
            raise ValueError("splitter_loss_db is not below zero")


def settings_of(loaded: LoadedProfile) -> PonSettings:
    """Return the settings of the profile's PON step; the defaults when it has none.

    Raises:
        BadFile: naming the step, for a setting that does not exist or cannot be meant.
    """
    return step_settings(loaded, "pon", PonSettings)
