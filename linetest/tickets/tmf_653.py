"""TMF653: a result as a service test, in English codes only, so that it reads the same whoever sends or compares it.

There is no verdict in TMF653: a measure that broke no limit has no ``ruleViolation``. The verdict and our id go into
characteristics, by the mapping.
"""

from typing import Any

from linetest.model.codes import Verdict
from linetest.model.values import limit_bounds, plain_number
from linetest.tickets.mapping import Mapping
from linetest.tickets.result import TicketResult
from linetest.tickets.tmf_fields import characteristic, fields_of, put, steps

KIND = "serviceTest"
RECORD = "linetest.record"
"""The characteristic that holds the redacted record, where the ticket itself takes no attachment."""
_MODE = "ONDEMAND"  # a person measured; PROACTIVE is a system's own test
_STATE = "Completed"  # as TM Forum's own example spells it; the schema takes any text
_COMPARATORS = {True: ("less than or equal", "greater than or equal"), False: ("less than", "greater than")}
"""By whether the limit is strict: a value so compared with the target has broken it."""


def service_test(result: TicketResult, marker: str, mapping: Mapping, *, with_record: bool) -> dict[str, Any]:
    """Return the service test of a result; `marker` is the name by which it is found again."""
    record = result.record
    profile = record["profile"]
    document: dict[str, Any] = {
        "name": marker,
        "description": result.comment,
        "mode": _MODE,
        "state": _STATE,
        "startDateTime": record["started_at"],
        "endDateTime": record["finished_at"],
        "relatedService": {"id": result.line, "@referredType": "Service"},
        "testSpecification": {
            "id": profile["name"],
            "version": profile["sha256"],
            "@referredType": "ServiceTestSpecification",
        },
        "testMeasure": [_measure(check, record) for check in record["checks"]],
    }
    for field in fields_of(mapping, KIND):
        if (value := field.of(result)) is not None:
            put(document, steps(field), value)
    if with_record:
        document["characteristic"] = [*document.get("characteristic", []), characteristic(RECORD, record)]
    return document


def _measure(check: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """Return one check as a measure: a value, or the reason why there is none."""
    measure: dict[str, Any] = {
        "metricName": check["metric"],
        "metricDescription": _description(check),
        "unitOfMeasure": check["unit"],
        "captureDateTime": _captured_at(check, record),
        "captureMethod": "simulated" if record["simulated"] else "instrument",
    }
    value = plain_number(check["value"])
    if value is not None:
        measure["value"] = characteristic(check["metric"], value)
    if check["verdict"] == Verdict.FAIL:
        measure["ruleViolation"] = [_violation(check, value)]
    return measure


def _description(check: dict[str, Any]) -> str:
    """Return the place, the verdict and the reason, as ``wavelength_nm=1490; inconclusive; under-range``."""
    place = ", ".join(f"{key}={value}" for key, value in check["where"].items())
    return "; ".join(part for part in (check["id"], place, check["verdict"], check["reason"]) if part)


def _captured_at(check: dict[str, Any], record: dict[str, Any]) -> str:
    """Return when the checked value was read; the end of the test where the instrument did not say."""
    for reading in record["readings"]:
        if reading["metric"] == check["metric"] and reading["where"] == check["where"] and reading["at"]:
            return str(reading["at"])
    return str(record["finished_at"])


def _violation(check: dict[str, Any], value: float | None) -> dict[str, Any]:
    """Return the limit that was broken, on the side where it was."""
    limit = check["limit"]
    low, high = limit_bounds(limit, check["where"])
    less, greater = _COMPARATORS[limit.get("strict") is True]
    violation: dict[str, Any] = {
        "name": check["metric"],
        "description": str(limit.get("source", "")),
        "thresholdRuleSeverity": "major" if limit.get("required", True) else "minor",
    }
    above = value is not None and high is not None and (low is None or abs(value - high) < abs(value - low))
    if high is not None and above:
        violation |= {"conformanceTargetUpper": repr(high), "conformanceComparatorUpper": greater}
    elif low is not None:
        violation |= {"conformanceTargetLower": repr(low), "conformanceComparatorLower": less}
    if check["hint"]:
        violation["appliedConsequence"] = [{"name": check["hint"], "appliedAction": "advise", "repeatAction": False}]
    return violation
