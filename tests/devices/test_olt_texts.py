"""Real texts from OLTs' command lines, read to what a person reads in them; other texts have no ONU rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.devices.driver_file import load_driver
from linetest.devices.olt_trial import try_text
from linetest.errors import UsageError

Shared = Callable[[str], Path]
HUAWEI = "ntc-templates/huawei_smartax"
WITH_ROWS = {
    "ont_list": ["display_ont_info_0/", "display_ont_info_0_1_2/"],
    "ont_everywhere": ["display_ont_info_0/", "display_ont_info_0_1_2/"],
    "ont_detail": ["display_ont_info_0_1/", "display_ont_info_0_1_2_3/", "display_ont_info_by-sn_ABC/"],
    "ont_summary": ["display_ont_info_summary_ont/"],
    "optical_list": ["display_ont_optical-info_0_all/"],
    "autofind": ["display_ont_autofind/"],
    "epon_autofind": ["display_ont_autofind/"],
    "service_port": ["display_service-port_all/"],
}


def rows(shared_data: Shared, driver: str, command: str, name: str) -> list[dict[str, Any]]:
    path = shared_data("olt-cli") / name
    tried = try_text(load_driver(driver), command, path.read_bytes().decode(errors="replace"))
    assert tried.unread == []
    return tried.rows


def test_huawei_list(shared_data: Shared) -> None:
    found = rows(
        shared_data,
        "huawei_smartax",
        "ont_list",
        f"{HUAWEI}/display_ont_info_0/huawei_smartax_display_ont_info_fsp_2.raw",
    )
    assert [row["onu"] for row in found] == [f"0/2/0:{number}" for number in range(16)]
    up = [number for number, row in enumerate(found) if row["run_state"] == "online"]
    assert up == [1, 3, 5, 7, 9, 10, 12, 14]
    assert found[7]["serial"] == "02GVAXHK3LXSZB4B"
    two = rows(
        shared_data,
        "huawei_smartax",
        "ont_list",
        f"{HUAWEI}/display_ont_info_0/huawei_smartax_display_ont_info_fsp_4.raw",
    )
    assert [(row["onu"], row["run_state"]) for row in two] == [("0/1/0:0", "online"), ("0/1/2:0", "online")]


def test_huawei_detail(shared_data: Shared) -> None:
    folder = f"{HUAWEI}/display_ont_info_0_1"
    (gpon,) = rows(shared_data, "huawei_smartax", "ont_detail", f"{folder}/huawei_smartax_display_ont_info_1.raw")
    assert (gpon["onu"], gpon["run_state"], gpon["distance_m"], gpon["temperature_c"]) == ("0/0/6:2", "online", 47, 57)
    assert (gpon["last_down_cause"], gpon["uptime_s"]) == ("dying-gasp", 180)
    assert gpon["llid"] is None
    assert gpon["reasons"] == {"llid": "no-reading", "rtt_tq": "no-reading"}
    (other,) = rows(shared_data, "huawei_smartax", "ont_detail", f"{folder}/huawei_smartax_display_ont_info_2.raw")
    assert (other["onu"], other["distance_m"], other["temperature_c"]) == ("0/1/1:131", 100, 70)


def test_huawei_summary_joins_its_two_tables(shared_data: Shared) -> None:
    folder = f"{HUAWEI}/display_ont_info_summary_ont/huawei_smartax_display_ont_info_summary_ont"
    found = rows(shared_data, "huawei_smartax", "ont_summary", f"{folder}.raw")
    assert len(found) == 23
    assert (found[22]["onu"], found[22]["onu_rx_dbm"], found[22]["onu_tx_dbm"]) == ("0/1/0:22", -10.12, 2.03)
    assert found[0]["last_down_cause"] == "los"
    up, down = rows(shared_data, "huawei_smartax", "ont_summary", f"{folder}_3.raw")
    assert (up["run_state"], up["distance_m"], up["onu_rx_dbm"], up["onu_tx_dbm"]) == ("online", 42, -22.84, 2.12)
    assert (down["run_state"], down["onu_rx_dbm"], down["last_down_cause"]) == ("offline", None, "los")
    assert down["reasons"]["onu_rx_dbm"] == "offline"
    ports = rows(shared_data, "huawei_smartax", "ont_summary", f"{folder}_5.raw")
    assert [row["onu"] for row in ports] == ["0/2/11:0", "0/2/12:0"]


def test_huawei_optics(shared_data: Shared) -> None:
    name = f"{HUAWEI}/display_ont_optical-info_0_all/huawei_smartax_display_ont_optical-info_0_all.raw"
    found = rows(shared_data, "huawei_smartax", "optical_list", name)
    assert [row["number"] for row in found] == list(range(10))
    assert [row["onu_rx_dbm"] for row in found] == [
        -24.68, -24.68, -25.68, -25.37, -25.37, -26.57, -24.68, -25.37, -25.37, -24.43,
    ]  # fmt: skip
    assert (found[9]["olt_rx_dbm"], found[9]["voltage_v"], found[9]["bias_ma"]) == (-23.77, 3.2, 8)
    (one,) = rows(shared_data, "huawei_smartax", "optical_detail", "index/huawei_ma5800_ont_optical_info_session.txt")
    assert one.pop("reasons") == {}
    assert one == {
        "onu": "0/1/2:0",
        "onu_rx_dbm": -18.18,
        "onu_tx_dbm": 2.27,
        "olt_rx_dbm": -22.22,
        "temperature_c": 58,
        "voltage_v": 3.36,
        "bias_ma": 16,
    }


def test_huawei_autofind_and_service_ports(shared_data: Shared) -> None:
    found = rows(shared_data, "huawei_smartax", "autofind", "index/huawei_ma5800_ont_autofind_session.txt")
    assert [row["onu"] for row in found] == ["0/1/3", "0/1/4", "0/2/1"]
    assert all(row["serial"].startswith("HWTC") and len(row["serial"]) == 12 for row in found)
    assert found[1]["mac"] is None
    assert "airtek" not in str(found)  # the password
    folder = f"{HUAWEI}/display_ont_autofind/huawei_smartax_display_ont_autofind"
    assert [row["onu"] for row in rows(shared_data, "huawei_smartax", "autofind", f"{folder}_2.raw")] == ["0/1/0"] * 2
    (flow,) = rows(
        shared_data,
        "huawei_smartax",
        "service_port",
        f"{HUAWEI}/display_service-port_all/huawei_smartax_display_service-port_all.raw",
    )
    assert (flow["onu"], flow["service_port"], flow["vlan"], flow["state"]) == ("0/1/0:0", 5827, 2, "up")


def test_zte(shared_data: Shared) -> None:
    states = rows(shared_data, "zte_c300", "onu_state", "index/zte_c320_show_gpon_onu_state.txt")
    assert len(states) == 12
    down = {row["onu"]: row["run_state"] for row in states if row["run_state"] != "online"}
    assert down == {
        "1/1/1:3": "los",
        "1/1/1:8": "dying-gasp",
        "1/1/1:9": "dying-gasp",
        "1/1/1:10": "los",
    }
    powers = {
        row["onu"]: row["onu_rx_dbm"]
        for row in rows(shared_data, "zte_c300", "onu_rx", "index/zte_c320_show_pon_power_onu-rx.txt")
    }
    assert len(powers) == 12
    assert powers["1/1/1:6"] == -26.576
    assert {onu for onu, power in powers.items() if power is None} == set(down)
    (both,) = rows(shared_data, "zte_c300", "attenuation", "index/zte_c320_show_pon_power_attenuation.txt")
    assert both["onu_rx_dbm"] == powers["1/1/1:1"]  # the list is of what ONUs receive
    assert (both["olt_rx_dbm"], both["onu_tx_dbm"]) == (-20.241, 2.423)
    (page,) = rows(shared_data, "zte_c300", "detail", "index/zte_c320_show_gpon_onu_detail-info.txt")
    assert (page["onu"], page["run_state"], page["distance_m"], page["uptime_s"]) == ("1/1/1:1", "online", 3703, 125121)


def test_bdcom_columns_that_run_together(shared_data: Shared) -> None:
    found = rows(shared_data, "bdcom_epon", "onu_information", "index/bdcom_epon_show_epon_onu-information_overlap.txt")
    assert [(row["onu"], row["run_state"]) for row in found] == [
        ("0/0/13:9", "online"),
        ("0/0/13:10", "online"),
        ("0/0/3:38", "registering"),
    ]
    assert all(row["mac"].count(":") == 5 for row in found)


def test_bdcom_third_digit_is_never_dropped() -> None:
    """``110BNCH`` may be ONU 110 or a vendor that begins with a digit: only a space after it decides."""
    heading = "IntfName   VendorID  ModelID    MAC Address    Description    BindType  Status    Dereg Reason\n"
    rest = "      M1         0011.2233.4455 N/A            static    auto-configured N/A\n"
    names = ["EPON0/1:110 BNCH", "EPON0/1:11BNCH", "EPON0/1:110BNCH"]
    tried = try_text(load_driver("bdcom_epon"), "onu_information", heading + "".join(name + rest for name in names))
    assert [row["onu"] for row in tried.rows] == ["0/0/1:110", "0/0/1:11"]
    assert ["EPON0/1:110BNCH" in unread for unread in tried.unread] == [True]


def test_vsol(shared_data: Shared) -> None:
    (link,) = rows(shared_data, "vsol_epon", "auth_info", "index/vsol_v1600d_epon_show_onu_auth-info.txt")
    assert (link["onu"], link["llid"], link["run_state"], link["rtt_tq"]) == ("0/0/1:2", 3, "online", 672)
    optics = rows(shared_data, "vsol_epon", "opm_diag", "index/vsol_v1600d_epon_show_onu_opm-diag.txt")
    assert [(row["onu"], row["onu_rx_dbm"], row["onu_tx_dbm"]) for row in optics] == [
        ("0/0/1:1", -17.12, 4.25),
        ("0/0/1:2", -10.74, 5.14),
        ("0/0/1:4", -14.88, 3.29),
    ]


def test_other_texts_have_no_rows_for_any_command(shared_data: Shared) -> None:
    """And those that have rows have them for their own command only: nothing is read that is not meant."""
    driver = load_driver("huawei_smartax")
    assert driver.olt is not None
    root = shared_data("olt-cli") / "ntc-templates"
    texts = sorted(root.glob("*/*/*.raw"))
    assert len(texts) > 40
    for path in texts:
        text = path.read_text(encoding="utf-8", errors="replace")
        with_rows = {name for name in driver.olt.command if try_text(driver, name, text).rows}
        where = str(path.relative_to(root))
        wanted = {name for name, folders in WITH_ROWS.items() if any(f"/{folder}" in where for folder in folders)}
        assert with_rows <= wanted, where
        assert with_rows or not wanted, where


def test_the_line_that_was_typed_names_the_command_and_the_place(shared_data: Shared) -> None:
    name = "index/zte_c320_show_pon_power_attenuation.txt"
    typed = "show pon power attenuation gpon-onu_1/1/1:1"
    assert rows(shared_data, "zte_c300", typed, name)[0]["onu"] == "1/1/1:1"
    with pytest.raises(UsageError, match="nearest: attenuation"):
        rows(shared_data, "zte_c300", "atenuation", name)


def test_a_bad_cell_spoils_that_cell_and_a_bad_row_that_row() -> None:
    text = """
  ONT  Rx power  Tx power  OLT Rx ONT  Temperature  Voltage  Current  Distance
    1  -20.50    ?.??      -23.00      45           3.300    12       1200
    2  -         -         -           -            -        -        -
    3  -20.50    2.10      -23.0
    4  99.99     2.10      -23.00      45           3.300    12       1200
"""
    tried = try_text(load_driver("huawei_smartax"), "display ont optical-info 0 all", text)
    one, dark, four = tried.rows
    assert (one["onu_rx_dbm"], one["onu_tx_dbm"], one["reasons"]) == (-20.5, None, {"onu_tx_dbm": "garbled"})
    assert dark["onu_rx_dbm"] is None
    assert set(dark["reasons"].values()) == {"no-reading"}
    assert (four["onu_rx_dbm"], four["reasons"]) == (None, {"onu_rx_dbm": "out-of-window"})
    assert [line.split()[0] for line in tried.unread] == ["3"]


@pytest.mark.parametrize(
    "text",
    [
        "OnuIndex  Admin State  OMCC State  O7 State  Phase State\ngpon-onu_1/2/3:4 enable enable operation working\n",
        "OnuIndex  Admin State  OMCC State  Phase State  Channel\n1/2/3:4  enable  enable  working  1(GPON)\n",
        "OnuIndex  Admin State  OMCC State  Phase State\ngpon_onu-1/2/3:4  enable  enable  working\nONU Number: 1/1\n",
    ],
)
def test_the_three_headers_of_zte(text: str) -> None:
    tried = try_text(load_driver("zte_c300"), "onu_state", text)
    assert tried.rows == [{"onu": "1/2/3:4", "run_state": "online", "reasons": {}}]
    assert tried.unread == []


def test_a_state_that_the_driver_does_not_know_is_unknown_and_not_guessed() -> None:
    text = "OnuIndex  Admin State  OMCC State  Phase State\ngpon_onu-1/2/3:4  enable  enable  pondering\n"
    (row,) = try_text(load_driver("zte_c300"), "onu_state", text).rows
    assert (row["run_state"], row["reasons"]) == ("unknown", {"run_state": "not-decidable"})
