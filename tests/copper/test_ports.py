"""Port maps: given, never guessed, and checked against what was measured."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from linetest.copper.files import read_sweep
from linetest.copper.ports import check_ports, parse_label
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.errors import BadFile, UsageError

Binder = Callable[..., tuple[NDArray[np.float64], NDArray[np.complex128]]]
Writer = Callable[..., bytes]
Names = Callable[[int], list[str]]


@pytest.fixture
def body(binder: Binder, write_touchstone: Writer) -> bytes:
    """Return a cable of two pairs whose file does not name its ports."""
    return write_touchstone(*binder(2))


def read(body: bytes, ports: str | None, name: str = "a.s4p") -> Sweep:
    return read_sweep(name, body, SweepOptions(ports=None if ports is None else tuple(ports.split(","))))


def test_without_labels_the_option_to_type_is_named(body: bytes) -> None:
    with pytest.raises(BadFile, match="does not say which port is which end") as refused:
        read(body, None)
    assert refused.value.hint.endswith("--ports PAIR1_NEAR,PAIR1_FAR,PAIR2_NEAR,PAIR2_FAR")


def test_a_label_missing_among_others_is_not_guessed(binder: Binder, write_touchstone: Writer, names: Names) -> None:
    with pytest.raises(BadFile, match="does not say which port is which end"):
        read(write_touchstone(*binder(2), names=names(2)[:3]), None)


def test_pairs_are_numbered_in_the_order_of_the_map(body: bytes) -> None:
    sweep = read(body, "blue_near,BLUE_FAR,red_NEAR,red_Far".replace("BLUE", "blue"))
    assert [(pair.number, pair.name) for pair in sweep.pairs] == [("1", "blue"), ("2", "red")]


def test_the_order_of_ports_is_the_persons(binder: Binder, write_touchstone: Writer) -> None:
    frequency_hz, s = binder(2)
    order = [3, 0, 2, 1]
    shuffled = write_touchstone(frequency_hz, s[:, order][:, :, order])
    labels = [("PAIR1_NEAR", "PAIR1_FAR", "PAIR2_NEAR", "PAIR2_FAR")[port] for port in order]
    one, two = (
        read(shuffled, ",".join(labels)),
        read(write_touchstone(frequency_hz, s), "P2_NEAR,P2_FAR,P1_NEAR,P1_FAR"),
    )
    assert [pair.name for pair in one.pairs] == ["PAIR2", "PAIR1"]
    np.testing.assert_array_equal(one.gain_db, two.gain_db[:, :, ::-1][..., ::-1])


REFUSED = {
    "too few": ("PAIR1_NEAR,PAIR1_FAR", "it has 4 ports; the port map names 2"),
    "twice": ("PAIR1_NEAR,PAIR1_FAR,PAIR1_NEAR,PAIR2_FAR", "two ports are the near end of pair PAIR1"),
    "missing end": ("PAIR1_NEAR,PAIR1_FAR,PAIR2_NEAR,PAIR3_NEAR", "pair PAIR2 has no far end"),
    "half balanced": ("PAIR1_NEARA,PAIR1_NEARB,PAIR1_FAR,PAIR2_FAR", "some ports are single-ended"),
    "one wire": ("PAIR1_NEARA,PAIR1_NEARB,PAIR1_FARA,PAIR2_FARB", "pair PAIR1 has only wire A at the far end"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_maps_that_cannot_be_meant(body: bytes, fault: str) -> None:
    ports, said = REFUSED[fault]
    with pytest.raises(BadFile, match=said) as refused:
        read(body, ports)
    assert refused.value.hint


@pytest.mark.parametrize("label", ["", "PAIR1", "_NEAR", "PAIR1_MIDDLE", "PAIR1_NEAR_C"])
def test_labels_that_are_none(label: str) -> None:
    with pytest.raises(UsageError, match="not a label"):
        parse_label(label)


@pytest.mark.parametrize(
    "ports",
    ["PAIR1_NEAR,PAIR2_NEAR,PAIR1_FAR,PAIR2_FAR", "PAIR1_NEAR,PAIR2_FAR,PAIR2_NEAR,PAIR1_FAR"],
    ids=["ends taken for pairs", "crossed at the far end"],
)
def test_a_wrong_map_or_crossed_pair_is_refused(body: bytes, ports: str) -> None:
    with pytest.raises(BadFile, match="wrong port map or crossed pair: what goes in at pair 1") as refused:
        check_ports(read(body, ports), CopperSettings())
    assert "--ports" in refused.value.hint


def test_a_long_line_may_lose_more_than_it_couples_at_high_frequencies(
    binder: Binder, write_touchstone: Writer
) -> None:
    frequency_hz, s = binder(2)
    s[200:, 0, 1] = s[200:, 1, 0] = 10.0 ** (-80.0 / 20.0)
    sweep = read(write_touchstone(frequency_hz, s), "PAIR1_NEAR,PAIR1_FAR,PAIR2_NEAR,PAIR2_FAR")
    assert check_ports(sweep, CopperSettings()) == []


def test_directions_that_differ_are_warned_of_above_the_floor(binder: Binder, write_touchstone: Writer) -> None:
    frequency_hz, s = binder(2)
    s[50, 0, 2] *= 10.0 ** (1.5 / 20.0)
    sweep = read(write_touchstone(frequency_hz, s), "PAIR1_NEAR,PAIR1_FAR,PAIR2_NEAR,PAIR2_FAR")
    assert check_ports(sweep, CopperSettings()) == ["not-reciprocal"]
    assert check_ports(sweep, CopperSettings(reciprocity_floor_db=-50.0)) == []


def test_single_ended_ports_become_balanced_ones(write_touchstone: Writer) -> None:
    random = np.random.default_rng(2)
    s = random.uniform(-0.2, 0.2, (5, 8, 8)) + 1j * random.uniform(-0.2, 0.2, (5, 8, 8))
    names = [f"PAIR{pair}_{end}{wire}" for wire in "BA" for pair in (1, 2) for end in ("NEAR", "FAR_")]
    names = [name.replace("NEARB", "NEAR_B") for name in names]
    sweep = read(write_touchstone(np.linspace(1e5, 2e5, 5), s, names), None, "single.s8p")
    mode = np.hstack((-np.eye(4), np.eye(4))) / np.sqrt(2.0)  # B first, then A
    sdd = mode @ s @ mode.T
    order = [0, 2, 1, 3]  # near 1, near 2, far 1, far 2
    expected = 20.0 * np.log10(np.abs(sdd))[:, order][:, :, order]
    np.testing.assert_allclose(sweep.gain_db.reshape(5, 4, 4), expected, atol=1e-9)
    assert sweep.reference_ohm == [200.0] * 4
