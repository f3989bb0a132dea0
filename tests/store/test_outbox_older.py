"""An outbox from before its payloads had a table of their own."""

import hashlib
from pathlib import Path

import pytest

from linetest.store import outbox
from linetest.store.database import _VERSIONS, connect
from linetest.store.opened import open_store
from linetest.store.outbox import State


def test_results_that_waited_before_the_update_wait_after_it(
    private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("linetest.store.database._VERSIONS", _VERSIONS[:3])
        database = connect(private_home)
        for number, state in enumerate(("pending", "delivered", "unsure"), start=1):
            body = f"result {number}".encode()
            database.execute(
                "INSERT INTO outbox (key, dest, ticket, kind, payload, payload_sha256, state, created_at, remote_ids)"
                " VALUES (?, 'rt', '17', 'k', ?, ?, ?, '2026-11-22T19:00:00+08:00', '{\"attachment\": \"5\"}')",
                (f"key-{number}", body, hashlib.sha256(body).hexdigest(), state),
            )
        database.close()
    with open_store() as store:
        found = outbox.items(store.database)
        assert [(one.key, one.state, one.payload) for one in found] == [
            ("key-1", State.PENDING, b"result 1"),
            ("key-2", State.DELIVERED, b"result 2"),
            ("key-3", State.UNSURE, b"result 3"),
        ]
        assert all(one.is_intact() and one.remote_ids == {"attachment": "5"} for one in found)
        assert [head.key for head in outbox.heads(store.database, "rt")] == ["key-1", "key-3"]
        assert store.database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
