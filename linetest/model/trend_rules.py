"""How a trend is told from noise: the ``[trend]`` table of a profile."""

import msgspec

from linetest.words.text import _


class TrendRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of a profile with ``kind = "trend"``; the limits stand beside them."""

    source: str
    """Who says these numbers."""
    window_days: float
    """How far back readings are looked at."""
    days_ahead: float
    """For how long from now on it is asked whether light leaves its window."""
    confidence: float
    """Of the intervals that are printed, as a share of one."""
    level_days: int
    """So many days at each end tell the level at birth and now."""
    rate_days: int
    """So many days before now tell the rate."""
    least_points: int
    """Fewer days with a value at one end: too few to tell a change."""
    least_days: int
    """A shorter time between birth and now tells no change."""
    widest_db: float
    """A change whose interval is wider than this to either side is not decidable."""
    least_noise_db: float
    """No day's value is surer than this: the steps and the repeatability of the meters in OLTs and ONUs."""
    noise_factor: float
    """How much larger the noise is than its day-to-day scatter: days that follow one another are not independent."""
    spike_sigmas: float
    least_spike_db: float
    """A day that stands apart from those around it by this and `spike_sigmas` times the noise is left out."""
    step_sigmas: float
    least_step_db: float
    """A step is told from a line when it is larger than this and explains the days so much better."""
    near_db: float
    """Readings within a day that differ by more do so for another reason than their temperature."""
    usual_db_per_c: float
    """How strongly a meter usually follows its temperature: keeps a coefficient from few readings small."""
    common_db: float
    """A change that many ONUs share counts from here on."""
    alike_db: float
    """Changes that differ by less, beyond their uncertainty, are alike."""
    together_days: int
    together_db: float
    """ONUs moved together when no span of so many days sets their light further apart than this, noise aside."""
    chance: float
    """Losses of so many ONUs that would look so alike by chance more often than this were not lost together."""
    sure_sigmas: float
    """A loss counts when it is larger than its limit by so many standard uncertainties."""
    share: float
    """So large a share of the ONUs of a place has to have the change for the place to be its cause."""
    unplanned_share: float
    """The same where no plan names splitters, so that only a port as a whole can be told from a part of it."""
    fewest: int
    """So many ONUs make a common cause."""
    one_way_share: float
    """Where the other direction lost less than this share, it lost nothing: a transmitter or a laser, not the fibre."""
    at_once_share: float
    """A loss of which so large a share came within three days came at once; else it grew."""
    begun_share: float
    """From so large a share of a loss on it is under way."""
    bent_share: float
    """Where upstream lost less than this share of downstream, but something: the fibre is bent."""

    def __post_init__(self) -> None:
        """Refuse rules that cannot be meant."""
        if not self.source.strip():
            raise ValueError(_("the rules of a trend need their source"))
        if not 0.5 < self.confidence < 1.0:
            raise ValueError(_("confidence is a share between 0.5 and 1"))
        numbers = [getattr(self, name) for name in self.__struct_fields__ if name != "source"]
        if not all(0.0 < number < 1e6 for number in numbers):
            raise ValueError(_("the rules of a trend are numbers above zero"))
        if self.level_days > 90 or self.rate_days > 365 or self.window_days > 3660:
            raise ValueError(_("level_days is at most 90, rate_days at most 365, window_days at most 3660"))
