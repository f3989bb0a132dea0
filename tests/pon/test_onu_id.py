"""Every maker's spelling of an ONU's place, and the one canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import UsageError
from linetest.model.onu import mask_loid
from linetest.model.onu_id import OnuId, find_onu_id, parse_onu_id, sort_key


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("0/1/0:1", "0/1/0:1"),
        ("0 1 0 1", "0/1/0:1"),
        ("0/1/0 1", "0/1/0:1"),
        ("0/ 1/0:1", "0/1/0:1"),
        ("gpon 0/1/0:1", "0/1/0:1"),
        ("gpon-onu_1/1/1:1", "1/1/1:1"),
        ("gpon_onu-1/1/1:1", "1/1/1:1"),
        ("epon-onu_1/2/1:13", "1/2/1:13"),
        ("1/2/1:1", "1/2/1:1"),
        ("EPON0/1:1", "0/0/1:1"),
        ("EPON0/13:10", "0/0/13:10"),
        ("GPON01ONU1", "0/0/1:1"),
        ("gpon-olt_1/1/1", "1/1/1"),
        ("GPON 0/1/0", "0/1/0"),
        ("0/1/0", "0/1/0"),
        ("0/0/2:UBNT0011aabb", "0/0/2:UBNT0011aabb"),
    ],
)
def test_spellings_are_one(spelled: str, canonical: str) -> None:
    assert str(parse_onu_id(spelled)) == canonical


@pytest.mark.parametrize("text", ["", "eth0", "1/2/3/4/5", "0/1/0:", "a/b/c:d", "0/1/0:1; quit", "GPON", "9" * 400])
def test_other_texts_are_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(UsageError, match="names no ONU") as refused:
        parse_onu_id(text)
    assert "0/1/0:1" in refused.value.hint


@given(st.text(max_size=60))
def test_no_text_crashes_and_what_is_found_is_canonical(text: str) -> None:
    found = find_onu_id(text)
    assert found is None or find_onu_id(str(found)) == found


def test_names_sort_as_people_count() -> None:
    names = ["0/1/0:10", "0/1/0:2", "0/0/15:1"]
    assert sorted(names, key=sort_key) == ["0/0/15:1", "0/1/0:2", "0/1/0:10"]


def test_a_port_covers_its_onus_only() -> None:
    assert OnuId(0, 1, 0).covers(OnuId(0, 1, 0, 7))
    assert not OnuId(0, 1, 0).covers(OnuId(0, 1, 1, 7))
    assert not OnuId(0, 1, 0, 7).covers(OnuId(0, 1, 0, 70))


@pytest.mark.parametrize(("loid", "shown"), [("20261122000042", "20…42"), ("abcde", "ab…de"), ("abcd", "…"), ("", "…")])
def test_a_loid_shows_two_characters_at_each_end(loid: str, shown: str) -> None:
    assert mask_loid(loid) == shown
