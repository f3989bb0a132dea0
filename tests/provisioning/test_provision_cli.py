"""`linetest provision` as a person and as a script call it, on a simulated Huawei OLT over SSH."""

import json
from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]


def hash_of(done: Any) -> str:
    return str(done.stderr.split("Hash of this plan: ")[1].split()[0])


def test_planned_applied_verified_applied_again_and_undone(site: Callable[..., Any], call: Call) -> None:
    one = site()
    before = one.olt.configuration
    planned = call("provision", "plan", *one.arguments)
    assert (planned.returncode, one.changing) == (0, [])
    assert "1. bind (changes the OLT)" in planned.stdout
    assert "inverse: ont delete 0 0" in planned.stdout
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
