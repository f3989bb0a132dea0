"""Orders from files: three formats give the same order, and a bad file is refused with its place."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import BadFile, FileError
from linetest.model.order import Order, Rates
from linetest.workorders.files import load_orders

CSV = """\
number,access,work_type,region,vip,received_at,line,splitter
WO-1,ftth-epon,install,urban,yes,2026-03-02T08:00:00+08:00,101,S7
WO-1,,,,,,102,S8
WO-2,adsl,fault,,no,,L2,
"""
TOML = """\
number = "WO-1"
access = "ftth-epon"
work_type = "install"
customer = { region = "urban", vip = true }
received_at = 2026-03-02T08:00:00+08:00
[[line]]
id = "101"
splitter = "S7"
[[line]]
id = "102"
splitter = "S8"
"""


def load(folder: Path, name: str, text: str | bytes) -> list[Order]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_orders(path)


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    (order,) = load(tmp_path, "a.toml", TOML)
    line = [{"id": "101", "splitter": "S7"}, {"id": "102", "splitter": "S8"}]
    entry = {
        "number": "WO-1",
        "access": "ftth-epon",
        "work_type": "install",
        "customer": {"region": "urban", "vip": True},
        "received_at": "2026-03-02T08:00:00+08:00",
        "line": line,
    }
    assert load(tmp_path, "a.json", json.dumps(entry)) == load(tmp_path, "b.json", json.dumps([entry])) == [order]
    first, second = load(tmp_path, "a.csv", "\ufeff" + CSV)
    assert first == order
    assert (second.number, second.received_at, second.customer.vip) == ("WO-2", None, False)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", CSV.replace("splitter", "spliter"), "row 1: there is no column 'spliter'"),
        ("a.csv", CSV.replace("number", "line", 1), "row 1: two columns"),
        ("a.csv", CSV.replace("access", "team", 1), "row 1: the column 'access' is missing"),
        ("a.csv", CSV.replace(",S8", ""), "row 3: 7 cells, and the first row has 8"),
        ("a.csv", CSV.replace("yes", "perhaps"), "row 2: vip: 'perhaps' is neither yes nor no"),
        ("a.csv", CSV.replace("WO-1,,,,,,102", "WO-1,adsl,,,,,102"), "row 3: access differs"),
        ("a.csv", CSV.replace("WO-1,,,,,,102", "WO-1,,,rural,,,102"), "row 3: region differs"),
        ("a.csv", CSV.replace("urban", "moon"), "row 2: region"),
        ("a.csv", CSV.replace("ftth-epon", "telex"), "row 2: access"),
        ("a.csv", CSV.replace("+08:00", ""), "row 2: received_at needs its time zone"),
        ("a.csv", CSV.replace("102", "101"), "row 2: two lines have the same id"),
        ("a.csv", CSV + "WO-1,adsl,,,,,L9,\n", "order WO-1 stands there twice"),
        ("a.csv", CSV + '"WO', "row 5"),
        ("a.csv", "", "row 1: the column 'number' is missing"),
        ("a.csv", b"number\xff", "byte 6 is not UTF-8"),
        ("a.json", '[{"number": 1}]', "order 1"),
        ("a.json", "[\n\n{]", "line 3: not valid JSON"),
        ("a.json", "[" * 100_000, "not valid JSON"),
        ("a.json", "3", "order 1"),
        ("a.json", json.dumps([{"number": "A", "access": "adsl", "line": [{"id": "1", "pear": 2}]}]), "[[line]] 1"),
        ("a.toml", TOML + "pear = 1\n", "[[line]] 2: there is no key 'pear'"),
        ("a.toml", TOML + "\n= 3\n", "line 13"),
        ("a.xlsx", "", "orders are read from .toml, .json and .csv"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, name: str, text: str | bytes, said: str) -> None:
    with pytest.raises(FileError) as caught:
        load(tmp_path, name, text)
    assert said in caught.value.what
    assert name in caught.value.what


@given(st.binary(max_size=400), st.sampled_from(["csv", "json", "toml"]))
def test_any_bytes_are_orders_or_are_refused(tmp_path_factory: pytest.TempPathFactory, body: bytes, kind: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    orders: list[Order] = []
    with suppress(FileError):
        orders = load(folder, f"any.{kind}", body)
    assert all(order.number.strip() for order in orders)


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="larger than"):
        load(tmp_path, "a.csv", b"x" * 8_000_001)


def test_contracted_rates_stand_beside_the_line(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("number,access,line,down_mbps,up_mbps\nWO-5,ftth-gpon,L5,300,50\n", encoding="utf-8")
    (order,) = load_orders(file)
    assert order.line[0].rates == Rates(down_mbps=300.0, up_mbps=50.0)
    for cells in ("x,50", "-3,50", "300,", "nan,1"):
        file.write_text(f"number,access,line,down_mbps,up_mbps\nWO-5,ftth-gpon,L5,{cells}\n", encoding="utf-8")
        with pytest.raises(BadFile, match="row 2"):
            load_orders(file)
