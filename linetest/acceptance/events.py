"""What a result means for its order: the events that are noted in the transaction that keeps the record."""

import sqlite3
from datetime import datetime

from linetest.model.case import Event
from linetest.model.codes import Verdict
from linetest.model.order import Line, Order
from linetest.model.record import Record
from linetest.store import orders


def note_result(database: sqlite3.Connection, record: Record, order: Order, line: Line) -> None:
    """Note the test of a line, when the store knows the order; call it after the store has taken the record.

    An install or a move whose line passes is done with that. A fault is not: its line may test well and its customer
    still complain, so a person reports it done. When the result was sent, the outbox tells.
    """
    if not orders.knows(database, order.number):
        return
    tested = Event(
        at=datetime.fromisoformat(record.finished_at),
        kind="tested",
        line=line.id,
        record=record.id,
        evidence_sha256=record.chain.sha256 if record.chain else None,
        verdict=record.verdict,
        simulated=record.simulated,
    )
    events = [tested]
    if record.verdict is Verdict.PASS and order.work_type in ("install", "move"):
        (case,) = orders.cases(database, order.number)
        if not any(event.kind == "done" and event.line in (None, line.id) for event in case.events):
            events.append(
                Event(
                    at=tested.at,
                    kind="done",
                    line=line.id,
                    record=tested.record,
                    evidence_sha256=tested.evidence_sha256,
                    simulated=tested.simulated,
                )
            )
    orders.note(database, order.number, events)
