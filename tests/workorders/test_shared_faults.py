"""Faults that came back, faults of many at one place, and the notes for those that are handed on."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from linetest.errors import BadFile, UsageError
from linetest.model.case import Case, Event
from linetest.model.deadlines import Deadlines
from linetest.model.order import Line, Order
from linetest.workorders.faults import earlier_faults, is_repeated, mass_faults
from linetest.workorders.notes import note_text
from linetest.workorders.rules import load_deadlines

NOW = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=8)))
HOUR = timedelta(hours=1)


@pytest.fixture
def rules() -> Deadlines:
    return load_deadlines("deadlines-cn")


def fault(number: str, received: datetime, done: datetime | None = None, **line: Any) -> Case:
    order = Order(
        number=number,
        access="ftth-epon",
        work_type="fault",
        received_at=received,
        line=[Line(**{"id": number, **line})],
    )
    return Case(order=order, events=[Event(at=done, kind="done")] if done else [])


def test_a_fault_is_repeated_after_it_was_mended_twice(rules: Deadlines) -> None:
    month = timedelta(days=30)
    here = fault("WO-9", NOW, id="L1")
    others = [
        fault("WO-1", NOW - month - HOUR, NOW - month, id="L1"),  # mended exactly a month ago
        fault("WO-2", NOW - 9 * HOUR, NOW, id="L1"),  # mended in the second in which it came back
        fault("WO-3", NOW - month - HOUR, NOW - month - timedelta(seconds=1), id="L1"),
        fault("WO-4", NOW - HOUR, None, id="L1"),  # reported again before it was mended
        fault("WO-5", NOW - 9 * HOUR, NOW - HOUR, id="L2"),
        fault("WO-6", NOW - 9 * HOUR, NOW + HOUR, id="L1"),
    ]
    found = earlier_faults(here, [here, *others], rules)
    assert found == ["WO-1", "WO-2"]
    assert is_repeated(found, rules)
    assert not is_repeated(found[:1], rules)


@pytest.mark.parametrize(
    ("place", "line", "name"),
    [
        ("splitter", {"splitter": "S7"}, "S7"),
        ("cabinet", {"cabinet": "J12"}, "J12"),
        ("port", {"olt": "olt7", "onu": "0/1/0:{n}"}, "olt7 0/1/0"),
    ],
)
def test_many_faults_at_one_place_are_one_large_fault(
    rules: Deadlines, place: str, line: dict[str, str], name: str
) -> None:
    def at(n: int, received: datetime) -> Case:
        return fault(f"WO-{n}", received, None, **{key: value.format(n=n) for key, value in line.items()})

    three = [at(1, NOW - 4 * HOUR), at(2, NOW - HOUR), at(3, NOW)]  # the first and the last exactly four hours apart
    (mass,) = mass_faults(three, rules, NOW)
    assert (mass.place, mass.name, mass.orders) == (place, name, ["WO-1", "WO-2", "WO-3"])
    assert mass_faults([at(1, NOW - 4 * HOUR - timedelta(seconds=1)), *three[1:]], rules, NOW) == []
    assert mass_faults(three, rules, NOW - HOUR) == []  # the third has not been received yet
    assert mass_faults([*three[:2], fault("WO-3", NOW, NOW)], rules, NOW) == []


def test_the_notes_are_the_documents_words(rules: Deadlines) -> None:
    said: dict[str, str | None] = {"cabinet": "J12", "cable": "D07", "team": "三", "phone": "13900000003"}
    assert note_text("cutover", said, rules) == (
        "J12交接箱割接,三工程队正在处理,按综调要求,已留工程割接报告上联系人员号码13900000003告知用户"
    )
    assert note_text("cable", said, rules) == (
        "D07电缆障碍,三电缆班正在处理,按综调要求,已留电缆维护人员联系号码13900000003告知用户"
    )
    assert "{phone}\n" not in note_text("cable", {**said, "team": "a\n{phone}"}, rules)
    with pytest.raises(UsageError, match="team, phone"):
        note_text("cutover", {"cabinet": "J12", "team": " "}, rules)


def test_a_template_with_another_slot_is_refused() -> None:
    from linetest.catalog import load_profile, read_profile

    text = load_profile("deadlines-cn").text
    for bad in ("{cabinet.__class__}", "{cabinet}{cabinet}", "{0}", "none"):
        with pytest.raises(BadFile, match="slots"):
            read_profile(text.replace('"{cabinet}', f'"{bad}', 1), "mine.toml")
