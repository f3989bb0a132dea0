"""Orders in the store: every version is kept, nothing is changed or lost, whatever is killed when."""

import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from linetest.errors import StoreError, UsageError
from linetest.model.case import Event
from linetest.model.order import Line, Order
from linetest.store.database import _VERSIONS, connect
from linetest.store.opened import open_store
from linetest.store.orders import cases, find_case, find_number, knows, note, put, versions

AT = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=8)))
WRITER = """
import sys
from datetime import UTC, datetime
from linetest.model.case import Event
from linetest.store.opened import open_store
from linetest.store.orders import note
with open_store() as store:
    number = 0
    while True:
        number += 1
        at = datetime(2026, 3, 2, tzinfo=UTC)
        pair = [Event(at=at, kind=kind, text=str(number)) for kind in ("called", "chaser")]
        note(store.database, "WO-1", pair)
        print(number, flush=True)
"""


def order(number: str = "WO-1", summary: str | None = None) -> Order:
    return Order(number=number, access="adsl", summary=summary, line=[Line(id="L1")])


def test_an_order_that_comes_again_is_a_new_version_only_when_it_changed() -> None:
    with open_store() as store:
        assert put(store.database, [order(), order("WO-2")], "a.csv") == ["new", "new"]
        assert put(store.database, [order()], "b.csv") == ["same"]
        assert put(store.database, [order(summary="dead")], "c.csv") == ["changed"]
        assert find_case(store.database, "WO-1").order == order(summary="dead")
        assert put(store.database, [order()], "d.csv") == ["changed"]
        assert [case.order.number for case in cases(store.database)] == ["WO-1", "WO-2"]
        assert find_case(store.database, "WO-1").order == order()
        kept = versions(store.database, "WO-1")
    assert [(one.version, one.source, one.order.summary) for one in kept] == [
        (1, "a.csv", None),
        (2, "c.csv", "dead"),
        (3, "d.csv", None),
    ]


def test_events_stand_in_the_order_in_which_they_happened() -> None:
    later = Event(at=AT + timedelta(hours=1), kind="arrived")
    with open_store() as store:
        put(store.database, [order()], "a")
        note(store.database, "WO-1", [later, Event(at=AT, kind="called", reached=True)])
        note(store.database, "WO-1", [Event(at=AT, kind="chaser")])
        assert [event.kind for event in find_case(store.database, "WO-1").events] == ["called", "chaser", "arrived"]


@pytest.mark.parametrize("statement", ["DELETE FROM {table}", "UPDATE {table} SET number = 'X'"])
@pytest.mark.parametrize("table", ["work_order", "order_event"])
def test_the_data_base_itself_changes_nothing_and_deletes_nothing(table: str, statement: str) -> None:
    with open_store() as store:
        put(store.database, [order()], "a")
        note(store.database, "WO-1", [Event(at=AT, kind="called", reached=True)])
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            store.database.execute(statement.format(table=table))
        assert len(find_case(store.database, "WO-1").events) == 1


def test_an_order_is_named_by_a_unique_ending() -> None:
    with open_store() as store:
        put(store.database, [order("WO-1001"), order("WO-2001"), order("WO-2002"), order("2")], "a")
        assert find_number(store.database, "2002") == "WO-2002"
        assert find_number(store.database, "2") == "2"
        with pytest.raises(UsageError, match="WO-1001, WO-2001"):
            find_number(store.database, "001")
        for nothing in ("", "3", "%", "WO-2001 "):
            with pytest.raises(UsageError, match="there is no order"):
                find_number(store.database, nothing)
        assert not knows(store.database, "001")


def test_a_data_base_from_before_orders_gets_their_tables(private_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr("linetest.store.database._VERSIONS", _VERSIONS[:1])
        connect(private_home).close()
    with open_store() as store:
        assert put(store.database, [order()], "a") == ["new"]
        assert cases(store.database)[0].order == order()


def test_a_damaged_order_is_told_and_not_read_as_something_else() -> None:
    with open_store() as store:
        store.database.execute(
            "INSERT INTO work_order (number, version, source, added_at, body) VALUES ('X', 1, 'a', 'b', ?)", (b"{",)
        )
        with pytest.raises(StoreError, match="cannot be read"):
            cases(store.database)


def test_kill_9_between_events_loses_none_and_halves_none() -> None:
    """A writer notes pairs of events and says so after each; it is killed in the middle, three times."""
    with open_store() as store:
        put(store.database, [order()], "a")
    told = 0
    for patience in (1, 7, 20):
        writer = subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        for _number in range(patience):
            writer.stdout.readline()
        writer.kill()
        told += patience + len(writer.stdout.read().splitlines())
        writer.wait()
        writer.stdout.close()
    with open_store() as store:
        events = find_case(store.database, "WO-1").events
    kinds = [event.kind for event in events]
    assert kinds.count("called") == kinds.count("chaser")
    assert told <= kinds.count("called") <= told + 3  # one pair may have been kept and not told, each time
