"""What goes wrong with the k-th command that changes a simulated OLT's configuration."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT, OltModel
from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind
from linetest.bench.olt_state import Olt
from linetest.errors import UsageError

HUAWEI = EVERY_OLT["huawei-gpon"]
Seat = Callable[[OltModel, Olt], Any]
ADD = "ont add 0 11 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10"
NATIVE = "ont port native-vlan 0 11 eth 1 vlan 35"
SILENT = (ConfigFaultKind.SILENT, ConfigFaultKind.SILENT_AFTER)
CUT = (ConfigFaultKind.CUT_BEFORE, ConfigFaultKind.CUT_AFTER, ConfigFaultKind.REBOOT)
NO_EFFECT = (
    ConfigFaultKind.REFUSED,
    ConfigFaultKind.SILENT,
    ConfigFaultKind.CUT_BEFORE,
    ConfigFaultKind.QUESTION,
    ConfigFaultKind.REBOOT,
)


@pytest.fixture
def olt() -> Olt:
    return HUAWEI.switch_on(HUAWEI.plant(), online_after_s=0.02)


@pytest.fixture
def person(seat: Seat, olt: Olt) -> Any:
    person = seat(HUAWEI, olt)
    person.types_all("enable ; config ; undo smart ; scroll ; interface gpon 0/1")
    return person


@pytest.mark.parametrize("kind", ConfigFaultKind)
def test_a_fault_hits_the_second_command_and_no_other(person: Any, olt: Olt, kind: ConfigFaultKind) -> None:
    olt.fault = ConfigFault(kind, at=2, seconds=0.2)
    assert "success: 1" in person.types(ADD)
    added = olt.configuration
    person.types("display ont info 0 1 0 11")
    started = time.monotonic()
    if kind in SILENT:
        person._line.settimeout(0.1)
        with pytest.raises(TimeoutError):
            person.types(NATIVE)
    else:
        said = person.types(NATIVE)
        assert (person.prompt == "") is (kind in CUT)
        assert ("System is busy" in said) is (kind is ConfigFaultKind.REFUSED)
        assert ("ALARM NAME" in said) is (kind is ConfigFaultKind.ALARM)
        assert kind is not ConfigFaultKind.SLOW or time.monotonic() - started >= 0.2
        assert person.prompt.endswith("(y/n)[n]:") is (kind is ConfigFaultKind.QUESTION)
        assert (person.prompt == "MA5800#") is (kind is ConfigFaultKind.WRONG_PROMPT)
    if kind is ConfigFaultKind.REBOOT:
        assert olt.configuration == olt.saved != added
    else:
        changed = olt.configuration["onus"][11]["settings"].get("native-vlan eth 1")
        assert changed == (None if kind in NO_EFFECT else "35")
    assert olt.fault is None


@pytest.mark.parametrize(("answer", "left"), [("n", 9), ("", 9), ("y", 0)])
def test_who_says_yes_to_a_question_that_nobody_expects(person: Any, olt: Olt, answer: str, left: int) -> None:
    person.types(ADD)
    olt.fault = ConfigFault(ConfigFaultKind.QUESTION)
    person.types(NATIVE)
    person.types(answer)
    assert len(olt.configuration["onus"]) == left
    assert person.prompt == "MA5800(config-if-gpon-0/1)#"


def test_a_command_that_is_refused_counts_too(person: Any, olt: Olt) -> None:
    olt.fault = ConfigFault(ConfigFaultKind.CUT_AFTER, at=2)
    assert "Failure" in person.types(NATIVE)
    person.types(ADD)
    assert person.prompt == ""
    assert 11 in olt.configuration["onus"]


def test_an_alarm_breaks_the_answer_in_its_middle(person: Any, olt: Olt) -> None:
    olt.fault = ConfigFault(ConfigFaultKind.ALARM)
    said = person.types(ADD)
    alarm = said[said.index("\n  ! 1 [") : said.index("  --- END\n") + len("  --- END\n")]
    assert said.replace(alarm, "") == ("  Number of ONTs that can be added: 1, success: 1\n  PortID :0, ONTID :11")


def test_a_reboot_takes_every_session_and_lets_nobody_in_for_its_time(seat: Seat) -> None:
    now = [0.0]
    olt = HUAWEI.switch_on(HUAWEI.plant(), online_after_s=60.0, clock=lambda: now[0])
    person, other = seat(HUAWEI, olt), seat(HUAWEI, olt)
    person.types_all(f"enable ; config ; undo smart ; interface gpon 0/1 ; {ADD} ; quit")
    olt.fault = ConfigFault(ConfigFaultKind.REBOOT)
    person.types("save")
    assert (person.prompt, olt.saved, 11 in olt.configuration["onus"]) == ("", olt.configuration, False)
    assert seat(HUAWEI, olt).prompt == ""
    other.types("enable")
    assert other.prompt == ""
    now[0] += 60.0
    assert seat(HUAWEI, olt).prompt == "MA5800>"
    assert not olt.is_up(5)
    now[0] += 60.0
    assert olt.is_up(5)


@pytest.mark.parametrize(("kind", "is_saved"), [(ConfigFaultKind.CUT_BEFORE, False), (ConfigFaultKind.CUT_AFTER, True)])
def test_a_save_can_be_hit_as_well(person: Any, olt: Olt, kind: ConfigFaultKind, is_saved: bool) -> None:
    person.types(ADD)
    olt.fault = ConfigFault(kind)
    person.types_all("quit ; save")
    assert (11 in olt.saved["onus"]) is is_saved


def test_a_maker_without_known_alarms_cannot_have_one() -> None:
    model = EVERY_OLT["bdcom-epon"]
    olt = model.switch_on(model.plant())
    with pytest.raises(UsageError, match="no public source shows an alarm"):
        olt.fault = ConfigFault(ConfigFaultKind.ALARM)


FIRST = {
    "huawei-gpon": f"enable ; config ; undo smart ; interface gpon 0/1 ; {ADD}",
    "huawei-epon": "enable ; config ; undo smart ; interface epon 0/1 ; "
    "ont add 0 11 mac-auth 02D1-9A01-00F0 oam ont-lineprofile-id 500 ont-srvprofile-id 500",
    "zte-gpon": "conf t ; interface gpon-olt_1/1/1 ; onu 11 type ZTE-F609 sn BNCH0B1E00F0",
    "zte-epon": "conf t ; interface epon-olt_1/2/1 ; onu 11 type ZTE-F400 mac 02d1.9a01.00f0",
    "bdcom-epon": "enable ; config ; interface EPON0/1 ; epon bind-onu mac 02d1.9a01.00f0 11",
    "vsol-epon": "enable ; configure terminal ; interface epon 0/1 ; confirm onu mac 02:d1:9a:01:00:f0 onuid 11",
    "vsol-gpon": "enable ; configure terminal ; interface gpon 0/1 ; onu add 11 profile default sn BNCH0B1E00F0",
}


@pytest.mark.parametrize("name", EVERY_OLT)
@pytest.mark.parametrize(
    "kind", [ConfigFaultKind.REFUSED, ConfigFaultKind.WRONG_PROMPT, ConfigFaultKind.QUESTION, ConfigFaultKind.CUT_AFTER]
)
def test_every_maker_can_have_it(seat: Seat, name: str, kind: ConfigFaultKind) -> None:
    model = EVERY_OLT[name]
    olt = model.switch_on(model.plant())
    olt.fault = ConfigFault(kind)
    person = seat(model, olt)
    said = person.types_all(FIRST[name])[-1]
    assert (11 in olt.configuration["onus"]) is (kind in (ConfigFaultKind.WRONG_PROMPT, ConfigFaultKind.CUT_AFTER))
    if kind is ConfigFaultKind.QUESTION:
        assert person.prompt.endswith((":", "]:"))
        person.types("no")
        assert 11 not in olt.configuration["onus"]
    else:
        assert ("busy" in said) is (kind is ConfigFaultKind.REFUSED)
        assert (person.prompt == "") is (kind is ConfigFaultKind.CUT_AFTER)
