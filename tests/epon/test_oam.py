"""OAMPDUs, against octets written down by hand from clause 57's tables."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linetest.epon.ctc import ExtendedDiscovery
from linetest.epon.oam import (
    Entity,
    EventNotification,
    Information,
    LinkEvent,
    LinkEventType,
    OamConfig,
    OamFlag,
    Oampdu,
    OtherDialect,
    read_oampdu,
)
from linetest.epon.octets import Garbled

LOCAL = "01 10 01 0007 00 0d 05dc 001122 a1b2c3d4"
REMOTE = "02 10 01 0003 00 1c 05ee 0004af 00000000"
LOCAL_ENTITY = Entity(
    version=1,
    revision=7,
    state=0,
    config=OamConfig.ACTIVE | OamConfig.LOOPBACK | OamConfig.LINK_EVENTS,
    largest_oampdu=1500,
    oui="00-11-22",
    vendor=0xA1B2C3D4,
)


def oampdu(octets: str) -> Oampdu:
    found = read_oampdu(bytes.fromhex(octets))
    assert isinstance(found, Oampdu)
    return found


def information(octets: str) -> Information:
    found = oampdu("03 0050 00" + octets).content
    assert isinstance(found, Information)
    return found


def test_information() -> None:
    found = information(LOCAL + REMOTE + "00" * 6)
    assert found.local == LOCAL_ENTITY
    assert found.remote is not None
    assert (found.remote.largest_oampdu, found.remote.oui) == (1518, "00-04-AF")
    assert found.remote.config == OamConfig.LOOPBACK | OamConfig.LINK_EVENTS | OamConfig.VARIABLES
    assert (found.extended_discovery, found.other_ouis) == (None, ())


def test_an_end_tlv_is_not_needed() -> None:
    assert information(LOCAL).local == LOCAL_ENTITY


def test_extended_discovery_of_ctc() -> None:
    found = information(LOCAL + "fe 0f 111111 01 00 111111 21 111111 13")
    assert found.extended_discovery == ExtendedDiscovery(
        supported=1, version=0, offers=(("11-11-11", 0x21), ("11-11-11", 0x13))
    )


def test_agreed_version_has_no_list() -> None:
    found = information("fe 07 111111 01 21")
    assert found.extended_discovery == ExtendedDiscovery(supported=1, version=0x21, offers=())


def test_other_dialects_are_named() -> None:
    found = information(LOCAL + "fe 06 001000 22 fe 05 00005e")
    assert found.other_ouis == ("00-10-00", "00-00-5E")
    assert oampdu("03 0050 fe 001000 01").content == OtherDialect(oui="00-10-00")


@pytest.mark.parametrize(
    ("octets", "flags"),
    [
        ("03 0001 00", OamFlag.LINK_FAULT),
        ("03 0002 00", OamFlag.DYING_GASP),
        ("03 0004 00", OamFlag.CRITICAL_EVENT),
        ("03 0028 00", OamFlag.LOCAL_EVALUATING | OamFlag.REMOTE_EVALUATING),
        ("03 0050 00", OamFlag.LOCAL_STABLE | OamFlag.REMOTE_STABLE),
    ],
)
def test_flags(octets: str, flags: OamFlag) -> None:
    assert oampdu(octets).flags == flags


def test_link_events() -> None:
    found = oampdu(
        "03 0050 01 0102"
        "02 1a 0001 000a 00000001 00000005 0000000000000007 00000002"
        "01 28 0001 0000000000000010 0000000000000001 0000000000000002 0000000000000003 00000004"
        "00"
    ).content
    assert found == EventNotification(
        sequence=0x0102,
        link_events=(
            LinkEvent(type=LinkEventType.ERRORED_FRAME, window=10, threshold=1, errors=5, error_total=7, event_total=2),
            LinkEvent(
                type=LinkEventType.ERRORED_SYMBOL_PERIOD, window=16, threshold=1, errors=2, error_total=3, event_total=4
            ),
        ),
        alarms=(),
        other_ouis=(),
    )


@pytest.mark.parametrize("octets", ["", "03", "03 0050", "01 0050 00 00"])
def test_no_oampdu(octets: str) -> None:
    assert read_oampdu(bytes.fromhex(octets)) == Garbled("OAMPDU")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("01 10 01", "Local Information TLV"),
        ("02 0f 01 0003 00 1c 05ee 0004af 000000", "Remote Information TLV"),
        ("01 00", "Local Information TLV"),
        ("fe 01", "Organization Specific Information TLV"),
        ("fe 04 1111", "Organization Specific Information TLV"),
        ("fe 09 111111 01 21 1111", "CTC extended discovery"),
    ],
)
def test_garbled_information_keeps_its_flags(data: str, part: str) -> None:
    found = oampdu("03 0002 00" + data)
    assert found == Oampdu(flags=OamFlag.DYING_GASP, code=0, content=Garbled(part))


def test_what_nothing_asks_for() -> None:
    assert oampdu("03 0050 04 01").content is None
    assert oampdu("03 0050 99").content is None


@given(st.binary(max_size=200))
@example(bytes.fromhex("03005001000100"))
def test_hostile_octets(data: bytes) -> None:
    for head in (b"", *(b"\x03\x00\x50" + bytes([code]) for code in (0, 1, 0xFE))):
        assert isinstance(read_oampdu(head + data), Oampdu | Garbled)


def test_cut_at_every_octet() -> None:
    whole = bytes.fromhex("03 0050 00" + LOCAL + REMOTE + "fe 0f 111111 01 00 111111 21 111111 13 00")
    for end in range(len(whole)):
        assert isinstance(read_oampdu(whole[:end]), Oampdu | Garbled)
