"""The public sequences word for word, on a port that has nothing yet; only what they leave open is filled in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT, OltModel
from linetest.bench.olt_state import Olt

Seat = Callable[[OltModel, Olt], Any]

SEQUENCES = {
    "huawei-gpon": """
enable ; config ; undo smart ; scroll 512 ; display ont autofind all
interface gpon 0/1 ; port 0 ont-auto-find enable
ont add 0 1 sn-auth <16HEX> omci ont-lineprofile-id 10 ont-srvprofile-id 10 desc X
ont port native-vlan 0 1 eth 1 vlan 35 ; quit
service-port [ID] vlan 2000 gpon 0/1/0 ont 1 gemport 10 multi-service user-vlan 35 [rx-cttr 10 tx-cttr 10]
save
""",
    "huawei-epon": """
enable ; config ; undo smart ; scroll 512
ont-lineprofile epon profile-id 1064 ; llid dba-profile-id 50 ; commit ; quit
ont-srvprofile epon profile-id 1064 ; ont-port pots adaptive eth adaptive ; port vlan eth 1 1064 ; commit ; quit
interface epon 0/1 ; ont add 0 [O] mac-auth 00D1-9A01-03E7 oam ont-lineprofile-id 500 ont-srvprofile-id 500
ont port native-vlan 0 1 eth 1 vlan 500 ; quit
service-port vlan 500 epon 0/1/0 ont 1 multi-service user-vlan 500 ; save
""",
    "zte-gpon": """
show gpon onu uncfg [gpon-olt_1/1/1]
conf t ; interface gpon-olt_1/1/1 ; onu 1 type ZTE-F609 sn [S] ; exit
interface gpon-onu_1/1/1:1 ; name N ; description D ; sn-bind enable sn ; tcont 1 profile P ; gemport 1 tcont 1 ;
  gemport 1 traffic-limit downstream P ; service-port 1 vport 1 user-vlan 100 vlan 100 ; exit
pon-onu-mng gpon-onu_1/1/1:1 ; service 1 gemport 1 vlan 100 ; vlan port eth_0/1 mode tag vlan 100 ; exit ; exit ; write
""",
    "zte-epon": """
show onu unauthentication
conf t ; interface epon-olt_1/2/1 ; onu 13 type ZTE-F400 mac c4a3.66c7.a8ae [ip-cfg static] ; exit
interface epon-onu_1/2/1:13 ; admin enable ; ems-autocfg-request disable ; encrypt direction downstream enable vport 1 ;
  switchport mode hybrid vport 1 ; switchport vlan 100 tag vport 1 ; exit
pon-onu-mng epon-onu_1/2/1:13 ; auto-config ; vlan port eth_0/1 mode tag vlan 100 priority 0 ; exit ; exit ; write
""",
    "bdcom-epon": """
enable ; config ; interface EPON0/1 ; epon onu-authen-method mac ; epon bind-onu mac xxxx.xxxx.xxxx [seq] ; exit ;
      interface EPON0/1:1 ; epon onu port 1 ctc vlan mode tag 100 ; exit ; write all
""",
    "vsol-epon": """
enable
configure terminal ; interface epon 0/1 ; show onu auto-find ; confirm onu mac aa:bb:.. onuid 1 ;
      onu 1 description X ; exit ; write
""",
    "vsol-gpon": """
enable ; configure terminal
interface gpon 0/1 ; no onu auto-learn ; onu add 1 profile default sn GPONxxxxxxxx ; onu 1 tcont 1 dba D ;
            onu 1 gemport 1 tcont 1 ; onu 1 service S gemport 1 vlan 100 ;
            onu 1 service-port 1 gemport 1 uservlan 100 vlan 100 ; exit ; write
""",
}
OPEN = {
    "<16HEX>": "48575443AB12CD34",
    "[ID]": "7",
    "[O]": "1",
    "[seq]": "1",
    "[S]": "ZTEGC8AB12CD",
    "GPONxxxxxxxx": "GPONAB12CD34",
    "xxxx.xxxx.xxxx": "c4a3.66c7.a8ae",
    "aa:bb:..": "c4:a3:66:c7:a8:ae",
    "[": "",
    "]": "",
}
"""What the sequences leave open, and what it is here; other brackets stand around what may be left out."""
SERIALS = {"huawei-gpon": "HWTCAB12CD34", "zte-gpon": "ZTEGC8AB12CD", "vsol-gpon": "GPONAB12CD34"}
MACS = {"huawei-epon": "00:d1:9a:01:03:e7"}
"""Who waits; elsewhere it has the MAC of the other sequences."""
BINDS = ("ont add", "onu 1 type", "onu 13 type", "epon bind-onu", "confirm onu", "onu add")
"""How the line begins that binds the ONU."""
NUMBER = {"zte-epon": 13}
FAILS = ("%", "Failure", "Unknown", "invalid", "not bound")


def lines_of(name: str) -> list[str]:
    text = SEQUENCES[name]
    for left_open, value in OPEN.items():
        text = text.replace(left_open, value)
    return [line.strip() for row in text.splitlines() for line in row.split(";") if line.strip()]


def switched_on(name: str) -> Olt:
    model = EVERY_OLT[name]
    plant = model.plant("absent")
    (stranger,) = plant.waiting
    serial, mac = SERIALS.get(name, stranger.serial), MACS.get(name, "c4:a3:66:c7:a8:ae")
    waits = replace(stranger, serial=serial, mac=mac)
    return model.switch_on(replace(plant, onus=(), waiting=(waits,)), online_after_s=0.0)


@pytest.mark.parametrize("name", EVERY_OLT)
def test_every_line_is_taken_and_the_onu_is_up_and_saved(seat: Seat, name: str) -> None:
    olt = switched_on(name)
    person = seat(EVERY_OLT[name], olt)
    answers = {line: person.types(line) for line in lines_of(name)}
    assert [line for line, answer in answers.items() if any(word in answer for word in FAILS)] == []
    number = NUMBER.get(name, 1)
    assert olt.is_up(number)
    assert olt.plant.waiting == ()
    assert olt.saved == olt.configuration
    services = [(one["onu"], one["vlan"]) for one in olt.configuration["services"]]
    vlans = {"huawei-gpon": 2000, "huawei-epon": 500, "zte-gpon": 100, "vsol-gpon": 100}
    assert services == ([(number, vlans[name])] if name in vlans else [])


@pytest.mark.parametrize("name", EVERY_OLT)
def test_without_the_line_that_binds_nothing_of_the_onu_is_taken(seat: Seat, name: str) -> None:
    olt = switched_on(name)
    person = seat(EVERY_OLT[name], olt)
    before = olt.configuration
    lines = lines_of(name)
    at = next(number for number, line in enumerate(lines) if line.startswith(BINDS))
    answers = []
    for line in lines[:at] + lines[at + 1 :]:
        if person.prompt:  # a context that was not opened is left all the same, and once that ends the session
            answers.append(person.types(line))
    assert any(word in answer for answer in answers for word in FAILS)
    now = olt.configuration
    assert (now["onus"], now["services"]) == (before["onus"], before["services"]) == ({}, ())
    assert len(olt.plant.waiting) == 1


@pytest.mark.parametrize("name", EVERY_OLT)
def test_a_second_time_nothing_changes(seat: Seat, name: str) -> None:
    olt = switched_on(name)
    person = seat(EVERY_OLT[name], olt)
    for line in lines_of(name):
        person.types(line)
    first = olt.configuration
    person = seat(EVERY_OLT[name], olt)
    answers = [person.types(line) for line in lines_of(name)]
    assert any(word in answer for answer in answers for word in (*FAILS, "already", "has been bound", "in use"))
    assert olt.configuration == first
