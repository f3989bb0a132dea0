"""One room's measurement by itself: a command such as `power check` or `copper check`."""

from linetest.acceptance.onu_rows import add_onu_rows
from linetest.acceptance.records import build_record
from linetest.model.clock import now_text
from linetest.model.order import Line, Order
from linetest.model.profile import LoadedProfile
from linetest.model.reading import Measurement
from linetest.model.record import Kind, Record
from linetest.model.step import StepDone
from linetest.store.database import transaction
from linetest.store.opened import open_store
from linetest.store.records import append, keep_evidence


def judge_and_keep(
    measurement: Measurement,
    loaded: LoadedProfile,
    kind: Kind,
    *,
    started_at: str | None = None,
    steps: list[StepDone] | None = None,
    order: Order | None = None,
    line: Line | None = None,
) -> Record:
    """Judge the measurement, keep the record with its evidence in the user's store, and return it."""
    with open_store() as store:
        evidence = keep_evidence(store.home, measurement.evidence)
        record = build_record(
            kind,
            [measurement],
            loaded,
            started_at=started_at or now_text(),
            steps=steps,
            evidence=evidence,
            order=order,
            line=line,
        )
        with transaction(store.database):
            record = append(store.database, record)
            add_onu_rows(store.database, record)
    return record
