"""Every metric that linetest measures: its unit, its meaning, and the range that physics allows.

The range is not a limit: a value outside of it was not measured but misread, and is never judged.
"""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.model.metrics_copper_line import COPPER_LINE
from linetest.model.metrics_copper_tones import COPPER_TONES
from linetest.model.metrics_epon import EPON
from linetest.model.metrics_pon import PON
from linetest.model.metrics_provision import PROVISION
from linetest.model.metrics_reconcile import RECONCILE
from linetest.model.metrics_service_ip import SERVICE_IP
from linetest.model.metrics_service_media import SERVICE_MEDIA
from linetest.model.metrics_service_path import SERVICE_PATH
from linetest.model.metrics_service_ppp import SERVICE_PPP
from linetest.words.text import N_


def _crosstalk(name: str, title: str, meaning: str, hint: str, highest: float = 0.1) -> Metric:
    return Metric(name=name, unit="dB", title=title, meaning=meaning, lowest=-200.0, highest=highest, hint_high=hint)


def _event_loss(name: str, title: str, meaning: str, hint: str) -> Metric:
    """Return the metric of a loss at one place: gainers go below zero, and no trace has 100 dB of range."""
    return Metric(name=name, unit="dB", title=title, meaning=meaning, lowest=-10.0, highest=100.0, hint_high=hint)


# Relative to the level at the far end of a long line, even weak crosstalk is above 0 dB.
_HIGHEST_EQUAL_LEVEL_DB = 160.0

_ALL = (
    Metric(
        name="optical.power_dbm",
        unit="dBm",
        title=N_("Optical power"),
        meaning=N_("Optical power at the meter's input, at the wavelength the meter was set to"),
        lowest=-110.0,  # beyond what any power meter resolves, down and up
        highest=40.0,
        hint_low=Hint.LOW_LIGHT,
        hint_high=Hint.TOO_MUCH_LIGHT,
    ),
    _crosstalk(
        "copper.next_db",
        N_("NEXT (near-end crosstalk)"),
        N_("Near-end crosstalk of one pair from one other, as gain"),
        Hint.NEAR_END_CROSSTALK,
    ),
    _crosstalk(
        "copper.next_low_loss_db",
        N_("NEXT where the loss is low"),
        N_("Near-end crosstalk where the disturbed pair's loss is too low for the rule: informs only"),
        Hint.NEAR_END_CROSSTALK,
    ),
    _crosstalk(
        "copper.fext_db",
        N_("FEXT (far-end crosstalk)"),
        N_("Far-end crosstalk of one pair from one other, as gain"),
        Hint.FAR_END_CROSSTALK,
    ),
    _crosstalk(
        "copper.psnext_db",
        N_("PSNEXT (power sum)"),
        N_("Near-end crosstalk of one pair from all others together, as gain"),
        Hint.NEAR_END_CROSSTALK,
    ),
    _crosstalk(
        "copper.psfext_db",
        N_("PSFEXT (power sum)"),
        N_("Far-end crosstalk of one pair from all others together, as gain"),
        Hint.FAR_END_CROSSTALK,
    ),
    _crosstalk(
        "copper.elfext_db",
        N_("ELFEXT (equal level)"),
        N_("Far-end crosstalk relative to the level of the disturbing pair at its far end"),
        Hint.FAR_END_CROSSTALK,
        _HIGHEST_EQUAL_LEVEL_DB,
    ),
    _crosstalk(
        "copper.acrf_db",
        N_("ACR-F"),
        N_("Far-end crosstalk relative to the level of the disturbed pair at its far end"),
        Hint.FAR_END_CROSSTALK,
        _HIGHEST_EQUAL_LEVEL_DB,
    ),
    _crosstalk(
        "copper.pselfext_db",
        N_("PSELFEXT (power sum)"),
        N_("Equal-level far-end crosstalk of one pair from all others together"),
        Hint.FAR_END_CROSSTALK,
        _HIGHEST_EQUAL_LEVEL_DB,
    ),
    Metric(
        name="copper.insertion_loss_db",
        unit="dB",
        title=N_("Insertion loss"),
        meaning=N_("Loss of a pair from its near to its far end, at one frequency"),
        lowest=-0.1,
        highest=200.0,
    ),
    *RECONCILE,
    *COPPER_TONES,
    *COPPER_LINE,
    _event_loss(
        "otdr.splice_loss_db",
        N_("Splice loss"),
        N_("Loss of one event without reflection, one way; negative for a gainer"),
        Hint.BAD_SPLICE,
    ),
    _event_loss(
        "otdr.connector_loss_db",
        N_("Connector loss"),
        N_("Loss of one reflective event, or of several that the pulse cannot separate, one way"),
        Hint.DIRTY_CONNECTOR,
    ),
    _event_loss(
        "otdr.splitter_loss_db",
        N_("Splitter loss"),
        N_("Loss of one splitter with its splices, or of anything else that loses as much, one way"),
        Hint.LARGE_LOSS,
    ),
    _event_loss(
        "otdr.macrobend_loss_db",
        N_("Macrobend loss"),
        N_("Loss of one bend at the longer of two wavelengths, one way"),
        Hint.BENT_FIBRE,
    ),
    Metric(
        name="otdr.reflectance_db",
        unit="dB",
        title=N_("Reflectance"),
        meaning=N_("Reflected over incident power of one event; the nearer to zero, the stronger the reflection"),
        lowest=-120.0,
        highest=1.0,  # all light comes back at 0 dB
        hint_high=Hint.DIRTY_CONNECTOR,
    ),
    Metric(
        name="otdr.end_reflectance_db",
        unit="dB",
        title=N_("Reflectance of the end"),
        meaning=N_("Reflected over incident power where the fibre ends; a break often reflects nothing"),
        lowest=-120.0,
        highest=1.0,
    ),
    Metric(
        name="otdr.section_db_per_km",
        unit="dB/km",
        title=N_("Section attenuation"),
        meaning=N_("Attenuation of the fibre between one event and the one before it"),
        lowest=-10.0,
        highest=100.0,
        hint_high=Hint.BENT_FIBRE,
    ),
    Metric(
        name="otdr.link_loss_db",
        unit="dB",
        title=N_("Link loss"),
        meaning=N_("Loss from the start of the link to its end, reels excluded, one way"),
        lowest=-5.0,
        highest=100.0,
        hint_high=Hint.LOW_LIGHT,
    ),
    Metric(
        name="otdr.orl_db",
        unit="dB",
        title=N_("Optical return loss"),
        meaning=N_("Launched power over all the power that comes back from the link"),
        lowest=0.0,
        highest=120.0,
        hint_low=Hint.DIRTY_CONNECTOR,
    ),
    Metric(
        name="otdr.length_m",
        unit="m",
        title=N_("Length of the fibre"),
        meaning=N_("Length of the link from its start to its end, reels excluded"),
        lowest=0.0,
        highest=1e6,
    ),
    *PON,
    *EPON,
    *PROVISION,
    *SERVICE_PPP,
    *SERVICE_IP,
    *SERVICE_PATH,
    *SERVICE_MEDIA,
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
