"""Real recordings, read to the values that stand in them; the golden files were made with text tools only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.devices.driver_file import load_driver
from linetest.devices.olt import OnuTable, read_onus
from linetest.devices.olt_detect import detect
from linetest.devices.olt_driver import OltDriver
from linetest.model.onu_id import find_onu_id, parse_onu_id
from linetest.transports.snmp_replay import ReplayedSession, load_recording

GOLDEN = Path(__file__).parents[1] / "golden" / "olt"
Shared = Callable[[str], Path]


def session_of(shared_data: Shared, name: str) -> ReplayedSession:
    return load_recording(shared_data("olt-snmp") / f"{name}.snmprec")


def olt_of(driver: str) -> OltDriver:
    olt = load_driver(driver).olt
    assert olt is not None
    return olt


def read(shared_data: Shared, name: str, driver: str) -> OnuTable:
    table = read_onus(olt_of(driver), session_of(shared_data, name))
    assert table.unread == []
    return table


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("edgeosolt", "ubiquiti_ufiber"),
        ("vsolution_v1600d", "vsol_epon"),
        ("zxa10_c320", "zte_c300"),
        ("smartax", "huawei_smartax"),
        ("raisecom", "raisecom_iscom5508"),
        ("cdata", "cdata_epon"),  # its sysObjectID begins with a dot, and it has no ONU to look at
    ],
)
def test_the_box_is_known(shared_data: Shared, name: str, driver: str) -> None:
    assert detect(session_of(shared_data, name)) == driver


def test_ufiber_and_no_light_for_onus_that_are_down(shared_data: Shared) -> None:
    """Another tool tells 0 dBm for them."""
    table = read(shared_data, "edgeosolt", "ubiquiti_ufiber")
    wanted = sorted(
        (one["port"], one["state"], one["rx"] or 0.0, one["tx"] or 0.0, one["uptime_s"] or 0.0)
        for one in golden("edgeosolt")
    )
    states = [row.state for row in table.onus]
    found = sorted(
        ((find_onu_id(s.onu) or (0,) * 4)[2], s.run_state, s.onu_rx_dbm or 0.0, s.onu_tx_dbm or 0.0, s.uptime_s or 0.0)
        for s in states
    )
    assert found == wanted
    down = [state for state in states if state.run_state == "offline"]
    assert len(down) == 13
    for state in down:
        assert state.onu_rx_dbm is None
        assert state.onu_tx_dbm is None
        assert state.reasons["onu_rx_dbm"] == state.reasons["onu_tx_dbm"] == "offline"


def test_vsol_powers_are_those_in_dbm(shared_data: Shared) -> None:
    """Another tool tells the milliwatts in front of them as dBm: 0.03."""
    table = read(shared_data, "vsolution_v1600d", "vsol_epon")
    found = {
        s.onu: [s.onu_rx_dbm, s.onu_tx_dbm, s.temperature_c, s.voltage_v, s.bias_ma]
        for s in (row.state for row in table.onus)
    }
    assert found == golden("vsolution_v1600d")
    assert found["0/0/1:1"][0] == -14.61
    assert {row.technology for row in table.onus} == {"epon"}
    for row in table.onus:  # the recording has no state: it is unknown, with its reason, and not guessed
        assert row.state.run_state == "unknown"
        assert row.state.reasons["run_state"] == "no-such-object"


def test_zte_distances_with_unsorted_and_doubled_lines(shared_data: Shared) -> None:
    table = read(shared_data, "zxa10_c320", "zte_c300")
    found: dict[str, dict[str, float | None]] = {}
    for row in table.onus:
        port, _colon, number = row.state.onu.partition(":")
        found.setdefault(port, {})[number] = row.state.distance_m
    assert found == golden("zxa10_c320")
    assert sum(map(len, found.values())) == 125


def test_huawei_ports_and_a_receiver_without_reading(shared_data: Shared) -> None:
    table = read(shared_data, "smartax", "huawei_smartax")
    assert {one.port: [one.tx_dbm, one.temperature_c, one.voltage_v, one.bias_ma] for one in table.ports} == golden(
        "smartax"
    )
    assert all(one.rx_dbm is None and one.reasons == {"rx_dbm": "no-reading"} for one in table.ports)
    assert table.onus == []


def test_raisecom_modules_and_dark_ones(shared_data: Shared) -> None:
    table = read(shared_data, "raisecom", "raisecom_iscom5508")
    assert {one.port: [one.tx_dbm, one.rx_dbm, one.temperature_c] for one in table.ports} == golden("raisecom")
    dark = [one for one in table.ports if one.rx_dbm is None]
    assert len(dark) == 2
    assert all(one.reasons["rx_dbm"] == "under-range" for one in dark)


def test_cdata_without_onus_gives_nothing(shared_data: Shared) -> None:
    table = read(shared_data, "cdata", "cdata_epon")
    assert table == OnuTable()


def test_one_onu_and_one_port(shared_data: Shared) -> None:
    session = session_of(shared_data, "vsolution_v1600d")
    olt = olt_of("vsol_epon")
    one = read_onus(olt, session, parse_onu_id("EPON0/1:2"))
    assert [row.state.onu for row in one.onus] == ["0/0/1:2"]
    assert one.onus[0].state.onu_rx_dbm == -15.92
    assert len(read_onus(olt, session, parse_onu_id("EPON0/1")).onus) == 16
    assert read_onus(olt, session, parse_onu_id("EPON0/2")).onus == []
