"""Whatever a ticket says, it is an order or a clear refusal; and who wins where both sides have changed a field."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.devices.station import TicketEntry
from linetest.errors import BadFile
from linetest.model.order import Line, Order
from linetest.tickets.mapping import mapping_of
from linetest.tickets.merge import merge, values_here
from linetest.tickets.orders import booking_from, values_of
from linetest.tickets.policy import same
from linetest.tickets.system import FoundTicket

RT = mapping_of(TicketEntry(system="rt"))
NAMES = [field.name for field in RT.taken]
ORDER = Order(number="WO-1", access="adsl", ticket="17", address="here", line=[Line(id="L1", mac="00:11:22:33:44:55")])
TEXTS = st.one_of(
    st.text("aZ09 .:-+/'\"\\\x00\x1b\n\u202e\ud800修", max_size=30),
    st.sampled_from(
        ["epon", "repair", "urban", "2026-11-22T11:00:00Z", "2999-03-04 am", "2999-03-04 09:00-08:00", "1"]
    ),
)


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(TEXTS, min_size=1, max_size=3), max_size=len(NAMES)))
def test_any_ticket_is_an_order_or_a_refusal(shown: dict[str, list[str]]) -> None:
    found = FoundTicket(ticket="17", status="new", owner=None, mine=False, shown=shown)
    for order in (None, ORDER):
        try:
            values = values_of(RT, found)
            values.setdefault("order.number", "WO-1")
            merged = merge(RT, "17", values, None, order, None)
        except BadFile:
            continue
        assert merged.order.ticket == "17"
        again = merge(RT, "17", values, values, merged.order, merged.appointment)
        assert (again.order, again.clashes, again.appointment) == (merged.order, [], None)
        msgspec.json.encode(merged.order)  # text that no file can hold is refused before


@pytest.mark.parametrize(
    ("before", "there", "here", "kept", "clash"),
    [
        ("A", "B", "A", "B", None),  # changed there
        ("A", "A", "B", "B", None),  # changed here
        ("A", "B", "B", "B", None),  # changed alike
        ("A", "B", "C", "B", "theirs"),
        ("A", None, "A", None, None),  # taken away there
        (None, "B", None, "B", None),
        (None, None, "C", "C", None),  # never there
    ],
)
def test_who_has_changed_a_field(
    before: str | None, there: str | None, here: str | None, kept: str | None, clash: str | None
) -> None:
    def values(address: str | None) -> dict[str, Any]:
        told = {"order.number": "WO-1", "order.access": "adsl", "line.id": ["L1"]}
        return told | ({} if address is None else {"order.address": address})

    order = msgspec.structs.replace(ORDER, address=here)
    merged = merge(RT, "17", values(there), values(before), order, None)
    assert merged.order.address == kept
    assert [one.kept for one in merged.clashes] == ([] if clash is None else [clash])
    assert merged.order.line[0].mac == ORDER.line[0].mac


def test_an_order_belongs_to_one_ticket() -> None:
    with pytest.raises(BadFile, match="order WO-1 belongs to ticket 17 already"):
        merge(RT, "18", {"order.number": "WO-1", "order.access": "adsl"}, None, ORDER, None)


def test_of_many_lines_only_the_names_are_compared() -> None:
    many = msgspec.structs.replace(ORDER, line=[Line(id="R1", olt="a"), Line(id="R2", olt="b")])
    assert "line.olt" not in values_here(many, None)
    merged = merge(RT, "17", {"line.id": ["R2", "R3"], "line.olt": "c"}, None, many, None)
    assert [(line.id, line.olt) for line in merged.order.line] == [("R2", "b"), ("R3", None)]


@pytest.mark.parametrize("text", ["2999-13-01 am", "2999-03-04", "2999-03-04 9", "2999-03-04 10:00-09:00", "am", ""])
def test_what_is_no_appointment(text: str) -> None:
    with pytest.raises(BadFile, match="is no appointment"):
        booking_from(text)


@pytest.mark.parametrize(
    ("wanted", "found", "compared", "equal"),
    [
        ("-18.30", "-18.3", "number", True),
        ("-18.30", "dark", "number", False),
        ("2026-11-22T19:00:00+08:00", "2026-11-22T11:00:00Z", "instant", True),
        ("2026-11-22T19:00:00+08:00", "2026-11-22T11:00:00", "instant", False),  # whose time?
        ("a", None, "text", False),
    ],
)
def test_what_means_the_same(wanted: str, found: str | None, compared: Any, equal: bool) -> None:
    assert same(wanted, found, compared) is equal
