"""The simulated agent's bytes, against the rules and against net-snmp's."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from linetest.bench.olt_agent_ber import (
    COUNTER64,
    GET,
    GET_BULK,
    RESPONSE,
    Request,
    integer,
    object_id,
    octets,
    parse_oid,
    read_request,
    response,
    tlv,
)

# What net-snmp 5.9.3 sends for: snmpget ... 1.3.6.1.2.1.1.1.0, and snmpbulkget -Cn1 -Cr25 ... of two names.
NET_SNMP_GET = "302902010104067075626c6963a01c02040df4c991020100020100300e300c06082b060102010101000500"
NET_SNMP_BULK = (
    "303702010104067075626c6963a52a02041f719783020101020119301c300c06082b060102010103000500300c06082b060102010202010500"
)


@pytest.mark.parametrize(
    ("value", "content"),
    [(0, "00"), (127, "7f"), (128, "0080"), (256, "0100"), (-1, "ff"), (-128, "80"), (-129, "ff7f")],
)
def test_whole_numbers_are_as_short_as_they_can_be(value: int, content: str) -> None:
    assert integer(value) == bytes([2, len(content) // 2]) + bytes.fromhex(content)


def test_an_unsigned_number_keeps_its_first_bit() -> None:
    assert integer(2**64 - 1, COUNTER64) == bytes.fromhex("460900ffffffffffffffff")


def test_long_lengths_and_names() -> None:
    assert tlv(4, bytes(127))[:2] == b"\x04\x7f"
    assert tlv(4, bytes(200))[:3] == b"\x04\x81\xc8"
    assert tlv(4, bytes(300))[:4] == b"\x04\x82\x01\x2c"
    assert object_id((2, 100, 3)) == bytes.fromhex("0603813403")  # the example of X.690, 8.19.5
    assert object_id(parse_oid(".1.3.6.1.4.1.2011")) == bytes.fromhex("06072b060104018f5b")
    assert octets("é") == b"\x04\x02\xc3\xa9"


def test_a_question_of_net_snmp() -> None:
    request = read_request(bytes.fromhex(NET_SNMP_GET))
    assert request == Request(b"public", GET, 0x0DF4C991, 0, 0, ((1, 3, 6, 1, 2, 1, 1, 1, 0),))
    bulk = read_request(bytes.fromhex(NET_SNMP_BULK))
    assert (bulk.kind, bulk.non_repeaters, bulk.max_repetitions) == (GET_BULK, 1, 25)
    assert bulk.names == (parse_oid("1.3.6.1.2.1.1.3.0"), parse_oid("1.3.6.1.2.1.2.2.1"))


def test_the_answer_to_it() -> None:
    request = read_request(bytes.fromhex(NET_SNMP_GET))
    answer = response(request, [(request.names[0], octets("OLT"))])
    question = bytes.fromhex(NET_SNMP_GET)
    changed = question[:-2] + octets("OLT")  # the null gives way to the value, and three lengths grow by three
    expected = bytearray(changed)
    for place in (1, question.index(0xA0) + 1, question.index(0x0E), question.index(0x0C)):
        expected[place] += 3
    expected[question.index(0xA0)] = RESPONSE
    assert answer == bytes(expected)


@pytest.mark.parametrize("spoilt", [b"", b"\x30", NET_SNMP_GET[:40].encode(), bytes.fromhex(NET_SNMP_GET)[:-1]])
def test_what_is_no_question(spoilt: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut off|type|fields|length"):
        read_request(spoilt)


def test_another_version_is_no_question() -> None:
    with pytest.raises(ValueError, match="2c"):
        read_request(bytes.fromhex(NET_SNMP_GET.replace("020101", "020100", 1)))


@given(some.binary(max_size=64), some.integers(0, len(NET_SNMP_BULK) // 2))
def test_noise_is_refused_and_never_breaks_it(noise: bytes, at: int) -> None:
    whole = bytes.fromhex(NET_SNMP_BULK)
    for packet in (noise, whole[:at] + noise + whole[at + len(noise) :]):
        with suppress(ValueError):
            assert len(read_request(packet).names) <= len(packet)
