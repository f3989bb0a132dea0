"""Acceptance with a step that brings the line into service: its plan is agreed to before the run begins."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.provisioning.desk import ORDERS

PROFILE = """
name = "bring-in"
kind = "limits"
[[step]]
room = "provision"
[[step]]
room = "pon"
name = "onu"
[[limit]]
metric = "provision.as_planned_count"
min = 1.0
source = "test"
[[limit]]
metric = "pon.online_count"
min = 1.0
source = "test"
"""


@pytest.fixture
def arguments(site: Callable[..., Any], tmp_path: Path) -> tuple[Any, list[str]]:
    one = site(order=ORDERS["huawei-gpon"].replace('"0/1/0"', '"0/1/0:11"'))
    profile = tmp_path / "bring-in.toml"
    profile.write_text(PROFILE)
    return one, ["accept", *one.arguments, "--profile", str(profile), "--no-push"]


@pytest.mark.slow
def test_agreed_before_the_run_and_done_in_it(arguments: tuple[Any, list[str]], call: Callable[..., Any]) -> None:
    one, words = arguments
    asked = call(*words)
    assert (asked.returncode, one.changing) == (2, [])
    assert "ont add 0 11 sn-auth" in asked.stderr
    agreed = asked.stderr.split("Hash of this plan: ")[1].split()[0]
    refused = call(*words, "--yes", "0123456789ab")
    assert (refused.returncode, one.changing) == (1, [])
    done = call(*words, "--yes", agreed, "--json")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    checks = {check["metric"]: check["verdict"] for check in record["checks"]}
    assert checks == {"provision.as_planned_count": "pass", "pon.online_count": "pass"}
    assert record["details"]["provision"]["result"] == "verified"
    assert [line.split()[0] for line in one.changing] == ["ont", "ont", "service-port", "save"]
    assert one.olt.saved == one.olt.configuration
    again = call(*words)
    assert (again.returncode, len(one.changing)) == (0, 4), again.stderr


@pytest.mark.slow
def test_an_order_that_names_the_port_alone(site: Callable[..., Any], call: Callable[..., Any], tmp_path: Path) -> None:
    one = site()
    profile = tmp_path / "bring-in.toml"
    profile.write_text(PROFILE)
    refused = call("accept", *one.arguments, "--profile", profile)
    assert (refused.returncode, one.olt.received) == (2, [])
    assert "names a port" in refused.stderr
