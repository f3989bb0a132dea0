"""A fault at each step in turn: the OLT ends in the wanted state or in the old one, and the journal tells which."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind
from linetest.provisioning.past import SAVE, VERIFY

FULL = bool(os.environ.get("LINETEST_FULL"))
Desks = Callable[..., Any]
STEPS = 4
"""Commands of the order that change or save: bind, native VLAN, service port, save."""
QUICK = [
    (ConfigFaultKind.REFUSED, 3),
    (ConfigFaultKind.CUT_AFTER, 1),
    (ConfigFaultKind.CUT_AFTER, 4),
    (ConfigFaultKind.CUT_BEFORE, 3),
    (ConfigFaultKind.QUESTION, 2),
    (ConfigFaultKind.WRONG_PROMPT, 3),
    (ConfigFaultKind.REBOOT, 3),
    (ConfigFaultKind.ALARM, 1),
]
REST = [(kind, at) for kind in ConfigFaultKind for at in range(1, STEPS + 1) if (kind, at) not in QUICK]


def check_end(one: Any, result: str | None) -> None:
    """Hold the OLT and the journal against how the run says that it ended."""
    newest = one.past()[0]
    assert newest.is_finished
    assert newest.result == result
    assert one.saved_while_down == []
    if result == "verified":
        assert one.olt.configuration == one.olt.saved
        (new,) = set(one.olt.configuration["onus"]) - set(one.before["onus"])
        assert one.olt.configuration["onus"][new]["settings"]["native-vlan eth 1"] == "35"
        assert [service["vlan"] for service in one.olt.configuration["services"] if service["onu"] == new] == [2000]
    else:
        assert one.olt.configuration == one.olt.saved == one.before
    for past in one.past():
        order = [event.step for event in past.events if event.event == "done" and event.step in (VERIFY, SAVE)]
        if past.result == "verified":
            assert order[-2:] == [VERIFY, SAVE]


def settle(one: Any, result: str | None) -> str | None:
    """Start again until it is known how it ended: once is enough when nothing new goes wrong."""
    for _time in range(3):
        if result != "unknown":
            return result
        result = one.do().outcome.result
    raise AssertionError("the state is still unknown")


def suffer(one: Any, kind: ConfigFaultKind, at: int) -> None:
    one.olt.fault = ConfigFault(kind, at=at, seconds=0.1)
    check_end(one, settle(one, one.do().outcome.result))
    assert one.olt.fault is None, "the fault has not come"


@pytest.mark.parametrize(("kind", "at"), QUICK)
def test_one_fault(desk: Desks, kind: ConfigFaultKind, at: int) -> None:
    suffer(desk(), kind, at)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "at"), REST)
def test_every_other_fault(desk: Desks, kind: ConfigFaultKind, at: int) -> None:
    suffer(desk(), kind, at)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(200 if FULL else 20))
def test_faults_one_after_the_other(desk: Desks, seed: int) -> None:
    """Also while it is taken back, and while the next start takes it up: whatever happens, it ends in a known state."""
    print(f"seed {seed}")
    dice = random.Random(seed)
    one = desk()
    for _time in range(dice.randint(1, 3)):
        one.olt.fault = ConfigFault(dice.choice(list(ConfigFaultKind)), at=dice.randint(1, 7), seconds=0.1)
        try:
            one.do(dice.choice(["apply", "apply", "undo"]))
        except Exception as error:  # nothing was changed: the OLT was not there, or there is nothing to take back
            print(type(error).__name__, error)
    one.olt.fault = None
    result = one.do().outcome.result
    if result is None:  # all is there already: who brought it in?
        result = next(past.result for past in one.past() if past.plan.action == "apply")
    check_end(one, result) if one.past()[0].plan.action == "apply" else None
