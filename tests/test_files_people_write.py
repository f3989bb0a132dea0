"""Orders and profiles are read strictly, and a refusal says where."""

from pathlib import Path

import pytest

from linetest.acceptance.plan import load_order
from linetest.catalog import (
    driver_names,
    load_profile,
    profile_for_access,
    profile_names,
    read_profile,
    readable_profiles,
)
from linetest.errors import BadFile, FileError, UsageError

LIMIT = '[[limit]]\nmetric = "copper.next_db"\nmax = -40.0\nsource = "somebody"\n'
HEAD = 'name = "mine"\nkind = "limits"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + LIMIT + "maximum = 3\n", "[[limit]] 1: there is no key 'maximum'"),
        (HEAD + LIMIT + LIMIT.replace('"somebody"', '" "'), "[[limit]] 2: a limit needs its source"),
        (HEAD + LIMIT.replace("max = -40.0\n", ""), "a limit needs min, max or line"),
        (HEAD + LIMIT + "min = -10.0\n", "min is above max"),
        (HEAD + LIMIT.replace("max = -40.0", 'along = "x"\nline = [[1, 2], [1, 3]]'), "rising x"),
        (HEAD + LIMIT.replace("max = -40.0", "line = [[1, 2], [2, 3]]"), "a line needs along"),
        (HEAD.replace("limits", "wishes"), "kind"),
        (HEAD + "colour = 1\n", "colour"),
        (HEAD + "name = 2\n", "mine.toml"),
        (HEAD + LIMIT.replace("-40.0", "nan"), "must be finite"),
        (HEAD + LIMIT.replace("-40.0", "inf"), "must be finite"),
        (HEAD + LIMIT + "band_hz = [5, 5]\n", "rising frequencies"),
        (HEAD + LIMIT + "marginal = -1.0\n", "below zero"),
        (HEAD + '[[step]]\nroom = "optical"\n' * 2, "same name"),
        ("= 3", "line 1"),
    ],
)
def test_a_bad_profile_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadFile) as caught:
        read_profile(text, "mine.toml")
    assert said in caught.value.what
    assert "mine.toml" in caught.value.what


def test_names_that_do_not_exist_are_answered_with_those_that_do() -> None:
    with pytest.raises(UsageError, match="adsl-prequal"):
        load_profile("adsl-prequel")


@pytest.mark.parametrize("name", ["../x", "..", "a/../b", "x\0y", "C:\\x", "adsl-prequal.", ""])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises((UsageError, FileError)):
        load_profile(name)


def test_every_shipped_profile_and_driver_is_found() -> None:
    assert {"adsl-prequal", "ftth-light"} <= set(profile_names())
    assert "joinwit_jw8103a" in driver_names()


GOOD_ORDER = 'number = "WO-1"\naccess = "adsl"\n[[line]]\nid = "L1"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD_ORDER.replace("adsl", "telex"), "access"),
        (GOOD_ORDER + "pear = 1\n", "[[line]] 1"),
        (GOOD_ORDER + '[[line]]\nid = "L1"\n', "same id"),
        ('ticket = " "\n' + GOOD_ORDER, "ticket is empty"),
        (GOOD_ORDER.replace('"L1"', '""'), "needs its id"),
        ('number = "WO-1"\naccess = "adsl"\nline = []\n', "at least one"),
        ("received_at = 2026-11-22T09:00:00\n" + GOOD_ORDER, "time zone"),
        ("\udcff", "UTF-8"),
    ],
)
def test_a_bad_order_is_refused_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "order.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadFile) as caught:
        load_order(path)
    assert said in caught.value.what
    assert "order.toml" in caught.value.what


def test_an_order_as_the_customer_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "order.toml"
    path.write_text(
        'number = "WO-1001"\nticket = "17"\nwork_type = "install"\naccess = "ftth-epon"\n'
        'customer = { region = "urban", vip = false, brand = true }\n'
        "received_at = 2026-11-22T09:00:00+08:00\n"
        '[[line]]\nid = "LINE-1"\nolt = "olt7"\nonu = "0/1/0:5"\n',
        encoding="utf-8",
    )
    order = load_order(path)
    assert (order.number, order.ticket, order.customer.brand, order.line[0].onu) == (
        "WO-1001",
        "17",
        True,
        "0/1/0:5",
    )


def test_one_bad_file_of_a_person_hides_no_other_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "broken.toml").write_text("= 1", encoding="utf-8")
    monkeypatch.setenv("LINETEST_CONFIG", str(tmp_path))
    loaded, unreadable = readable_profiles()
    assert {"adsl-prequal", "ftth-light"} <= {one.profile.name for one in loaded}
    assert ["broken.toml" in error.what for error in unreadable] == [True]
    assert profile_for_access("adsl").profile.name == "adsl-prequal"
