"""A bend is what loses more at the longer wavelength."""

from collections.abc import Callable
from typing import Any

import pytest

from linetest.otdr.event import Event, EventKind
from linetest.otdr.macrobend import name_macrobends
from linetest.otdr.shot import Shot

Fire = Callable[..., Shot]
END = Event(kind=EventKind.END, distance_m=5000.0)


def joint(distance_m: float, loss_db: float | None, kind: EventKind = EventKind.NON_REFLECTIVE, **more: Any) -> Event:
    return Event(kind=kind, distance_m=distance_m, loss_db=loss_db, **{"loss_u_db": 0.01, **more})


def kind_at_1550(fired: Fire, at_1550: Event, *at_1310: Event) -> EventKind:
    longer, shorter = fired([at_1550, END]), fired([*at_1310, END], wavelength_nm=1310.0)
    named = name_macrobends(longer.acquisition, longer.analysis, shorter.acquisition, shorter.analysis, 0.5)
    assert named.events[0].loss_db == at_1550.loss_db
    return named.events[0].kind


@pytest.mark.parametrize(
    ("longer_db", "shorter_db", "kind"),
    [
        (0.70, 0.10, EventKind.MACROBEND),
        (0.60, 0.10, EventKind.NON_REFLECTIVE),  # not more than 0.5 dB
        (0.60, 0.09, EventKind.MACROBEND),
        (0.10, 0.70, EventKind.NON_REFLECTIVE),  # the other way round: no bend
        (0.70, None, EventKind.NON_REFLECTIVE),
    ],
)
def test_a_bend_loses_more_at_the_longer_wavelength(
    fired: Fire, longer_db: float, shorter_db: float | None, kind: EventKind
) -> None:
    assert kind_at_1550(fired, joint(2000.0, longer_db), joint(2005.0, shorter_db)) is kind


def test_a_difference_within_the_uncertainty_is_no_bend(fired: Fire) -> None:
    loose = joint(2000.0, 0.8, loss_u_db=0.3)
    assert kind_at_1550(fired, loose, joint(2000.0, 0.1, loss_u_db=0.3)) is EventKind.NON_REFLECTIVE


def test_a_bend_that_the_shorter_wavelength_does_not_show_at_all(fired: Fire) -> None:
    assert kind_at_1550(fired, joint(2000.0, 0.7)) is EventKind.MACROBEND


def test_what_the_shorter_wavelength_could_not_show_is_not_called_a_bend(fired: Fire) -> None:
    merged = joint(2010.0, 0.3, EventKind.MERGED)
    assert kind_at_1550(fired, joint(2000.0, 0.9), merged) is EventKind.NON_REFLECTIVE
    beyond = fired([joint(4000.0, 0.9), END])
    cut = fired([Event(kind=EventKind.END, distance_m=3000.0)], wavelength_nm=1310.0)
    named = name_macrobends(beyond.acquisition, beyond.analysis, cut.acquisition, cut.analysis, 0.5)
    assert named.events[0].kind is EventKind.NON_REFLECTIVE


def test_a_connector_is_no_bend(fired: Fire) -> None:
    dirty = joint(2000.0, 0.9, EventKind.REFLECTIVE, reflectance_db=-40.0)
    assert kind_at_1550(fired, dirty, joint(2000.0, 0.1)) is EventKind.REFLECTIVE
