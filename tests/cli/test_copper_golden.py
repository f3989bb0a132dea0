"""The whole text of `copper tones` and `copper enter`, held against what a person once read and found good."""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]
TESTS = Path(__file__).parents[1]
BROADCOM = TESTS / "recordings" / "broadcom_xdsl"
VARYING = re.compile(r"^(Measured|Operator|Record|Software) .*$", re.MULTILINE)


TONES = [BROADCOM / name for name in ("stats.txt", "qln.txt", "bits.txt")]
WET = ["--foreign-ac", "0.4", "--foreign-dc", "0", "--insulation-ab", "12M", "--insulation-ae", "80"]
WET += ["--insulation-be", "> 500", "--loop-resistance", "0.85k", "--longitudinal-balance", "61"]


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("copper-tones", ["tones", *TONES], 0),
        ("copper-enter", ["enter", *WET], 1),
        ("copper-enter-stop", ["enter", "--foreign-ac", "63", "--insulation-ab", "620"], 1),
    ],
)
def test_the_whole_text(call: Run, name: str, words: list[str | Path], code: int) -> None:
    done = call("copper", *words)
    assert done.returncode == code
    golden = TESTS / "golden" / f"{name}.txt"
    assert VARYING.sub(r"\1 …", done.stderr + done.stdout) == golden.read_text(encoding="utf-8")
