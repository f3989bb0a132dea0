"""What stands in the way is found before anything is changed, and the refusal says where it is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from linetest.bench.olt_config import BoundOnu, Identity, Service, add_service, bind
from linetest.errors import Clash, LinetestError, UsageError
from linetest.provisioning.plan import Plan
from linetest.store import journal
from tests.provisioning.desk import ORDERS, Desk, Killed

Desks = Callable[..., Desk]
HUAWEI = ORDERS["huawei-gpon"]
CUSTOMER = "BNCH0B1E0005"
"""Bound as number 5 in every plant of the bench."""
SETTINGS = {"line profile": "10", "service profile": "10"}


def other(number: int, serial: str) -> BoundOnu:
    return BoundOnu(number=number, identity=Identity("sn", serial), settings=SETTINGS)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (HUAWEI.replace("BNCH0B1E00F0", CUSTOMER).replace('"0/1/0"', '"0/1/0:9"'), "bound already, as 0/1/0:5"),
        (HUAWEI.replace('"0/1/0"', '"0/1/0:6"'), "0/1/0:6 is bound to BNCH0B1E0006"),
        (HUAWEI.replace("BNCH0B1E00F0", "HWTC00000001"), "does not wait on port 0/1/0; waiting: BNCH0B1E00F0"),
        (HUAWEI.replace("vlan = 2000", "vlan = 999"), "VLAN 999 is not on the uplink 0/8/0"),
        (HUAWEI.replace("gem_port = 10", "gem_port = 10\nnumber = 5"), "service port 5 is in use: VLAN 100 of 0/1/0:5"),
    ],
)
def test_clash(desk: Desks, order: str, said: str) -> None:
    one = desk(order=order)
    with pytest.raises(Clash, match=said):
        one.do()
    assert (one.changing, one.past(), one.olt.configuration) == ([], [], one.before)


@pytest.mark.slow
def test_a_full_port(desk: Desks) -> None:
    one = desk()
    for number in set(range(128)) - set(one.olt.configuration["onus"]):
        one.olt.change(partial(bind, onu=other(number, f"FULL{number:08X}")))
    with pytest.raises(Clash, match="port 0/1/0 is full: the numbers 0 to 127"):
        one.do()
    assert one.changing == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('onu_type = "F660"', "no step takes onu_type"),
        ('password = "env:OLT_SECRET"', "no step takes password"),
    ],
)
def test_a_part_of_the_order_that_no_step_takes(
    desk: Desks, monkeypatch: pytest.MonkeyPatch, change: str, said: str
) -> None:
    monkeypatch.setenv("OLT_SECRET", "abc")
    one = desk(order=HUAWEI.replace('description = "WO-7"', change))
    with pytest.raises(UsageError, match=said):
        one.do()
    assert one.olt.received == []


def test_a_loid_is_not_known_on_zte(desk: Desks) -> None:
    order = ORDERS["zte-gpon"].replace('serial = "BNCH0B1E00F0"', 'loid = "2026BENCH"')
    with pytest.raises(UsageError, match=r"drivers/zte_c300: the command of step bind \(loid\) is not known"):
        desk("zte-gpon", order).do()


def when_begun(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let another technician act right after a run has begun."""
    begin = journal.begin_new

    def begun(*arguments: Any) -> str:
        act()
        return begin(*arguments)

    monkeypatch.setattr(journal, "begin_new", begun)


def test_another_technician_while_the_question_stands(desk: Desks) -> None:
    """A question may stand for an hour: behind it the OLT is read again, before anything is sent."""
    one = desk()

    def agree(_plan: Plan, _earlier: str | None) -> None:
        one.olt.change(lambda now: bind(now, other(0, "ELSE00000001")))

    with pytest.raises(Clash, match="was changed by somebody while the question stood there"):
        one.do(agree=agree)
    assert (one.changing, one.past()) == ([], [])


@pytest.mark.slow
def test_what_is_taken_back_is_no_longer_there_behind_the_question(desk: Desks) -> None:
    """Somebody has freed the number and given it to another customer meanwhile: theirs is not deleted."""
    one = desk()
    empty = one.olt.running
    assert one.do().outcome.result == "verified"
    sent = len(one.changing)

    def agree(_plan: Plan, _earlier: str | None) -> None:
        one.olt.change(lambda _now: bind(empty, other(0, "ELSE00000001")))

    with pytest.raises(Clash, match="while the question stood there"):
        one.do("undo", agree=agree)
    assert len(one.changing) == sent
    assert one.olt.configuration["onus"][0]["identity"][1] == "ELSE00000001"


def test_another_technician_is_faster(desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the plan and its first step somebody takes the number: nothing of theirs is touched."""
    one = desk()
    theirs = other(0, "ELSE00000001")
    with monkeypatch.context() as patch:
        when_begun(patch, lambda: one.olt.change(lambda now: bind(now, theirs)))
        outcome = one.do().outcome
    assert (outcome.result, one.changing) == ("refused", [])
    assert "bound meanwhile" in outcome.why
    assert one.olt.configuration["onus"][0]["identity"][1] == "ELSE00000001"
    again = one.do().outcome
    assert (again.result, again.plan.onu) == ("verified", "0/1/0:7")


@pytest.mark.slow
def test_another_technician_takes_the_service_port(desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    """The OLT itself refuses the number: what was bound before is taken back, their service stays."""
    one = desk()

    def act() -> None:
        service = Service(index=0, onu=5, vlan=2000, user_vlan="35", channel=10)
        one.olt.change(lambda now: add_service(now, service, counted_per_onu=False))
        one.before = one.olt.configuration

    when_begun(monkeypatch, act)
    outcome = one.do().outcome
    assert outcome.result == "undone", outcome
    assert "existed already" in outcome.why
    assert one.olt.configuration == one.before


@pytest.mark.slow
def test_a_service_that_somebody_added_is_in_the_way_of_undo(desk: Desks) -> None:
    one = desk()
    assert one.do().outcome.result == "verified"
    service = Service(index=700, onu=0, vlan=100, user_vlan="100", channel=1)
    one.olt.change(lambda now: add_service(now, service, counted_per_onu=False))
    with pytest.raises(Clash, match="0/1/0:0 has service port 700, which is not of this order"):
        one.do("undo")


@pytest.mark.slow
def test_what_was_not_made_here_is_not_undone_here(desk: Desks) -> None:
    one = desk(order=HUAWEI.replace("BNCH0B1E00F0", CUSTOMER))
    with pytest.raises(Clash, match="by no run that this computer knows of"):
        one.do("undo")


@pytest.mark.slow
def test_too_little_light_is_taken_back(desk: Desks) -> None:
    """Limits come from the profile: here one that nobody can keep."""
    one = desk()
    text = one.loaded.text.replace("min = -27.0", "min = -10.0")
    from linetest.catalog import read_profile

    one.loaded = read_profile(text, "strict.toml")
    done = one.do()
    assert done.outcome.result == "undone"
    assert "pon.onu_rx_dbm" in done.outcome.why
    assert (one.olt.configuration, one.olt.saved) == (one.before, one.before)
    assert "save" not in one.changing
    assert done.record is not None
    assert done.record.verdict == "fail"


@pytest.mark.slow
def test_an_onu_that_does_not_come_up_is_taken_back(desk: Desks) -> None:
    one = desk(online_after_s=60.0)
    outcome = one.do().outcome
    assert (outcome.result, one.olt.configuration) == ("undone", one.before)
    assert "run_state is offline, not online" in outcome.why


def test_who_does_not_agree_changes_nothing(desk: Desks) -> None:
    one = desk()

    def refuse(plan: Plan, _earlier: str | None) -> None:
        raise Clash(f"not {plan.hash}")

    with pytest.raises(LinetestError, match="not "):
        one.do(agree=refuse)
    assert (one.changing, one.past()) == ([], [])


@pytest.mark.slow
def test_the_half_that_is_missing_is_all_that_is_done(desk: Desks) -> None:
    """The ONU is bound as the order says, and has no service yet: only that is planned, and only that taken back."""
    one = desk()
    one.olt.change(lambda now: bind(now, other(3 + 8, "BNCH0B1E00F0")))
    one.olt.save()
    one.before = one.olt.configuration
    assert one.do().outcome.result == "verified"
    assert [line.split()[0] for line in one.changing] == ["service-port", "save"]
    assert one.do("undo").outcome.result == "undone"
    assert one.olt.configuration == one.before


@pytest.mark.slow
def test_bound_with_other_profiles(desk: Desks) -> None:
    one = desk()
    onu = BoundOnu(
        number=11,
        identity=Identity("sn", "BNCH0B1E00F0"),
        settings={"line profile": "11", "service profile": "10"},
    )
    one.olt.change(lambda now: bind(now, onu))
    with pytest.raises(Clash, match="bound with line_profile 11, the order wants 10"):
        one.do()


def test_an_order_that_has_moved_to_another_olt(desk: Desks) -> None:
    one = desk()
    one.writes_left = 25
    with pytest.raises(Killed):
        one.do()
    one.writes_left = None
    entry = msgspec.structs.replace(one.station.device["olt7"], shell="bench:telnet://127.0.0.1:2")
    one.station = msgspec.structs.replace(one.station, device={"olt7": entry})
    for action in ("apply", "undo"):
        with pytest.raises(Clash, match=r"is on olt7 at 127\.0\.0\.1:1, and the order names 127\.0\.0\.1:2 now"):
            one.do(action)


LOID_ORDER = HUAWEI.replace('serial = "BNCH0B1E00F0"', 'loid = "2026BENCH000240"')


def by_loid(number: int, loid: str) -> BoundOnu:
    return BoundOnu(number=number, identity=Identity("loid", loid), settings=SETTINGS)


def test_a_loid_that_another_onu_has(desk: Desks) -> None:
    one = desk(order=LOID_ORDER.replace('"0/1/0"', '"0/1/0:9"'))
    one.olt.change(partial(bind, onu=by_loid(11, "2026BENCH000240")))
    with pytest.raises(Clash, match="20…40 is bound already, as 0/1/0:11"):
        one.do()
    assert one.changing == []


def test_loids_are_compared_whole(desk: Desks) -> None:
    """Masked, this one looks the same."""
    one = desk(order=LOID_ORDER)
    one.olt.change(partial(bind, onu=by_loid(11, "20OTHER040")))
    one.olt.save()
    one.before = one.olt.configuration
    done = one.do()
    assert (done.outcome.result, done.outcome.plan.onu) == ("verified", "0/1/0:0")
    assert one.do().outcome.result is None
    assert one.do("undo").outcome.result == "undone"
    assert one.olt.configuration == one.before
