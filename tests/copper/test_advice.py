"""Advice beside crosstalk that is too high: binders of the bench that have exactly one fault, which has to be named."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from linetest.bench.binder_models import Coupling, worst_case_binder
from linetest.copper.crosstalk import measure
from linetest.copper.ports import sweep_of_network
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import SweepOptions
from linetest.copper.touchstone import Network
from linetest.model.codes import Verdict
from linetest.model.judge import judge_all
from linetest.model.limit import Limit
from linetest.model.record import Check
from linetest.model.sentences import hint_words

TONES_HZ = np.asarray(np.arange(6, 257) * 4312.5, dtype=np.float64)
BAND_HZ = (25_875.0, 1_104_000.0)
NEAR, FAR = 0, 1
Spoil = Callable[[NDArray[np.complex128]], None]


def limit(name: str, max_db: float) -> Limit:
    return Limit(metric=f"copper.{name}_db", max=max_db, strict=True, source="test", band_hz=BAND_HZ)


PAIRS = [limit("next", -40.0), limit("fext", -50.0)]
SUMS = [limit("psnext", -40.0), limit("psfext", -50.0)]


def failed(
    limits: list[Limit],
    disturbers: int,
    length_m: float,
    spoil: Spoil | None = None,
    coupling: Coupling = "t1",
    wire: str = "AWG26",
    settings: CopperSettings | None = None,
) -> list[Check]:
    """Return the failed checks of a binder that is as bad as the model, and then spoiled."""
    names, s = worst_case_binder(coupling, disturbers, length_m, wire, TONES_HZ)
    if spoil is not None:
        spoil(s)
    network = Network(
        frequency_hz=TONES_HZ,
        s=s,
        reference_ohm=[100.0] * len(names),
        port_names=dict(enumerate(names, start=1)),
        warnings=[],
    )
    measured = measure(sweep_of_network("bench", b"", network, SweepOptions()), limits, settings or CopperSettings())
    return [check for check in judge_all(limits, measured.readings) if check.verdict is Verdict.FAIL]


def couple(pairs: list[tuple[int, int]], ends: tuple[int, int], by_db: float) -> Spoil:
    """Return what raises the coupling between these pairs, numbers from 1, at these ends, both ways."""

    def spoil(s: NDArray[np.complex128]) -> None:
        for one, other in pairs:
            here, there = 2 * one - 2 + ends[0], 2 * other - 2 + ends[1]
            s[:, here, there] *= 10.0 ** (by_db / 20.0)
            s[:, there, here] = s[:, here, there]

    return spoil


def hints(checks: list[Check]) -> dict[str, str | None]:
    return {check.where["pair"]: check.hint for check in checks}


def test_a_binder_as_bad_as_the_model_passes_pair_by_pair() -> None:
    assert failed(PAIRS, 7, 300.0) == []


def test_a_split_pair_names_both_pairs() -> None:
    checks = failed(PAIRS, 4, 300.0, couple([(2, 5)], (NEAR, NEAR), 20.0))
    assert hints(checks) == {"2": "split-pair", "5": "split-pair"}
    words = {hint_words(check.hint or "", check.where) for check in checks}
    assert words == {f"pairs {pair} stand out together: check both for a split pair" for pair in ("2 and 5", "5 and 2")}


def test_a_wet_pair_is_told_apart_from_those_that_hear_it() -> None:
    checks = failed(PAIRS, 4, 300.0, couple([(3, other) for other in (1, 2, 4, 5)], (NEAR, NEAR), 20.0))
    loud = dict.fromkeys("1245", "loud-disturber")
    assert hints(checks) == {"3": "near-end-crosstalk", **loud}
    assert {check.where["disturber"] for check in checks if check.hint == "loud-disturber"} == {"3"}
    words = hint_words("loud-disturber", checks[0].where)
    assert words == "every pair hears pair 3: look for untwisted or wet wires there"


def test_a_pair_that_is_wet_at_its_far_end() -> None:
    checks = failed(PAIRS, 4, 300.0, couple([(3, other) for other in (1, 2, 4, 5)], (FAR, NEAR), 15.0))
    assert hints(checks) == {"3": "far-end-crosstalk"}


@pytest.mark.parametrize("wire", ["AWG24", "AWG26"])
def test_a_short_loop_of_a_cable_like_others(wire: str) -> None:
    settings = CopperSettings(reference_wire=wire)  # type: ignore[arg-type]
    checks = failed(SUMS, 24, 150.0, wire=wire, settings=settings)
    assert {check.metric for check in checks} == {"copper.psfext_db"}
    assert set(hints(checks).values()) == {"short-loop"}
    assert len(checks) == 25
    assert failed(SUMS, 24, 1000.0, wire=wire, settings=settings) == []


def test_pairs_as_loud_as_a_full_binder_fail_on_short_loops_only() -> None:
    every = [(one, other) for one in range(1, 5) for other in range(1, 5) if one != other]
    louder = couple(every, (FAR, NEAR), 10.0 * np.log10(3.0 * (49 / 3) ** 0.6))  # each pair as loud as 49 together
    checks = failed(PAIRS, 3, 150.0, louder)
    assert hints(checks) == dict.fromkeys("1234", "short-loop")
    assert [check.value for check in checks] == pytest.approx([-47.2] * 4, abs=0.1)
    assert failed(PAIRS, 3, 1000.0, louder) == []


def test_the_wrong_wire_still_tells_a_short_loop() -> None:
    checks = failed(
        SUMS, 24, 150.0, couple([(1, 2)], (FAR, NEAR), 0.0), settings=CopperSettings(reference_wire="AWG24")
    )
    assert set(hints(checks).values()) == {"short-loop"}


def test_too_many_disturbers_where_no_pair_alone_is_too_loud() -> None:
    tighter = [limit("next", -43.0), limit("psnext", -43.0)]
    checks = failed(tighter, 24, 1000.0)
    assert {check.metric for check in checks} == {"copper.psnext_db"}
    assert set(hints(checks).values()) == {"too-many-disturbers"}
    assert failed(tighter, 10, 1000.0) == []


def test_a_cable_that_is_worse_than_99_of_100() -> None:
    every = [(one, other) for one in range(1, 9) for other in range(1, 9) if one < other]
    checks = failed(SUMS, 7, 1000.0, couple(every, (NEAR, NEAR), 8.0))
    assert {check.metric for check in checks} == {"copper.psnext_db"}
    assert set(hints(checks).values()) == {"worse-than-model"}


def test_a_power_sum_that_one_pair_breaks_alone_is_not_blamed_on_all() -> None:
    checks = failed(SUMS, 4, 300.0, couple([(2, 5)], (NEAR, NEAR), 20.0))
    assert hints(checks) == {"2": "near-end-crosstalk", "5": "near-end-crosstalk"}


def test_by_etsi_the_same_cable_is_worse() -> None:
    tighter = [limit("next", -43.0), limit("psnext", -43.0)]
    etsi = CopperSettings(reference_model="etsi")
    assert set(hints(failed(tighter, 24, 1000.0, settings=etsi)).values()) == {"worse-than-model"}
    limits = [limit("psnext", -52.0)]
    checks = failed(limits, 24, 1000.0, coupling="etsi", settings=etsi)
    assert set(hints(checks).values()) == {"too-many-disturbers"}


def test_two_pairs_have_no_others_to_compare_with() -> None:
    checks = failed(PAIRS, 1, 300.0, couple([(1, 2)], (NEAR, NEAR), 20.0))
    assert hints(checks) == {"1": "near-end-crosstalk", "2": "near-end-crosstalk"}


def test_a_hint_from_another_version_stands_for_itself() -> None:
    assert hint_words("{pair.__class__}", {"pair": "1"}) == "{pair.__class__}"
    assert hint_words("split-pair") == "pairs ? and ? stand out together: check both for a split pair"
