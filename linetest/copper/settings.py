"""What the customer's rule leaves open, each as a named setting of the profile's copper step."""

from typing import Literal

import msgspec

from linetest.copper.electricals import ElectricalSettings
from linetest.copper.reference import Model, Wire
from linetest.copper.tones_settings import ToneSettings
from linetest.model.profile import LoadedProfile, step_settings


class CopperSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a ``[[step]]`` with ``room = "copper"``.

    Pair to pair or power sum, and input/output FEXT or ELFEXT, are decided by the metric that a limit names; the band,
    strictness and accuracy stand in the limit.
    """

    band_hz: tuple[float, float] = (25_875.0, 1_104_000.0)
    """The band where a limit names none, and of metrics that only inform: ADSL tones 6 to 256 (ITU-T G.992.1)."""
    ends: tuple[Literal["near", "far"], ...] = ("near",)
    """Where the disturbing signal is sent: the customer's rule names no end, a line is tested from one."""
    minimum_points: int = 64
    """Fewer points in the band cannot pass. Own choice: a quarter of the 251 ADSL tones."""
    maximum_step_hz: float = 25_000.0
    """A wider gap between two points cannot pass. Own choice: about six ADSL tones."""
    edge_tolerance_hz: float = 2_156.25
    """How far from its edge a band still counts as covered: half a tone of 4312.5 Hz (ITU-T G.992.1)."""
    insertion_loss_floor_db: float | None = None
    """Where the pair's loss is lower, NEXT only informs; 4 dB in ISO/IEC 11801. Off: not in the customer's rule."""
    instrument_floor_db: float | None = None
    """The lowest gain that the instrument resolves, from its maker's manual; unknown when absent."""
    floor_distance_db: float = 6.0
    """A worst value this near to the instrument's floor is that value or lower: noise adds up to so much."""
    crossed_pair_db: float = 6.0
    """A pair that hears another so much better than itself is crossed, or the port map is wrong. Own choice."""
    reciprocity_db: float = 1.0
    """Both directions of a passive path agree; a larger difference warns. Own choice, above a calibration's error."""
    reciprocity_floor_db: float = -90.0
    """Lower gains are not compared: noise differs both ways. Own choice, a usual floor of network analysers."""
    repeated_loss_db: float = 1.0
    """Sweeps of one pair in several files agree; a larger difference warns. Own choice, as for `reciprocity_db`."""
    split_pair_db: float = 10.0
    """One NEXT so far above a pair's others points at a split pair; field experience says 10 to 30 dB."""

    reference_model: Model = "t1"
    """What pictures and advice compare with: ``t1`` is ANSI T1.417 and ITU-T G.996.1, ``etsi`` ETSI TS 101 388."""
    reference_wire: Wire = "AWG26"
    """What the length of a loop is taken from its loss by: 0.4 mm is the commonest; ``AWG24`` is 0.5 mm."""

    tones: ToneSettings = ToneSettings()
    """Of what a modem tells."""
    electricals: ElectricalSettings = ElectricalSettings()
    """Of what a person enters."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 0.0 <= self.band_hz[0] < self.band_hz[1]:
            raise ValueError("band_hz needs two rising frequencies")
        if not self.ends or len(set(self.ends)) != len(self.ends):
            raise ValueError("ends names near, far or both")
        if self.minimum_points < 2 or self.maximum_step_hz <= 0.0 or self.edge_tolerance_hz < 0.0:
            raise ValueError("minimum_points, maximum_step_hz and edge_tolerance_hz must be positive")


def settings_of(loaded: LoadedProfile) -> CopperSettings:
    """Return the settings of the profile's copper step; the defaults when it has none.

    Raises:
        BadFile: naming the step, for a setting that does not exist or cannot be meant.
    """
    return step_settings(loaded, "copper", CopperSettings)
