"""BDCOM's simulated command line is fed the public sequence, in its order and in wrong ones."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt import EVERY_OLT, OltModel
from linetest.bench.olt_state import Olt

MODEL = EVERY_OLT["bdcom-epon"]
Seat = Callable[[OltModel, Olt], Any]
BRING_IN = """
config ; interface EPON0/1 ; epon onu-authen-method mac ; epon bind-onu mac 02d1.9a01.00f0 11 ; exit ;
      interface EPON0/1:11 ; epon onu port 1 ctc vlan mode tag 100 ; exit ; write all
"""


@pytest.fixture
def olt() -> Olt:
    return MODEL.switch_on(MODEL.plant(), online_after_s=0.05)


@pytest.fixture
def person(seat: Seat, olt: Olt) -> Any:
    person = seat(MODEL, olt)
    person.types("enable")
    return person


def test_the_public_sequence_brings_an_onu_in_and_takes_it_out(person: Any, olt: Olt) -> None:
    before = olt.configuration
    assert "02d1.9a01.00f0" in person.types("show epon rejected-onu")
    answers = person.types_all(BRING_IN)
    assert [answer for answer in answers if answer] == ["Saving current configuration...\nOK!"]
    assert olt.saved == olt.configuration != before
    assert "02d1.9a01.00f0" not in person.types("show epon rejected-onu")
    deadline = time.monotonic() + 5.0
    while not olt.is_up(11):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert re.search(r"EPON0/1:11 .*02d1\.9a01\.00f0 .*auto-configured", person.types("show epon onu-information"))
    light = person.types("show epon interface EPON0/1:11 onu ctc optical-transceiver-diagnosis")
    assert "received power(DBm): -17.8" in light
    assert "epon onu port 1 ctc vlan mode tag 100" in person.types("show running-config interface EPON0/1:11")
    bound = person.types("show running-config interface EPON0/1")
    assert " epon onu-authen-method mac\n epon bind-onu mac 02d1.9a01.0001 1\n" in bound
    person.types_all("interface EPON0/1 ; no epon bind-onu mac 02d1.9a01.00f0 ; exit ; write all")
    assert olt.saved == olt.configuration
    assert olt.configuration["onus"] == before["onus"]


def test_the_olt_chooses_the_number_and_gives_it_back(person: Any, olt: Olt) -> None:
    before = olt.configuration
    person.types_all("config ; interface EPON0/1 ; epon bind-onu mac 02d1.9a01.00f0")
    assert olt.configuration["onus"][7]["identity"] == ("mac", "02:d1:9a:01:00:f0")
    assert person.types("no epon bind-onu sequence 7") == ""
    assert olt.configuration == before


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("interface EPON0/1:11", "Parameter invalid"),
        ("interface EPON0/2", "Parameter invalid"),
        ("epon bind-onu mac 02d1.9a01.00f0 11", "Unknown command"),
        ("interface EPON0/1 ; epon bind-onu mac 02d1.9a01.00f0 5", "sequence has been bound"),
        ("interface EPON0/1 ; epon bind-onu mac 02d1.9a01.0006 11", "MAC has been bound"),
        ("interface EPON0/1 ; epon bind-onu mac 02d1.9a01.00f0 0", "Parameter invalid"),
        ("interface EPON0/1 ; epon bind-onu mac 02:d1:9a:01:00:f0 11", "Unknown command"),
        ("interface EPON0/1 ; no epon bind-onu mac 02d1.9a01.00f0", "not bound"),
        ("interface EPON0/1 ; no epon bind-onu sequence 77", "not bound"),
        ("interface EPON0/1 ; epon onu port 1 ctc vlan mode tag 100", "Unknown command"),
        ("interface EPON0/1:5 ; epon onu port 1 ctc vlan mode tag 4095", "Parameter invalid"),
    ],
)
def test_a_wrong_order_is_refused(person: Any, olt: Olt, lines: str, says: str) -> None:
    person.types("config")
    before = olt.configuration
    assert says in person.types_all(lines)[-1]
    assert olt.configuration == before


def test_it_waits_after_a_full_page(person: Any) -> None:
    shown = person.types("show running-config interface EPON0/1")
    assert shown.count("\n") < 24
    assert "--More--" not in person.prompt
