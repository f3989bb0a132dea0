"""The metrics of a passive optical network, as its OLT tells them."""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.words.text import N_


def _power(name: str, title: str, meaning: str, *, received: bool) -> Metric:
    """Return the metric of a power that a module of a passive optical network tells: other values are misread."""
    # What a module sends is its own: nothing in the fibre or the splitter changes it.
    return Metric(
        name=name,
        unit="dBm",
        title=title,
        meaning=meaning,
        lowest=-50.0,
        highest=10.0,
        hint_low=Hint.LOW_LIGHT if received else None,
        hint_high=Hint.TOO_MUCH_LIGHT if received else None,
    )


def _count(name: str, title: str, meaning: str, hint: str | None) -> Metric:
    return Metric(name=name, unit="", title=title, meaning=meaning, lowest=0.0, highest=100_000.0, hint_high=hint)


def _change(name: str, title: str, meaning: str) -> Metric:
    return Metric(
        name=name, unit="dB", title=title, meaning=meaning, lowest=-60.0, highest=60.0, hint_low=Hint.LIGHT_FALLS
    )


def _leaves(name: str, title: str, meaning: str) -> Metric:
    return Metric(
        name=name, unit="%", title=title, meaning=meaning, lowest=0.0, highest=100.0, hint_high=Hint.LIGHT_FALLS
    )


PON = (
    Metric(
        name="pon.online_count",
        unit="",
        title=N_("Registered at the OLT"),
        meaning=N_("1 for an ONU that is registered and online, 0 for one that is not"),
        lowest=0.0,
        highest=1.0,
        hint_low=Hint.ONU_DOWN,
    ),
    _power(
        "pon.onu_rx_dbm", N_("Light at the ONU"), N_("Power that the ONU receives, as the ONU tells it"), received=True
    ),
    _power(
        "pon.onu_tx_dbm", N_("Light from the ONU"), N_("Power that the ONU sends, as the ONU tells it"), received=False
    ),
    _power("pon.olt_rx_dbm", N_("Light at the OLT"), N_("Power that the OLT receives from this ONU"), received=True),
    _power("pon.olt_tx_dbm", N_("Light from the OLT"), N_("Power that the port of the OLT sends"), received=False),
    Metric(
        name="pon.loss_db",
        unit="dB",
        title=N_("Loss from OLT to ONU"),
        meaning=N_("Power that the OLT sends less the power that the ONU receives"),
        lowest=-5.0,
        highest=60.0,
        hint_high=Hint.LOW_LIGHT,
    ),
    Metric(
        name="pon.excess_loss_db",
        unit="dB",
        title=N_("Loss beyond the plan"),
        meaning=N_("Loss from OLT to ONU less that of splitter, joints and fibre of this distance"),
        lowest=-60.0,
        highest=60.0,
        hint_high=Hint.WRONG_SPLITTER_PORT,
    ),
    Metric(
        name="pon.distance_m",
        unit="m",
        title=N_("Distance from the OLT"),
        meaning=N_("Length of fibre between OLT and ONU, as the OLT ranges it"),
        lowest=0.0,
        highest=100_000.0,
    ),
    Metric(
        name="pon.rtt_tq",
        unit="TQ",
        title=N_("Round-trip time"),
        meaning=N_("Time from OLT to ONU and back in quanta of 16 ns"),
        lowest=0.0,
        highest=65_535.0,
    ),
    Metric(
        name="pon.rtt_distance_error_m",
        unit="m",
        title=N_("Distance against round-trip time"),
        meaning=N_("How far the told distance is from the one that the round-trip time gives, without sign"),
        lowest=0.0,
        highest=1e6,
    ),
    Metric(
        name="pon.llid",
        unit="",
        title=N_("LLID"),
        meaning=N_("The logical link id that the ONU has"),
        lowest=0.0,
        highest=65_535.0,
    ),
    _count(
        "pon.llid_duplicate_count",
        N_("Same LLID"),
        N_("How many other ONUs of the same port have the same LLID"),
        Hint.SAME_LLID,
    ),
    _count(
        "pon.llid_unregistered_count",
        N_("LLID without registration"),
        N_("1 for an ONU that has an LLID but is not registered, else 0"),
        Hint.NOT_ACCEPTED,
    ),
    _count("pon.mac_llid_count", N_("LLIDs of the MAC"), N_("How many LLIDs the ONU's MAC has on its port"), None),
    _count(
        "pon.loid_elsewhere_count",
        N_("Same LOID"),
        N_("How many other ONUs of this OLT have the same LOID, those that wait included"),
        Hint.SAME_LOID,
    ),
    Metric(
        name="pon.temperature_c",
        unit="°C",
        title=N_("Temperature of the ONU"),
        meaning=N_("Temperature of the ONU's optical module"),
        lowest=-60.0,
        highest=150.0,
    ),
    Metric(
        name="pon.voltage_v",
        unit="V",
        title=N_("Voltage of the ONU"),
        meaning=N_("Supply voltage of the ONU's optical module"),
        lowest=0.0,
        highest=20.0,
    ),
    Metric(
        name="pon.bias_ma",
        unit="mA",
        title=N_("Bias current of the ONU"),
        meaning=N_("Current through the laser of the ONU"),
        lowest=0.0,
        highest=500.0,
    ),
    _change(
        "pon.onu_rx_change_db",
        N_("Change of the light at the ONU"),
        N_("Light at the ONU now less that of its first days, at the same temperature"),
    ),
    _change(
        "pon.olt_rx_change_db",
        N_("Change of the light at the OLT"),
        N_("Light from the ONU at the OLT now less that of its first days, at the same temperature"),
    ),
    _leaves(
        "pon.onu_rx_leaves_percent",
        N_("Light at the ONU leaves its window"),
        N_("How likely the light at the ONU is outside of its window when the days ahead are over, at this rate"),
    ),
    _leaves(
        "pon.olt_rx_leaves_percent",
        N_("Light at the OLT leaves its window"),
        N_("How likely the light at the OLT is outside of its window when the days ahead are over, at this rate"),
    ),
)
