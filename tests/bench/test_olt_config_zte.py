"""ZTE's simulated command line is fed the public sequences, in their order and in wrong ones."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT, OltModel
from linetest.bench.olt_state import Olt

Seat = Callable[[OltModel, Olt], Any]
GPON = """
show gpon onu uncfg gpon-olt_1/1/1
conf t ; interface gpon-olt_1/1/1 ; onu 11 type ZTE-F609 sn BNCH0B1E00F0 ; exit
interface gpon-onu_1/1/1:11 ; name N ; description D ; sn-bind enable sn ; tcont 1 profile P ; gemport 1 tcont 1 ;
  gemport 1 traffic-limit downstream P ; service-port 1 vport 1 user-vlan 100 vlan 100 ; exit
pon-onu-mng gpon-onu_1/1/1:11 ; service 1 gemport 1 vlan 100 ; vlan port eth_0/1 mode tag vlan 100 ; exit ; exit ; write
"""
EPON = """
show onu unauthentication
conf t ; interface epon-olt_1/2/1 ; onu 13 type ZTE-F400 mac 02d1.9a01.00f0 ip-cfg static ; exit
interface epon-onu_1/2/1:13 ; admin enable ; ems-autocfg-request disable ; encrypt direction downstream enable vport 1 ;
  switchport mode hybrid vport 1 ; switchport vlan 100 tag vport 1
service-port 1 vport 1 user-vlan 2013 to 2013 svlan 2064 ; exit ; pon-onu-mng epon-onu_1/2/1:13
"""
EPON_REST = "auto-config ; vlan port eth_0/1 mode tag vlan 100 priority 0 ; exit ; exit ; write"


@pytest.fixture
def gpon() -> Olt:
    return EVERY_OLT["zte-gpon"].switch_on(EVERY_OLT["zte-gpon"].plant(), online_after_s=0.05)


@pytest.fixture
def config(seat: Seat, gpon: Olt) -> Any:
    person = seat(EVERY_OLT["zte-gpon"], gpon)
    person.types_all("terminal length 0 ; conf t")
    assert person.prompt == "ZXAN(config)#"
    return person


def wait_up(olt: Olt, number: int) -> None:
    deadline = time.monotonic() + 5.0
    while not olt.is_up(number):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_public_sequence_brings_an_onu_in_and_one_line_takes_it_out(seat: Seat, gpon: Olt) -> None:
    olt, before = gpon, gpon.configuration
    person = seat(EVERY_OLT["zte-gpon"], olt)
    person.types("terminal length 0")
    answers = person.types_all(GPON)
    assert "BNCH0B1E00F0" in answers[0]
    assert [answer for answer in answers[1:] if answer] == [".[Successful]", "Building configuration...\n..[OK]"]
    assert olt.saved == olt.configuration != before
    assert "No related information" in person.types("show gpon onu uncfg")
    wait_up(olt, 11)
    assert re.search(r"gpon-onu_1/1/1:11 .* working", person.types("show gpon onu state gpon-olt_1/1/1"))
    assert re.search(r"Type: +ZTE-F609", person.types("show gpon onu detail-info gpon-onu_1/1/1:11"))
    assert re.search(r"up +Rx :-2\d\.\d+\(dbm\)", person.types("show pon power attenuation gpon-onu_1/1/1:11"))
    taken = person.types("show running-config interface gpon-onu_1/1/1:11").splitlines()
    assert taken[1:] == [
        "interface gpon-onu_1/1/1:11",
        "  name N",
        "  description D",
        "  sn-bind enable sn",
        "  tcont 1 profile P",
        "  gemport 1 tcont 1",
        "  gemport 1 traffic-limit downstream P",
        "  service-port 1 vport 1 user-vlan 100 vlan 100",
        "!",
        "end",
    ]
    managed = person.types("show onu running config gpon-onu_1/1/1:11")
    assert "  service 1 gemport 1 vlan 100\n  vlan port eth_0/1 mode tag vlan 100\n" in managed
    assert "  onu 11 type ZTE-F609 sn BNCH0B1E00F0" in person.types("show running-config interface gpon-olt_1/1/1")
    person.types_all("conf t ; interface gpon-olt_1/1/1 ; no onu 11 ; exit ; exit ; write")
    assert olt.saved == olt.configuration == before
    assert "BNCH0B1E00F0" in person.types("show gpon onu uncfg")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("interface gpon-onu_1/1/1:11", "ONU does not exist"),
        ("pon-onu-mng gpon-onu_1/1/1:11", "ONU does not exist"),
        ("interface gpon-olt_1/1/9", "%Error 20202"),
        ("interface epon-olt_1/1/1", "%Error 20202"),
        ("onu 11 type ZTE-F609 sn BNCH0B1E00F0", "%Error 20200"),
        ("interface gpon-olt_1/1/1 ; onu 5 type ZTE-F609 sn BNCH0B1E00F0", "ONU already exists"),
        ("interface gpon-olt_1/1/1 ; onu 11 type ZTE-F609 sn BNCH0B1E0006", "SN is already in use"),
        ("interface gpon-olt_1/1/1 ; onu 11 type F999 sn BNCH0B1E00F0", "type profile does not exist"),
        ("interface gpon-olt_1/1/1 ; onu 129 type ZTE-F609 sn BNCH0B1E00F0", "%Error 20202"),
        ("interface gpon-olt_1/1/1 ; onu 11 type ZTE-F609 sn BNCH0B1E00F", "%Error 20200"),
        ("interface gpon-olt_1/1/1 ; onu 11 type ZTE-F609 mac 02d1.9a01.00f0", "%Error 20202"),
        ("interface gpon-olt_1/1/1 ; no onu 77", "ONU does not exist"),
        ("interface gpon-onu_1/1/1:5 ; tcont 2 profile nobody", "dba profile does not exist"),
        ("interface gpon-onu_1/1/1:5 ; gemport 2 tcont 2", "referred to does not exist"),
        ("interface gpon-onu_1/1/1:5 ; gemport 2 traffic-limit downstream P", "referred to does not exist"),
        ("interface gpon-onu_1/1/1:5 ; service-port 2 vport 2 user-vlan 100 vlan 100", "referred to does not exist"),
        ("interface gpon-onu_1/1/1:5 ; service-port 1 vport 1 user-vlan 500 vlan 500", "entry already exists"),
        ("interface gpon-onu_1/1/1:5 ; service-port 2 vport 1 user-vlan 100 vlan 500", "entry already exists"),
        ("interface gpon-onu_1/1/1:5 ; service-port 2 vport 1 user-vlan 500 vlan 501", "VLAN does not exist"),
        ("interface gpon-onu_1/1/1:5 ; service-port 2 vport 1 user-vlan 500 vlan 4095", "%Error 20202"),
        ("interface gpon-onu_1/1/1:5 ; no service-port 9", "%Code 40529"),
        ("pon-onu-mng gpon-onu_1/1/1:5 ; service 1 gemport 4 vlan 100", "referred to does not exist"),
        ("pon-onu-mng gpon-onu_1/1/1:5 ; vlan port eth_0/1 mode tag vlan 101", "VLAN does not exist"),
        ("pon-onu-mng gpon-onu_1/1/1:5 ; no service 1", "referred to does not exist"),
        ("write", "%Error 20200"),
    ],
)
def test_a_wrong_order_is_refused(config: Any, gpon: Olt, lines: str, says: str) -> None:
    before = gpon.configuration
    assert says in config.types_all(lines)[-1]
    assert gpon.configuration == before


def test_services_of_an_onu_that_was_there_can_be_taken_back(config: Any, gpon: Olt) -> None:
    before = gpon.configuration
    config.types_all("interface gpon-onu_1/1/1:5 ; service-port 2 vport 1 user-vlan 500 vlan 500 ; exit")
    config.types_all(
        "pon-onu-mng gpon-onu_1/1/1:5 ; service 2 gemport 1 vlan 500 ; vlan port eth_0/2 mode tag vlan 500"
    )
    config.types_all(
        "no vlan port eth_0/2 ; no service 2 ; exit ; interface gpon-onu_1/1/1:5 ; no service-port 2 ; exit"
    )
    assert gpon.configuration == before


def test_a_password_must_be_right_and_is_not_shown(config: Any, gpon: Olt) -> None:
    config.types_all("interface gpon-olt_1/1/1 ; onu 11 type ZTE-F609 sn BNCH0B1E00F0 pw guess ; exit")
    time.sleep(0.06)
    assert not gpon.is_up(11)
    assert "guess" not in config.types("show running-config interface gpon-olt_1/1/1")
    config.types_all("interface gpon-olt_1/1/1 ; no onu 11 ; onu 11 type ZTE-F609 sn BNCH0B1E00F0 pw pw000240")
    wait_up(gpon, 11)


def test_the_public_sequence_brings_an_epon_onu_in(seat: Seat) -> None:
    model, now = EVERY_OLT["zte-epon"], [0.0]
    olt = model.switch_on(model.plant(), online_after_s=25.0, clock=lambda: now[0])
    before = olt.configuration
    person = seat(model, olt)
    person.types("terminal length 0")
    answers = person.types_all(EPON)
    assert "MAC address       : 02d1.9a01.00f0" in answers[0]
    assert [answer for answer in answers[1:] if answer] == [".[Successful]"]
    assert person.prompt == "ZXAN(epon-onu-mng 1/2/1:13)#"
    assert not olt.is_up(13)
    assert "%Code 40796: This operation is forbidden" in person.types("auto-config")
    now[0] += 25.0
    assert [answer for answer in person.types_all(EPON_REST) if answer] == ["Building configuration...\n..[OK]"]
    assert person.types("show onu unauthentication") == "%Code 40529: No related information"
    assert "epon-onu_1/2/1:13\nOnu type" in person.types("show onu authentication epon-olt_1/2/1").replace(
        "Onu interface     : ", ""
    )
    shown = person.types("show running-config interface epon-onu_1/2/1:13")
    assert "  encrypt direction downstream enable vport 1\n  switchport mode hybrid vport 1\n" in shown
    assert "  switchport vlan 100 tag vport 1\n  service-port 1 vport 1 user-vlan 2013 to 2013 svlan 2064\n" in shown
    assert "up      Rx :-2" in person.types("show pon power attenuation epon-onu_1/2/1:13")
    person.types_all("conf t ; interface epon-olt_1/2/1 ; no onu 13 ; exit ; exit ; write")
    assert olt.saved == olt.configuration == before
