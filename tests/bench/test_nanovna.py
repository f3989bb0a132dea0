"""The simulated analysers against the published protocols, byte by byte; no driver is involved."""

import time

import numpy as np
import pytest

from linetest.bench.binder import binder
from linetest.bench.cabling import Cabling
from linetest.bench.faults import Fault
from linetest.bench.nanovna import NanoVna
from linetest.bench.scpi_vna import ScpiVna
from linetest.errors import UsageError


def connected(one: str = "PAIR1_NEAR", two: str = "PAIR1_FAR") -> Cabling:
    cabling = Cabling()
    cabling.connect(one, two)
    return cabling


def say(analyser: NanoVna | ScpiVna, sent: str) -> str:
    return "".join((one.body + one.ends).decode() for one in analyser.hear(sent.encode()))


def test_shell_repeats_the_command_and_ends_with_its_prompt() -> None:
    vna = NanoVna(connected())
    assert say(vna, "\r") == "\r\nch> "
    assert say(vna, "sweep 100000 200000 3\r") == "sweep 100000 200000 3\r\nch> "
    assert say(vna, "frequencies\r") == "frequencies\r\n100000\r\n150000\r\n200000\r\nch> "
    assert say(vna, "sweep\r") == "sweep\r\n100000 200000 3\r\nch> "
    assert say(vna, "nonsense 1\r") == "nonsense 1\r\nnonsense?\r\nch> "


def test_shell_waits_for_the_carriage_return() -> None:
    vna = NanoVna(connected())
    assert say(vna, "frequ") == ""
    assert say(vna, "encies\r").count("\r\n") == 102, "the echo and 101 points, as delivered"


def test_data_0_is_s11_and_data_1_is_s21_as_two_numbers_a_line() -> None:
    names, frequency_hz, s = binder()
    vna = NanoVna(connected("PAIR2_NEAR", "PAIR3_FAR"))
    say(vna, f"sweep {frequency_hz[10]:.0f} {frequency_hz[30]:.0f} 21\r")
    near, far = names.index("PAIR2_NEAR"), names.index("PAIR3_FAR")
    for command, row in (("data 0", near), ("data 1", far)):
        repeated, *lines, prompt = say(vna, f"{command}\r").split("\r\n")
        assert (repeated, prompt, len(lines)) == (command, "ch> ", 21)
        values = np.array([complex(*map(float, line.split(" "))) for line in lines])
        assert np.abs(values - s[10:31, row, near]).max() < 2e-6


@pytest.mark.parametrize("sent", ["sweep 25875 1104000 101", "sweep 200000 100000 5", "sweep x"])
def test_below_50_khz_or_backwards_is_a_bad_parameter_and_changes_nothing(sent: str) -> None:
    vna = NanoVna(connected())
    assert "bad parameter" in say(vna, f"{sent}\r")
    assert say(vna, "sweep\r").split("\r\n")[1] == "50000 900000000 101"


def test_more_points_than_it_has_are_passed_over_in_silence() -> None:
    vna = NanoVna(connected())
    assert say(vna, "sweep 50000 1104000 251\r") == "sweep 50000 1104000 251\r\nch> "
    assert say(vna, "data 1\r").count("\r\n") == 102


def test_old_values_stay_until_the_sweep_has_come_by() -> None:
    vna = NanoVna(connected(), sweep_s=3600.0)
    say(vna, "sweep 100000 1000000 5\r")
    before = say(vna, "data 1\r")
    say(vna, "sweep 800000 1000000 5\r")
    assert say(vna, "data 1\r") == before


def test_faults_of_an_analyser() -> None:
    assert say(NanoVna(connected(), Fault.NOT_A_NUMBER), "data 1\r").count("nan nan") == 1
    assert say(NanoVna(connected(), Fault.FEWER_POINTS), "data 1\r").count("\r\n") == 101


def test_endless_nonsense_is_not_kept() -> None:
    for analyser in (NanoVna(connected()), ScpiVna(connected())):
        for _count in range(50):
            analyser.hear(b"x" * 1000)
        assert len(analyser._heard) <= 4096


def test_scpi_measures_when_it_is_triggered_and_tells_real_and_imaginary_parts() -> None:
    _names, frequency_hz, s = binder()
    vna = ScpiVna(connected())
    assert say(vna, "*IDN?\n").startswith("Agilent Technologies,E5061B,")
    say(vna, ":CALC1:PAR:COUN 4\n:CALC1:PAR2:DEF S21\n:TRIG:SOUR BUS\n")
    say(vna, f":SENS1:FREQ:STAR {frequency_hz[0]}\n:SENSE1:FREQUENCY:STOP {frequency_hz[-1]}\n:SENS1:SWE:POIN 251\n")
    before = say(vna, ":CALC1:PAR2:SEL;:CALC1:DATA:SDAT?\n")
    assert say(vna, ":TRIG:SING\n*OPC?\n") == "1\n"
    assert say(vna, ":SYST:ERR?\n") == '+0,"No error"\n'
    after = say(vna, ":CALC1:DATA:SDAT?\n")
    assert before != after
    flat = np.array([float(word) for word in after.split(",")])
    assert np.abs(flat[::2] + 1j * flat[1::2] - s[:, 1, 0]).max() < 1e-10
    told_hz = np.array([float(word) for word in say(vna, ":SENS1:FREQ:DATA?\n").split(",")])
    assert np.allclose(told_hz, frequency_hz)


def test_scpi_tells_of_errors_in_its_queue_only() -> None:
    vna = ScpiVna(connected(), lowest_hz=3e5)
    assert say(vna, ":SENS1:FREQ:STAR 25875\n") == ""
    assert say(vna, ":SYST:ERR?\n").startswith("-222,")
    assert float(say(vna, ":SENS1:FREQ:DATA?\n").split(",")[0]) == 3e5
    assert say(vna, "NONSENSE\n:CALC1:PAR3:SEL\n") == ""
    assert say(vna, ":SYST:ERR?\n").startswith("-113,")
    assert say(vna, ":SYST:ERR?\n").startswith("-114,"), "one trace as delivered"
    assert say(vna, ":TRIG:SING\n:SYST:ERR?\n").startswith("-211,"), "it sweeps by itself as delivered"


def test_leads_in_the_air_reflect_everything() -> None:
    loose = Cabling().measure(np.array([1e5]))
    assert loose.tolist() == [[[1, 0], [0, 1]]]
    with pytest.raises(UsageError, match="PAIR1_NEAR"):
        Cabling().connect("PAIR1_NAER", "PAIR1_FAR")


def test_a_sweep_takes_its_time() -> None:
    vna = NanoVna(connected(), sweep_s=0.05)
    say(vna, "sweep 100000 1000000 5\r")
    time.sleep(0.06)
    before = say(vna, "data 1\r")
    say(vna, "sweep 800000 1000000 5\r")
    time.sleep(0.06)
    assert say(vna, "data 1\r") != before
