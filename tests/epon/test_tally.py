"""Counting culprits: each has its own frames."""

import numpy as np

from linetest.epon.finding import MOST_FRAMES
from linetest.epon.tally import Tally


def test_a_culprit_has_its_own_frames_and_no_others() -> None:
    tally = Tally()
    tally.add("PRE-2", np.array([4, 5, 7, 8, 9]), np.array([1, 3, 1, 3, 3]))
    tally.add("PRE-2", np.array([11]), np.array([1]))
    assert [(one.llid, one.value, one.frames) for one in tally.findings("PRE-2")] == [
        (1, 3.0, [4, 7, 11]),
        (3, 3.0, [5, 8, 9]),
    ]


def test_of_many_frames_the_first_are_kept() -> None:
    tally = Tally()
    tally.add("PRE-4", np.arange(1, 101), np.repeat([1, 3], 50))
    assert [(one.value, one.frames) for one in tally.findings("PRE-4")] == [
        (50.0, list(range(1, 1 + MOST_FRAMES))),
        (50.0, list(range(51, 51 + MOST_FRAMES))),
    ]
