"""The metrics of a DSL line as its modem or its DSLAM tells them (ITU-T G.997.1).

None of them is crosstalk: what a modem hears is the noise of all sources together.
"""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.words.text import N_

_MOST_COUNTED = 1.9e19  # a counter of 64 bits
_HIGHEST_KBPS = 1e7


def _attenuation(name: str, title: str, meaning: str) -> Metric:
    """Return the metric of an attenuation: 0 to 100 dB is plausible, the coding of G.997.1 ends at 127 dB."""
    return Metric(
        name=name, unit="dB", title=title, meaning=meaning, lowest=0.0, highest=100.0, hint_high=Hint.LONG_LINE
    )


def _rate(name: str, title: str, meaning: str) -> Metric:
    return Metric(name=name, unit="kbit/s", title=title, meaning=meaning, lowest=0.0, highest=_HIGHEST_KBPS)


COPPER_TONES = (
    Metric(
        name="copper.snr_margin_db",
        unit="dB",
        title=N_("Noise margin"),
        meaning=N_("How much the noise may grow before the modem makes too many errors (SNRM)"),
        lowest=0.0,  # beyond 0 to 40 dB the unit was misread, or the line is not in sync
        highest=40.0,
        hint_low=Hint.NOISY_LINE,
    ),
    _attenuation(
        "copper.line_attenuation_db",
        N_("Line attenuation"),
        N_("Loss of the line over all tones, from before the modem trained (LATN)"),
    ),
    _attenuation(
        "copper.signal_attenuation_db",
        N_("Signal attenuation"),
        N_("Loss of the line over the tones in use (SATN)"),
    ),
    Metric(
        name="copper.tx_power_dbm",
        unit="dBm",
        title=N_("Transmit power"),
        meaning=N_("Power that the sending modem puts on the line, all tones together (ACTATP)"),
        lowest=-31.0,
        highest=31.0,
    ),
    _rate("copper.rate_kbps", N_("Data rate"), N_("Net data rate that the line runs at")),
    _rate("copper.attainable_kbps", N_("Attainable rate"), N_("Net data rate that the line could run at (ATTNDR)")),
    Metric(
        name="copper.noise_floor_dbm_hz",
        unit="dBm/Hz",
        title=N_("Noise floor"),
        meaning=N_("Median of the quiet line noise (QLN) over the measured tones"),
        lowest=-161.0,  # the coding of G.997.2; that of G.997.1 ends at -150
        highest=-23.0,
        hint_high=Hint.NOISY_LINE,
    ),
    Metric(
        name="copper.hlog_dip_db",
        unit="dB",
        title=N_("Deepest dip of Hlog"),
        meaning=N_("How far the line's response lies below its own trend at one place of the band"),
        lowest=0.0,
        highest=110.0,
        hint_high=Hint.BRIDGED_TAP,
    ),
    Metric(
        name="copper.bridged_tap_m",
        unit="m",
        title=N_("Length of a bridged tap"),
        meaning=N_("From dips of Hlog that come at odd multiples of one frequency: a quarter wave on the tap"),
        lowest=0.0,
        highest=5_000.0,
    ),
    Metric(
        name="copper.missing_tones_percent",
        unit="%",
        title=N_("Tones that carry nothing"),
        meaning=N_("Tones without bits among those between the first and the last in use of each band"),
        lowest=0.0,
        highest=100.0,
        hint_high=Hint.TONES_TAKEN,
    ),
    Metric(
        name="copper.error_count",
        unit="",
        title=N_("Errors counted"),
        meaning=N_("What a counter of the modem stands at, such as CRC or errored seconds (ES)"),
        lowest=0.0,
        highest=_MOST_COUNTED,
    ),
)
