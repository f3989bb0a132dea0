"""What leaves the laptop, and how it says that it is simulated."""

import json
from collections.abc import Callable

import msgspec
import pytest

from linetest.devices.station import StatusTable, TicketEntry
from linetest.errors import BadFile, UsageError
from linetest.model.codes import Verdict
from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.order import Line, Order
from linetest.model.reading import Reading
from linetest.model.record import Check, Evidence, Record
from linetest.tickets.mapping import mapping_of
from linetest.tickets.payload import read_payload
from linetest.tickets.result import MARK, TicketResult, prepare, redact
from linetest.tickets.systems import connect, destination, status_for

RT = mapping_of(TicketEntry(system="rt"))
NewRecord = Callable[..., Record]
NewResult = Callable[..., TicketResult]


def test_nothing_private_leaves_the_laptop(new_result: NewResult) -> None:
    result = new_result(
        "17",
        operator="CANARY-operator",
        details={"transcript": "CANARY-reply", "curves": [{"name": "CANARY-curve"}], "combinations": [{"pair": "1"}]},
        evidence=[
            Evidence(name="CANARY-customer.s8p", sha256="b" * 64, bytes=9, media_type="text/plain"),
            Evidence(name="CANARY-meter.txt", sha256="c" * 64, bytes=9, media_type="text/plain"),
        ],
    )
    sent = msgspec.json.encode(result).decode() + result.attachment().decode()
    assert "CANARY" not in sent
    document = json.loads(result.attachment())
    assert document["redacted"] is True
    assert document["operator"] is None
    assert document["details"] == {"combinations": [{"pair": "1"}]}
    assert [(item["name"], item["sha256"][0]) for item in document["evidence"]] == [
        ("evidence-1", "b"),
        ("evidence-2", "c"),
    ]
    assert document["chain"]["sha256"] == "a" * 64


def test_redacting_changes_no_record(new_record: NewRecord) -> None:
    record = new_record()
    before = msgspec.json.encode(record)
    redact(record)
    assert msgspec.json.encode(record) == before


def test_the_weakest_light_is_sent_and_absent_light_is_not_zero(new_result: NewResult) -> None:
    def level(value: float | None, reason: str | None = None) -> Reading:
        return Reading(metric="optical.power_dbm", value=value, unit="dBm", reason=reason)

    two = new_result("1", readings=[level(-18.0), level(-21.5)])
    assert two.rx_power_dbm == -21.5
    none = new_result("1", readings=[level(None, "under-range")])
    assert none.rx_power_dbm is None
    assert "Rx Power dBm" not in RT.document(none)


def test_a_simulated_result_says_so_first_everywhere(new_result: NewResult) -> None:
    result = new_result("1", simulated=True)
    assert result.comment.splitlines()[0].startswith(MARK)
    fields = RT.document(result)
    assert fields["Work Order"] == "WO-1001"  # not a claim about the line, and the name by which the order is known
    assert fields["Line Id"] == f"{MARK} LINE-1"
    assert json.loads(result.attachment())["simulated"] is True
    assert MARK not in new_result("1").comment


def test_the_comment_is_safe_and_bounded(new_result: NewResult) -> None:
    check = Check(
        metric="copper.next_db",
        verdict=Verdict.INCONCLUSIVE,
        value=None,
        unit="dB",
        limit={"max": -40.0},
        where={"pair": "\x1b[2J\u202e1"},
        reason="timeout",
    )
    result = new_result("1", checks=[check] * 500, line="L\r\nX")
    lines = result.comment.splitlines()
    assert len(lines) < 80
    assert "and 440 more in the attachment" in lines
    assert not any(sign in result.comment for sign in ("\x1b", "\u202e", "\r"))
    assert "no answer in time" in result.comment


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-11-22T19:00:00+08:00", "2026-11-22T19:00:00+08:00"), ("2026-11-22T11:00:00Z", "2026-11-22T11:00:00+00:00")],
)
def test_times_never_end_in_z(new_result: NewResult, moment: str, expected: str) -> None:
    assert new_result("1", finished_at=moment).tested_at == expected


def test_the_payload_comes_back_as_it_was(new_result: NewResult) -> None:
    result = new_result("17")
    row = result.item("rt http://127.0.0.1 Field")
    assert (row.key, row.ticket) == (result.key, "17")
    assert read_payload(row) == result
    assert read_payload(msgspec.structs.replace(row, ticket="18")).ticket == "18"
    with pytest.raises(BadFile, match="the kept result cannot be read"):
        read_payload(msgspec.structs.replace(row, payload=b'{"key": 1}'))
    with pytest.raises(BadFile, match=r"'linetest\.ticket/9' is not a kind of thing that linetest sends"):
        read_payload(msgspec.structs.replace(row, kind="linetest.ticket/9"))


def test_without_a_ticket_there_is_nothing_to_send_to(new_record: NewRecord) -> None:
    order = Order(number="WO-1", access="adsl", line=[Line(id="1")])
    with pytest.raises(UsageError, match="no ticket is named"):
        prepare(new_record(), order, order.line[0], None, Verdict.PASS)


@pytest.mark.parametrize(
    ("value", "limit", "line"),
    [
        (-39.9996, {"max": -40.0, "strict": True}, "pair 1 from 3 at 150 kHz, near end  -39.9996 dB  (below -40.0 dB)"),
        (-40.0, {"max": -40.0, "strict": True}, "pair 1 from 3 at 150 kHz, near end  -40.00 dB  (below -40.0 dB)"),
        (
            -38.204,
            {"line": [[100e3, -60.0], [200e3, -40.0]], "along": "frequency_hz"},
            "pair 1 from 3 at 150 kHz, near end  -38.20 dB  (at most -50.0 dB)",
        ),
    ],
)
def test_the_comment_shows_values_and_limits_as_the_reports_do(
    value: float, limit: dict[str, object], line: str, new_result: NewResult
) -> None:
    where = {"pair": "1", "disturber": "3", "frequency_hz": 150e3, "end": "near"}
    reading = Reading(metric="copper.next_db", value=value, unit="dB", where=where)
    check = judge(reading, msgspec.convert({"metric": "copper.next_db", "source": "a test", **limit}, Limit))
    assert f"FAIL: copper.next_db  {line}" in new_result("1", checks=[check]).comment.splitlines()


def test_the_ticket_shows_the_verdict_of_the_order_and_the_comment_that_of_the_line(new_result: NewResult) -> None:
    result = new_result("1", "open", Verdict.FAIL, verdict=Verdict.PASS)
    assert RT.document(result)["Verdict"] == "fail"
    assert result.comment.startswith("PASS  order WO-1001, line LINE-1\n")


def test_the_status_of_a_verdict() -> None:
    usual = TicketEntry(system="folder", path="x")
    assert [status_for(usual, verdict) for verdict in Verdict] == ["resolved", "open", None, None]
    own = TicketEntry(
        system="folder", path="x", status=StatusTable(pass_="unchanged", fail="stalled", inconclusive="open")
    )
    assert [status_for(own, verdict) for verdict in Verdict] == [None, "stalled", "open", None]


def test_connecting_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "secret")
    with pytest.raises(UsageError, match=r"\[ticket\] queue is missing"):
        connect(TicketEntry(system="rt", url="http://127.0.0.1", token="env:CANARY"))
    with pytest.raises(UsageError, match=r"\[ticket\] token is missing"):
        connect(TicketEntry(system="rt", url="http://127.0.0.1", queue="Field"))
    with pytest.raises(UsageError, match=r"\[ticket\] path is missing"):
        connect(TicketEntry(system="folder"))
    assert (
        destination(TicketEntry(system="rt", url="http://h", queue="Field", token="env:CANARY")) == "rt http://h Field"
    )
