"""The walk apart from any wire: whole, ended, never turning in a circle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import BadReply
from linetest.transports.snmp_walk import SnmpValue, TooBig, oid_key, walk_subtree

oids = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, (1, 3, *parts))))


@given(st.sets(oids), oids, st.integers(1, 30))
def test_a_walk_is_the_subtree_in_order(known: set[str], root: str, most: int) -> None:
    ordered = sorted(known, key=oid_key)

    def bulk(oid: str, repetitions: int) -> list[tuple[str, SnmpValue | None]]:
        if repetitions > most:
            raise TooBig("")
        after = [one for one in ordered if oid_key(one) > oid_key(oid)][:repetitions]
        return [(one, ordered.index(one)) for one in after] or [(oid, None)]

    below = [one for one in ordered if one.startswith(root + ".")]
    assert walk_subtree(root, bulk, "here") == [(one, ordered.index(one)) for one in below]


@given(st.lists(st.lists(oids, max_size=5), min_size=1, max_size=5))
def test_no_agent_holds_a_walk_for_ever(answers: list[list[str]]) -> None:
    """Whatever it says over and over, the walk ends after as many questions as there are OIDs."""
    asked = 0

    def bulk(_oid: str, _repetitions: int) -> list[tuple[str, SnmpValue | None]]:
        nonlocal asked
        asked += 1
        assert asked < 400
        return [(oid, 1) for oid in answers[asked % len(answers)]]

    try:
        rows = walk_subtree("1.3", bulk, "here")
    except BadReply:
        return
    assert [oid for oid, _value in rows] == sorted({oid for oid, _value in rows}, key=oid_key)


def test_one_object_that_does_not_fit_ends_the_walk() -> None:
    asked = []

    def bulk(_oid: str, repetitions: int) -> list[tuple[str, SnmpValue | None]]:
        asked.append(repetitions)
        raise TooBig("")

    with pytest.raises(TooBig):
        walk_subtree("1.3", bulk, "here")
    assert asked == [25, 12, 6, 3, 1]


def test_a_table_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linetest.transports.snmp_walk.MOST_ROWS", 500)

    def bulk(oid: str, repetitions: int) -> list[tuple[str, SnmpValue | None]]:
        start = oid_key(oid)[-1] + 1
        return [(f"1.3.{number}", 0) for number in range(start, start + repetitions)]

    with pytest.raises(BadReply, match="more than 500"):
        walk_subtree("1.3", bulk, "here")
