"""Readings of several rooms about one link into one answer, and the answer into readings."""

from collections.abc import Iterable
from typing import Any

from linetest.model.codes import Hint, Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading
from linetest.optical.reconcile import Answer, Suspect, Told, reconcile
from linetest.optical.reconcile_settings import ReconcileSettings

_LEVELS = {
    "pon.olt_tx_dbm": "olt_tx_dbm",
    "pon.onu_rx_dbm": "onu_rx_dbm",
    "pon.onu_tx_dbm": "onu_tx_dbm",
    "pon.olt_rx_dbm": "olt_rx_dbm",
    "pon.distance_m": "length_m",
}
WANTED = frozenset({*_LEVELS, "optical.power_dbm", "otdr.link_loss_db", "otdr.length_m"})
"""The metrics that tell something about a link's loss."""
_DOWN_NM, _NEAR_NM = 1490.0, 20.0
_LONG_NM = 1500.0


def told_by(readings: Iterable[Reading], settings: ReconcileSettings) -> Told:
    """Return what readings tell of a link, the first of each kind; what stands for nothing is left out.

    A trace whose fibre ends elsewhere than at the ONU's distance does not count.
    """
    told: dict[str, float] = {}
    ends_m: float | None = None
    for reading in readings:
        if reading.value is None or reading.bound is not None:
            continue
        wavelength_nm = reading.where.get("wavelength_nm")
        if reading.metric in _LEVELS:
            told.setdefault(_LEVELS[reading.metric], reading.value)
        elif reading.metric == "optical.power_dbm" and _is_near(wavelength_nm, _DOWN_NM):
            told.setdefault("meter_dbm", reading.value)
        elif reading.metric == "otdr.link_loss_db" and isinstance(wavelength_nm, int | float):
            if "otdr_loss_db" not in told:
                told |= {"otdr_loss_db": reading.value, "otdr_nm": float(wavelength_nm)}
        elif reading.metric == "otdr.length_m" and ends_m is None:
            ends_m = reading.value
    length_m = told.get("length_m")
    if ends_m is not None and length_m is not None and abs(ends_m - length_m) > settings.length_differs_m:
        told.pop("otdr_loss_db", None)
    return Told(**told)


def measured(told: Told, settings: ReconcileSettings, birth: Told | None = None) -> Measurement:
    """Return the answer as readings, with the sides beside one another in ``details["reconcile"]``."""
    answer = reconcile(told, settings, birth)
    reason = Reason.NOT_MEASURED if answer.agree is None else Reason.NOT_DECIDABLE
    named = answer.agree is True or answer.suspect is not None
    hint = _hint(answer, told) if answer.suspect else None
    where: dict[str, Any] = {"told_by": str(answer.suspect)} if answer.suspect else {}
    count = None if not named else 0.0 if answer.agree else 1.0
    excess_db = None
    if answer.loss_db is not None and settings.planned_loss_db is not None:
        excess_db = answer.loss_db - settings.planned_loss_db
    return Measurement(
        readings=[
            _reading("optical.disagreeing_count", count, reason, where, hint),
            _reading("optical.link_loss_db", answer.loss_db, reason, {}),
            _reading("optical.excess_loss_db", excess_db, Reason.NO_PLAN, {}),
            *(
                _reading("optical.residual_db", side.residual_db, Reason.NOT_MEASURED, {"told_by": str(side.side)})
                for side in answer.sides
            ),
        ],
        details={"reconcile": details_of(answer, told) | {"birth": birth._asdict() if birth else None}},
    )


def details_of(answer: Answer, told: Told) -> dict[str, Any]:
    """Return all that was told and what follows from it, as plain data."""
    return {
        "told": told._asdict(),
        "sides": [side._asdict() for side in answer.sides],
        "loss_db": answer.loss_db,
        "loss_u_db": answer.loss_u_db,
        "agree": answer.agree,
        "suspect": answer.suspect,
        "off_db": answer.off_db,
        "off_u_db": answer.off_u_db,
        "candidates": list(answer.candidates),
    }


_HINTS: dict[tuple[Suspect, bool], Hint] = {
    ("meter", True): Hint.DIRTY_METER,
    ("meter", False): Hint.WRONG_METER_SETTING,
    ("onu-rx", True): Hint.BAD_ONU,
    ("onu-rx", False): Hint.BAD_ONU,
    ("olt-rx", True): Hint.WEAK_LASER,
    ("olt-rx", False): Hint.BAD_ONU,
    ("otdr", True): Hint.OTHER_FIBRE,
    ("otdr", False): Hint.OTHER_FIBRE,
    ("olt-tx", True): Hint.OTHER_PORT,
    ("olt-tx", False): Hint.OTHER_PORT,
    ("patch-cord", True): Hint.DIRTY_CORD,
    ("patch-cord", False): Hint.OTHER_ONU,
}


def _hint(answer: Answer, told: Told) -> Hint | None:
    """Return why it matters that this one does not fit."""
    if answer.suspect is None or answer.off_db is None:
        return None
    too_much = answer.off_db > 0.0
    if answer.suspect == "otdr" and too_much and (told.otdr_nm or 0.0) > _LONG_NM:
        return Hint.BENT_DROP
    return _HINTS[answer.suspect, too_much]


def _reading(
    metric: str, value: float | None, reason: Reason, where: dict[str, Any], hint: Hint | None = None
) -> Reading:
    return Reading(
        metric=metric,
        value=value,
        unit=METRICS[metric].unit,
        where=where,
        reason=None if value is not None else reason,
        hint=hint,
    )


def _is_near(wavelength_nm: object, wanted_nm: float) -> bool:
    return isinstance(wavelength_nm, int | float) and abs(wavelength_nm - wanted_nm) <= _NEAR_NM
