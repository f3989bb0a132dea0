"""A simulated OLT's state: one plant for its sessions and its agent, saved against running, who answers to what."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT, OltModel, running
from linetest.bench.olt_config import BoundOnu, Fact, Identity, Refused, bind, free_number, unbind
from linetest.bench.olt_plant import Case
from linetest.bench.olt_state import Olt
from linetest.devices.driver_file import load_driver
from linetest.devices.olt import read_onus
from linetest.model.onu_id import OnuId
from linetest.secrets import Secret
from linetest.transports.snmp import open_snmp
from linetest.transports.snmp_target import target_at

HUAWEI = EVERY_OLT["huawei-gpon"]
Seat = Callable[[OltModel, Olt], Any]
ADD = "ont add 0 {onu} sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10"


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def by_sn(number: int, serial: str) -> BoundOnu:
    return BoundOnu(number=number, identity=Identity("sn", serial))


@pytest.mark.parametrize("name", EVERY_OLT)
@pytest.mark.parametrize("case", ["good", "los", "loid-elsewhere", "waiting", "absent", "duplicate-llid"])
def test_what_is_switched_on_is_the_plant(name: str, case: Case) -> None:
    model = EVERY_OLT[name]
    plant = model.plant(case)
    olt = model.switch_on(plant)
    assert olt.plant == plant
    assert olt.saved == olt.configuration
    assert olt.plant is olt.plant, "nothing has changed"


def test_an_onu_comes_up_after_its_time_and_waits_again_when_it_is_gone() -> None:
    clock = Clock()
    olt = HUAWEI.switch_on(HUAWEI.plant("waiting"), online_after_s=20.0, clock=clock)
    assert [onu.number for onu in olt.plant.waiting] == [0, 5]
    olt.change(lambda now: bind(now, by_sn(7, "BNCH0B1E0005")))
    assert [onu.number for onu in olt.plant.waiting] == [0]
    clock.now += 19.0
    assert not olt.is_up(7)
    clock.now += 1.0
    onu = olt.plant.find(7)
    assert onu is not None
    assert (onu.is_up, onu.mac, onu.length_m, onu.llid) == (True, "02:d1:9a:01:00:05", 2080.0, 9)
    olt.change(lambda now: unbind(now, 7, takes_services=True))
    assert [onu.number for onu in olt.plant.waiting] == [0, 5]


def test_who_was_never_heard_stays_down() -> None:
    olt = HUAWEI.switch_on(HUAWEI.plant("absent"), online_after_s=0.0)
    olt.change(lambda now: bind(now, by_sn(5, "BNCH0B1E0005")))
    onu = olt.plant.find(5)
    assert onu is not None
    assert (onu.state, onu.serial, onu.llid) == ("offline", "BNCH0B1E0005", 7)


def test_a_loid_that_is_taken_keeps_the_right_one_out_until_it_is_free() -> None:
    olt = HUAWEI.switch_on(HUAWEI.plant("loid-elsewhere"), online_after_s=0.0)
    assert not olt.is_up(5)
    olt.change(lambda now: unbind(now, 6, takes_services=True))
    assert olt.is_up(5)


def test_a_reboot_brings_back_what_was_saved() -> None:
    clock = Clock()
    olt = HUAWEI.switch_on(HUAWEI.plant("waiting"), online_after_s=5.0, clock=clock)
    olt.change(lambda now: bind(now, by_sn(5, "BNCH0B1E0005")))
    olt.save()
    before = olt.configuration
    olt.change(lambda now: bind(now, by_sn(7, "BNCH0B1E00F0")))
    olt.reboot()
    assert (olt.configuration, olt.is_away()) == (before, True)
    clock.now += 5.0
    assert (olt.is_away(), olt.is_up(5)) == (False, False)
    clock.now += 5.0
    assert olt.is_up(5)


def test_a_refused_change_leaves_everything() -> None:
    olt = HUAWEI.switch_on(HUAWEI.plant())
    before = olt.configuration
    with pytest.raises(Refused) as refused:
        olt.change(lambda now: bind(now, by_sn(5, "BNCH0B1E00F0")))
    assert (refused.value.fact, olt.configuration) == (Fact.NUMBER_TAKEN, before)


@pytest.mark.parametrize("name", EVERY_OLT)
def test_a_port_can_be_full(name: str) -> None:
    model = EVERY_OLT[name]
    olt = model.switch_on(model.plant("port-full"))
    assert [onu.number for onu in olt.plant.onus if onu.number in model.numbers] == sorted(
        {onu.number for onu in olt.plant.onus}
    )
    with pytest.raises(Refused) as refused:
        free_number(olt.running)
    assert refused.value.fact is Fact.PORT_FULL
    assert len(olt.plant.onus) == len(model.numbers)


def test_secrets_are_not_in_what_is_printed_of_a_state() -> None:
    onu = BoundOnu(number=1, identity=Identity("loid", "X"), check_code="canary")
    assert "canary" not in repr(onu) + repr(HUAWEI.plant().onus[0])
    assert "chk" not in repr(HUAWEI.plant())


def test_the_agent_tells_what_a_session_has_configured(seat: Seat) -> None:
    with running(HUAWEI, HUAWEI.plant(), community="c", password="p", online_after_s=0.0) as at:
        person = seat(HUAWEI, at.olt)
        person.types_all(f"enable ; config ; undo smart ; interface gpon 0/1 ; {ADD.format(onu=11)}")
        target = target_at(at.snmp.removeprefix("bench:"), {"community": Secret("c")})
        driver = load_driver("huawei_smartax").olt
        assert driver is not None
        with open_snmp(target, deadline_s=10.0) as session:
            (row,) = read_onus(driver, session, OnuId(0, 1, 0, 11)).onus
            true = at.olt.plant.find(11)
            assert true is not None
            assert (row.state.run_state, row.state.serial) == ("online", "BNCH0B1E00F0")
            assert row.state.onu_rx_dbm == pytest.approx(at.olt.plant.rx_dbm(true), abs=0.006)
            person.types("ont delete 0 11")
            assert [row.state.onu for row in read_onus(driver, session, OnuId(0, 1, 0, 11)).onus] != ["0/1/0:11"]


def test_two_sessions_race_for_one_number_and_one_wins(seat: Seat) -> None:
    olt = HUAWEI.switch_on(HUAWEI.plant("waiting"))
    people = [seat(HUAWEI, olt) for _ in range(2)]
    for person in people:
        person.types_all("enable ; config ; undo smart ; interface gpon 0/1")
    said: list[str] = []

    def add(person: Any, serial: str) -> None:
        line = f"ont add 0 11 sn-auth {serial} omci ont-lineprofile-id 10 ont-srvprofile-id 10"
        said.append(person.types(line))

    threads = [
        threading.Thread(target=add, args=(person, serial))
        for person, serial in zip(people, ("424E43480B1E00F0", "424E43480B1E0005"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("success: 1" in one for one in said) == [False, True]
    assert any("ONT ID has already existed" in one for one in said)
    assert [len(lines) for lines in olt.received] == [5, 5]


def test_what_is_received_is_exact(seat: Seat) -> None:
    olt = HUAWEI.switch_on(HUAWEI.plant())
    person = seat(HUAWEI, olt)
    for line in ("  enable ", "display\tx?", "a\x7fb", "y|;\x1b[A\xff"):
        person.types(line)
    assert olt.received == [["  enable ", "display\tx?", "a\x7fb", "y|;\x1b[A\xc3\xbf"]]
