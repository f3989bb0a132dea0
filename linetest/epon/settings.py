"""What an audit has to assume about a PON, each as a named setting of the profile's step."""

import msgspec

from linetest.model.profile import LoadedProfile, step_settings
from linetest.words.text import _


class EponSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a ``[[step]]`` with ``room = "epon"``; times in TQ are ticks of 16 ns.

    The numbers are those of IEEE 802.3 clauses 57, 60 and 64 as they are commonly quoted; vendors change many of them.
    """

    reach_km: float = 20.0
    """The fibre from the OLT to its farthest ONU, as planned."""
    rtt_tq_per_km: float = 625.0
    """Round trip of one kilometre of fibre: 20 km are 12,500 TQ."""
    laser_on_tq: int = 32
    laser_off_tq: int = 32
    mpcp_timeout_ms: float = 1000.0
    """An LLID that is silent for longer is lost; shorter gaps are late reports."""
    queue_sets: int | None = None
    """Queue sets of every REPORT; None when any number will do. CTC asks for 2."""
    grant_tolerance_tq: int = 16
    """How far outside of its grant a frame may begin or end: drift of its clock and of the tap's."""
    upstream_ns_per_octet: float = 8.0
    """Time on the fibre of one octet: 8 ns at 1 Gbit/s, 0.8 ns at 10 Gbit/s."""
    oam_answer_ms: float = 300.0
    """A question that is younger when the capture ends may still be answered. Own choice."""
    oam_lost_ms: float = 5000.0
    """An ONU that is registered for longer should have finished OAM discovery."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not (0.0 < self.reach_km <= 100.0 and 0.0 < self.rtt_tq_per_km <= 1000.0):
            raise ValueError(_("reach_km is 0 to 100 km, rtt_tq_per_km 0 to 1000 TQ"))
        if not 0.0 < self.mpcp_timeout_ms <= 60_000.0:
            raise ValueError(_("mpcp_timeout_ms is 0 to 60000 ms"))
        if min(self.laser_on_tq, self.laser_off_tq, self.grant_tolerance_tq) < 0:
            raise ValueError(_("laser_on_tq, laser_off_tq and grant_tolerance_tq are not below zero"))
        if not 0.0 < self.upstream_ns_per_octet <= 100.0:
            raise ValueError(_("upstream_ns_per_octet is 0 to 100 ns"))

    @property
    def reach_rtt_tq(self) -> float:
        """Return the round trip of the planned reach."""
        return self.reach_km * self.rtt_tq_per_km


def settings_of(loaded: LoadedProfile) -> EponSettings:
    """Return the settings of the profile's EPON step; the defaults when it has none.

    Raises:
        BadFile: naming the step, for a setting that does not exist or cannot be meant.
    """
    return step_settings(loaded, "epon", EponSettings)
