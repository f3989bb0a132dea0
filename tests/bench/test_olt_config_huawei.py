"""Huawei's simulated command line is fed the public sequences, in their order and in wrong ones."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT, OltModel
from linetest.bench.olt_state import Olt

SERIAL_HEX = "424E43480B1E00F0"
"""The ONT that waits in every plant of the bench."""
Seat = Callable[[OltModel, Olt], Any]

BRING_IN = """
enable ; config ; undo smart ; scroll 512 ; display ont autofind all
interface gpon 0/1 ; port 0 ont-auto-find enable
ont add 0 11 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10 desc X
ont port native-vlan 0 11 eth 1 vlan 35 ; quit
service-port 300 vlan 2000 gpon 0/1/0 ont 11 gemport 10 multi-service user-vlan 35 rx-cttr 10 tx-cttr 10
"""
ROLL_BACK = "undo service-port 300 ; interface gpon 0/1 ; ont delete 0 11 ; quit"


@pytest.fixture
def gpon() -> Olt:
    return EVERY_OLT["huawei-gpon"].switch_on(EVERY_OLT["huawei-gpon"].plant(), online_after_s=0.05)


@pytest.fixture
def config(seat: Seat, gpon: Olt) -> Any:
    """Return a session in the configuring mode that asks for nothing more than lines."""
    person = seat(EVERY_OLT["huawei-gpon"], gpon)
    person.types_all("enable ; config ; undo smart ; scroll 512")
    assert person.prompt == "MA5800(config)#"
    return person


def wait_up(olt: Olt, number: int) -> None:
    deadline = time.monotonic() + 5.0
    while not olt.is_up(number):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_public_sequence_brings_an_ont_in(seat: Seat, gpon: Olt) -> None:
    before, saved = gpon.configuration, gpon.saved
    person = seat(EVERY_OLT["huawei-gpon"], gpon)
    answers = person.types_all(BRING_IN)
    assert "Ont SN              : 424E43480B1E00F0 (BNCH-0B1E00F0)" in answers[4]
    assert answers[7].splitlines() == [
        "  Number of ONTs that can be added: 1, success: 1",
        "  PortID :0, ONTID :11",
    ]
    assert answers[5:7] + answers[8:] == ["", "", "", "", ""]
    assert "do not exist" in person.types("display ont autofind all")
    wait_up(gpon, 11)
    shown = person.types("display ont info 0 1 0 11")
    for field in ("Run state  .*online", "Config state .*normal", "Match state .*match", "Line profile ID .*: 10"):
        assert re.search(field, shown)
    assert re.search(
        r" 300 2000 common +gpon 0/1 /0  11 +10 +vlan +35 +10 +10 +up",
        person.types("display service-port port 0/1/0 ont 11"),
    )
    assert gpon.saved == saved
    assert "saved successfully" in person.types("save")
    assert gpon.saved == gpon.configuration != before
    assert person.types_all(ROLL_BACK) == ["", "", "  Number of ONTs that can be deleted: 1, success: 1", ""]
    assert gpon.configuration == before
    assert SERIAL_HEX in person.types("display ont autofind all")
    assert gpon.received[0][-1] == "display ont autofind all"


def test_the_olt_chooses_number_and_index(config: Any, gpon: Olt) -> None:
    config.types("interface gpon 0/1")
    said = config.types("ont confirm 0 sn-auth BNCH-0B1E00F0 omci ont-lineprofile-name line-home ont-srvprofile-id 10")
    assert "PortID :0, ONTID :0" in said
    config.types("quit")
    assert not config.types("service-port vlan 100 gpon 0/1/0 ont 0 gemport 1 multi-service user-vlan untagged")
    assert {"index": 0, "onu": 0, "vlan": 100, "user_vlan": "untagged", "channel": 1, "rate": ""} in gpon.configuration[
        "services"
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("service-port 300 vlan 2000 gpon 0/1/0 ont 11 gemport 10 multi-service user-vlan 35", "ONT does not exist"),
        ("service-port 5 vlan 2000 gpon 0/1/0 ont 5 gemport 10 multi-service user-vlan 35", "has existed already"),
        ("service-port vlan 100 gpon 0/1/0 ont 5 gemport 1 multi-service user-vlan 100", "virtual port index: 5"),
        ("service-port 300 vlan 2001 gpon 0/1/0 ont 5 gemport 10 multi-service user-vlan 35", "VLAN does not exist"),
        ("service-port 300 vlan 2000 gpon 0/1/0 ont 5 gemport 9 multi-service user-vlan 35", "GEM port does not exist"),
        ("service-port 300 vlan 4095 gpon 0/1/0 ont 5 gemport 10 multi-service user-vlan 35", "% Parameter error"),
        ("service-port 300 vlan 2000 gpon 0/1/7 ont 5 gemport 10 multi-service user-vlan 35", "port does not exist"),
        ("undo service-port 300", "service virtual port does not exist"),
        ("undo service-port port 0/1/0 ont 77", "ONT does not exist"),
        ("interface gpon 0/2", "board does not exist"),
        ("interface epon 0/1", "board does not exist"),
        ("ont add 0 11 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10", "Unknown command"),
        ("interface gpon 0/1 ; ont delete 0 5", "some service virtual ports"),
        ("interface gpon 0/1 ; ont delete 0 77", "ONT does not exist"),
        ("interface gpon 0/1 ; ont port native-vlan 0 77 eth 1 vlan 35", "ONT does not exist"),
    ],
)
def test_a_wrong_order_is_refused(config: Any, gpon: Olt, lines: str, says: str) -> None:
    before = gpon.configuration
    assert says in config.types_all(lines)[-1]
    assert gpon.configuration == before


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("5 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10", "ONT ID has already existed"),
        ("11 sn-auth 424E43480B1E0006 omci ont-lineprofile-id 10 ont-srvprofile-id 10", "SN already exists"),
        ("11 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 9 ont-srvprofile-id 10", "ont-lineprofile does not"),
        ("11 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-name no", "ont-srvprofile does not"),
        ("128 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10", "% Parameter error"),
        ("11 sn-auth BNCH0B1E00F omci ont-lineprofile-id 10 ont-srvprofile-id 10", "% Parameter error"),
        ("11 sn-auth 424E43480B1E00F0 oam ont-lineprofile-id 10 ont-srvprofile-id 10", "% Parameter error"),
        ("11 loid-auth 2026BENCH000240 omci ont-lineprofile-id 10 ont-srvprofile-id 10", "% Parameter error"),
        ("11 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10", "Unknown command"),
    ],
)
def test_a_wrong_ont_is_refused(config: Any, gpon: Olt, said: str, says: str) -> None:
    config.types("interface gpon 0/1")
    before = gpon.configuration
    assert says in config.types(f"ont add 0 {said}")
    assert gpon.configuration == before


def test_only_who_was_found_is_confirmed(config: Any) -> None:
    config.types("interface gpon 0/1")
    said = config.types("ont confirm 0 sn-auth 424E43480B1E0AAA omci ont-lineprofile-id 10 ont-srvprofile-id 10")
    assert "automatically found ONT does not exist" in said


def test_an_ont_comes_in_by_its_loid_and_check_code(config: Any, gpon: Olt) -> None:
    config.types("interface gpon 0/1")
    tail = "always-on omci ont-lineprofile-id 10 ont-srvprofile-id 10"
    assert "success: 1" in config.types(f"ont add 0 11 loid-auth 2026BENCH000240 {tail}")
    assert "LOID already exists" in config.types(f"ont add 0 12 loid-auth 2026BENCH000240 checkcode-auth zz9 {tail}")
    wait_up(gpon, 11)
    assert re.search(r"Authentic type +: LOID-auth", config.types("display ont info 0 1 0 11"))
    config.types("ont delete 0 11")
    assert "success: 1" in config.types(f"ont add 0 11 loid-auth 2026BENCH000240 checkcode-auth zz9 {tail}")
    shown = config.types("display ont info 0 1 0 11") + config.types("display ont autofind 0")
    assert "zz9" not in shown, "a check code is not shown"
    assert SERIAL_HEX in shown, "with a wrong check code it is not let in"
    assert not gpon.is_up(11)


def test_an_ont_comes_in_by_its_password_which_is_not_shown(config: Any, gpon: Olt) -> None:
    config.types("interface gpon 0/1")
    tail = "once-on aging-time 10 omci ont-lineprofile-id 10 ont-srvprofile-id 10"
    assert "success: 1" in config.types(f"ont add 0 11 password-auth pw000240 {tail}")
    wait_up(gpon, 11)
    shown = config.types("display ont info 0 1 0 11")
    assert re.search(r"Authentic type +: Password-auth\n +SN +: 424E43480B1E00F0", shown)
    assert "pw000240" not in shown + repr(gpon.running)
    assert "PASSWORD already exists" in config.types(f"ont add 0 12 password-auth pw000240 {tail}")


def test_all_services_of_an_ont_go_after_a_question(config: Any, gpon: Olt) -> None:
    before = gpon.configuration
    config.types("undo service-port port 0/1/0 ont 5")
    assert config.prompt.endswith("(y/n)[n]:")
    assert config.types("") == ""
    assert gpon.configuration == before
    config.types("undo service-port port 0/1/0 ont 5")
    assert "have been deleted: 1" in config.types("y")
    assert [one["index"] for one in gpon.configuration["services"]] == [1, 2, 3, 4, 6, 8, 10]


def test_smart_prompts_ask_for_the_rest_of_a_command(seat: Seat, gpon: Olt) -> None:
    person = seat(EVERY_OLT["huawei-gpon"], gpon)
    person.types_all("enable ; config ; interface gpon 0/1")
    person.types("ont add 0 11 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10")
    assert person.prompt == "{ <cr>|ont-type<K> }:"
    assert "success: 1" in person.types("")
    person.types_all("quit ; save")
    assert person.prompt == "{ <cr>|configuration<K>|data<K> }:"
    assert "saved successfully" in person.types("")


def test_a_serial_is_found_where_it_is_bound(config: Any) -> None:
    for spelling in ("424E43480B1E0006", "BNCH0B1E0006"):
        assert re.search(r"ONT-ID +: 6\n", config.types(f"display ont info by-sn {spelling}"))
    assert "required ONT does not exist" in config.types("display ont info by-sn 424E43480B1E00F0")


def test_what_the_olt_has_is_shown(config: Any) -> None:
    assert re.search(r"^  10 +line-home +8 +$", config.types("display ont-lineprofile gpon all"), re.MULTILINE)
    assert "srv-business" in config.types("display ont-srvprofile gpon all")
    vlans = config.types("display port vlan 0/8/0")
    assert re.search(r"2000 +2064", vlans)
    assert " 999" not in vlans, "this VLAN is on no uplink"
    assert "Total : 8  (Up/Down :    5/3)" in config.types("display service-port all")
    assert "No service virtual port can be operated" in config.types("display service-port port 0/1/0 ont 77")


EPON = """
ont-lineprofile epon profile-id 1064 ; llid dba-profile-id 50 ; commit ; quit
ont-srvprofile epon profile-id 1064 ; ont-port pots adaptive eth adaptive ; port vlan eth 1 1064 ; commit ; quit
interface epon 0/1 ; ont add 0 11 mac-auth 02D1-9A01-00F0 oam ont-lineprofile-id 500 ont-srvprofile-id 500
ont port native-vlan 0 11 eth 1 vlan 500 ; quit
service-port vlan 500 epon 0/1/0 ont 11 multi-service user-vlan 500 ; save
"""


def test_the_public_sequence_brings_an_epon_ont_in(seat: Seat) -> None:
    model = EVERY_OLT["huawei-epon"]
    olt = model.switch_on(model.plant(), online_after_s=0.05)
    person = seat(model, olt)
    person.types_all("enable ; config ; undo smart ; scroll 512")
    assert "02D1-9A01-00F0" in person.types("display ont autofind all")
    answers = person.types_all(EPON)
    assert [answer for answer in answers if answer.strip()] == [answers[10], answers[14]]
    assert "ONTID :11" in answers[10]
    wait_up(olt, 11)
    shown = person.types("display ont info 0 1 0 11")
    assert re.search(r"MAC +: 02D1-9A01-00F0\n +Management mode +: OAM", shown)
    assert re.search(r"ONT LLID +: 13", shown)
    assert olt.saved == olt.configuration
    assert (
        "MAC already exists"
        in person.types_all(
            "interface epon 0/1 ; ont add 0 12 mac-auth 02D1-9A01-0005 oam ont-lineprofile-id 500 ont-srvprofile-id 500"
        )[1]
    )
