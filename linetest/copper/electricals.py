"""The electrical values of a pair, as a technician enters them or a line tester sends them.

The voltages come first: where one of them is dangerous, nothing else is measured.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from linetest.copper.typed import Typed, parse_typed
from linetest.errors import UsageError
from linetest.model.codes import Reason, Warn
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.reading import EvidenceFile, Measurement, Reading
from linetest.words.text import N_


class Quantity(NamedTuple):
    """One value that is entered."""

    name: str
    """The option without its dashes."""
    metric: str
    title: str
    """What is asked; English, translated when it is shown."""
    between: str | None = None
    """Which wires; None where there is only one way to measure it."""

    @property
    def where(self) -> dict[str, Any]:
        """The place of its reading."""
        return {} if self.between is None else {"between": self.between}


VOLTAGES = (
    Quantity(
        "foreign-ac", "copper.foreign_ac_v", N_("AC voltage on the pair, the highest to earth or between the wires")
    ),
    Quantity(
        "foreign-dc", "copper.foreign_dc_v", N_("DC voltage on the pair, the highest, without the exchange's own")
    ),
)
QUANTITIES = (
    *VOLTAGES,
    Quantity("insulation-ab", "copper.insulation_mohm", N_("Insulation between wire a and wire b"), "a-b"),
    Quantity("insulation-ae", "copper.insulation_mohm", N_("Insulation of wire a to earth"), "a-earth"),
    Quantity("insulation-be", "copper.insulation_mohm", N_("Insulation of wire b to earth"), "b-earth"),
    Quantity("loop-resistance", "copper.loop_resistance_ohm", N_("Loop resistance, far end shorted")),
    Quantity("capacitance-ab", "copper.capacitance_uf", N_("Capacitance between wire a and wire b"), "a-b"),
    Quantity("capacitance-ae", "copper.capacitance_uf", N_("Capacitance of wire a to earth"), "a-earth"),
    Quantity("capacitance-be", "copper.capacitance_uf", N_("Capacitance of wire b to earth"), "b-earth"),
    Quantity("capacitive-balance", "copper.capacitive_balance_percent", N_("Capacitive balance")),
    Quantity("longitudinal-balance", "copper.longitudinal_balance_db", N_("Longitudinal balance")),
)
BY_NAME = {quantity.name: quantity for quantity in QUANTITIES}


class ElectricalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.electricals]`` of a step with ``room = "copper"``."""

    stop_above_v: float = 50.0
    """Above this voltage, AC or DC, nothing else is measured. Field notes call it a hazard (pa2jfx.nl, 2018)."""

    def __post_init__(self) -> None:
        """Refuse a stop that would never come."""
        if not 0.0 < self.stop_above_v <= 120.0:
            raise ValueError("stop_above_v lies between 0 and 120 V")


def parse_value(quantity: Quantity, text: str) -> Typed:
    """Return what was typed for a quantity; raises `UsageError` with the range for what cannot be."""
    return parse_typed(text, METRICS[quantity.metric], quantity.name)


def wanted_by(limits: list[Limit]) -> list[Quantity]:
    """Return what a profile's limits ask for, in the order it is measured; the voltages always, and first."""
    asked = {(limit.metric, limit.between) for limit in limits}
    return [
        one
        for one in QUANTITIES
        if one in VOLTAGES or (one.metric, one.between) in asked or (one.metric, None) in asked
    ]


def dangerous_v(entered: Mapping[str, Typed | None], settings: ElectricalSettings) -> float | None:
    """Return the highest of the entered voltages that is dangerous; None where there is none."""
    voltages = [abs(typed.value) for one in VOLTAGES if (typed := entered.get(one.name)) is not None]
    highest = max(voltages, default=0.0)
    return highest if highest > settings.stop_above_v else None


def measure(
    typed: dict[str, str],
    limits: list[Limit],
    settings: ElectricalSettings,
    *,
    sent: frozenset[str] = frozenset(),
    pair: str | None = None,
) -> Measurement:
    """Return the readings of what was entered, with what was typed as evidence.

    Args:
        typed: By the quantity's name, as it was written.
        limits: The profile's; they say what would have been measured had the pair not been dangerous.
        settings: When it is.
        sent: The names of those that an instrument sent; what it garbled has no value, and the others count.
        pair: What the person calls the pair.

    Raises:
        UsageError: a value that a person typed cannot be.
    """
    entered = {name: _entered(BY_NAME[name], text, name in sent) for name, text in typed.items()}
    place = {} if pair is None else {"pair": pair}
    stopped = dangerous_v(entered, settings) is not None
    kept = [one for one in QUANTITIES if one.name in entered and (one in VOLTAGES or not stopped)]
    readings = [_reading(one, place, entered[one.name], Reason.GARBLED) for one in kept]
    if stopped:
        readings += [_reading(one, place, None, Reason.NOT_SAFE) for one in wanted_by(limits) if one not in kept]
    by_hand = not sent.issuperset(typed)
    warnings = [*([Warn.SAFETY_STOP] if stopped else []), *([Warn.ENTERED_BY_HAND] if by_hand else [])]
    body = "".join(f"{one.name}: {typed[one.name]}\n" for one in QUANTITIES if one.name in typed)
    return Measurement(
        readings=readings,
        details={"electricals": {"typed": typed, "settings": msgspec.to_builtins(settings)}},
        evidence=[EvidenceFile(name="entered.txt", media_type="text/plain", body=body.encode())],
        warnings=[str(warning) for warning in warnings],
    )


def _entered(quantity: Quantity, text: str, sent: bool) -> Typed | None:
    """Return a value; None for one that an instrument garbled."""
    try:
        return parse_value(quantity, text)
    except UsageError:
        if not sent:
            raise
        return None


def _reading(quantity: Quantity, place: dict[str, Any], typed: Typed | None, otherwise: Reason) -> Reading:
    return Reading(
        metric=quantity.metric,
        value=typed.value if typed else None,
        unit=METRICS[quantity.metric].unit,
        where={**place, **quantity.where},
        reason=None if typed else otherwise,
        bound=typed.bound if typed else None,
    )
