"""The scapy layers of OAM and CTC: what they build is read by the plain parsers, and no secret shows itself."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.packet import Packet

from linetest.epon import ctc
from linetest.epon.layers import EponPreamble, EthernetFcs
from linetest.epon.layers_ctc import (
    Alarm,
    AlarmRequest,
    AlarmStatus,
    AlarmThreshold,
    Authentication,
    Churning,
    Container,
    Ctc,
    Dba,
    Descriptor,
    Event,
    ExtendedDiscovery,
    Instance20,
    Instance21,
    Offer,
    Request,
    Values,
)
from linetest.epon.layers_hidden import HiddenRest
from linetest.epon.layers_oam import (
    Entity,
    ErroredFrameSeconds,
    EventNotification,
    Information,
    Oampdu,
    OrganizationSpecific,
    SlowProtocol,
    Tlv,
)
from linetest.epon.layers_part import QueueSet
from linetest.epon.oam import EventNotification as EventsRead
from linetest.epon.oam import Information as InformationRead
from linetest.epon.oam import OamFlag, OtherDialect, read_oampdu
from linetest.epon.oam import Oampdu as OampduRead

u8, u16, u32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
CANARY = b"Canary-4711"


def frame(body: Packet, code: int) -> Packet:
    head = EponPreamble(llid=1) / EthernetFcs(dst="01:80:c2:00:00:02", type=0x8809)
    return head / SlowProtocol() / Oampdu(code=code, flags=0x52) / body


def of_ctc(opcode: int, body: Packet) -> Packet:
    return frame(OrganizationSpecific() / Ctc(opcode=opcode) / body, 0xFE)


def read(packet: Packet) -> Any:
    """Return what the plain parser makes of the octets, once they also came through the layers unchanged."""
    built = bytes(packet)
    again = EponPreamble(built)
    again.clear_cache()
    assert bytes(again) == built
    found = read_oampdu(built[7 + 14 : -4])
    assert isinstance(found, OampduRead)
    assert found.flags == OamFlag.LOCAL_STABLE | OamFlag.REMOTE_STABLE | OamFlag.DYING_GASP
    return found.content.content if isinstance(found.content, ctc.CtcPdu) else found.content


def test_information() -> None:
    found = read(
        frame(
            Information(
                tlvs=[
                    Entity(type=1, revision=3, config=9, oui=0x00259E, vendor=5),
                    Entity(type=2, largest_oampdu=1500),
                    ExtendedDiscovery(version=0x21, offers=[Offer(), Offer(version=0x30)]),
                    Tlv(value=b"\x00\x10\x00x"),
                ]
            ),
            0,
        )
    )
    assert isinstance(found, InformationRead)
    assert found.local is not None
    assert (found.local.revision, found.local.config, found.local.oui, found.local.vendor) == (3, 9, "00-25-9E", 5)
    assert found.remote is not None
    assert found.remote.largest_oampdu == 1500
    assert found.extended_discovery is not None
    assert found.extended_discovery.offers == (("11-11-11", 0x21), ("11-11-11", 0x30))
    assert found.other_ouis == ("00-10-00",)


def test_events() -> None:
    found = read(frame(EventNotification(sequence=9, tlvs=[ErroredFrameSeconds(errors=3), Alarm(alarm=2, state=1)]), 1))
    assert isinstance(found, EventsRead)
    assert (found.sequence, found.link_events[0].errors) == (9, 3)
    assert (found.alarms[0].name, found.alarms[0].is_raised) == ("power supply fault", False)


@given(st.lists(st.tuples(st.sampled_from([0x07, 0xC7]), u16), max_size=8))
def test_get_requests(asked: list[tuple[int, int]]) -> None:
    found = read(of_ctc(1, Request(variables=[Descriptor(branch=branch, leaf=leaf) for branch, leaf in asked])))
    assert [(one.branch, one.leaf) for one in found.variables] == asked


@given(st.sampled_from([2, 3, 4]), st.lists(st.tuples(u16, st.binary(min_size=1, max_size=128)), max_size=4), u32)
def test_values(opcode: int, values: list[tuple[int, bytes]], port: int) -> None:
    containers = [Container(leaf=leaf, value=value) for leaf, value in values]
    found = read(of_ctc(opcode, Values(variables=[Instance21(value=port), *containers, Container(width=0x86)])))
    *variables, last = found.variables
    assert [(one.leaf, one.instance) for one in variables] == [
        (leaf, ctc.Instance(leaf=1, value=port)) for leaf, _value in values
    ]
    assert (last.indication, last.value) == (0x86, None)


def test_a_value_that_may_be_seen_is_read_and_shown() -> None:
    packet = of_ctc(2, Values(variables=[Instance20(value=3), Container(branch=7, leaf=0x13A, value=b"\0\0\0\2")]))
    (fec,) = read(packet).variables
    assert (fec.value, fec.instance.value) == (b"\0\0\0\2", 3)
    assert "x02" in repr(EponPreamble(bytes(packet)))


@given(u8, st.integers(0, 255), st.lists(u16, min_size=8, max_size=8))
def test_dba(accepted: int, bitmap: int, thresholds: list[int]) -> None:
    sets = [QueueSet(bitmap=bitmap, queues=thresholds[: bitmap.bit_count()])]
    found = read(of_ctc(10, Dba(code=3, accepted=accepted, queue_sets=sets)))
    assert found.accepted == bool(accepted & 1)
    assert [value for _queue, value in found.queue_sets[0].thresholds_tq] == sets[0].queues
    assert read(of_ctc(10, Dba(code=0))).queue_sets == ()


def test_alarm_settings() -> None:
    assert read(of_ctc(0xFF, Event(settings=[AlarmRequest(), AlarmRequest(alarm=5)]))).settings[1].alarm == 5
    assert read(of_ctc(0xFF, Event(subtype=2, settings=[AlarmStatus(enabled=1)]))).settings[0].enabled
    (found,) = read(of_ctc(0xFF, Event(subtype=6, settings=[AlarmThreshold(set_at=7, clear_at=8)]))).settings
    assert (found.set_at, found.clear_at) == (7, 8)


def test_authentication_and_churning() -> None:
    account = read(of_ctc(5, Authentication(code=2, loid=b"loid", password=CANARY)))
    assert account == ctc.Authentication(code=2, type=1, loid="loid", password_length=len(CANARY))
    assert read(of_ctc(5, Authentication(code=2, type=2))).wanted_type == 1
    assert read(of_ctc(5, Authentication(code=4, failure=3))).failure == 3
    assert read(of_ctc(5, Authentication(code=1))).type == 1
    assert read(of_ctc(9, Churning(code=1, key_index=1, key=b"key"))) == ctc.Churning(code=1, key_index=1)


def test_another_dialect() -> None:
    assert read(frame(OrganizationSpecific(oui=0x001000) / HiddenRest(load=b"x"), 0xFE)) == OtherDialect(oui="00-10-00")


SECRETS: dict[str, Packet] = {
    "password": of_ctc(5, Authentication(code=2, loid=b"loid", password=CANARY)),
    "long password": of_ctc(5, Authentication(code=2, password=b"x" * 12) / HiddenRest(load=CANARY)),
    "key": of_ctc(9, Churning(code=1, key=CANARY[:3]) / HiddenRest(load=CANARY)),
    "community": of_ctc(3, Values(variables=[Container(leaf=0x0A, value=CANARY)])),
    "voice account": of_ctc(2, Values(variables=[Container(leaf=0x68, value=CANARY)])),
    "unknown opcode": of_ctc(0x77, HiddenRest(load=CANARY)),
    "another dialect": frame(OrganizationSpecific(oui=0x001000) / HiddenRest(load=CANARY), 0xFE),
}
SHOWN: dict[str, Callable[[Packet], str]] = {
    "repr": repr,
    "str": str,
    "show": lambda packet: str(packet.show(dump=True)),
    "show2": lambda packet: str(packet.show2(dump=True)),
    "summary": lambda packet: packet.summary(),
    "command": lambda packet: packet.command(),
    "json": lambda packet: packet.json(),
    "fields": lambda packet: repr([one.fields for one in packet.iterpayloads()]),
}


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_shows_itself(secret: str, shown: str) -> None:
    packet = SECRETS[secret]
    assert CANARY[:3] in bytes(packet)
    dissected = EponPreamble(bytes(packet))
    for one in (packet, dissected, packet.copy()):
        assert "Can" not in SHOWN[shown](one)
    assert "ary-47" not in repr(read_oampdu(bytes(packet)[21:-4]))


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_shows_itself_in_a_frame_that_is_cut(secret: str) -> None:
    octets = bytes(SECRETS[secret])
    for end in range(21, len(octets)):
        cut: Packet = EponPreamble(octets[:end])
        assert "Can" not in str(cut.show(dump=True)), end
        assert "Can" not in repr(cut), end


@given(st.sampled_from([1, 2, 3, 4, 5, 9, 10, 255]), st.binary(max_size=120))
def test_hostile_bodies(opcode: int, body: bytes) -> None:
    octets = bytes(of_ctc(opcode, HiddenRest(load=body)))
    assert bytes(EponPreamble(octets)) == octets
    information = bytes(frame(HiddenRest(load=body), 0))
    assert bytes(EponPreamble(information)) == information
