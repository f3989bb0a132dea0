"""`linetest kpi` over the made month of 300 orders, as a person runs it."""

import csv
import json
from pathlib import Path

import pytest
import wcwidth

from linetest.store.database import transaction
from linetest.store.opened import open_store
from linetest.store.orders import note, put
from tests.conftest import Run
from tests.workorders.month_table import TABLE, left_out, sums

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "kpi-month.txt"
NOVEMBER = ("kpi", "--from", "2026-11-01", "--to", "2026-11-30", "--at", "2026-12-20T12:00")
USERS = (
    '[[users]]\nmonth = "2026-11"\nbrand = 1900\nordinary = 7000\n'
    '[[users]]\nmonth = "2026-11"\nteam = "north"\nbrand = 1000\nordinary = 4000\n'
)


@pytest.fixture
def month(private_home: Path, tmp_path: Path) -> Path:
    """Keep the month's orders in the store; return the file of the installed users."""
    with open_store() as store:
        put(store.database, [row.case.order for row in TABLE], "made")
        with transaction(store.database):
            for row in TABLE:
                note(store.database, row.case.order.number, row.case.events)
    users = tmp_path / "users.toml"
    users.write_text(USERS, encoding="utf-8")
    return users


def test_the_table_is_easy_to_read_at_80_columns(call: Run, month: Path) -> None:
    done = call(*NOVEMBER, "--users", month)
    assert done.returncode == 1  # targets are missed
    assert done.stdout == GOLDEN.read_text(encoding="utf-8")
    assert max(wcwidth.wcswidth(line) for line in done.stdout.splitlines()) <= 80


def test_json_says_everything_of_all_teams_and_of_each(call: Run, month: Path) -> None:
    done = call(*NOVEMBER, "--users", month, "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "linetest.kpi/1"
    assert [(one["month"], one["team"]) for one in document["months"]] == [
        ("2026-11", None),
        ("2026-11", "north"),
        ("2026-11", "south"),
    ]
    for one in document["months"]:
        rows = [row for row in TABLE if one["team"] in (None, row.case.order.team)]
        wanted, left = sums(rows), left_out(rows)
        for indicator in one["indicators"]:
            name = ".".join(filter(None, (indicator["indicator"], indicator["share"])))
            above, below = wanted.get(name, (0, 0))
            assert indicator["numerator"] == above, name
            assert {entry["order"]: entry["reason"] for entry in indicator["left_out"]} == left.get(name, {})
            if indicator["indicator"] not in ("K8", "K9"):
                assert indicator["denominator"] == below, name
    assert any("60 h" in entry["text"] for entry in document["months"][0]["contradictions"])


def test_csv_has_a_row_for_each_indicator_month_and_team(call: Run, month: Path, tmp_path: Path) -> None:
    call(*NOVEMBER, "--users", month, "--csv", tmp_path / "kpi.csv")
    text = (tmp_path / "kpi.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 3 * 17
    first = rows[0]
    assert (first["indicator"], first["team"], first["met"], first["target_min"]) == ("K1", "", "false", "95.0")
    assert "CBc not-reached" in first["left_out_orders"]


@pytest.mark.slow
def test_the_page_holds_pictures_and_needs_nothing_else(call: Run, month: Path, tmp_path: Path) -> None:
    days = ("--from", "2026-10-01", "--to", "2026-11-30", "--team", "north")
    call("kpi", *days, "--users", month, "--html", tmp_path / "kpi.html")
    page = (tmp_path / "kpi.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") == 2 + 1  # the bars of each month, and the course over both
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_one_team_and_without_its_users(call: Run, month: Path) -> None:
    done = call(*NOVEMBER, "--team", "south")
    assert "team south" in done.stdout
    assert "--users names a file" in done.stdout
    assert "all teams" not in done.stdout


def test_it_speaks_chinese_in_80_columns(run: Run, month: Path) -> None:
    done = run(*NOVEMBER, "--users", month, "--lang", "zh")
    assert "品牌" in done.stdout
    assert max(wcwidth.wcswidth(line) for line in done.stdout.splitlines()) <= 80


def test_a_team_that_does_not_exist_is_answered_with_those_that_do(call: Run, month: Path) -> None:
    done = call(*NOVEMBER, "--team", "nrth")
    assert done.returncode == 2
    assert "there are: north" in done.stderr


def test_nothing_to_count_is_no_pass(call: Run, private_home: Path) -> None:
    assert call(*NOVEMBER).returncode == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-11-30", "--to", "2026-11-01"), "--to lies before --from"),
        (("--from", "2026-11-01", "--to", "2048-11-01"), "more than ten years"),
        (("--from", "2026-11-01", "--to", "2026-11-30", "--profile", "deadlines-cn"), "there are: indicators-cn"),
        (("--from", "2026-11-01", "--to", "2026-11-30", "--deadlines", "indicators-cn"), "there are: deadlines-cn"),
        (("--from", "2026-11-01", "--to", "2026-11-30", "--users", "none.toml"), "none.toml"),
        (("--from", "yesterday", "--to", "2026-11-30"), "yesterday"),
    ],
)
def test_what_cannot_be_meant_is_refused(call: Run, arguments: tuple[str, ...], said: str) -> None:
    done = call("kpi", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (USERS + "[[users]]\nmonth = '2026-11'\nbrand = 1\nordinary = 1\n", "same month and team"),
        ("[[users]]\nmonth = '2026-13'\nbrand = 1\nordinary = 1\n", "[[users]] 1: month is written as 2026-11"),
        ("[[users]]\nmonth = '2026-11'\nbrand = -1\nordinary = 1\n", "below zero"),
        ("[[users]]\nmonth = '2026-11'\nbrand = 1\n", "'ordinary' is missing"),
        ("[[users]]\nmonth = '2026-11'\nbrands = 1\nordinary = 1\n", "brands"),
    ],
)
def test_a_bad_file_of_users_is_refused_with_its_place(call: Run, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    done = call(*NOVEMBER, "--users", path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "bad.toml" in done.stderr


HEAD = 'name = "mine"\nkind = "indicators"\n[indicators]\ninstall_runs_from = "received"\nrepeat_within = "one-month"\n'
TARGET = '[[indicators.target]]\nindicator = "K5"\nmin = 80\nsource = "our own"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + TARGET.replace("min = 80\n", ""), "needs min or max"),
        (HEAD + TARGET + "max = 90\n", "needs min or max"),
        (HEAD + TARGET.replace("80", "-1"), "not below zero"),
        (HEAD + TARGET.replace("80", "nan"), "not below zero"),
        (HEAD + TARGET.replace('"our own"', '" "'), "needs its source"),
        (HEAD + TARGET + TARGET, "two targets"),
        (HEAD + TARGET.replace("K5", "K11"), "K11"),
        (HEAD.replace("one-month", "a while"), "repeat_within"),
        (HEAD.replace('kind = "indicators"', 'kind = "limits"'), "belong together"),
    ],
)
def test_a_bad_profile_of_targets_is_refused(call: Run, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    done = call(*NOVEMBER, "--profile", path)
    assert done.returncode == 2
    assert said in done.stderr


def test_an_operator_gives_k5_a_target_of_his_own(call: Run, month: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + TARGET, encoding="utf-8")
    done = call(*NOVEMBER, "--profile", path, "--json")
    by_id = {one["indicator"]: one for one in json.loads(done.stdout)["months"][0]["indicators"]}
    assert by_id["K5"]["met"] is False  # 54 of 74 is 73 %
    assert by_id["K1"]["met"] is None
