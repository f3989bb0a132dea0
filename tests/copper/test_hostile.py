"""Files that are large to hurt: refused by their shape, before anything slow is done to them."""

import pytest

from linetest.copper.files import read_sweep
from linetest.copper.sweep import SweepOptions
from linetest.errors import BadFile

M = 1_000_000
CSV = b"freq_hz,pair,disturber,next_gain_db\n"
OPTION = b"# HZ S RI R 100\n"
HOSTILE = {
    "lines.csv": (CSV + b"1,1\n" * 3 * M, "more than 2000000 lines"),
    "rows.csv": (CSV + b"1,1,2,-1\n" * 300_000, "more than 250000 lines"),
    "commas.csv": (b"," * 10 * M, "line 1: longer than 10"),
    "quote.csv": (CSV + b'"' + b"1," * M, "line 2: longer than 10"),
    "larger.csv": (
        CSV + b"1,1,2,-1111111111111111111111111111111111111111111111111111\n" * 249_000 * 2,
        "larger than|more",
    ),
    "lines.s2p": (OPTION + b"\n" * 10 * M, "more than 2000000 lines"),
    "comments.s2p": (b"!" * 10 * M, "more than 2000000 lines or comments"),
    "comments in a line.s2p": (b"!" * 900_000 + b"\n" + OPTION, "no numbers after"),
    "words.s2p": (OPTION + b"1 " * 5 * M, "line 2: longer than 1000000 bytes"),
    "word.s2p": (OPTION + b"1" * 10 * M, "line 2: longer than 1000000 bytes"),
    "option.s2p": (b"#" + b" HZ" * 3 * M, "line 1: longer than 1000000 bytes"),
    "options.s2p": (b"#\n" * M, "the option line does not name the unit"),
    "bad at the end.s2p": (OPTION + b"1 0 0 0 0 0 0 0 0\n" * 100_000 + b"x", "line 100002: 'x' is not a number"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_large_to_hurt_is_refused_by_its_shape(name: str) -> None:
    body, said = HOSTILE[name]
    with pytest.raises(BadFile, match=said):
        read_sweep(name, body, SweepOptions())
