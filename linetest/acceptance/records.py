"""From measurements to a judged record: the one place where records are made."""

import getpass
import uuid
from typing import Any

import msgspec

from linetest.model.clock import now_text
from linetest.model.judge import judge_all, overall
from linetest.model.order import Line, Order
from linetest.model.profile import LoadedProfile
from linetest.model.reading import EvidenceFile, Measurement, Reading, merge_details
from linetest.model.record import Check, Evidence, Kind, ProfileUsed, Record
from linetest.model.step import StepDone
from linetest.version import SOFTWARE


def build_record(
    kind: Kind,
    measurements: list[Measurement],
    loaded: LoadedProfile,
    *,
    started_at: str,
    order: Order | None = None,
    line: Line | None = None,
    steps: list[StepDone] | None = None,
    evidence: list[Evidence] | None = None,
) -> Record:
    """Judge all readings by the profile and return the record, not yet kept.

    It is simulated when any part of it came from the bench or a replay.
    """
    readings = [reading for measurement in measurements for reading in measurement.readings]
    checks = judge_for(kind, loaded, readings, order.access if order else None)
    warnings = [warning for measurement in measurements for warning in measurement.warnings]
    details = merge_details([{"access": order.access} if order else {}, *(one.details for one in measurements)])
    return Record(
        id=str(uuid.uuid4()),
        simulated=any(measurement.simulated for measurement in measurements),
        kind=kind,
        verdict=overall(checks),
        profile=ProfileUsed(name=loaded.profile.name, sha256=loaded.sha256, text=loaded.text),
        software=SOFTWARE,
        started_at=started_at,
        finished_at=now_text(),
        order=order.number if order else None,
        line=line.id if line else None,
        operator=_operator(),
        steps=[*(steps or []), *(step for measurement in measurements for step in measurement.steps)],
        checks=checks,
        readings=readings,
        details=details | whose_fault(details, checks),
        evidence=evidence or [],
        warnings=list(dict.fromkeys(warnings)),
    )


def judge_for(kind: Kind, loaded: LoadedProfile, readings: list[Reading], access: str | None) -> list[Check]:
    """Judge readings for a record of that kind; one of a single room is not asked for what is limited in others.

    Where an ONU was brought into service its light was read too; where it was taken out there is none.
    """
    rooms = {str(kind)}
    if kind == "provision":
        rooms |= {"pon"} & {reading.metric.partition(".")[0] for reading in readings}
    limits = [limit for limit in loaded.profile.limit if kind == "acceptance" or limit.room in rooms]
    return judge_all(limits, readings, access)


def whose_fault(details: dict[str, Any], checks: list[Check]) -> dict[str, Any]:
    """Return ``isolation`` for the details of a record in which a service was tested; empty for others."""
    if "service" not in details:
        return {}
    from linetest.service.isolation import isolate

    answer = isolate(checks, device_fails=bool(details.get("device_fails")))
    return {"isolation": msgspec.to_builtins(answer)}


def evidence_files(measurements: list[Measurement]) -> list[EvidenceFile]:
    """Return the files of all measurements, with names that differ: two meters may both hand over a transcript."""
    files: list[EvidenceFile] = []
    taken: set[str] = set()
    for file in (file for measurement in measurements for file in measurement.evidence):
        name, number = file.name, 2
        while name in taken:
            name, number = f"{number}-{file.name}", number + 1
        taken.add(name)
        files.append(msgspec.structs.replace(file, name=name))
    return files


def _operator() -> str | None:
    """Return the name under which the person is logged in; None where the machine knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # Windows without a name in the environment has no other source
        return None
