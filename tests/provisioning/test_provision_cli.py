"""`linetest provision` as a person and as a script call it, on a simulated Huawei OLT over SSH."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.provisioning.desk import ORDERS, VSOL_GPON

Call = Callable[..., Any]


def hash_of(done: Any) -> str:
    return str(done.stderr.split("Hash of this plan: ")[1].split()[0])


@pytest.mark.slow
def test_planned_applied_verified_applied_again_and_undone(site: Callable[..., Any], call: Call) -> None:
    one = site()
    before = one.olt.configuration
    planned = call("provision", "plan", *one.arguments)
    assert (planned.returncode, one.changing) == (0, [])
    assert "1. bind (changes the OLT)" in planned.stdout
    assert "inverse: config; interface gpon 0/1; ont delete 0 0" in planned.stdout
    assert max(map(len, planned.stdout.splitlines())) <= 80
    plan = json.loads(call("provision", "plan", *one.arguments, "--json").stdout)
    assert plan["hash"] in planned.stdout
    applied = call("provision", "apply", *one.arguments, "--yes", plan["hash"])
    assert applied.returncode == 0, applied.stderr
    assert one.changing == [
        "ont add 0 0 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10 desc WO-7",
        "ont port native-vlan 0 0 eth 1 vlan 35",
        "service-port 0 vlan 2000 gpon 0/1/0 ont 0 gemport 10 multi-service user-vlan 35 rx-cttr 10 tx-cttr 10",
        "save",
    ]
    assert one.olt.saved == one.olt.configuration != before
    again = call("provision", "apply", *one.arguments, "--yes", plan["hash"])
    assert (again.returncode, "Nothing to do" in again.stdout, len(one.changing)) == (0, True, 4)
    assert call("provision", "verify", *one.arguments).returncode == 0
    asked = call("provision", "undo", *one.arguments)
    assert (asked.returncode, len(one.changing)) == (2, 4)
    undone = call("provision", "undo", *one.arguments, "--yes", hash_of(asked))
    assert undone.returncode == 0, undone.stderr
    assert one.changing[4:] == ["undo service-port 0", "ont delete 0 0", "save"]
    assert one.olt.saved == one.olt.configuration == before
    verified = call("provision", "verify", *one.arguments)
    assert (verified.returncode, "not done: bind" in verified.stdout) == (1, True)


@pytest.mark.slow
def test_light_that_only_snmp_tells(site: Callable[..., Any], call: Call) -> None:
    """V-SOL with GPON, over telnet: no source shows its light on the command line."""
    one = site("vsol-gpon", VSOL_GPON)
    before = one.olt.configuration
    asked = call("provision", "apply", *one.arguments)
    assert asked.returncode == 2
    applied = call("provision", "apply", *one.arguments, "--yes", hash_of(asked))
    assert applied.returncode == 0, applied.stderr
    assert one.changing == [
        "onu add 7 profile default sn BNCH0B1E00F0",
        "onu 7 description WO-7",
        "onu 7 tcont 1 dba D",
        "onu 7 gemport 1 tcont 1",
        "onu 7 service 1 gemport 1 vlan 100",
        "onu 7 service-port 1 gemport 1 uservlan 100 vlan 100",
        "write",
    ]
    asked = call("provision", "undo", *one.arguments)
    assert call("provision", "undo", *one.arguments, "--yes", hash_of(asked)).returncode == 0
    assert one.olt.saved == one.olt.configuration == before


@pytest.mark.slow
def test_what_no_source_shows_is_refused_by_its_name(site: Callable[..., Any], call: Call) -> None:
    order = VSOL_GPON.replace("ftth-gpon", "ftth-epon").partition("[line.service]")[0]
    one = site("vsol-epon", order + '[line.service]\nmac = "02:d1:9a:01:00:f0"\n')
    refused = call("provision", "plan", *one.arguments)
    assert (refused.returncode, one.changing) == (2, [])
    assert "drivers/vsol_epon: the inverse of step bind (mac) is not known" in refused.stderr


@pytest.mark.slow
def test_a_loid_that_snmp_finds_elsewhere(site: Callable[..., Any], call: Call) -> None:
    """The list on the command line tells no LOIDs of ONUs that were let in by their serials: the agent does."""
    order = ORDERS["huawei-gpon"].replace('serial = "BNCH0B1E00F0"', 'loid = "2026BENCH000006"')
    one = site(order=order.replace('"0/1/0"', '"0/1/0:11"'))
    refused = call("provision", "plan", *one.arguments)
    assert (refused.returncode, one.changing) == (1, [])
    assert "20…06 is bound already, as 0/1/0:6" in refused.stderr
