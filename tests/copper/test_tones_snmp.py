"""DSL lines over SNMP: a line made by hand from RFC 5650, and recordings of real agents."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linetest.devices.driver_file import load_driver
from linetest.devices.dsl_driver import DslDriver
from linetest.devices.dsl_open import read_modem, read_saved
from linetest.devices.dsl_snmp import read_lines
from linetest.devices.station import DeviceEntry
from linetest.errors import BadFile, DeviceError, UsageError
from linetest.model.dsl import DslLine
from linetest.transports.snmp_replay import ReplayedSession, parse_recording

RECORDED = Path(__file__).parents[1] / "recordings" / "std_xdsl_snmp" / "vdsl2.snmprec"
ADSL = "1.3.6.1.2.1.10.94.1.1"
ADSL2 = "1.3.6.1.2.1.10.238.1"


@pytest.fixture(scope="module")
def dsl() -> DslDriver:
    found = load_driver("std_xdsl_snmp").dsl
    assert found is not None
    return found


def lines(dsl: DslDriver, text: str, line: int | None = None) -> dict[int, DslLine]:
    return read_lines(dsl, ReplayedSession(parse_recording(text.encode(), "made.snmprec")), line)


def test_a_vdsl2_line_by_hand() -> None:
    told = read_saved([(str(RECORDED), RECORDED.read_bytes())])
    line = told.line
    assert told.drivers == ["std_xdsl_snmp"]
    assert (line.standard, line.in_sync) == ("VDSL2 G.993.2 Annex B", True)
    assert (line.down.snr_margin_db, line.up.snr_margin_db) == (9.1, 6.2)
    assert (line.down.line_attenuation_db, line.up.line_attenuation_db) == (13.5, 8.6)
    assert (line.down.signal_attenuation_db, line.up.signal_attenuation_db) == (13.0, None)  # not available
    assert (line.down.tx_power_dbm, line.up.tx_power_dbm) == (14.5, None)  # out of range
    assert (line.down.rate_kbps, line.up.rate_kbps) == (50_000.0, 10_000.0)
    assert (line.down.attainable_kbps, line.up.attainable_kbps) == (60_123.0, 20_000.0)
    curves = {(one.quantity, one.direction): one for one in line.curves}
    assert curves["hlog_db", "down"].values == [0.0, -4.0, pytest.approx(-96.2), None]
    assert curves["qln_dbm_hz", "down"].values == [-23.0, -123.0, -150.0, None]
    assert curves["snr_db", "down"].values == [-32.0, 0.0, 95.0, None]
    assert {one.group for one in line.curves if one.quantity != "bits"} == {8}
    assert curves["bits", "down"].values == [0.0, 15.0, 2.0, 10.0, 3.0, 0.0]  # two segments, in order
    assert line.unread == []


def test_the_exchanges_unit_tells_of_upstream(dsl: DslDriver) -> None:
    """RFC 2662: the margin of the ATU-C is of what it receives, its power of what it sends."""
    told = lines(
        dsl,
        f"{ADSL}.2.1.4.3|2|81\n{ADSL}.2.1.5.3|66|205\n{ADSL}.2.1.7.3|2|190\n{ADSL}.2.1.8.3|66|8000000\n"
        f"{ADSL}.3.1.4.3|2|105\n{ADSL}.3.1.5.3|66|380\n{ADSL}.3.1.7.3|2|-12\n{ADSL}.6.1.5.3|66|17\n",
    )[3]
    assert (told.up.snr_margin_db, told.down.snr_margin_db) == (8.1, 10.5)
    assert (told.up.line_attenuation_db, told.down.line_attenuation_db) == (20.5, 38.0)
    assert (told.down.tx_power_dbm, told.up.tx_power_dbm) == (19.0, -1.2)
    assert (told.down.attainable_kbps, told.up.counts) == (8000.0, {"ES": 17.0})
    assert told.in_sync is None


def test_adsl2_has_one_tone_in_a_group(dsl: DslDriver) -> None:
    told = lines(dsl, f"{ADSL2}.1.1.1.18.5|2|2147483646\n{ADSL2}.1.1.1.19.5|2|-15\n{ADSL2}.2.2.1.13.5.2|4x|ff64\n")[5]
    assert (told.down.snr_margin_db, told.up.snr_margin_db) == (None, -1.5)
    assert [(one.group, one.direction, one.values) for one in told.curves] == [(1, "down", [None, -73.0])]


def test_all_zero_is_no_line_in_sync(dsl: DslDriver) -> None:
    told = lines(dsl, f"1.3.6.1.2.1.2.2.1.8.3|2|1\n{ADSL}.2.1.4.3|2|0\n{ADSL}.3.1.4.3|2|0\n")
    assert told[3].in_sync is False


@pytest.mark.parametrize("group", ["3", "0", "16"])
def test_tones_whose_group_cannot_be_are_left_out(group: str) -> None:
    body = RECORDED.read_text().replace("2.3.1.7.7.2|66|8", f"2.3.1.7.7.2|66|{group}").encode()
    line = read_saved([("made.snmprec", body)]).line
    assert "qln_dbm_hz" not in {one.quantity for one in line.curves}
    assert [text[:15] for text in line.unread] == ["qln_dbm_hz down"]


def test_several_lines_have_to_be_named() -> None:
    text = RECORDED.read_text()
    both = (text + text.replace(".7|", ".9|").replace(".7.", ".9.")).encode()
    with pytest.raises(UsageError, match=r"several lines: 7, 9"):
        read_saved([("dslam.snmprec", both)])
    assert read_saved([("dslam.snmprec", both)], None, 9).line.down.snr_margin_db == 9.1
    with pytest.raises(DeviceError, match="no DSL line 8"):
        read_saved([("dslam.snmprec", both)], None, 8)


def test_real_agents(shared_data: Callable[[str], Path], dsl: DslDriver) -> None:
    folder = shared_data("dsl") / "snmp"
    draytek = read_saved([("d.snmprec", (folder / "draytek_vdsl.snmprec").read_bytes())]).line
    assert (draytek.in_sync, draytek.down.snr_margin_db, draytek.down.rate_kbps) == (True, 0.5, 110_162.0)
    assert "snr_margin_db" in draytek.down.tenths
    with pytest.raises(DeviceError, match="no DSL line"):
        read_saved([("z.snmprec", (folder / "ies52xxM_4206.snmprec").read_bytes())])
    body = (folder / "teldat_teldatvdsl2.snmprec").read_bytes()
    with pytest.raises(BadFile, match="line 4552"):  # its numbers were made private
        read_saved([("t.snmprec", body)])
    kept = b"\n".join(row for row in body.splitlines() if b"<private>" not in row)
    teldat = read_saved([("t.snmprec", kept)]).line
    assert (teldat.in_sync, teldat.down.snr_margin_db, teldat.up.counts["LOF"]) == (False, 0.0, 0.0)


def test_a_replayed_device_is_simulated_and_keeps_what_it_heard() -> None:
    entry = DeviceEntry(name="modem", driver="std_xdsl_snmp", snmp=f"replay:{RECORDED}")
    told = read_modem(entry)
    assert (told.simulated, told.device, told.line.down.snr_margin_db) == (True, "modem", 9.1)
    again = read_saved([(told.evidence[0].name, told.evidence[0].body)])
    assert again.line == told.line


def test_a_modem_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="needs an address"):
        read_modem(DeviceEntry(name="modem", driver="std_xdsl_snmp"))
