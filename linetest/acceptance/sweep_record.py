"""The record of a whole OLT: shorter than that of one ONU, and able to be judged again by other limits."""

from collections import Counter

import msgspec

from linetest.acceptance.measure import read_by
from linetest.devices.olt import OnuTable
from linetest.devices.olt_rows import OnuRow
from linetest.devices.olt_sweep import OPTICS
from linetest.model.codes import Verdict, Warn
from linetest.model.onu import OnuState, PortState
from linetest.model.profile import LoadedProfile
from linetest.model.reading import Measurement
from linetest.model.record import Check, Record
from linetest.pon.checks import measure
from linetest.pon.settings import settings_of

_LIGHT = frozenset(f"pon.{field}" for field in OPTICS) | {"pon.loss_db", "pon.excess_loss_db"}
"""What cannot be judged where the light was not asked for."""

_BY_SECRETS = "pon.loid_elsewhere_count"
"""What is found by whole LOIDs, which no record holds."""


def is_of_a_sweep(record: Record) -> bool:
    """Tell whether a record is the short one of a whole OLT."""
    return record.kind == "pon" and "passed" in record.details and "optics" in record.details


def measured_again(kept: Record, loaded: LoadedProfile) -> Measurement | None:
    """Return the readings of all ONUs from the values that the record holds; None for another kind of record."""
    if not is_of_a_sweep(kept):
        return None
    technology = kept.details["technology"]
    table = OnuTable(
        onus=[
            OnuRow(state=msgspec.convert(one, OnuState), technology=technology) for one in kept.details.get("onus", [])
        ],
        ports=msgspec.convert(kept.details.get("ports", []), list[PortState]),
    )
    device = next((one.device for one in kept.readings if one.device), None)
    measured = read_by(measure(table, None, settings_of(loaded)), device)
    limited = {limit.metric for limit in loaded.profile.limit if limit.required or kept.details["optics"]}
    readings = [one for one in measured.readings if one.metric in limited and one.metric != _BY_SECRETS]
    readings += [one for one in kept.readings if one.metric == _BY_SECRETS]
    return Measurement(readings=readings, simulated=kept.simulated)


def without_light(loaded: LoadedProfile) -> LoadedProfile:
    """Return the profile with no limit of light required: what was not asked for is skipped, with its reason."""
    limits = [
        msgspec.structs.replace(limit, required=False) if limit.metric in _LIGHT else limit
        for limit in loaded.profile.limit
    ]
    return msgspec.structs.replace(loaded, profile=msgspec.structs.replace(loaded.profile, limit=limits))


def shortened(record: Record) -> Record:
    """Return the record of a whole OLT without most checks that passed or were skipped; the ONUs' values stay.

    Of each limit the check with the smallest margin stays, and one that was skipped for each reason; how many there
    were is told in ``details.passed`` and ``details.skipped``. A full OLT has 20,000 checks: written out with every
    sweep, they would fill the disk sooner than anybody reads them.
    """
    kept: list[Check] = []
    nearest: dict[tuple[str | None, str, str | None], Check] = {}
    left_out: dict[Verdict, Counter[str]] = {Verdict.PASS: Counter(), Verdict.SKIPPED: Counter()}
    for check in record.checks:
        if check.marginal or check.verdict not in left_out:
            kept.append(check)
            continue
        left_out[check.verdict][check.metric] += 1
        same = (check.id, check.metric, check.reason)
        if same not in nearest or margin_of(check) < margin_of(nearest[same]):
            nearest[same] = check
    kept += nearest.values()
    places = {(check.metric, check.where.get("onu")) for check in kept}
    return msgspec.structs.replace(
        record,
        checks=kept,
        warnings=list(dict.fromkeys([*record.warnings, Warn.CHECKS_LEFT_OUT])),
        readings=[one for one in record.readings if (one.metric, one.where.get("onu")) in places],
        details={
            **record.details,
            "passed": dict(left_out[Verdict.PASS]),
            "skipped": dict(left_out[Verdict.SKIPPED]),
        },
    )


def margin_of(check: Check) -> float:
    """Return how far inside its limit a value is; 0 where that is not known."""
    return check.margin if check.margin is not None else 0.0
