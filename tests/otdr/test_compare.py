"""What changed since an earlier trace, and whether it could have been chance."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import UsageError
from linetest.otdr.compare import REPEAT_DB, SIGNIFICANT_SIGMAS, Change, compare
from linetest.otdr.event import Event, EventKind
from linetest.otdr.shot import Shot

Fire = Callable[..., Shot]


def joint(distance_m: float, loss_db: float | None, **more: Any) -> Event:
    return Event(kind=EventKind.NON_REFLECTIVE, distance_m=distance_m, loss_db=loss_db, **{"loss_u_db": 0.004, **more})


def end(distance_m: float, **more: Any) -> Event:
    return Event(kind=EventKind.END, distance_m=distance_m, **more)


def changes(before: Shot, after: Shot) -> list[Change]:
    return compare(before.trace, before.analysis, after.trace, after.analysis).changes


def significant(before: Shot, after: Shot) -> list[tuple[str, float]]:
    return [(change.what, change.distance_m) for change in changes(before, after) if change.significant]


def test_the_same_trace_twice_has_no_significant_change(fired: Fire) -> None:
    one = fired([joint(1000.0, 0.1, reflectance_db=-50.0, section_db_per_km=0.2), end(9000.0, section_db_per_km=0.2)])
    found = changes(one, one)
    assert {change.what for change in found} == {"loss-changed", "reflectance-changed", "end-moved"}
    assert all(change.difference == 0.0 and not change.significant for change in found)


def test_a_new_event_and_one_that_is_gone(fired: Fire) -> None:
    before, after = fired([joint(1000.0, 0.1), end(9000.0)]), fired([joint(5000.0, 0.4), end(9000.0)])
    assert significant(before, after) == [("event-gone", 1000.0), ("event-new", 5000.0)]
    gone, new = changes(before, after)[:2]
    assert (gone.before, gone.after, gone.difference) == (0.1, None, -0.1)
    assert (new.before, new.after, new.difference) == (None, 0.4, 0.4)
    assert new.sigmas == pytest.approx(0.4 / math.hypot(0.004, REPEAT_DB))


@given(st.floats(-0.5, 0.5), st.floats(0.001, 0.1))
def test_a_loss_changed_only_beyond_three_sigmas(fired: Fire, difference_db: float, u_db: float) -> None:
    before = fired([joint(1000.0, 0.2, loss_u_db=u_db)])
    after = fired([joint(1003.0, 0.2 + difference_db, loss_u_db=u_db)])
    (change,) = changes(before, after)
    u = math.hypot(u_db, u_db, REPEAT_DB)
    assert change.u == pytest.approx(u)
    assert change.sigmas == pytest.approx(abs(difference_db) / u)
    assert change.significant == ((change.sigmas or 0.0) > SIGNIFICANT_SIGMAS)
    assert change.distance_m == 1000.0


def test_a_loss_without_an_uncertainty_is_shown_and_never_significant(fired: Fire) -> None:
    (change,) = changes(fired([joint(1000.0, 0.1, loss_u_db=None)]), fired([joint(1000.0, 0.9)]))
    assert change.difference == pytest.approx(0.8)
    assert (change.sigmas, change.significant) == (None, False)


def test_a_reflection_that_was_cut_off_is_not_compared(fired: Fire) -> None:
    def with_reflection(reflectance_db: float, *, saturated: bool = False) -> Shot:
        return fired([joint(1000.0, 0.1, reflectance_db=reflectance_db, saturated=saturated)])

    assert ("reflectance-changed", 1000.0) in significant(with_reflection(-55.0), with_reflection(-30.0))
    cut = changes(with_reflection(-55.0), with_reflection(-30.0, saturated=True))
    assert [change.what for change in cut] == ["loss-changed"]


def test_the_end_that_came_nearer_or_was_lost(fired: Fire) -> None:
    before = fired([end(9000.0)])
    assert significant(before, fired([end(7200.0)])) == [("end-moved", 9000.0)]
    assert significant(before, fired([end(9005.0)])) == []  # half of the pulse of 10 m
    assert significant(before, fired([])) == [("end-lost", 9000.0)]


def test_a_section_between_the_same_events(fired: Fire) -> None:
    def fibre(db_per_km: float, second_m: float = 6000.0) -> Shot:
        return fired([joint(1000.0, 0.1), joint(second_m, 0.1, section_db_per_km=db_per_km), end(9000.0)])

    assert significant(fibre(0.20), fibre(0.24)) == [("section-changed", 6000.0)]
    assert significant(fibre(0.20), fibre(0.21)) == []
    assert significant(fibre(0.20, 1050.0), fibre(9.0, 1050.0)) == []  # shorter than ten pulses
    divided = fired([joint(1000.0, 0.1), joint(3000.0, 0.2), joint(6000.0, 0.1, section_db_per_km=0.3), end(9000.0)])
    assert significant(fibre(0.20), divided) == [("event-new", 3000.0)]


def test_another_group_index_is_brought_to_the_earlier_scale(fired: Fire) -> None:
    before = fired([joint(30_000.0, 0.1), end(60_000.0)], group_index=1.4600)
    after = fired([joint(30_000.0 * 1.46 / 1.47, 0.1), end(60_000.0 * 1.46 / 1.47)], group_index=1.4700)
    assert significant(before, after) == []
    assert changes(before, after)[1].after == pytest.approx(60_000.0)


@pytest.mark.parametrize("changed", [{"wavelength_nm": 1310.0}, {"pulse_width_ns": 1000.0}])
def test_what_cannot_be_compared_is_refused(fired: Fire, changed: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="same"):
        try:
            changes(fired([end(9000.0)]), fired([end(9000.0)], **changed))
        except UsageError as error:
            raise UsageError(f"{error.what}; {error.hint}") from error


def test_echoes_and_launch_are_no_changes(fired: Fire) -> None:
    ghost = Event(kind=EventKind.GHOST, distance_m=4000.0, reflectance_db=-60.0)
    launch = Event(kind=EventKind.LAUNCH, distance_m=-500.0)
    assert significant(fired([end(9000.0)]), fired([launch, ghost, end(9000.0)])) == []
