"""Whatever is typed in whatever order, a simulated OLT's configuration is one that the OLT could have."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.bench.olt import EVERY_OLT, OltModel
from linetest.bench.olt_shell import OltShell
from linetest.bench.olt_shell_terminal import Hangup
from linetest.bench.olt_state import Olt

NUMBERS = ("0", "1", "5", "11", "4294967296")
VLANS = ("100", "500", "999", "1001", "4095")
SERIALS = ("BNCH0B1E00F0", "BNCH0B1E0005", "ABCD12345678")
MACS = ("02d1.9a01.00f0", "02d1.9a01.0005", "aaaa.bbbb.cccc")
WORDS = {
    "huawei-gpon": (
        "undo smart|enable|config|interface gpon 0/1|quit|return|save|display service-port all|"
        "ont add 0 {n} sn-auth {s} omci ont-lineprofile-id 10 ont-srvprofile-id 10 desc {w}|"
        "ont add 0 loid-auth 2026BENCH000240 checkcode-auth {w} always-on omci ont-lineprofile-id 10 "
        "ont-srvprofile-id 10|display ont autofind all|"
        "ont delete 0 {n}|ont port native-vlan 0 {n} eth 1 vlan {v}|port 0 ont-auto-find disable|"
        "service-port {n} vlan {v} gpon 0/1/0 ont {n} gemport 10 multi-service user-vlan {v}|undo service-port {n}|"
        "display ont info 0 1 0 {n}|undo service-port port 0/1/0 ont {n}"
    ),
    "huawei-epon": (
        "undo smart|enable|config|interface epon 0/1|quit|save|display ont info 0 1 0 {n}|"
        "ont add 0 {n} mac-auth 02D1-9A01-00F0 oam ont-lineprofile-id 500 ont-srvprofile-id 1064|ont delete 0 {n}|"
        "service-port vlan {v} epon 0/1/0 ont {n} multi-service user-vlan {v}|undo service-port {n}|"
        "ont-lineprofile epon profile-id 1064|ont-srvprofile epon profile-id 1064|llid dba-profile-id 50|commit"
    ),
    "zte-gpon": (
        "conf t|exit|write|interface gpon-olt_1/1/1|interface gpon-onu_1/1/1:{n}|pon-onu-mng gpon-onu_1/1/1:{n}|"
        "onu {n} type ZTE-F609 sn {s} pw {w}|no onu {n}|name {w}|tcont {n} profile P|gemport {n} tcont {n}|"
        "gemport {n} traffic-limit downstream P|service-port {n} vport {n} user-vlan {v} vlan {v}|no service-port {n}|"
        "service {n} gemport {n} vlan {v}|vlan port eth_0/1 mode tag vlan {v}|no service {n}|"
        "show running-config interface gpon-onu_1/1/1:{n}|show onu running config gpon-onu_1/1/1:{n}|"
        "show gpon onu detail-info gpon-onu_1/1/1:{n}"
    ),
    "zte-epon": (
        "conf t|exit|write|interface epon-olt_1/2/1|interface epon-onu_1/2/1:{n}|pon-onu-mng epon-onu_1/2/1:{n}|"
        "onu {n} type ZTE-F400 mac {m}|no onu {n}|admin enable|switchport mode hybrid vport {n}|auto-config|"
        "switchport vlan {v} tag vport {n}|service-port {n} vport {n} user-vlan {v} to {v} svlan {v}|"
        "show running-config interface epon-olt_1/2/1|show onu unauthentication|show onu authentication epon-olt_1/2/1"
    ),
    "bdcom-epon": (
        "enable|config|exit|write all|interface EPON0/1|interface EPON0/1:{n}|epon onu-authen-method mac|"
        "epon bind-onu mac {m} {n}|epon bind-onu mac {m}|no epon bind-onu mac {m}|no epon bind-onu sequence {n}|"
        "epon onu port 1 ctc vlan mode tag {v}|show epon rejected-onu|show running-config interface EPON0/1:{n}|"
        "show epon onu-information"
    ),
    "vsol-epon": (
        "enable|configure terminal|exit|write|interface epon 0/1|confirm onu mac 02:d1:9a:01:00:f0 onuid {n}|"
        "confirm onu mac 02:d1:9a:01:00:05 onuid {n}|onu {n} description {w}|show running-config|show onu auth-info|"
        "show onu auto-find|show onu opm-diag"
    ),
    "vsol-gpon": (
        "enable|configure terminal|exit|write|interface gpon 0/1|onu add {n} profile default sn {s}|no onu {n}|"
        "onu {n} tcont {n} dba D|onu {n} gemport {n} tcont {n}|onu {n} service {w} gemport {n} vlan {v}|"
        "onu {n} service-port {n} gemport {n} uservlan {v} vlan {v}|show onu info|show onu state|show running-config"
    ),
}

PORTS = {"huawei": "0/1", "zte-gpon": "1/1/1:{n}", "zte-epon": "1/2/1:{n}", "bdcom": "0/1:{n}", "vsol": "0/1"}
"""The port whose context is open, by the beginning of the model's name."""


class Step(NamedTuple):
    """A line, and in whose context of the two sessions it is typed, if that mode takes it."""

    line: str
    session: int
    onu: str


@st.composite
def steps(draw: st.DrawFn, name: str) -> list[Step]:
    def filled(template: str) -> str:
        for group, values in (
            ("{n}", NUMBERS),
            ("{v}", VLANS),
            ("{s}", SERIALS),
            ("{m}", MACS),
            ("{w}", ("{0}", "a%b")),
        ):
            while group in template:
                template = template.replace(group, draw(st.sampled_from(values)), 1)
        return template

    templates = draw(st.lists(st.sampled_from(WORDS[name].split("|")), min_size=15, max_size=25))
    return [Step(filled(one), draw(st.integers(0, 1)), draw(st.sampled_from(("1", "5", "11")))) for one in templates]


def typed(shell: OltShell, step: Step, port: str) -> None:
    """Type a line where it is taken; the ONU of the open context may have been removed by the other session."""
    modes = [mode for rule in shell.rules if rule.pattern.fullmatch(step.line) for mode in rule.modes]
    if modes:
        shell.mode = modes[-1]
        shell.port = port.format(n=step.onu) if shell.mode in "om" else port.partition(":")[0]
    try:
        shell.answer(step.line)
    except Hangup:
        return  # it asked, and nobody is there to answer


def check(olt: Olt, model: OltModel) -> None:
    now: dict[str, Any] = olt.configuration
    assert all(number == onu["number"] and number in model.numbers for number, onu in now["onus"].items())
    identities = [onu["identity"] for onu in now["onus"].values()]
    assert len(set(identities)) == len(identities)
    services = now["services"]
    assert {one["onu"] for one in services} <= now["onus"].keys(), "a service without its ONU"
    assert {one["vlan"] for one in services} <= set(now["vlans"])
    indices = [(one["index"], one["onu"] if model.counted == "by-onu" else 0) for one in services]
    assert len(set(indices)) == len(indices)
    seen = olt.plant
    assert [onu.number for onu in seen.onus] == sorted(now["onus"])
    up = [onu.serial for onu in (*seen.onus, *seen.waiting) if onu.is_up]
    assert len(set(up)) == len(up), "an ONU is bound and waits at the same time"


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY_OLT)
def test_no_order_of_lines_breaks_it(name: str) -> None:
    model, changed = EVERY_OLT[name], [False]
    (port,) = (port for start, port in PORTS.items() if name.startswith(start))

    @settings(max_examples=25)
    @given(steps(name))
    def hold(typing: list[Step]) -> None:
        olt = model.switch_on(model.plant("waiting"), online_after_s=0.0)
        sessions = model.shell(olt), model.shell(olt)
        for shell in sessions:
            shell.answer("undo smart")
        for step in typing:
            before = olt.configuration
            typed(sessions[step.session], step, port)
            changed.append(olt.configuration != before)
            assert not (changed[-1] and step.line.startswith(("display", "show"))), step
            check(olt, model)
        saved = olt.saved
        olt.reboot()
        assert olt.configuration == saved

    hold()
    assert sum(changed) > 5, "the lines change something"
