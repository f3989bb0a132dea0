"""The loss where a trace shows no event: the other half of a mean of both directions."""

from dataclasses import replace

import msgspec
import pytest

from linetest.bench.fibre import Fibre, Instrument, Joint, Section
from linetest.bench.fibres import Setup, otdr
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import write
from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.measure import measure
from linetest.otdr.settings import OtdrSettings
from linetest.otdr.shot import Shot, read_shots
from linetest.otdr.unseen import step_at

SETTINGS = OtdrSettings()
SHOWN = replace(otdr(1550.0, 100.0, 0.64, 20_000), averages=262_144)
# Each splice loses 0.05 dB; at the second one the backscatter falls by as much as hides it from one end.
PARTS = (Section(3000.0, 0.2), Section(3000.0, 0.2), Section(4000.0, 0.2, 0.1))
FIBRE = Fibre(sections=PARTS, joints=(Joint(0.05), Joint(0.05)))
BACK = Fibre(sections=PARTS[::-1], joints=FIBRE.joints[::-1])


def shot_of(fibre: Fibre, seed: int, shown: Instrument = SHOWN) -> Shot:
    setup = Setup(fibre, shown)
    return read_shots("a.sor", write([(shoot(*setup, seed), shown)], truth_of(*setup)), SETTINGS)[0]


@pytest.mark.parametrize("seed", range(5))
def test_the_end_that_shows_nothing_is_measured_too(seed: int) -> None:
    forward, reverse = shot_of(FIBRE, seed), shot_of(BACK, seed + 100)
    hidden = [one for one in forward.analysis.events if abs(one.distance_m - 6000.0) < 50.0]
    assert hidden == []
    splices = [one for one in measure([forward], SETTINGS, [reverse]).readings if one.metric == "otdr.splice_loss_db"]
    assert [one.where["ways"] for one in splices] == ["both", "both"]
    assert [one.value for one in splices] == pytest.approx([0.05, 0.05], abs=0.005)


def test_a_step_is_measured_within_its_uncertainty() -> None:
    noisy = replace(SHOWN, averages=1, noise_db=-76.0)
    ratios = []
    for seed in range(30):
        shot = shot_of(FIBRE, seed, noisy)
        bare = [one for one in shot.analysis.events if one.kind in (EventKind.LAUNCH, EventKind.END)]
        step = step_at(shot.acquisition, _with(shot, bare), 3000.0, 15.0)
        assert step is not None
        assert step.loss_u_db < 0.01
        ratios.append(((step.loss_db - 0.05) / step.loss_u_db) ** 2)
    assert 0.4 < sum(ratios) / len(ratios) < 2.0


@pytest.mark.parametrize("at_m", [-5.0, 5.0, 2990.0, 3005.0, 3060.0, 9990.0, 10_000.0, 12_000.0])
def test_nothing_is_said_outside_of_the_link_and_beside_an_event(at_m: float) -> None:
    shot = shot_of(FIBRE, 1)
    events = [Event(kind=kind, distance_m=place) for kind, place in zip(EventKind, (0.0, 3000.0), strict=False)]
    assert step_at(shot.acquisition, _with(shot, events), at_m, 15.0) is None


def _with(shot: Shot, events: list[Event]) -> Analysis:
    return msgspec.structs.replace(shot.analysis, events=events)
