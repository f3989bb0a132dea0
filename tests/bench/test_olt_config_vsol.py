"""V-SOL's simulated command line is fed the public sequences, in their order and in wrong ones."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT, OltModel
from linetest.bench.olt_state import Olt

Seat = Callable[[OltModel, Olt], Any]
EPON = """
configure terminal ; interface epon 0/1 ; show onu auto-find ; confirm onu mac 02:d1:9a:01:00:f0 onuid 11 ;
onu 11 description X ; exit ; write
"""
GPON = """
interface gpon 0/1 ; no onu auto-learn ; onu add 11 profile default sn BNCH0B1E00F0 ; onu 11 tcont 1 dba D ;
            onu 11 gemport 1 tcont 1 ; onu 11 service S gemport 1 vlan 100 ;
            onu 11 service-port 1 gemport 1 uservlan 100 vlan 100
"""


def switched_on(name: str) -> Olt:
    return EVERY_OLT[name].switch_on(EVERY_OLT[name].plant(), online_after_s=0.05)


def wait_up(olt: Olt, number: int) -> None:
    deadline = time.monotonic() + 5.0
    while not olt.is_up(number):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def all_of(person: Any, line: str) -> str:
    """Return an answer with all its pages."""
    shown = person.types(line)
    while "--More--" in person.prompt:
        shown += "\n" + person.types(" ")
    return str(shown)


def test_the_public_sequence_brings_an_epon_onu_in(seat: Seat) -> None:
    olt = switched_on("vsol-epon")
    person = seat(EVERY_OLT["vsol-epon"], olt)
    person.types("enable")
    answers = person.types_all(EPON)
    assert "02:d1:9a:01:00:f0" in answers[2]
    assert answers[3:6] == ["", "", ""]
    assert "Successfully write config file." in answers[6]
    assert olt.saved == olt.configuration
    wait_up(olt, 11)
    person.types("interface epon 0/1")
    assert re.search(r"EPON0/1:11 +13 +online +02:d1:9a:01:00:f0 .* X", person.types("show onu auth-info"))
    assert re.search(r"EPON0/1:11 .* -17\.8\d", person.types("show onu opm-diag"))
    assert "00:f0" not in person.types("show onu auto-find")


def test_the_public_sequence_brings_a_gpon_onu_in_and_takes_it_out(seat: Seat) -> None:
    olt = switched_on("vsol-gpon")
    before = olt.configuration
    person = seat(EVERY_OLT["vsol-gpon"], olt)
    person.types_all("enable ; configure terminal")
    assert set(person.types_all(GPON)) == {""}
    wait_up(olt, 11)
    assert re.search(r"GPON0/1:11 +V411 +default +sn +BNCH0B1E00F0", person.types("show onu info"))
    assert re.search(r"1/0/1:11 +enable +enable +working", person.types("show onu state"))
    assert person.types("show onu auto-find") == "No related information to show."
    assert olt.saved != olt.configuration
    person.types_all("no onu 11 ; exit ; write")
    assert olt.saved == olt.configuration == before | {"port": {"autofind": "enable", "auto-learn": "disable"}}


@pytest.mark.parametrize(
    ("technology", "line", "says"),
    [
        ("epon", "confirm onu mac 02:d1:9a:01:00:f0 onuid 5", "ONU ID is already in use"),
        ("epon", "confirm onu mac 02:d1:9a:01:00:06 onuid 11", "MAC is already in use"),
        ("epon", "confirm onu mac 02d1.9a01.00f0 onuid 11", "% Unknown command."),
        ("epon", "onu 77 description X", "ONU does not exist"),
        ("epon", "no onu 5", "% Unknown command."),
        ("epon", "onu add 11 profile default sn BNCH0B1E00F0", "% Unknown command."),
        ("gpon", "onu add 5 profile default sn BNCH0B1E00F0", "ONU ID is already in use"),
        ("gpon", "onu add 11 profile default sn BNCH0B1E0006", "SN is already in use"),
        ("gpon", "onu add 11 profile other sn BNCH0B1E00F0", "onu profile does not exist"),
        ("gpon", "onu add 129 profile default sn BNCH0B1E00F0", "Invalid parameter"),
        ("gpon", "onu 77 tcont 1 dba D", "ONU does not exist"),
        ("gpon", "onu 5 tcont 2 dba E", "dba profile does not exist"),
        ("gpon", "onu 5 gemport 2 tcont 2", "tcont or gemport does not exist"),
        ("gpon", "onu 5 service S gemport 2 vlan 100", "tcont or gemport does not exist"),
        ("gpon", "onu 5 service S gemport 1 vlan 101", "VLAN does not exist"),
        ("gpon", "onu 5 service-port 2 gemport 2 uservlan 100 vlan 100", "tcont or gemport does not exist"),
        ("gpon", "onu 5 service-port 1 gemport 1 uservlan 500 vlan 500", "service-port already exists"),
        ("gpon", "onu 5 service-port 2 gemport 1 uservlan 500 vlan 501", "VLAN does not exist"),
        ("gpon", "no onu 77", "ONU does not exist"),
        ("gpon", "write", "% Unknown command."),
    ],
)
def test_a_wrong_order_is_refused(seat: Seat, technology: str, line: str, says: str) -> None:
    olt = switched_on(f"vsol-{technology}")
    person = seat(EVERY_OLT[f"vsol-{technology}"], olt)
    person.types_all(f"enable ; configure terminal ; interface {technology} 0/1")
    assert person.prompt == f"{technology}-olt(config-pon-0/1)# "
    before = olt.configuration
    assert says in person.types(line)
    assert olt.configuration == before


def test_the_other_technology_has_no_port(seat: Seat) -> None:
    person = seat(EVERY_OLT["vsol-epon"], switched_on("vsol-epon"))
    person.types_all("enable ; configure terminal")
    assert person.types("interface gpon 0/1") == "% Invalid interface."
    assert person.types("onu 11 description X") == "% Unknown command."


def test_the_running_configuration_holds_keys_in_clear_as_the_real_one_does(seat: Seat) -> None:
    person = seat(EVERY_OLT["vsol-epon"], switched_on("vsol-epon"))
    person.types("enable")
    shown = all_of(person, "show running-config")
    assert "confirm onu mac 02:d1:9a:01:00:05 onuid 5" in shown
    assert "onu 5 pri wifi_ssid 1 name home auth_mode wpa2psk shared_key pw000005" in shown
