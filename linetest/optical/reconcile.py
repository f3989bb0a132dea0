"""One link seen from four sides: which of the readings does not fit the others.

Each side gives the loss from the OLT to the socket at 1490 nm: the OLT's light less the meter's level; the OLT's light
less the ONU's, without the patch cord; the ONU's light less what the OLT gets of it; what an OTDR saw. Weighted least
squares finds the loss that fits all. Where they do not fit, each reading in turn is let free: the one that explains
what is left, and that much better than any other, is the one that disagrees. Two that explain it alike are not decided.
"""

from math import sqrt
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from linetest.optical.reconcile_settings import ReconcileSettings

Side = Literal["meter", "onu-rx", "olt-rx", "otdr"]
Suspect = Literal["meter", "onu-rx", "olt-rx", "otdr", "olt-tx", "patch-cord"]
"""What can be wrong alone: a reading; the OLT's own light, in two of them; the way from the socket into the ONU."""
Floats = npt.NDArray[np.float64]

_DOWN_NM, _UP_NM = 1490.0, 1310.0
_FEWEST_SIDES = 3
_LENGTH_SPREAD = 0.01  # of a told length: two ends of the same fibre


class Told(NamedTuple):
    """What is known of a link; None where nobody told it."""

    meter_dbm: float | None = None
    """At the socket, at 1490 nm."""
    olt_tx_dbm: float | None = None
    onu_rx_dbm: float | None = None
    onu_tx_dbm: float | None = None
    olt_rx_dbm: float | None = None
    otdr_loss_db: float | None = None
    otdr_nm: float | None = None
    length_m: float | None = None
    """From the OLT to the ONU."""


class Seen(NamedTuple):
    """One side: the loss that it says, and how far it is from what the others say."""

    side: Side
    loss_db: float
    """From the OLT to the socket, at 1490 nm."""
    u_db: float
    """Standard uncertainty, without what all sides share."""
    residual_db: float | None
    """Less the loss by all other sides; None where there is no other."""
    residual_u_db: float | None


class Answer(NamedTuple):
    """What the sides say together."""

    sides: list[Seen]
    loss_db: float | None
    """By all that agree; None where nothing was told, or nobody can say which."""
    loss_u_db: float | None
    agree: bool | None
    """None where fewer than two sides were told."""
    suspect: Suspect | None
    """The one that disagrees."""
    off_db: float | None
    """How much loss it says too much; of ``olt-tx`` and ``patch-cord`` how much too much the sides with it say."""
    off_u_db: float | None
    candidates: list[Suspect]
    """Where nobody can say which: all that it could be."""


def reconcile(told: Told, settings: ReconcileSettings, birth: Told | None = None) -> Answer:
    """Return whether the sides of a link agree, and which does not.

    Args:
        told: What is known now.
        settings: How sure that is.
        birth: What was known of the link when it was new. Where at least three sides agreed then, what each says now
            is held against what it said then: modules are wrong by the same for years.
    """
    then = reconcile(birth, settings) if birth is not None else None
    off_db = _off_at_birth(told, then, settings)
    if off_db:
        settings = settings.against_itself()
    sides, loss_db, covariance = _sides(told, settings)
    if off_db:
        known = [at for at, side in enumerate(sides) if side in off_db]
        sides = [sides[at] for at in known]
        loss_db = loss_db[known] - np.array([off_db[side] for side in sides])
        covariance = covariance[np.ix_(known, known)]
    if not sides:
        return Answer([], None, None, None, None, None, None, [])
    weight: Floats = np.linalg.inv(covariance).astype(np.float64)
    seen = [_seen(at, sides, loss_db, covariance) for at in range(len(sides))]
    fitted, rest = _fit(loss_db, weight, np.ones((len(sides), 1)))
    if len(sides) == 1 or rest <= _usual(len(sides) - 1, settings.agree_share):
        agree = None if len(sides) == 1 else True
        return Answer(seen, float(fitted[0]), _u_db(weight, np.ones((len(sides), 1)), 0), agree, None, None, None, [])
    return _blamed(sides, loss_db, weight, seen, settings)


def _off_at_birth(told: Told, then: Answer | None, settings: ReconcileSettings) -> dict[Side, float]:
    """Return how much too much loss each side said when all agreed; empty where that is not known of three sides."""
    if then is None or not then.agree or then.loss_db is None:
        return {}
    now = _sides(told, settings)[0]
    off_db = {side.side: side.loss_db - then.loss_db for side in then.sides if side.side in now}
    return off_db if len(off_db) >= _FEWEST_SIDES else {}


def _blamed(
    sides: list[Side], loss_db: Floats, weight: Floats, seen: list[Seen], settings: ReconcileSettings
) -> Answer:
    """Return the one suspect that explains what does not fit; the candidates where several do, or none alone."""
    fits: list[tuple[float, Suspect, Floats, Floats]] = []
    for suspect, guilty in _SUSPECTS.items():
        off = np.array([1.0 if side in guilty else 0.0 for side in sides])
        if not 0.0 < off.sum() < len(sides):
            continue
        design = np.stack([np.ones(len(sides)), off], axis=1)
        fitted, rest = _fit(loss_db, weight, design)
        fits.append((rest, suspect, fitted, design))
    fits.sort(key=lambda fit: fit[0])
    free = len(sides) - 2
    usual = _usual(free, settings.agree_share) if free else 0.0
    able = [fit for fit in fits if fit[0] <= max(usual, 1e-9) and fit[0] - fits[0][0] < settings.lead**2]
    if len(able) != 1 or len(fits) < 2 or fits[1][0] - fits[0][0] < settings.lead**2:
        close = [fit[1] for fit in fits if fit[0] - fits[0][0] < settings.lead**2]
        return Answer(seen, None, None, False, None, None, None, close)
    _rest, suspect, fitted, design = able[0]
    return Answer(
        sides=seen,
        loss_db=float(fitted[0]),
        loss_u_db=_u_db(weight, design, 0),
        agree=False,
        suspect=suspect,
        off_db=float(fitted[1]),
        off_u_db=_u_db(weight, design, 1),
        candidates=[],
    )


_SUSPECTS: dict[Suspect, tuple[Side, ...]] = {
    "meter": ("meter",),
    "onu-rx": ("onu-rx",),
    "olt-rx": ("olt-rx",),
    "otdr": ("otdr",),
    "olt-tx": ("meter", "onu-rx"),
    "patch-cord": ("onu-rx", "olt-rx"),
}


def _sides(told: Told, settings: ReconcileSettings) -> tuple[list[Side], Floats, Floats]:
    """Return the sides that were told, the loss that each says, and the covariance of what they say.

    Both sides with the OLT's light share its error, both with the ONU the patch cord, those at other wavelengths the
    length.
    """
    km = (told.length_m if told.length_m is not None else settings.length_m) / 1000.0
    km_variance = (_LENGTH_SPREAD * km) ** 2 if told.length_m is not None else settings.length_variance_km2
    rows: list[tuple[Side, float, dict[str, float]]] = []
    if told.olt_tx_dbm is not None and told.meter_dbm is not None:
        rows.append(("meter", told.olt_tx_dbm - told.meter_dbm, {"olt_tx": 1.0, "meter": 1.0}))
    if told.olt_tx_dbm is not None and told.onu_rx_dbm is not None:
        loss_db = told.olt_tx_dbm - told.onu_rx_dbm - settings.cord_db
        rows.append(("onu-rx", loss_db, {"olt_tx": 1.0, "onu_rx": 1.0, "cord": 1.0}))
    if told.onu_tx_dbm is not None and told.olt_rx_dbm is not None:
        more = _more_at(_UP_NM, settings)
        loss_db = told.onu_tx_dbm - told.olt_rx_dbm - settings.cord_db - more * km
        rows.append(("olt-rx", loss_db, {"onu_tx": 1.0, "olt_rx": 1.0, "cord": 1.0, "km": more}))
    if told.otdr_loss_db is not None and settings.db_per_km(told.otdr_nm or 0.0) is not None:
        more = _more_at(told.otdr_nm or 0.0, settings)
        rows.append(("otdr", told.otdr_loss_db - more * km, {"otdr": 1.0, "km": more}))
    sources = ("olt_tx", "meter", "onu_rx", "onu_tx", "olt_rx", "otdr", "cord", "km")
    parts = np.array([[part.get(source, 0.0) for source in sources] for _side, _loss, part in rows]).reshape(-1, 8)
    variances = [km_variance if source == "km" else settings.variance(source) for source in sources]
    covariance: Floats = parts @ np.diag(variances) @ parts.T
    return [side for side, _loss, _part in rows], np.array([loss for _side, loss, _part in rows]), covariance


def _more_at(wavelength_nm: float, settings: ReconcileSettings) -> float:
    """Return how much more than at 1490 nm a kilometre loses there."""
    there, down = settings.db_per_km(wavelength_nm), settings.db_per_km(_DOWN_NM)
    return 0.0 if there is None or down is None else there - down


def _seen(at: int, sides: list[Side], loss_db: Floats, covariance: Floats) -> Seen:
    """Return one side beside what all others say."""
    u_db = sqrt(float(covariance[at, at]))
    others = [other for other in range(len(sides)) if other != at]
    if not others:
        return Seen(sides[at], float(loss_db[at]), u_db, None, None)
    weight = np.linalg.inv(covariance[np.ix_(others, others)])
    share = weight.sum(axis=0) / weight.sum()
    contrast = np.zeros(len(sides))
    contrast[at], contrast[others] = 1.0, -share
    residual_u_db = sqrt(float(contrast @ covariance @ contrast))
    return Seen(sides[at], float(loss_db[at]), u_db, float(contrast @ loss_db), residual_u_db)


def _fit(loss_db: Floats, weight: Floats, design: Floats) -> tuple[Floats, float]:
    """Return the coefficients that fit best, and the weighted sum of squares that is left."""
    fitted: Floats = np.linalg.solve(design.T @ weight @ design, design.T @ weight @ loss_db).astype(np.float64)
    left = loss_db - design @ fitted
    return fitted, float(left @ weight @ left)


def _u_db(weight: Floats, design: Floats, which: int) -> float:
    return sqrt(float(np.linalg.inv(design.T @ weight @ design)[which, which]))


def _usual(free: int, share: float) -> float:
    """Return what chi squared with so many degrees of freedom stays below with that share (Wilson and Hilferty)."""
    part = 2.0 / (9.0 * free)
    return float(free * (1.0 - part + NormalDist().inv_cdf(share) * sqrt(part)) ** 3)
