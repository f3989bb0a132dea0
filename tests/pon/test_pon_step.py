"""The ONU as a step of an acceptance run."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.bench.olt import OLTS, running

Call = Callable[..., CompletedProcess[str]]
ORDER = 'number = "WO-7"\naccess = "ftth-gpon"\n[[line]]\nid = "LINE-1"\nolt = "olt7"\n{onu}\n'
STATION = 'name = "t"\n{devices}'
DEVICE = (
    '[device.{name}]\ndriver = "huawei_smartax"\nsnmp = "{snmp}"\nsecrets = {{ community = "env:OLT_COMMUNITY" }}\n'
)


@pytest.mark.usefixtures("drawn_once")
def test_the_line_names_its_olt_and_its_onu(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLT_COMMUNITY", "bench-1")
    model = OLTS["huawei-gpon"]
    (tmp_path / "order.toml").write_text(ORDER.format(onu='onu = "0/1/0:5"'))
    with (
        running(model, model.plant("good"), community="bench-1", password="x") as good,
        running(model, model.plant("los"), community="bench-1", password="x") as dark,
    ):
        for own, other, code in ((good, dark, 0), (dark, good, 1)):
            devices = DEVICE.format(name="olt7", snmp=own.snmp) + DEVICE.format(name="olt8", snmp=other.snmp)
            (tmp_path / "station.toml").write_text(STATION.format(devices=devices))
            done = call(
                "accept", tmp_path / "order.toml", "--profile", "gpon-b-plus", "--station", tmp_path / "station.toml",
                "--json",
            )  # fmt: skip
            assert done.returncode == code, done.stderr
            (record,) = json.loads(done.stdout)["records"]
            assert record["simulated"]
            assert {check["where"]["onu"] for check in record["checks"]} == {"0/1/0:5"}
            assert record["evidence"][0]["name"] == "olt7.snmprec"
    failed = {check["id"]: check["hint"] for check in record["checks"] if check["verdict"] == "fail"}
    assert failed == {"REGISTERED": "fibre-cut"}


@pytest.mark.parametrize(("onu", "words"), [("", "which ONU is its own"), ('onu = "socket 5"', "names no ONU")])
def test_a_line_without_a_readable_onu_is_refused_before_anything_is_measured(
    tmp_path: Path, call: Call, onu: str, words: str
) -> None:
    (tmp_path / "order.toml").write_text(ORDER.format(onu=onu))
    devices = DEVICE.format(name="olt7", snmp="udp://127.0.0.1:9")
    (tmp_path / "station.toml").write_text(STATION.format(devices=devices))
    done = call("accept", tmp_path / "order.toml", "--profile", "gpon-b-plus", "--station", tmp_path / "station.toml")
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.slow
def test_an_olt_that_is_silent_leaves_the_line_inconclusive(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.snmprec").write_text("1.3.6.1.2.1.1.1.0|4|box\n")
    (tmp_path / "order.toml").write_text(ORDER.format(onu='onu = "0/1/0:5"'))
    devices = DEVICE.format(name="olt7", snmp="replay:empty.snmprec")
    (tmp_path / "station.toml").write_text(STATION.format(devices=devices))
    done = call(
        "accept", tmp_path / "order.toml", "--profile", "gpon-b-plus", "--station", tmp_path / "station.toml", "--json"
    )
    assert done.returncode == 3
    (record,) = json.loads(done.stdout)["records"]
    online = next(check for check in record["checks"] if check["id"] == "REGISTERED")
    assert (online["verdict"], online["reason"]) == ("inconclusive", "no-such-object")
