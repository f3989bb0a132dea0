"""The electrical metrics of a copper pair, as a technician or a line tester measures them."""

from linetest.model.codes import Hint, Reason
from linetest.model.metric import Metric
from linetest.words.text import N_


def _voltage(name: str, title: str, meaning: str, lowest: float) -> Metric:
    return Metric(
        name=name,
        unit="V",
        title=title,
        meaning=meaning,
        lowest=lowest,
        highest=1_000.0,
        hint_low=Hint.FOREIGN_VOLTAGE,
        hint_high=Hint.FOREIGN_VOLTAGE,
        beyond=Reason.BOUND_ONLY,
    )


COPPER_LINE = (
    _voltage(
        "copper.foreign_ac_v", N_("Foreign AC voltage"), N_("AC voltage on the pair without its own exchange"), 0.0
    ),
    _voltage(
        "copper.foreign_dc_v", N_("Foreign DC voltage"), N_("DC voltage on the pair without its own exchange"), -1_000.0
    ),
    Metric(
        name="copper.insulation_mohm",
        unit="MOhm",
        title=N_("Insulation"),
        meaning=N_("Insulation resistance between the wires, or of one wire to earth"),
        lowest=0.0,
        highest=1e6,  # beyond what any tester resolves
        hint_low=Hint.WET_PAIR,
        beyond=Reason.BOUND_ONLY,
    ),
    Metric(
        name="copper.loop_resistance_ohm",
        unit="Ohm",
        title=N_("Loop resistance"),
        meaning=N_("Resistance of both wires in series, joined at the far end"),
        lowest=0.0,
        highest=20_000.0,
        hint_high=Hint.LONG_LINE,
        beyond=Reason.BOUND_ONLY,
    ),
    Metric(
        name="copper.capacitance_uf",
        unit="uF",
        title=N_("Capacitance"),
        meaning=N_("Capacitance between the wires, or of one wire to earth"),
        lowest=0.0,
        highest=100.0,
        hint_high=Hint.LONG_LINE,
        beyond=Reason.BOUND_ONLY,
    ),
    Metric(
        name="copper.capacitive_balance_percent",
        unit="%",
        title=N_("Capacitive balance"),
        meaning=N_("Smaller over larger capacitance of the two wires to earth"),
        lowest=0.0,
        highest=100.0,
        hint_low=Hint.UNEQUAL_WIRES,
        beyond=Reason.BOUND_ONLY,
    ),
    Metric(
        name="copper.longitudinal_balance_db",
        unit="dB",
        title=N_("Longitudinal balance"),
        meaning=N_("How much of a voltage common to both wires becomes one between them"),
        lowest=0.0,
        highest=150.0,
        hint_low=Hint.UNEQUAL_WIRES,
        beyond=Reason.BOUND_ONLY,
    ),
)
