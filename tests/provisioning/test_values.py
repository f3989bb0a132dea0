"""What may reach a command line: exactly the intended line, or nothing at all."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.devices.driver_file import load_driver
from linetest.devices.olt_provision_text import filled
from linetest.errors import BadFile, UsageError
from linetest.model.onu_fields import SECRET_FIELDS, check_field
from linetest.secrets import Secret
from tests.provisioning.desk import ORDERS, Desk

GOOD = {
    "serial": "HWTC01020304",
    "mac": "00:d1:9a:01:03:e7",
    "loid": "2026BENCH000240",
    "uplink": "0/8/0",
    **dict.fromkeys(("checkcode", "password", "onu_type", "line_profile", "service_profile"), "F-609_a.1"),
    **dict.fromkeys(("description", "rate_up", "rate_down"), "WO-7"),
}
TEXTS = sorted(GOOD)
HOSTILE = ["\r", "\n", "\r\nsave", "?", "\t", "|", ";", "!", '"', "'", " ", "\x1b[A", "\0", "\x7f", "\x9b", "é", "‮"]
HOSTILE += ["$(reboot)", "`x`", "\\n", "{onu}", "[", "%s", "-", "--", "", "A" * 65, "\ud800", "１"]


def hostile_value(dice: random.Random) -> str:
    """Return a good value with something hostile in it, anywhere, or what dice alone make of it."""
    good = dice.choice(list(GOOD.values()))
    at = dice.randint(0, len(good))
    kind = dice.randint(0, 3)
    if kind == 0:
        return good
    signs = (chr(dice.choice((dice.randint(0, 255), dice.randint(0, 0x20FF)))) for _count in range(dice.randint(0, 3)))
    bad = dice.choice(HOSTILE) if kind == 1 else "".join(signs)
    return good[:at] + bad + good[dice.choice((at, len(good))) :]


def check_value(name: str, value: str) -> None:
    """Fill one value in: what comes out is the intended line, or a refusal that does not repeat it."""
    wanted = Secret(value) if name in SECRET_FIELDS else value
    template = f"ont add 0 0 x {{{name}}} omci[ desc {{{name}}}][ not {{gem_port}}]"
    told = ""
    try:
        line = filled(template, {name: wanted})
    except UsageError as error:
        told = error.what + error.hint
    if told:
        assert name not in SECRET_FIELDS or len(value) < 5 or value not in told
        return
    assert line.text == f"ont add 0 0 x {value} omci desc {value}"
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.@:/-]*", value, re.ASCII)
    if name in SECRET_FIELDS:
        assert line.shown == repr(line)[6:-2] == "ont add 0 0 x «secret» omci desc «secret»"


def test_ten_thousand_values_give_the_intended_line_or_none() -> None:
    dice = random.Random(20261122)
    for _count in range(10_000):
        check_value(dice.choice(TEXTS), hostile_value(dice))


@settings(max_examples=150)
@given(st.sampled_from(TEXTS), st.text(max_size=40))
def test_any_text(name: str, value: str) -> None:
    check_value(name, value)


@pytest.mark.parametrize("name", TEXTS)
def test_a_good_value_passes_and_no_hostile_one(name: str) -> None:
    check_field(name, GOOD[name])
    with pytest.raises(ValueError, match="cannot stand there"):
        check_field(name, f"-{GOOD[name]}")
    for hostile in set(HOSTILE) - {"", "-", "--"}:
        for value in (hostile + GOOD[name], GOOD[name] + hostile, GOOD[name][:3] + hostile + GOOD[name][3:]):
            with pytest.raises(ValueError, match="cannot stand there"):
                check_field(name, value)


@pytest.mark.parametrize("value", [-1, 4095, 0, True, "7", 7.0, None])
def test_a_vlan_is_a_number_in_its_range(value: object) -> None:
    with pytest.raises(ValueError, match="vlan: wanted: a number"):
        check_field("vlan", value)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_order_with_a_hostile_word_is_refused_as_it_is_read(desk: Callable[..., Desk], hostile: str) -> None:
    word = json.dumps(f"-{hostile}") if hostile != "\ud800" else '"-"'
    with pytest.raises(BadFile, match="description"):
        desk(order=ORDERS["huawei-gpon"].replace('"WO-7"\n        uplink', f"{word}\n        uplink"))


def test_a_maker_may_take_less(desk: Callable[..., Desk]) -> None:
    order = ORDERS["huawei-gpon"].replace('line_profile = "10"', 'line_profile = "ten"')
    one = desk(order=order)
    with pytest.raises(UsageError, match="line_profile: this OLT takes"):
        one.do()
    assert one.olt.received == []


def test_an_inverse_names_no_secret() -> None:
    """What takes a step back stands in the journal as it is sent."""
    for driver in ("huawei_smartax", "zte_c300", "bdcom_epon", "vsol_gpon", "vsol_epon"):
        for provision in load_driver(driver).provision.values():
            for step in provision.step:
                sent: Any = step.undo.send if step.undo else ""
                assert not any(f"{{{name}" in sent for name in (*SECRET_FIELDS, "loid"))
