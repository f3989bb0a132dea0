"""Mappings as people write them: what is refused and how, and what they make of a result."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linetest.devices.station import StatusTable, TicketEntry
from linetest.errors import BadFile, UsageError
from linetest.tickets import systems
from linetest.tickets.mapping import mapping_of, read_mapping
from linetest.tickets.result import TicketResult

SHIPPED = sorted(path.stem for path in Path(systems.__file__).with_name("mappings").glob("*.toml"))
FIELD = '[[field]]\nname = "Work Type"\ncarries = "order.work_type"\nconflict = "theirs"\n'
STATUS = '[[field]]\nname = "State"\ncarries = "status"\nconflict = "transition"\n'
TABLE = '[status]\nclosed = ["done"]\n[status.may]\nopen = ["done"]\n'


def read(text: str) -> object:
    return read_mapping('system = "rt"\n' + text, "m.toml")


@pytest.mark.parametrize("system", SHIPPED)
def test_the_shipped_ones_can_be_read(system: str) -> None:
    found = mapping_of(TicketEntry(system=system))  # type: ignore[arg-type]
    assert {field.carries for field in found.field} >= {"note", "status"} or system == "tmf"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (FIELD.replace("work_type", "worktype"), "[[field]] 1: linetest has no value 'order.worktype'; there are: ord"),
        (FIELD.replace("theirs", "their"), "[[field]] 1: conflict: 'their' is not one of the words"),
        (FIELD.replace("theirs", "transition"), "what carries order.work_type has conflict = ours | theirs"),
        (FIELD.replace("order.work_type", "note"), "what carries note has conflict = append"),
        (FIELD + 'translate = { falt = "repair" }', "order.work_type is never 'falt'; there are: fault"),
        (FIELD + 'translate = { fault = "x", move = "x" }', "two words of translate have the same translation"),
        (FIELD + "decimals = 2", "decimals is of a number"),
        (FIELD + 'colour = "red"', "there is no key 'colour'"),
        (FIELD + FIELD, "the field 'Work Type' stands there twice"),
        (STATUS, "the table [status] is needed"),
        (STATUS + TABLE.replace('["done"]\n[', "[]\n["), "the status 'done' is neither closed nor in [status.may]"),
        (STATUS + TABLE + '[status.verdict]\npas = "done"', "there is no 'pas'; there are: pass"),
        (STATUS + TABLE + '[status.event]\narive = "open"', "there is no 'arive'; there are: arrived"),
        (FIELD.replace("Work Type", " "), "a field needs its name"),
        ("[[field]\n", "m.toml: not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_what_was_meant(text: str, what: str) -> None:
    with pytest.raises(BadFile) as raised:
        read(text)
    assert what in raised.value.what
    assert raised.value.what.startswith("m.toml")


def test_a_station_names_a_mapping_of_its_own(tmp_path: Path, new_result: Callable[..., TicketResult]) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(
        'system = "folder"\n[[field]]\nname = "light"\ncarries = "result.rx_power_dbm"\nconflict = "ours"\n'
        'compared = "number"\ndecimals = 1\n',
        encoding="utf-8",
    )
    entry = TicketEntry(system="folder", path=str(tmp_path), mapping=str(file))
    assert mapping_of(entry).document(new_result("17")) == {"light": "-18.3"}
    with pytest.raises(BadFile, match="a mapping for folder, and the station's ticket system is rt"):
        mapping_of(TicketEntry(system="rt", mapping=str(file)))


def test_a_status_that_the_mapping_does_not_know_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    entry = TicketEntry(system="folder", path=str(tmp_path), status=StatusTable(pass_="resolvd"))
    with pytest.raises(UsageError) as raised:
        systems.connect(entry)
    assert raised.value.what == "[ticket.status]: the mapping of folder has no status 'resolvd'"
    assert raised.value.hint.startswith("there are: resolved")
