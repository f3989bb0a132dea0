"""Blocks of numbers: the quick way reads what the slow way reads, and refuses what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.copper.numbers import parse_numbers

_WORD = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["+1", ".5", "-.5e-3", "1.", "1e+05", "-0", "007", "9" * 40, "nan", "inf", "1e999", "x", "1,5"]),
    st.sampled_from(["[", "]", "null", "true", '"', "1_0", "0x10", "--1", "1e"]),
)


@pytest.mark.slow
@settings(max_examples=300)
@given(words=st.lists(st.tuples(_WORD, st.sampled_from([" ", "\n", "\t", "  ", " \n "])), max_size=12))
def test_numbers_are_those_of_python_or_refused(words: list[tuple[str, str]]) -> None:
    block = "".join(word + space for word, space in words)
    try:
        expected = None if "_" in block else [float(word) for word in block.split()]  # 1_0 is Python's own
    except ValueError:
        expected = None
    found = parse_numbers(block.encode())
    assert (found is None) == (expected is None)
    if found is not None:
        np.testing.assert_array_equal(found, expected)


def test_many_numbers_are_read_in_parts() -> None:
    numbers = np.random.default_rng(4).normal(size=30_000)
    for space in (b" ", b"\n", b" \t\n  "):
        block = space.join(repr(float(number)).encode() for number in numbers)
        assert len(block) > 5 * 65536
        np.testing.assert_array_equal(parse_numbers(block), numbers)
        assert parse_numbers(block + b" 1e") is None


def test_a_very_long_row_is_read_in_parts_too() -> None:
    found = parse_numbers(b"1" * 100_000 + b" " + b"2 " * 100_000)
    assert found is not None
    assert (found.size, found[0], found[-1]) == (100_001, np.inf, 2.0)
