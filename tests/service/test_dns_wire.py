"""Questions and answers of DNS as octets: an answer is one only when number and question fit."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.service.dns_wire import encode_name, question_octets, read_answer

_QUESTION = question_octets(0x1234, "there.test")


def answer(*records: bytes, flags: int = 0x8180, number: int = 0x1234, question: bytes = _QUESTION[12:]) -> bytes:
    return struct.pack("!6H", number, flags, 1 if question else 0, len(records), 0, 0) + question + b"".join(records)


def record(data: bytes, kind: int = 1, name: bytes = b"\xc0\x0c", group: int = 1) -> bytes:
    return name + struct.pack("!HHIH", kind, group, 60, len(data)) + data


def test_the_question_as_rfc_1035_draws_it() -> None:
    assert bytes.fromhex("1234 0100 0001 0000 0000 0000 05 7468657265 04 74657374 00 0001 0001") == _QUESTION
    assert encode_name("bücher.example") == b"\x0dxn--bcher-kva\x07example\0"


def test_addresses_behind_an_alias() -> None:
    alias = record(b"\x05other\x04test\0", kind=5)
    got = read_answer(answer(alias, record(bytes([192, 0, 2, 7]), name=b"\xc0\x28")), _QUESTION)
    assert got is not None
    assert (got.code, got.addresses, got.truncated) == ("NOERROR", ("192.0.2.7",), False)


@pytest.mark.parametrize(("flags", "code"), [(0x8183, "NXDOMAIN"), (0x8182, "SERVFAIL"), (0x8189, "RCODE 9")])
def test_codes(flags: int, code: str) -> None:
    for question in (_QUESTION[12:], b""):
        got = read_answer(answer(flags=flags, question=question), _QUESTION)
        assert got is not None
        assert (got.code, got.addresses) == (code, ())


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        _QUESTION,  # our own question, come back
        answer(number=0x1235),
        answer(question=question_octets(0, "other.test")[12:]),
        answer(question=b""),  # no error, and not what was asked
        answer(flags=0x9180),  # another operation
    ],
)
def test_what_is_no_answer_to_this_question(octets: bytes) -> None:
    assert read_answer(octets, _QUESTION) is None


@pytest.mark.parametrize(
    "octets",
    [
        answer(record(b"\1\2\3")),
        answer(record(b"\1\2\3\4"))[:-1],
        answer(record(b"\1\2\3\4", name=b"\xff\xff")),
        answer(record(b"\1\2\3\4", name=b"\x80")),
        answer(record(b"\1\2\3\4", name=b"\x3f" + b"a" * 10)),
        answer(record(b"\1\2\3\4", name=(b"\x3f" + b"a" * 63) * 5 + b"\0")),
        answer(b""),
    ],
)
def test_broken_answers(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_answer(octets, _QUESTION)


@pytest.mark.parametrize("name", ["", ".", "a..b", "a" * 64, ".".join(["a" * 60] * 5)])
def test_no_names(name: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        encode_name(name)


@given(st.binary(max_size=300))
def test_anything(octets: bytes) -> None:
    for body in (octets, answer()[:-4] + octets, _QUESTION[:2] + octets):
        try:
            got = read_answer(body, _QUESTION)
        except ValueError:
            continue
        assert got is None or len(got.addresses) <= 64
