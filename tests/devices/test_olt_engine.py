"""The engine on made-up tables: bad rows, missing columns, silence, and answers that belong to somebody else."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from linetest.catalog import driver_folder
from linetest.devices.driver_file import load_driver, read_driver
from linetest.devices.olt import read_onus
from linetest.devices.olt_detect import SYS_DESCR, SYS_OBJECT_ID, detect
from linetest.devices.olt_driver import OltDriver
from linetest.devices.olt_open import read_olt
from linetest.devices.station import DeviceEntry, load_station
from linetest.errors import BadFile, DeviceError, Timeout, UsageError
from linetest.model.onu import OnuState
from linetest.model.onu_id import OnuId, parse_onu_id
from linetest.transports.snmp_replay import ReplayedSession, parse_recording
from linetest.transports.snmp_walk import SnmpValue

HUAWEI = "1.3.6.1.4.1.2011.6.128.1.1.2"
PORT = 4194312192  # GPON 0/1/0
BDCOM = "1.3.6.1.4.1.3320.101"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"


class Counting(ReplayedSession):
    """A recording that notes what it was asked; walks whose root is in `silent` time out."""

    def __init__(self, values: dict[str, SnmpValue], silent: Iterable[str] = ()) -> None:
        super().__init__(values)
        self.gets: list[list[str]] = []
        self.walks: list[str] = []
        self._silent = tuple(silent)

    def get(self, oids: Iterable[str]) -> dict[str, SnmpValue]:
        asked = list(oids)
        self.gets.append(asked)
        return super().get(asked)

    def walk(self, root: str) -> list[tuple[str, SnmpValue]]:
        self.walks.append(root)
        if root.startswith(self._silent) and self._silent:
            raise Timeout("no answer")
        return super().walk(root)


def olt_of(name: str) -> OltDriver:
    olt = load_driver(name).olt
    assert olt is not None
    return olt


def huawei_row(
    onu: int, rx: int = -2050, state: int = 1, more: dict[str, SnmpValue] | None = None
) -> dict[str, SnmpValue]:
    cells: dict[str, SnmpValue] = {
        "43.1.3": b"HWTC\0\0\0" + bytes([onu]),
        "46.1.15": state,
        "46.1.20": 1200 + onu,
        "51.1.3": 210,
        "51.1.4": rx,
        "51.1.5": 3300,
        "51.1.6": 7750,
    }
    return {f"{HUAWEI}.{oid}.{PORT}.{onu}": value for oid, value in (cells | (more or {})).items()}


def test_one_onu_is_one_question_with_state_and_power_in_it() -> None:
    session = Counting(huawei_row(1) | huawei_row(11, rx=-2700))
    table = read_onus(olt_of("huawei_smartax"), session, parse_onu_id("0/1/0:1"))
    (row,) = table.onus
    assert (row.state.onu_rx_dbm, row.state.olt_rx_dbm, row.state.serial) == (-20.5, -22.5, "HWTC00000001")
    (asked,) = session.gets
    assert f"{HUAWEI}.46.1.15.{PORT}.1" in asked
    assert f"{HUAWEI}.51.1.4.{PORT}.1" in asked
    assert not any(f"{HUAWEI}.5" in root for root in session.walks)  # nobody's optics are walked


def test_no_answer_is_given_to_the_wrong_onu() -> None:
    """ONU 1 has no optics, its neighbours 10 and 11 have: whatever an agent tells beside the question is not its."""

    class Talkative(Counting):
        def get(self, oids: Iterable[str]) -> dict[str, SnmpValue]:
            super().get(oids)
            return dict(self._values)  # all that it knows, whatever was asked

        def walk(self, root: str) -> list[tuple[str, SnmpValue]]:
            return sorted(self._values.items())

    dark = {oid: value for oid, value in huawei_row(1).items() if ".51." not in oid}
    for kind in (Counting, Talkative):
        session = kind(dark | huawei_row(11, rx=-1111) | huawei_row(10, rx=-1010))
        (row,) = read_onus(olt_of("huawei_smartax"), session, parse_onu_id("0/1/0:1")).onus
        assert row.state.onu_rx_dbm is None
        assert row.state.reasons["onu_rx_dbm"] == "no-such-object"
        everyone = {one.state.onu: one.state.onu_rx_dbm for one in read_onus(olt_of("huawei_smartax"), session).onus}
        assert everyone == {"0/1/0:1": None, "0/1/0:10": -10.1, "0/1/0:11": -11.11}


def test_a_row_that_is_not_understood_spoils_that_row_only() -> None:
    strange = {f"{HUAWEI}.46.1.15.{PORT + 3}.1": 1, f"{HUAWEI}.46.1.15.7": 1}
    table = read_onus(olt_of("huawei_smartax"), Counting(huawei_row(1) | huawei_row(2) | strange))
    assert [row.state.onu for row in table.onus] == ["0/1/0:1", "0/1/0:2"]
    assert [one.where for one in table.unread] == ["gpon 7", f"gpon {PORT + 3}.1"]


def test_a_bad_cell_spoils_that_cell_only() -> None:
    bad: dict[str, SnmpValue] = {
        "51.1.4": b"\xff\xfe",
        "51.1.3": 2147483647,
        "51.1.5": b"",
        "46.1.20": 10**9,
        "46.1.15": 77,
    }
    (row,) = read_onus(olt_of("huawei_smartax"), Counting(huawei_row(1, more=bad))).onus
    assert row.state.serial == "HWTC00000001"
    assert row.state.run_state == "unknown"
    assert {field: row.state.reasons[field] for field in ("onu_rx_dbm", "onu_tx_dbm", "voltage_v", "distance_m")} == {
        "onu_rx_dbm": "garbled",
        "onu_tx_dbm": "no-reading",
        "voltage_v": "no-reading",
        "distance_m": "out-of-window",
    }
    assert row.raw["distance_m"] == "1000000000"


@pytest.mark.parametrize("rx", [0, -2050, 2147483647])
def test_a_power_of_an_onu_that_is_down_is_no_reading(rx: int) -> None:
    (row,) = read_onus(olt_of("huawei_smartax"), Counting(huawei_row(1, rx=rx, state=2))).onus
    assert row.state.run_state == "offline"
    assert row.state.onu_rx_dbm is None
    assert row.state.reasons["onu_rx_dbm"] == "offline"
    assert row.state.distance_m == 1201  # the last one that was ranged stays true


def test_every_absent_field_has_its_reason_and_no_other_has() -> None:
    (row,) = read_onus(olt_of("huawei_smartax"), Counting(huawei_row(1))).onus
    told = msgspec.to_builtins(row.state)
    absent = {field for field in OnuState.__struct_fields__ if told[field] is None}
    assert absent == set(row.state.reasons)


def test_a_column_that_is_not_told_in_time_is_missing_with_that_reason() -> None:
    session = Counting(huawei_row(1), silent=[f"{HUAWEI}.51.1.4"])
    (row,) = read_onus(olt_of("huawei_smartax"), session).onus
    assert row.state.reasons["onu_rx_dbm"] == "timeout"
    assert row.state.onu_tx_dbm == 2.1
    with pytest.raises(Timeout):
        read_onus(olt_of("huawei_smartax"), Counting(huawei_row(1), silent=["1."]))


def test_the_llid_table_joins_by_mac_and_never_by_chance() -> None:
    mac = {number: bytes([2, 0, 0, 0, 0, number]) for number in (1, 2, 3)}
    values: dict[str, SnmpValue] = {f"{IF_NAME}.7": b"EPON0/1"}
    for number in (1, 2):
        values |= {
            f"{IF_NAME}.{100 + number}": b"EPON0/1:%d" % number,
            f"{BDCOM}.10.1.1.26.{100 + number}": 3,
            f"{BDCOM}.10.1.1.3.{100 + number}": mac[number],
        }
    for number in (1, 3):
        values[f"{BDCOM}.11.1.1.8.7.2.0.0.0.0.{number}"] = 1000 + number
    table = read_onus(olt_of("bdcom_epon"), Counting(values))
    assert [(row.state.onu, row.state.rtt_tq) for row in table.onus] == [("0/0/1:1", 1001), ("0/0/1:2", None)]
    assert [one.where for one in table.unread] == ["llid 02:00:00:00:00:03"]
    values[f"{BDCOM}.10.1.1.3.102"] = mac[1]  # now two ONUs say that it is theirs
    doubled = read_onus(olt_of("bdcom_epon"), Counting(values))
    assert [row.state.rtt_tq for row in doubled.onus] == [None, None]


def test_standard_epon_by_interface_names() -> None:
    mpcp = "1.3.6.1.2.1.155.1.1.1.1"
    values: dict[str, SnmpValue] = {
        f"{IF_NAME}.2002": b"EPON0/1:2",
        f"{IF_NAME}.2": b"eth0",
        f"{mpcp}.5.2002": 9,
        f"{mpcp}.6.2002": bytes.fromhex("001122334455"),
        f"{mpcp}.7.2002": 3,
        f"{mpcp}.10.2002": 1365,
        f"{mpcp}.7.2": 1,
    }
    table = read_onus(olt_of("std_epon"), Counting(values))
    (row,) = table.onus
    assert (row.state.onu, row.state.llid, row.state.mac, row.state.rtt_tq, row.state.run_state) == (
        "0/0/1:2",
        9,
        "00:11:22:33:44:55",
        1365,
        "online",
    )
    assert [one.where for one in table.unread] == ["mpcp 2"]


def test_an_onu_that_waits_is_found_on_its_port() -> None:
    waiting: dict[str, SnmpValue] = {
        f"{HUAWEI}.48.1.2.{PORT}.0": b"HWTC\1\2\3\4",
        f"{HUAWEI}.48.1.9.{PORT}.0": b"LOID-1",
    }
    table = read_onus(olt_of("huawei_smartax"), Counting(huawei_row(1) | waiting))
    (found,) = table.found
    assert (found.state.onu, found.state.serial, found.state.loid) == ("0/1/0", "HWTC01020304", "LO…-1")
    assert found.loid is not None
    assert "LOID-1" not in str(msgspec.to_builtins(found.state)) + repr(found)


@pytest.mark.parametrize(
    ("object_id", "description", "values", "driver"),
    [
        ("1.3.6.1.4.1.37950.1.1.5.10.14.1", "V1600D", {}, "vsol_epon"),
        ("1.3.6.1.4.1.37950.1.1.5.10.14.1", "V1600GS", {}, "vsol_gpon"),
        ("1.3.6.1.4.1.37950.1.1.5.10.14.1", "-", {"1.3.6.1.4.1.37950.1.1.6.1.1.1.1.5.1.1": 3}, "vsol_gpon"),
        ("1.3.6.1.4.1.3902.1082.1001.320.2.1", "C320 Version V2.1.0 Software", {}, "zte_c300"),
        ("1.3.6.1.4.1.3902.1082.1001.320.2.1", "ZXAN", {"1.3.6.1.4.1.3902.1082.500.10.2.3.8.1.4.9.1": 4}, "zte_c600"),
        (".1.3.6.1.4.1.17409", "olt", {"1.3.6.1.4.1.17409.2.8.4.1.1.7.4718593": 1}, "cdata_gpon"),
        ("1.3.6.1.4.1.4413", "Linux UFiber", {"1.3.6.1.4.1.41112.1.5.6.2.1.3.1.65": 1}, "ubiquiti_ufiber"),
        ("1.3.6.1.4.1.32473.1", "EPON OLT", {"1.3.6.1.2.1.155.1.1.1.1.5.2002": 1}, "std_epon"),
        ("1.3.6.1.4.1.32473.1", "Huawei Integrated Access Software", {}, "huawei_smartax"),
    ],
)
def test_detection(object_id: str, description: str, values: dict[str, SnmpValue], driver: str) -> None:
    system: dict[str, SnmpValue] = {SYS_OBJECT_ID: object_id, SYS_DESCR: description.encode()}
    assert detect(Counting(system | values)) == driver


def test_a_box_that_no_driver_knows_is_named() -> None:
    with pytest.raises(DeviceError, match=r"1\.3\.6\.1\.4\.1\.9\.1.*IOS") as refused:
        detect(Counting({SYS_OBJECT_ID: "1.3.6.1.4.1.9.1", SYS_DESCR: b"IOS"}))
    assert refused.value.reason == "no-such-object"


def test_evidence_holds_no_whole_loid(tmp_path: Path) -> None:
    lines = [f"{HUAWEI}.43.1.13.{PORT}.1|4|20261122000042", f"{HUAWEI}.46.1.15.{PORT}.1|2|1"]
    padded = b"20261122000042".ljust(24, b"\0").hex()  # as an octet string of fixed length
    lines += [f"{HUAWEI}.43.1.13.{PORT}.2|4x|{padded}", f"{HUAWEI}.46.1.15.{PORT}.2|2|1"]
    lines += [f"{HUAWEI}.43.1.9.{PORT}.1|4|a name that nobody asks for"]
    (tmp_path / "olt.snmprec").write_text("\n".join(lines) + "\n")
    (tmp_path / "station.toml").write_text(
        'name = "t"\n[device.olt7]\ndriver = "huawei_smartax"\nsnmp = "replay:olt.snmprec"\n'
    )
    entry = load_station(tmp_path / "station.toml").device["olt7"]
    reading = read_olt(entry, OnuId(0, 1, 0, 1), with_others=True)
    assert reading.simulated
    assert reading.table.onus[0].state.loid == "20…42"
    (evidence,) = reading.evidence
    assert b"20261122000042" not in evidence.body
    assert b"20261122000042".hex().encode() not in evidence.body
    assert len(reading.others.onus) == 2
    again = read_onus(olt_of("huawei_smartax"), ReplayedSession(parse_recording(evidence.body, "again")))
    assert again.onus[0].state.run_state == "online"


def test_an_olt_without_address_is_refused() -> None:
    with pytest.raises(UsageError, match="needs an address") as refused:
        read_olt(DeviceEntry(name="olt7", driver="huawei_smartax"), None)
    assert "snmp" in refused.value.hint


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('index = "calix"', 'index = "callix"', "table.* 1.*callix"),
        ('scale = "tenth-microwatts"', 'scale = "tenths-of-it"', "tenths-of-it"),
        ("[olt.table.column.onu_rx_dbm]", "[olt.table.column.onu_power]", "onu_power"),
        ('oid = "4"', 'oid = ".4"', "leading dot"),
        ('kind = "olt"', 'kind = "sweep-file"', r"\[olt\]"),
    ],
)
def test_a_mistake_in_a_driver_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = ((driver_folder("calix_axos") / "driver.toml").read_text()).replace(old, new, 1)
    folder = tmp_path / "calix_axos"
    folder.mkdir()
    (folder / "driver.toml").write_text(text)
    with pytest.raises(BadFile, match=complaint):
        read_driver(folder)


def test_a_template_that_does_not_read_its_example_is_named(tmp_path: Path) -> None:
    source = driver_folder("vsol_epon")
    folder = tmp_path / "vsol_epon"
    folder.mkdir()
    for path in source.iterdir():
        (folder / path.name).write_text(path.read_text().replace("EPON0/1:7   9 ", "EPON0/1:7 "))
    with pytest.raises(BadFile, match=r"auth_info.*example"):
        read_driver(folder)
