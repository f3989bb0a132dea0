"""`linetest pon` and `linetest driver try` as a person runs them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.bench.olt import OLTS, running
from linetest.bench.olt_plant import Case

Call = Callable[..., CompletedProcess[str]]
ROW = {
    "onu", "serial", "mac", "loid", "llid", "run_state", "last_down_cause", "onu_rx_dbm", "onu_tx_dbm", "olt_rx_dbm",
    "distance_m", "rtt_tq", "temperature_c", "voltage_v", "bias_ma", "uptime_s", "reasons",
}  # fmt: skip


@pytest.fixture
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Return a function that starts an OLT of the bench and writes a station with it."""
    from contextlib import ExitStack

    monkeypatch.setenv("OLT_COMMUNITY", "bench-1")
    with ExitStack() as stack:

        def start(name: str = "huawei-gpon", case: Case = "good", driver: str | None = None) -> Path:
            model = OLTS[name]
            at = stack.enter_context(running(model, model.plant(case), community="bench-1", password="x"))
            path = tmp_path / "station.toml"
            path.write_text(
                f'name = "t"\n[device.olt7]\ndriver = "{driver or model.driver}"\nsnmp = "{at.snmp}"\n'
                'secrets = { community = "env:OLT_COMMUNITY" }\n'
            )
            monkeypatch.setenv("LINETEST_STATION", str(path))
            return path

        yield start


def test_list_as_json_has_exactly_the_promised_fields(station: Callable[..., Path], call: Call) -> None:
    station()
    done = call("pon", "list", "olt7", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert (told["schema"], told["olt"]) == ("linetest.onus/1", "olt7")
    assert len(told["onus"]) == 8
    for onu in told["onus"]:
        assert set(onu) == ROW
        assert {field for field in ROW if onu[field] is None} == set(onu["reasons"])
    dark = next(onu for onu in told["onus"] if onu["onu"] == "0/1/0:4")
    assert (dark["run_state"], dark["onu_rx_dbm"], dark["reasons"]["onu_rx_dbm"]) == ("offline", None, "offline")


def test_list_in_words_with_the_driver_found_out(station: Callable[..., Path], call: Call) -> None:
    station("bdcom-epon", driver="any_olt")
    done = call("pon", "list", "olt7")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert any(line.startswith("0/0/1:5") and "online" in line and "-18.40" in line for line in lines)
    assert max(len(line) for line in lines) <= 80


@pytest.mark.parametrize(("onu", "words"), [("0/1/0:3", "power cut"), ("0 1 0 4", "fibre cut")])
def test_show_explains_an_onu_that_is_down(station: Callable[..., Path], call: Call, onu: str, words: str) -> None:
    station()
    done = call("pon", "show", "olt7", onu)
    assert done.returncode == 0
    assert words in done.stdout
    assert "Light at the ONU: -  (the ONU is down)" in done.stdout


def test_show_as_json_and_an_onu_that_is_not_there(station: Callable[..., Path], call: Call) -> None:
    station()
    told = json.loads(call("pon", "show", "olt7", "gpon 0/1/0:5", "--json").stdout)
    assert [onu["onu"] for onu in told["onus"]] == ["0/1/0:5"]
    assert told["onus"][0]["onu_rx_dbm"] == pytest.approx(-18.4, abs=0.02)
    assert told["onus"][0]["loid"].count("…") == 1
    missing = call("pon", "show", "olt7", "0/1/0:77")
    assert missing.returncode == 3
    assert "there is no ONU 0/1/0:77" in missing.stderr
    assert missing.stdout == ""


@pytest.mark.parametrize(
    ("name", "case", "code", "broken", "hint"),
    [
        ("huawei-gpon", "good", 0, None, None),
        ("huawei-gpon", "los", 1, "REGISTERED", "fibre-cut"),
        ("huawei-gpon", "dying-gasp", 1, "REGISTERED", "power-cut"),
        ("huawei-gpon", "weak-light", 1, "ONU-RX", "low-light"),
        ("huawei-gpon", "loid-elsewhere", 1, "LOID-ELSEWHERE", "same-loid"),
        ("bdcom-epon", "good", 0, None, None),
        ("bdcom-epon", "duplicate-llid", 1, "LLID-DUPLICATE", "same-llid"),
    ],
)
def test_check_judges_and_keeps(
    station: Callable[..., Path], call: Call, name: str, case: Case, code: int, broken: str | None, hint: str | None
) -> None:
    station(name, case)
    done = call("pon", "check", "olt7", OLTS[name].customer, "--json")
    record = json.loads(done.stdout)
    assert done.returncode == code, done.stdout
    assert (record["kind"], record["simulated"]) == ("pon", True)
    assert record["profile"]["name"] == {"huawei-gpon": "gpon-b-plus", "bdcom-epon": "epon-px20"}[name]
    failed = {check["id"]: check["hint"] for check in record["checks"] if check["verdict"] == "fail"}
    assert failed.get(broken or "") == hint
    assert "2026BENCH000005" not in done.stdout
    assert json.loads(call("record", "list", "--json").stdout)["records"][0]["id"] == record["id"]


def test_check_with_a_profile_of_another_room_is_refused(station: Callable[..., Path], call: Call) -> None:
    station()
    done = call("pon", "check", "olt7", "0/1/0:5", "--profile", "ftth-light")
    assert done.returncode == 2
    assert "gpon-b-plus" in done.stderr


def test_names_that_do_not_exist_are_answered_with_those_that_do(station: Callable[..., Path], call: Call) -> None:
    station()
    assert "olt7" in call("pon", "list", "olt8").stderr
    wrong = call("pon", "show", "olt7", "socket")
    assert wrong.returncode == 2
    assert "0/1/0:1" in wrong.stderr


def test_a_silent_olt_is_inconclusive(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "station.toml"
    (tmp_path / "empty.snmprec").write_text("1.3.6.1.2.1.1.1.0|4|box\n")
    path.write_text('name = "t"\n[device.olt7]\ndriver = "huawei_smartax"\nsnmp = "replay:empty.snmprec"\n')
    monkeypatch.setenv("LINETEST_STATION", str(path))
    done = call("pon", "list", "olt7")
    assert done.returncode == 3
    assert "no ONU rows here" in done.stderr


def test_try_on_a_saved_reply(tmp_path: Path, call: Call) -> None:
    text = tmp_path / "reply.txt"
    text.write_bytes(
        b"Onu                 Rx power\r\n----\r\ngpon-onu_1/1/1:1    -16.500(dbm)\r\ngpon-onu_1/1/1:3    N/A\r\n"
    )
    done = call("driver", "try", "zte_c300", "onu_rx", "--reply", text, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["rows"] == [
        {"onu": "1/1/1:1", "onu_rx_dbm": -16.5, "reasons": {}},
        {"onu": "1/1/1:3", "onu_rx_dbm": None, "reasons": {"onu_rx_dbm": "no-reading"}},
    ]
    text.write_text("Card temperature: 41\n")
    other = call("driver", "try", "zte_c300", "onu_rx", "--reply", text)
    assert (other.returncode, other.stdout, other.stderr) == (3, "", "no ONU rows here\n")
    assert "onu_state" in call("driver", "try", "zte_c300", "onu_stat", "--reply", text).stderr
