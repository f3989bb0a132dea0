"""CTC's bodies, against octets worked out by hand from the byte tables: nothing else reads them."""

from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.epon.ctc import (
    Alarm,
    AlarmSetting,
    AlarmSettings,
    Authentication,
    Churning,
    CtcOpcode,
    CtcPdu,
    Dba,
    Instance,
    QueueSet,
    Variable,
    Variables,
)
from linetest.epon.ctc_names import ALARMS, FEC_MODE, LEAVES
from linetest.epon.ctc_reading import read_ctc
from linetest.epon.oam import EventNotification, Oampdu, read_oampdu
from linetest.epon.octets import Garbled

T = TypeVar("T")
LOID = b"loid-0571-7".rjust(24, b"\0")
CANARY = b"Canary-4711"
LOID_ANSWER = b"\x02\x00\x25\x01" + LOID + CANARY.ljust(12, b"\0")


def content(body: bytes, kind: type[T]) -> T:
    found = read_oampdu(b"\x03\x00\x50\xfe\x11\x11\x11" + body)
    assert isinstance(found, Oampdu)
    assert isinstance(found.content, CtcPdu)
    assert found.content.opcode == body[0]
    assert isinstance(found.content.content, kind)
    return found.content.content


def ctc(octets: str, kind: type[T]) -> T:
    return content(bytes.fromhex(octets), kind)


def test_get_request_of_two_ports_up_to_2_0() -> None:
    found = ctc("01 36 0001 01 02 c7 0011 07 0025 36 0001 01 03 c7 0021 00 0000", Variables)
    second, third = Instance(leaf=1, value=2), Instance(leaf=1, value=3)
    assert found.variables == (
        Variable(branch=0xC7, leaf=0x11, instance=second, indication=None, value=None),
        Variable(branch=0x07, leaf=0x25, instance=second, indication=None, value=None),
        Variable(branch=0xC7, leaf=0x21, instance=third, indication=None, value=None),
    )


def test_get_response_from_2_1() -> None:
    found = ctc("02 37 0001 04 01000001 c7 0011 01 01 07 013a 04 00000002", Variables)
    port = Instance(leaf=1, value=0x01000001)
    assert found.variables == (
        Variable(branch=0xC7, leaf=0x11, instance=port, indication=None, value=b"\x01"),
        Variable(branch=0x07, leaf=0x13A, instance=port, indication=None, value=b"\0\0\0\x02"),
    )
    assert (found.variables[1].branch, found.variables[1].leaf) == FEC_MODE


def test_set_response_says_how_it_went() -> None:
    found = ctc("04 c7 0021 80 c7 0031 86 c9 0001 87", Variables)
    assert [variable.indication for variable in found.variables] == [0x80, 0x86, 0x87]
    assert [variable.value for variable in found.variables] == [None, None, None]


def test_width_0_is_128_octets_but_of_an_action_none() -> None:
    found = content(b"\x02\xc7\x00\x31\x00" + b"v" * 128 + b"\xc7\x00\x31\x02zz", Variables)
    assert [variable.value for variable in found.variables] == [b"v" * 128, b"zz"]
    found = ctc("03 c9 0001 00 09 000b 00 c7 0017 01 01", Variables)
    assert [variable.value for variable in found.variables] == [b"", b"", b"\x01"]


def test_authentication() -> None:
    assert ctc("05 01 0001 01", Authentication) == Authentication(code=1, type=1)
    assert ctc("05 02 0002 02 01", Authentication) == Authentication(code=2, type=2, wanted_type=1)
    assert ctc("05 03 0000", Authentication) == Authentication(code=3, type=None)
    assert ctc("05 04 0001 02", Authentication) == Authentication(code=4, type=None, failure=2)


@pytest.mark.parametrize("loid", [LOID, b"loid-0571-7".ljust(24, b"\0")])
def test_loid_is_read_with_its_padding_on_either_side(loid: bytes) -> None:
    found = content(b"\x05\x02\x00\x25\x01" + loid + b"\0" * 12, Authentication)
    assert found == Authentication(code=2, type=1, loid="loid-0571-7", password_length=0)


def test_a_password_is_nowhere() -> None:
    found = content(b"\x05" + LOID_ANSWER, Authentication)
    assert (found.loid, found.password_length) == ("loid-0571-7", 11)
    whole = read_oampdu(b"\x03\x00\x50\xfe\x11\x11\x11\x05" + LOID_ANSWER)
    assert "Canary" not in f"{whole!r} {whole}"
    assert CANARY.hex() not in f"{whole!r}"


@pytest.mark.parametrize("leaf", [b"\x00\x0a", b"\x77\x77"])
def test_values_that_may_be_secret_are_not_kept(leaf: bytes) -> None:
    found = content(b"\x03\xc7" + leaf + b"\x0b" + CANARY + b"\xc7\x00\x01\x01a", Variables)
    assert [variable.value for variable in found.variables] == [None, b"a"]


def test_churning() -> None:
    assert ctc("09 00 01", Churning) == Churning(code=0, key_index=1)
    found = ctc("09 01 00 c0ffee", Churning)
    assert found == Churning(code=1, key_index=0)
    assert "192" not in repr(found)


def test_dba() -> None:
    # Two queue sets: queues 0 and 3 of the first with 1,000 and 2,000 TQ, queue 7 of the second with 65,535 TQ.
    sets = "02 09 03e8 07d0 80 ffff"
    expected = (QueueSet(thresholds_tq=((0, 1000), (3, 2000))), QueueSet(thresholds_tq=((7, 65535),)))
    assert ctc("0a 00", Dba) == Dba(code=0, accepted=None, queue_sets=())
    assert ctc("0a 01" + sets, Dba) == Dba(code=1, accepted=None, queue_sets=expected)
    assert ctc("0a 02" + sets, Dba) == Dba(code=2, accepted=None, queue_sets=expected)
    assert ctc("0a 03 01" + sets, Dba) == Dba(code=3, accepted=True, queue_sets=expected)
    assert ctc("0a 03 00 00", Dba) == Dba(code=3, accepted=False, queue_sets=())


def test_alarm_settings() -> None:
    expected = AlarmSetting(
        object_type=0, object_instance=0xFFFFFFFF, alarm=0x0102, enabled=None, set_at=None, clear_at=None
    )
    assert ctc("ff 01 0001 0000 ffffffff 0102", AlarmSettings) == AlarmSettings(subtype=1, settings=(expected,))
    assert ctc("ff 03 0001 0000 ffffffff 0102 00000001", AlarmSettings).settings[0].enabled is True
    found = ctc("ff 06 0001 0000 ffffffff 0102 000000c8 000000d2", AlarmSettings).settings[0]
    assert (found.set_at, found.clear_at, found.enabled) == (200, 210, None)


def test_alarms_by_name_raised_and_cleared() -> None:
    found = read_oampdu(
        bytes.fromhex(
            "03 0050 01 0123"
            "fe 10 111111 0000 ffffffff 0102 0011 00"
            "fe 18 111111 0001 01000002 0302 0012 01 0000000000000000"
            "fe 10 111111 0000 ffffffff 7777 0013 00"
        )
    )
    assert isinstance(found, Oampdu)
    assert isinstance(found.content, EventNotification)
    assert found.content.alarms == (
        Alarm(object_type=0, object_instance=0xFFFFFFFF, number=0x102, timestamp=0x11, is_raised=True),
        Alarm(object_type=1, object_instance=0x01000002, number=0x302, timestamp=0x12, is_raised=False),
        Alarm(object_type=0, object_instance=0xFFFFFFFF, number=0x7777, timestamp=0x13, is_raised=True),
    )
    assert [alarm.name for alarm in found.content.alarms] == [
        "received power too low",
        "Ethernet port: no signal",
        None,
    ]


def test_names() -> None:
    assert LEAVES[FEC_MODE] == "aFECmode"
    assert (ALARMS[0x010C], ALARMS.get(0x0118)) == ("received power low (early warning)", None)


@pytest.mark.parametrize(
    "octets",
    [
        "01 c7 00",
        "02 c7 0011 02 01",
        "02 c7 0031 00 01",
        "01 37 0001 01 01",
        "05 02 0025 01 41",
        "05 02 0001 01",
        "05 01",
        "09 01",
        "09 01 00",
        "0a 01 04",
        "0a 01 01 ff 0001",
        "ff 01 ffff 0000",
    ],
)
def test_garbled(octets: str) -> None:
    found = ctc(octets, Garbled)
    assert found.part == f"CTC {CtcOpcode(int(octets[:2], 16)).name}"


def test_nothing_is_read_of_software_downloads_and_unknown_opcodes() -> None:
    for opcode in (6, 0x77):
        assert read_ctc(b"\x11\x11\x11" + bytes([opcode]) + b"image") == CtcPdu(opcode=opcode, content=None)
    assert read_ctc(b"\x11\x11\x11") == Garbled("CTC OAMPDU")


@given(st.sampled_from([*CtcOpcode]), st.binary(max_size=300))
def test_hostile_octets(opcode: CtcOpcode, data: bytes) -> None:
    assert isinstance(read_ctc(b"\x11\x11\x11" + bytes([opcode]) + data), CtcPdu)
