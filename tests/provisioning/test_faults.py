"""A fault at each step in turn: the OLT ends in the wanted state or in the old one, and the journal tells which."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT
from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind
from linetest.errors import LinetestError
from linetest.provisioning.past import SAVE, VERIFY
from tests.provisioning.desk import LINES, ORDERS, Killed

FULL = bool(os.environ.get("LINETEST_FULL"))
Desks = Callable[..., Any]
QUICK = [
    ("huawei-gpon", ConfigFaultKind.REFUSED, 3),
    ("huawei-gpon", ConfigFaultKind.CUT_AFTER, 1),
    ("huawei-gpon", ConfigFaultKind.QUESTION, 2),
    ("huawei-gpon", ConfigFaultKind.REBOOT, 3),
    ("zte-gpon", ConfigFaultKind.CUT_AFTER, 7),
]
"""OLT, what goes wrong, and with which of the commands that change or save."""
REST = [
    (model, kind, at)
    for model in ORDERS
    for kind in ConfigFaultKind
    for at in range(1, len(LINES[model]) + 1)
    if (model, kind, at) not in QUICK and (kind is not ConfigFaultKind.ALARM or EVERY_OLT[model].shell.alarm)
]


def check_end(one: Any, result: str | None) -> None:
    """Hold the OLT and the journal against how the run says that it ended."""
    newest = one.past()[0]
    assert newest.is_finished
    assert newest.result == result
    assert one.saved_while_down == []
    if result == "verified":
        assert one.olt.configuration == one.olt.saved
        (new,) = set(one.olt.configuration["onus"]) - set(one.before["onus"])
        assert one.do().outcome.result is None
        if one.model.driver == "huawei_smartax":  # which does not show this one
            assert "native-vlan eth 1" in one.olt.configuration["onus"][new]["settings"]
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


@pytest.mark.parametrize(("model", "kind", "at"), QUICK)
def test_one_fault(desk: Desks, model: str, kind: ConfigFaultKind, at: int) -> None:
    suffer(desk(model), kind, at)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "kind", "at"), REST)
def test_every_other_fault(desk: Desks, model: str, kind: ConfigFaultKind, at: int) -> None:
    suffer(desk(model), kind, at)


@pytest.mark.parametrize("writes", [25])
def test_killed_between_two_lines(desk: Desks, call: Callable[..., Any], writes: int) -> None:
    """The next start finds out from the OLT what was done, finishes it or takes it back, and says which."""
    one = desk()
    one.writes_left = writes
    with pytest.raises(Killed):
        one.do()
    one.writes_left = None
    assert not one.past()[0].is_finished
    doctor = call("doctor")
    assert (doctor.returncode, "order WO-7 was cut off" in doctor.stdout) == (3, True)
    result = one.do().outcome.result
    assert any("was cut off" in words for words in one.told)
    check_end(one, result)
    assert one.do().outcome.result is (None if result == "verified" else "verified")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(200 if FULL else 20))
def test_faults_and_kills_one_after_the_other(desk: Desks, seed: int) -> None:
    """Also while it is taken back, and while the next start takes it up; the seed stands in the test's name."""
    dice = random.Random(seed)
    one = desk(dice.choice(list(ORDERS)))
    kinds = [kind for kind in ConfigFaultKind if kind is not ConfigFaultKind.ALARM or one.model.shell.alarm]
    for _time in range(dice.randint(1, 3)):
        one.olt.fault = ConfigFault(dice.choice(kinds), at=dice.randint(1, 7), seconds=0.1)
        one.writes_left = dice.choice([None, dice.randint(0, 45)])
        try:
            one.do(dice.choice(["apply", "apply", "undo"]))
        except (LinetestError, Killed) as error:  # nothing was changed by it, or it was killed
            one.told.append(f"{type(error).__name__} {error}")
        one.writes_left, one.olt.fault = None, None
        if one.past() and one.past()[0].is_finished:
            check_end(one, one.past()[0].result)
    before_last = [past.run for past in one.past()]
    outcome = one.do().outcome
    newest = one.past()[0]
    if outcome.result is None:  # an earlier run has brought it in
        assert newest.run in before_last
        assert newest.result == "verified"
    check_end(one, newest.result)
