"""What a result means for its order: the events that are noted in the transaction that keeps the record."""

import sqlite3
from datetime import datetime

import msgspec

from linetest.model.case import Case, Event
from linetest.model.codes import Verdict
from linetest.model.order import Line, Order
from linetest.model.record import Record
from linetest.store import orders
from linetest.workorders.moments import is_done
from linetest.workorders.resources import mismatches


def note_result(database: sqlite3.Connection, record: Record, order: Order, line: Line) -> bool:
    """Note the test of a line, when the store knows the order; call it after the store has taken the record.

    Returns whether the line's work is done with that.

    An install or a move whose line passes is done with that. A fault is not: its line may test well and its customer
    still complain, so a person reports it done. When the result was sent, the outbox tells.
    """
    if not orders.knows(database, order.number):
        return False
    tested = Event(
        at=datetime.fromisoformat(record.finished_at),
        kind="tested",
        line=line.id,
        record=record.id,
        evidence_sha256=record.chain.sha256 if record.chain else None,
        verdict=record.verdict,
        simulated=record.simulated,
    )
    (case,) = orders.cases(database, order.number)
    events = [tested, *_mismatches(case, tested, record, line)]
    ends = record.verdict is Verdict.PASS and order.work_type in ("install", "move") and not is_done(case, line.id)
    if ends:
        events.append(msgspec.structs.replace(tested, kind="done", verdict=None))
    orders.note(database, order.number, events)
    return ends


def _mismatches(case: Case, tested: Event, record: Record, line: Line) -> list[Event]:
    """Return wrong resource data that the test has shown, each once for an order."""
    known = [event.mismatch for event in case.events]
    return [
        Event(at=tested.at, kind="mismatch", line=line.id, record=record.id, mismatch=wrong)
        for wrong in mismatches(line, record.details)
        if wrong not in known
    ]
