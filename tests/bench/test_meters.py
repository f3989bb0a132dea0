"""The simulated meters against byte examples of the makers, and their behaviour on errors."""

import struct

import pytest

from linetest.bench.faults import Fault
from linetest.bench.joinwit import JoinwitJW8103A
from linetest.bench.keysight import Keysight816x
from linetest.bench.light import NOISE_DB, Light
from linetest.bench.meter import Meter
from linetest.bench.meters import METERS
from linetest.bench.newport import Newport1830C
from linetest.bench.optokon import OptokonPM212
from linetest.bench.santec import SantecMPM210
from linetest.bench.thorlabs import ThorlabsPM100
from linetest.errors import UsageError

GOOD = {1490.0: -18.4, 1550.0: -17.1}
READ = bytes.fromhex("7B FF 05 01 62 1E 7D")


def light(level_dbm: float | None = None) -> Light:
    return Light(GOOD if level_dbm is None else {1490.0: level_dbm})


def say(meter: Meter, *commands: str) -> str:
    """Return the last answer to commands in the meter's own line ends."""
    said = ""
    for command in commands:
        ends = getattr(meter, "ends", b"").decode()
        said = "".join((one.body + one.ends).decode() for one in meter.hear((command + ends).encode()))
    return said


def near(level_dbm: float, abs_db: float = NOISE_DB + 0.006) -> object:
    return pytest.approx(level_dbm, abs=abs_db)


# --- Joinwit


def frame(meter: JoinwitJW8103A, text: str) -> bytes:
    return b"".join(one.body for one in meter.hear(bytes.fromhex(text)))


def with_checksum(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + bytes([-sum(body) % 256, 0x7D])


def test_joinwit_answers_the_makers_read_command_with_23_bytes_and_a_right_checksum() -> None:
    meter = JoinwitJW8103A(light())
    meter.hear(with_checksum("7B FF 07 01 60 01 04"))
    (answer,) = meter.hear(READ)
    assert answer.reads
    assert len(answer.body) == 23
    assert answer.body[:3] == b"\x7b\xff\x15"
    assert sum(answer.body[:-1]) % 256 == 0
    assert answer.body[-1] == 0x7D
    levels = struct.unpack("<4i", answer.body[5:21])
    assert levels[0] / 1000 == near(-18.4)
    assert levels[1:] == (-70000, -70000, -70000)


def test_joinwit_shows_the_level_of_the_wavelength_of_channel_1_only() -> None:
    meter = JoinwitJW8103A(light())
    meter.hear(with_checksum("7B FF 07 01 60 01 05"))
    meter.hear(with_checksum("7B FF 07 01 60 02 04"))
    assert struct.unpack("<i", meter.hear(READ)[0].body[5:9])[0] / 1000 == near(-17.1)
    screen = meter.hear(with_checksum("7B FF 05 01 4A"))[0].body
    assert len(screen) == 43
    assert [screen[5 + 9 * channel] for channel in range(4)] == [5, 4, 3, 3]


def test_joinwit_lists_and_takes_wavelengths() -> None:
    meter = JoinwitJW8103A(light())
    assert frame(meter, with_checksum("7B FF 05 07 30").hex())[5:18] == bytes.fromhex(
        "06 5203 1405 1E05 D205 0E06 5906"
    )
    new = with_checksum("7B FF 14 07 32 07 5203 1405 1E05 D205 0E06 5906 2906")
    assert len(meter.hear(new)) == 1
    assert len(meter.hear(with_checksum("7B FF 07 01 60 01 07"))) == 1
    assert meter.hear(with_checksum("7B FF 07 01 60 01 08")) == [], "not in its list"


def test_joinwit_reads_milliwatts_apart_from_dbm() -> None:
    meter = JoinwitJW8103A(light())
    meter.hear(with_checksum("7B FF 07 01 60 01 04"))
    body = meter.hear(with_checksum("7B FF 05 01 64"))[0].body
    assert struct.unpack("<4f", body[5:21])[0] == pytest.approx(10 ** (-1.84), rel=0.01)


@pytest.mark.parametrize(
    "text", ["7B FF 05 01 62 1F 7D", "7B FF 05 01 63 1D 7D", "7B FF 05 01 62 1E 7C", "7B FE 05 01 62 1F 7D"]
)
def test_joinwit_says_nothing_to_a_wrong_frame(text: str) -> None:
    assert frame(JoinwitJW8103A(light()), text) == b""


def test_joinwit_finds_a_frame_behind_noise() -> None:
    meter = JoinwitJW8103A(light())
    assert len(meter.hear(b"\x00\x7b\x00" + READ)) == 1
    assert len(meter.hear(bytes.fromhex("7B FF 05 01 62 1F 7D") + READ)) == 1


# --- text meters


def test_newport_echoes_until_told_not_to() -> None:
    meter = Newport1830C(light())
    assert say(meter, "W?") == "W?\n1310\n"
    assert say(meter, "E0") == "E0\n"
    assert say(meter, "W?") == "1310\n"


def test_newport_speaks_of_errors_only_in_its_status() -> None:
    meter = Newport1830C(light())
    assert say(meter, "E0", "*IDN?") == ""
    assert say(meter, "Q?") == "130\n"
    assert say(meter, "W0400") == ""
    assert say(meter, "Q?") == "129\n"
    assert say(meter, "Q?") == "128\n"
    assert say(meter, "W?") == "1310\n"


def test_newport_watts_and_dbm() -> None:
    meter = Newport1830C(light())
    assert say(meter, "E0", "W1490", "D?")[:4] in {"+14.", "+14,"}
    assert say(meter, "D?").endswith("E-6\n")
    assert float(say(meter, "U2", "D?")) == near(-18.4)
    assert say(meter, "U?") == "2\n"
    assert float(say(meter, "U3", "D?")) == near(-18.4)


def test_newport_range() -> None:
    assert say(Newport1830C(light(-80.0)), "E0", "U2", "D?") == "UNDER\n"
    saturated = Newport1830C(light(12.0))
    assert say(saturated, "E0", "U2", "W1490", "Q?") == "132\n"
    assert say(saturated, "D?") == "3.00\n"


def test_thorlabs_applies_a_unit_only_when_configured() -> None:
    meter = ThorlabsPM100(light())
    assert float(say(meter, "SENS:CORR:WAV 1490", "SENS:POW:UNIT DBM", "MEAS:POW?")) == pytest.approx(
        1.445e-5, rel=0.01
    )
    assert say(meter, "SENS:POW:UNIT?") == "DBM\n", "the trap: the query says it is done"
    assert float(say(meter, "CONF:POW", "READ?")) == near(-18.4)


def test_thorlabs_clamps_in_silence() -> None:
    meter = ThorlabsPM100(light())
    assert float(say(meter, "SENSE:CORRECTION:WAVELENGTH 2000", "SENS:CORR:WAV?")) == 1700
    assert say(meter, "SYST:ERR?") == '+0,"No error"\n'
    assert float(say(meter, "SENS:CORR:WAV? MAX")) == 1700
    assert float(say(meter, "SENS:CORR:WAV? MIN")) == 800
    silicon = ThorlabsPM100(light(), Fault.WRONG_WAVELENGTH)
    assert float(say(silicon, "SENS:CORR:WAV 1490", "SENS:CORR:WAV?")) == 1100


def test_thorlabs_signs_of_no_number() -> None:
    setting = ("SENS:CORR:WAV 1490", "SENS:POW:UNIT DBM", "CONF:POW", "MEAS:POW?")
    assert float(say(ThorlabsPM100(light(20.0)), *setting)) == 9.9e37
    assert float(say(ThorlabsPM100(light(-95.0)), *setting)) == -9.9e37
    bare = ThorlabsPM100(light(), Fault.NOT_READY, ready_after_s=3600.0)
    assert float(say(bare, *setting)) == 9.91e37
    assert "no sensor" in say(bare, "SYST:SENS:IDN?")
    assert say(ThorlabsPM100(light()), "SYST:SENS:IDN?").count(",") == 5
    assert say(ThorlabsPM100(light()), "NONSENSE", "SYST:ERR?").startswith("-113,")


def test_keysight_speaks_of_metres() -> None:
    meter = Keysight816x(light())
    assert say(meter, "sens1:chan1:pow:wav 1.49e-6m", "sens1:chan1:pow:wav?") == "+1.49000000E-006\n"
    assert say(meter, "SENS1:POW:WAV 1550nm", ":SENSE1:CHANNEL1:POWER:WAVELENGTH?") == "+1.55000000E-006\n"
    assert say(meter, "sens1:chan1:pow:wav 1490", "syst:err?").startswith("-222,"), "1490 metres"
    assert say(meter, "sens1:chan1:pow:wav?") == "+1.55000000E-006\n"
    assert say(meter, "sens1:chan1:pow:unit?") == "+1\n"
    assert float(say(meter, "sens1:chan1:pow:unit dbm", "fetc1:chan1:pow?")) == near(-17.1)
    assert say(meter, "sens1:chan1:pow:unit?") == "+0\n"
    assert float(say(Keysight816x(light(15.0)), "sens1:pow:unit 0", "fetc1:pow?")) == pytest.approx(3.4e38, rel=0.01)


def test_santec_gives_four_values_in_one_line() -> None:
    meter = SantecMPM210(light())
    assert say(meter, "ECHO 0") == "ECHO 0\r\n"
    values = say(meter, "WAV 1490.000", "READ? 0")
    assert values.endswith("\r\n")
    first, *others = map(float, values.split(","))
    assert first == near(-18.4)
    assert others == [-80.0] * 3
    assert say(meter, "DWAV 0,1,1550", "DWAV? 0,1") == "1550.000\r\n"
    assert say(meter, "DWAV? 0,2") == "1490.000\r\n"
    assert float(say(meter, "UNIT 1", "READ? 0").split(",")[0]) == pytest.approx(0.0195, rel=0.01)
    assert say(meter, "WAV 1200", "ERR?") != '0,"No Error"\r\n'
    assert say(meter, "ERR?") == '0,"No Error"\r\n'


def test_optokon_answers_v_and_nothing_else() -> None:
    meter = OptokonPM212(light())
    assert float(say(meter, "v")) == near(-18.4)
    assert say(meter, "v").endswith("\r\n")
    assert say(meter, "r\r\n*IDN?\r\nV") == ""
    assert say(OptokonPM212(light(-95.0)), "v") == "-LL.LL\r\n"


def test_the_noise_is_small_and_the_seed_decides_it() -> None:
    one, same, other = Light(GOOD, seed=3), Light(GOOD, seed=3), Light(GOOD, seed=4)
    levels = [one.power_dbm(1490) for _count in range(50)]
    assert levels == [same.power_dbm(1490) for _count in range(50)]
    assert levels != [other.power_dbm(1490) for _count in range(50)]
    assert max(abs(level + 18.4) for level in levels) <= NOISE_DB


@pytest.mark.parametrize("driver", METERS)
def test_a_meter_refuses_a_fault_it_cannot_have(driver: str) -> None:
    meter = METERS[driver]
    for fault in set(Fault) - meter.possible_faults():
        with pytest.raises(UsageError, match=driver):
            meter(light(), fault)


@pytest.mark.parametrize("driver", METERS)
def test_endless_nonsense_is_not_kept(driver: str) -> None:
    meter = METERS[driver](light())
    for _count in range(50):
        meter.hear(b"\x7b\xffx" * 1000)
    assert len(getattr(meter, "_heard", b"")) <= 4096
