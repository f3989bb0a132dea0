"""CSV sweeps: the sign is never guessed, and every fault names its line."""

import re

import numpy as np
import pytest

from linetest.copper import csv_sweep
from linetest.copper.files import read_sweep
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.errors import BadFile

GAIN = "freq_hz,next_gain_db\n25875,-59.0\n30187.5,-58.0\n34500,-57.5\n"


def read(text: str, options: SweepOptions | None = None) -> Sweep:
    return read_sweep("sweep.csv", text.encode(), options or SweepOptions())


def next_db(sweep: Sweep, victim: int = 0, disturber: int = 1) -> list[float]:
    values: list[float] = sweep.gain_db[:, 0, victim, 0, disturber].tolist()
    return values


def test_gain_and_loss_are_the_same_sweep() -> None:
    gain = read(GAIN)
    loss = read(GAIN.replace("gain", "loss").replace("-", ""))
    assert next_db(gain) == next_db(loss) == [-59.0, -58.0, -57.5]
    assert (gain.interpreted_as, gain.warnings) == ("gain (negative dB)", ["read-as-gain"])
    assert (loss.interpreted_as, loss.warnings) == ("loss (positive dB)", ["read-as-loss"])


def test_the_person_may_say_the_sign() -> None:
    text = GAIN.replace("_gain", "")
    assert next_db(read(text, SweepOptions(sign="gain"))) == [-59.0, -58.0, -57.5]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(("unit", "divisor"), [("hz", 1.0), ("khz", 1e3), ("mhz", 1e6)])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_units_and_line_ends(delimiter: str, unit: str, divisor: float, end: str) -> None:
    rows = [
        "\ufeff# made by an instrument",
        f"Freq_{unit} , NEXT_gain_dB",
        f"{25875 / divisor!r},-59",
        "",
        f"{34500 / divisor!r},-57",
    ]
    sweep = read(end.join(rows).replace(",", delimiter))
    np.testing.assert_allclose(sweep.frequency_hz, [25875, 34500], rtol=1e-14)
    assert next_db(sweep) == [-59.0, -57.0]


def test_several_combinations_and_quantities_in_one_file() -> None:
    text = (
        "freq_khz;pair;disturber;next_gain_db;fext_loss_db;il_loss_db\n"
        "26;2;10;-60;70;3\n30;2;10;-59;71;4\n30;10;2;-61;72;6\n26;10;2;-62;73;5\n26;2;;;;3\n30;2;;;;4\n"
    )
    sweep = read(text)
    assert [pair.number for pair in sweep.pairs] == ["2", "10"]
    assert next_db(sweep, 0, 1) == [-60.0, -59.0]
    assert next_db(sweep, 1, 0) == [-62.0, -61.0]
    assert sweep.gain_db[:, 1, 1, 0, 0].tolist() == [-73.0, -72.0]
    assert sweep.gain_db[:, 1, 1, 0, 1].tolist() == [-5.0, -6.0]
    assert np.isnan(sweep.gain_db[:, :, :, 1]).all()
    assert sweep.warnings == ["unsorted", "read-as-gain", "read-as-loss"]
    assert sweep.interpreted_as == "next: gain (negative dB), fext: loss (positive dB), il: loss (positive dB)"


def test_labels_that_are_not_numbers_are_numbered_as_they_appear() -> None:
    sweep = read("freq_hz,pair,disturber,next_gain_db\n26000,blue,red,-60\n30000,blue,red,-61\n")
    assert [(pair.number, pair.name) for pair in sweep.pairs] == [("1", "blue"), ("2", "red")]


def test_a_combination_named_by_the_person_and_one_named_by_nobody() -> None:
    named = read(GAIN, SweepOptions(pair="1", disturber="3"))
    assert [pair.number for pair in named.pairs] == ["1", "3"]
    assert [pair.number for pair in read(GAIN).pairs] == ["1", None]


REFUSED = {
    "gain header, loss numbers": (GAIN.replace("-", ""), None, "line 2: 'next_gain_db' is said to be gain"),
    "loss header, gain numbers": (GAIN.replace("gain", "loss"), None, "line 2: 'next_loss_db' is said to be loss"),
    "mixed signs": (GAIN.replace("-58", "58"), None, "line 3: 'next_gain_db' mixes positive and negative"),
    "beyond 160 dB": (GAIN.replace("-58.0", "-160.5"), None, "line 3: 'next_gain_db' is beyond 160 dB"),
    "no sign said": (GAIN.replace("_gain", ""), None, "line 1: 'next_db' does not say whether it is gain or loss"),
    "sign said against the header": (GAIN, "loss", "line 1: 'next_gain_db' contradicts --sign loss"),
    "sign said against the numbers": (GAIN.replace("_gain", ""), "loss", "line 2: 'next_db' is said to be loss"),
    "zeros": ("freq_hz,next_gain_db\n26000,0\n27000,0\n", None, "line 2: 'next_gain_db' holds nothing but zeros"),
    "NaN": (GAIN.replace("-58.0", "nan"), None, "line 3: 'nan' is not a measured value"),
    "infinity": (GAIN.replace("-58.0", "-inf"), None, "line 3: '-inf' is not a measured value"),
    "not a number": (GAIN.replace("-58.0", "-5_8"), None, "line 3: '-5_8' is not a number"),
    "digits of another script": (GAIN.replace("-58.0", "-٥٨"), None, "line 3: .* is not a number"),
    "value missing": (GAIN.replace("-58.0", ""), None, "line 3: next is missing here"),
    "frequency missing": (GAIN.replace("30187.5", ""), None, "line 3: a frequency is missing, below zero"),
    "frequency below zero": (GAIN.replace("30187.5", "-30187.5"), None, "line 3: a frequency is missing, below zero"),
    "frequency beyond": (
        GAIN.replace("30187.5", "1e308"),
        None,
        "line 3: a frequency is missing, below zero or beyond",
    ),
    "decimal commas": ("freq_hz;next_gain_db\n25875;-59,5\n", None, "line 2: '-59,5' has a comma where"),
    "decimal commas between commas": ("freq_hz,next_gain_db\n25875,-59,5\n", None, "line 2: 3 cells in this row"),
    "row cut short": (GAIN + "36000\n", None, "line 5: 1 cells in this row; the header has 2"),
    "no rows": ("freq_hz,next_gain_db\n", None, "line 1: no rows of numbers"),
    "no unit of frequency": (GAIN.replace("freq_hz", "freq"), None, "line 1: the header needs one column of frequency"),
    "two frequencies": (GAIN.replace("next_gain_db", "freq_khz"), None, "line 1: the header needs one column of freq"),
    "nothing to judge": (GAIN.replace("next_gain_db", "nxt_db"), None, "line 1: no column of next, fext or il"),
    "gain and loss at once": ("freq_hz,next_gain_db,next_loss_db\n26000,-1,1\n", None, "line 1: two columns say next"),
    "twice with different data": (GAIN + "25875,-58\n", None, "line 5: this frequency stands twice"),
    "not UTF-8": ("freq_hz,next_gain_db\n25875,-59\n\udcff", None, "line 3: byte 31 is not UTF-8"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_refused_names_its_line(fault: str) -> None:
    text, sign, said = REFUSED[fault]
    options = SweepOptions(sign="loss") if sign else SweepOptions()
    with pytest.raises(BadFile) as refused:
        read_sweep("sweep.csv", text.encode(errors="surrogateescape"), options)
    assert re.match(f"sweep.csv: {said}", refused.value.what), refused.value.what
    assert refused.value.hint


PLACES = {
    "no disturber": ("26000,1,,-60\n27000,1,,-60\n", "line 2: crosstalk needs a disturber"),
    "itself": ("26000,1,1,-60\n27000,1,1,-60\n", "line 2: crosstalk needs a disturber"),
    "no pair": ("26000,,1,-60\n", "line 2: '' cannot be the label of a pair"),
    "other frequencies": ("26000,1,2,-60\n27000,2,1,-60\n", "line 3: this combination has other frequencies"),
}


@pytest.mark.parametrize("fault", PLACES)
def test_combinations_that_cannot_be_meant(fault: str) -> None:
    rows, said = PLACES[fault]
    with pytest.raises(BadFile, match=said):
        read("freq_hz,pair,disturber,next_gain_db\n" + rows)


def test_a_disturber_without_a_pair_is_refused() -> None:
    with pytest.raises(BadFile) as refused:
        read(GAIN, SweepOptions(disturber="3"))
    assert "--pair" in refused.value.hint


def test_too_many_pairs_for_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_sweep, "MOST_VALUES", 3 * 4 * 2**2 - 1)
    with pytest.raises(BadFile, match="too many pairs and frequencies"):
        read(GAIN)
    rows = "".join(f"26000,{pair},0,-60\n" for pair in range(1, 65))
    with pytest.raises(BadFile, match="more than 64 pairs"):
        read("freq_hz,pair,disturber,next_gain_db\n" + rows)
