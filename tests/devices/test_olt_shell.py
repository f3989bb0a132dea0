"""Commands sent and texts read: with a shell of the test's own, and with the OLTs of the bench."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linetest import catalog
from linetest.bench.olt import OLTS, running
from linetest.devices.driver_file import load_driver
from linetest.devices.olt import OnuTable
from linetest.devices.olt_open import OltReading, read_olt
from linetest.devices.olt_shell import read_onus_by_shell
from linetest.devices.station import DeviceEntry
from linetest.errors import CommandRefused, Timeout, UsageError
from linetest.model.onu_id import OnuId, parse_onu_id

DETAIL = """
  F/S/P                   : 0/1/0
  ONT-ID                  : {onu}
  Run state               : {state}
  ONT distance(m)         : 1200
  SN                      : 4857544301020304 (HWTC-01020304)
  Last down cause         : dying-gasp
"""


class Said:
    """A shell that answers from a table and notes what it was told."""

    def __init__(self, answers: dict[str, str | Exception]) -> None:
        self.told: list[str] = []
        self._answers = answers

    def run(self, command: str) -> str:
        self.told.append(command)
        answer = self._answers.get(command, "")
        if isinstance(answer, Exception):
            raise answer
        return answer


def read(driver: str, shell: Said, wanted: str | None) -> OnuTable:
    loaded = load_driver(driver)
    assert loaded.olt is not None
    place = parse_onu_id(wanted) if wanted else None
    return read_onus_by_shell(loaded.olt, catalog.driver_folder(driver), shell, place, lambda _sent, _text: None)


def test_context_is_entered_and_left_and_a_refused_command_hides_no_other() -> None:
    refused = CommandRefused("Failure: The ONT is not online")
    shell = Said(
        {
            "display ont info 0 1 0 3": DETAIL.format(onu=3, state="offline"),
            "display ont optical-info 0 3": refused,
        }
    )
    (row,) = read("huawei_smartax", shell, "0/1/0:3").onus
    assert (row.state.run_state, row.state.last_down_cause, row.state.serial) == (
        "offline",
        "dying-gasp",
        "HWTC01020304",
    )
    assert row.state.reasons["onu_rx_dbm"] == "offline"
    assert shell.told == [
        "display ont info 0 1 0 3",
        "config",
        "interface gpon 0/1",
        "display ont optical-info 0 3",
        "quit",
        "quit",
    ]


def test_an_answer_about_another_onu_is_not_taken() -> None:
    shell = Said({"display ont info 0 1 0 3": DETAIL.format(onu=33, state="online")})
    assert read("huawei_smartax", shell, "0/1/0:3").onus == []


def test_when_every_command_is_refused_the_devices_words_are_told() -> None:
    shell = Said(
        {
            "display ont info 0 1 0 3": CommandRefused("Unknown command"),
            "display ont optical-info 0 3": CommandRefused("Unknown command"),
        }
    )
    with pytest.raises(CommandRefused, match="Unknown command"):
        read("huawei_smartax", shell, "0/1/0:3")


def test_a_broken_session_is_no_empty_port() -> None:
    with pytest.raises(Timeout):
        read("zte_c300", Said({"show gpon onu state gpon-olt_1/1/1": Timeout("silent")}), "1/1/1")


def test_without_a_port_it_is_asked_for() -> None:
    with pytest.raises(UsageError, match="one port at a time"):
        read("zte_c300", Said({}), None)


@pytest.fixture
def bench_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, OnuId | None], OltReading]:
    monkeypatch.setenv("OLT_COMMUNITY", "bench-1")
    monkeypatch.setenv("OLT_PASSWORD", "bench-2")

    def read_one(model_name: str, way: str, wanted: OnuId | None) -> OltReading:
        model = OLTS[model_name]
        with running(model, model.plant(), community="bench-1", password="bench-2") as at:
            entry = DeviceEntry(
                name="olt7",
                driver=model.driver,
                snmp=at.snmp if way == "snmp" else None,
                shell=at.shell if way == "shell" else None,
                secrets={"community": "env:OLT_COMMUNITY", "password": "env:OLT_PASSWORD"},
            )
            return read_olt(entry, wanted)

    return read_one


@pytest.mark.parametrize("way", ["snmp", "shell"])
@pytest.mark.parametrize("name", sorted(OLTS))
def test_the_bench_is_read_as_it_truly_is(
    name: str, way: str, bench_read: Callable[[str, str, OnuId | None], OltReading]
) -> None:
    model = OLTS[name]
    plant = model.plant()
    port = OnuId(*model.port)
    reading = bench_read(name, way, port)
    assert reading.simulated
    assert reading.table.unread == []
    assert {row.state.onu for row in reading.table.onus} == {f"{port}:{onu.number}" for onu in plant.onus}
    for row in reading.table.onus:
        true = plant.find(int(row.state.onu.rpartition(":")[2]))
        assert true is not None
        assert (row.state.run_state == "online") == true.is_up
        for told, is_so, within in (
            (row.state.onu_tx_dbm, true.tx_dbm, 0.06),
            (row.state.olt_rx_dbm, plant.olt_rx_dbm(true), 0.06),
            (row.state.distance_m, true.length_m, 0.6),
        ):
            assert told is None or (told == pytest.approx(is_so, abs=within))
        if not true.is_up:
            assert row.state.onu_rx_dbm is None
        elif way == "snmp" or name not in ("bdcom-epon", "zte-gpon"):  # their lists tell of less
            assert row.state.onu_rx_dbm == pytest.approx(plant.rx_dbm(true), abs=0.06)


@pytest.mark.parametrize("name", sorted(OLTS))
def test_one_onu_of_the_bench_over_its_shell(
    name: str, bench_read: Callable[[str, str, OnuId | None], OltReading]
) -> None:
    model = OLTS[name]
    reading = bench_read(name, "shell", parse_onu_id(model.customer))
    (row,) = reading.table.onus
    true = model.plant().find(5)
    assert true is not None
    assert row.state.onu_rx_dbm == pytest.approx(model.plant().rx_dbm(true), abs=0.06)
    assert b"bench-2" not in reading.evidence[0].body


def test_secrets_in_a_text_are_not_kept_as_evidence() -> None:
    from linetest.devices.olt_masks import without_passwords

    text = "   Password            : 0x6162(ab)\n   Loid                : 0123456789\n   Checkcode :\n   SN : X\n"
    shown = without_passwords(text)
    assert "ab" not in shown
    assert "0123456789" not in shown
    assert "   SN : X" in shown


def test_templates_lie_beside_their_driver() -> None:
    for name in catalog.driver_names():
        driver = load_driver(name)
        used = {command.template for command in driver.olt.command.values()} if driver.olt else set()
        assert used == {path.name for path in Path(catalog.driver_folder(name)).glob("*.textfsm")}
