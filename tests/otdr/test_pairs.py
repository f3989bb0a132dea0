"""Both directions of a link: positions mirrored, losses averaged, and refused where they cannot be."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import UsageError
from linetest.model.codes import Warn
from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.matching import match_places, tolerance_m
from linetest.otdr.pairs import TwoWays, average
from linetest.otdr.shot import Shot
from linetest.otdr.sor import read_sor
from linetest.otdr.trace import Trace

LENGTH_M = 10_000.0
Fire = Callable[..., Shot]


def joint(distance_m: float, loss_db: float | None, kind: EventKind = EventKind.NON_REFLECTIVE, **more: Any) -> Event:
    more = {"loss_u_db": 0.003, "method": "lsa-4-point", **more}
    return Event(kind=kind, distance_m=distance_m, loss_db=loss_db, **more)


def link(*joints: Event, length_m: float = LENGTH_M, at_m: float = 0.0, **of_end: Any) -> list[Event]:
    launch, end = (
        Event(kind=EventKind.LAUNCH, distance_m=at_m),
        Event(kind=EventKind.END, distance_m=length_m, **of_end),
    )
    return [launch, *joints, end]


def both(forward: Shot, reverse: Shot) -> TwoWays:
    return average(forward.trace, forward.analysis, reverse.trace, reverse.analysis)


def test_a_gainer_is_half_the_sum_of_a_gain_and_a_loss(fired: Fire) -> None:
    done = both(fired(link(joint(4000.0, -0.10))), fired(link(joint(6003.0, 0.30))))
    one = done.events[1]
    assert one.event.distance_m == 4000.0
    assert one.event.loss_db == pytest.approx(0.10)
    assert one.event.loss_u_db == pytest.approx(0.003 / math.sqrt(2.0))
    assert (one.ways, one.gainer) == ("both", True)
    assert one.backscatter_step_db == pytest.approx(-0.20)


def test_noise_about_zero_is_no_gainer(fired: Fire) -> None:
    done = both(fired(link(joint(4000.0, -0.005))), fired(link(joint(6000.0, 0.01))))
    assert not done.events[1].gainer


def test_an_event_seen_from_one_end_keeps_its_one_way_loss_and_says_so(fired: Fire) -> None:
    done = both(fired(link(joint(2000.0, 0.2))), fired(link(joint(1500.0, 0.4, section_db_per_km=0.2))))
    seen = {row.event.distance_m: row for row in done.events if row.event.kind is EventKind.NON_REFLECTIVE}
    assert [(at, row.ways, row.event.loss_db) for at, row in seen.items()] == [
        (2000.0, "forward", 0.2),
        (8500.0, "reverse", 0.4),
    ]
    assert seen[8500.0].event.section_db_per_km is None  # it was that of the other side
    assert not seen[2000.0].gainer


def test_reels_do_not_move_the_mirror(fired: Fire) -> None:
    forward = fired(link(joint(2000.0, 0.2), at_m=-500.0))
    reverse = fired(link(joint(9000.0, 0.4), length_m=11_000.0), start_m=1000.0)
    assert both(forward, reverse).events[1].ways == "both"


def test_what_the_lengths_differ_by_is_shared_between_both_ends(fired: Fire) -> None:
    done = both(fired(link()), fired(link(joint(1000.0, 0.4), length_m=LENGTH_M + 8.0)))
    assert done.events[1].event.distance_m == pytest.approx(LENGTH_M + 4.0 - 1000.0)
    assert done.length_difference_m == pytest.approx(8.0)


def test_the_link_its_sections_and_the_loss_to_each_event_are_means(fired: Fire) -> None:
    forward = fired(
        link(joint(4000.0, 0.2, section_db_per_km=0.20, cumulative_db=1.0), section_db_per_km=0.22, cumulative_db=4.0)
    )
    reverse = fired(
        link(joint(6000.0, 0.4, section_db_per_km=0.24, cumulative_db=3.0), section_db_per_km=0.18, cumulative_db=4.2),
        link_loss_db=4.2,
        link_loss_u_db=0.03,
    )
    done = both(forward, reverse)
    _launch, middle, end = (row.event for row in done.events)
    assert middle.section_db_per_km == pytest.approx((0.20 + 0.18) / 2)
    assert end.section_db_per_km == pytest.approx((0.22 + 0.24) / 2)
    assert middle.cumulative_db == pytest.approx((1.0 + (4.2 - 3.0 + 0.4)) / 2)
    assert done.analysis.link_loss_db == pytest.approx(4.1) == end.cumulative_db
    assert done.analysis.link_loss_u_db == pytest.approx(math.hypot(0.01, 0.03) / 2)


def test_a_section_that_one_direction_divides_is_not_averaged(fired: Fire) -> None:
    forward = fired(link(joint(4000.0, 0.2, section_db_per_km=0.2), section_db_per_km=0.5))
    reverse = fired(
        link(
            joint(3000.0, 0.1, section_db_per_km=0.9), joint(6000.0, 0.1, section_db_per_km=0.9), section_db_per_km=0.4
        )
    )
    sections = [row.event.section_db_per_km for row in both(forward, reverse).events]
    assert sections == [None, pytest.approx(0.3), None, 0.5]


def test_the_end_before_a_receive_reel_is_the_other_ends_first_connector(fired: Fire) -> None:
    forward = fired(link(loss_db=0.3, loss_u_db=0.01, method="lsa-4-point"))
    reverse = fired(link(joint(0.0, 0.5, EventKind.REFLECTIVE, reflectance_db=-45.0), at_m=-500.0))
    last = both(forward, reverse).events[-1]
    assert (last.event.kind, last.ways) == (EventKind.REFLECTIVE, "both")
    assert last.event.loss_db == pytest.approx(0.4)
    assert last.event.reflectance_db == -45.0


def test_echoes_are_kept_and_never_matched(fired: Fire) -> None:
    ghost = Event(kind=EventKind.GHOST, distance_m=4000.0, reflectance_db=-60.0)
    done = both(fired(link(ghost)), fired(link(joint(6000.0, 0.2))))
    assert [row.event.kind for row in done.events].count(EventKind.GHOST) == 1
    assert [row.ways for row in done.events if row.event.kind is EventKind.NON_REFLECTIVE] == ["reverse"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"wavelength_nm": 1310.0}, ("1550 nm", "1310 nm", "same wavelength")),
        ({"group_index": 1.4690}, ("1.46820", "1.46900", "set the index")),
        ({"pulse_width_ns": 401.0}, ("100 ns", "401 ns", "same pulse width")),
    ],
)
def test_a_pair_that_cannot_be_averaged_is_refused_with_both_values(
    fired: Fire, changed: dict[str, float], said: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as caught:
        both(fired(link(), name="a.sor"), fired(link(), name="b.sor", **changed))
    for words in ("a.sor", "b.sor", *said):
        assert words in f"{caught.value.what} {caught.value.hint}"


def test_other_lengths_and_an_unfound_end_are_refused(fired: Fire) -> None:
    with pytest.raises(UsageError, match=r"10000\.0 m of fibre.*10025\.0 m"):
        both(fired(link()), fired(link(length_m=LENGTH_M + 25.0)))
    with pytest.raises(UsageError, match=r"b\.sor: the end of the fibre was not found"):
        both(fired(link()), fired([joint(2.0, 0.1)], name="b.sor"))


def test_neighbouring_pulses_are_averaged_with_a_warning(fired: Fire) -> None:
    assert both(fired(link()), fired(link())).warnings == []
    assert both(fired(link()), fired(link(), pulse_width_ns=400.0)).warnings == [Warn.PULSES_DIFFER]
    # Lasers of one name differ by a few nanometres.
    assert both(fired(link(), wavelength_nm=1548.0), fired(link(), wavelength_nm=1554.0)).warnings == []


def test_the_tolerance_is_one_and_a_half_pulses_or_20_m_and_less_on_a_drop(fired: Fire) -> None:
    short, wide = fired(link()).acquisition, fired(link(), pulse_m=51.0).acquisition
    assert tolerance_m(short, wide, 50_000.0) == 76.5
    assert tolerance_m(short, short, 50_000.0) == 20.0
    fine = short._replace(pulse_m=1.0, step_m=0.16)
    assert tolerance_m(fine, fine, 300.0) == pytest.approx(6.0)
    assert tolerance_m(fine, fine, 10.0) == 1.5


places = st.lists(st.floats(0.0, 1000.0), max_size=12).map(sorted)


@given(places, places, st.floats(0.1, 50.0))
def test_matches_are_one_to_one_within_the_tolerance_and_none_is_left_over(
    a: list[float], b: list[float], tolerance: float
) -> None:
    found = match_places(a, b, tolerance)
    assert len(set(found.values())) == len(found)
    assert all(abs(a[i] - b[j]) <= tolerance * (1 + 1e-12) for i, j in found.items())
    left = [
        (i, j)
        for i in range(len(a))
        for j in range(len(b))
        if i not in found and j not in found.values() and abs(a[i] - b[j]) < tolerance * (1 - 1e-9)
    ]
    assert left == []


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=8))
def test_turning_the_pair_around_gives_the_same_losses(fired: Fire, losses: list[tuple[float, float]]) -> None:
    at_m = [1000.0 * (number + 1) for number in range(len(losses))]
    forward = fired(link(*(joint(x, a) for x, (a, _b) in zip(at_m, losses, strict=True))))
    reverse = fired(link(*(joint(LENGTH_M - x, b) for x, (_a, b) in list(zip(at_m, losses, strict=True))[::-1])))
    there, back = both(forward, reverse).events, both(reverse, forward).events[::-1]
    assert [row.event.loss_db for row in there] == [row.event.loss_db for row in back]
    assert [row.gainer for row in there] == [row.gainer for row in back]
    assert [row.event.loss_db for row in there[1:-1]] == pytest.approx([(a + b) / 2 for a, b in losses])


def test_real_pairs_match_and_their_gainers_average_to_a_loss(shared_data: Callable[[str], Path]) -> None:
    """The instruments' own tables of a real span, both ways: almost every joint is seen from both ends."""
    folder = shared_data("otdr")
    for number in range(1, 5):
        there, back = (next(folder.glob(f"*/*{way}000{number}_1550.sor")) for way in ("ELMMIL", "MILELM"))
        done = average(*_by_its_table(there), *_by_its_table(back))
        joints = [row for row in done.events if row.event.kind is EventKind.NON_REFLECTIVE]
        paired = [row for row in joints if row.ways == "both"]
        assert len(paired) >= 9
        assert sum(row.gainer for row in paired) >= 3
        # A joint has no gain, whatever either direction says.
        assert min(row.event.loss_db or 0.0 for row in paired) > -0.02
        assert abs(done.length_difference_m) < 20.0


def _by_its_table(path: Path) -> tuple[Trace, Analysis]:
    trace = read_sor(path.name, path.read_bytes())
    assert trace.table is not None
    events = []
    for row in trace.table.events:
        kind = EventKind.END if "E" in row.code else EventKind.LAUNCH if row.distance_m < 1.0 else None
        inside = row.distance_m > 0.0 and kind is None
        events.append(joint(row.distance_m, row.loss_db if inside else None, kind or EventKind.NON_REFLECTIVE))
    end = next(event for event in events if event.kind is EventKind.END)
    found = Analysis(
        events=[event for event in events if event.distance_m <= end.distance_m],
        start_m=0.0,
        end_m=end.distance_m,
        end_reason="end",
        fibre_end_m=end.distance_m,
        link_loss_db=None,
        link_loss_u_db=None,
        orl_db=None,
        noise_rms_db=0.001,
        noise_floor_db=None,
        methods={},
    )
    return trace, found
