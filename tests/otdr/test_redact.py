"""Redacted files: no personal text of GenParams anywhere, all that was measured untouched."""

import struct
from binascii import crc_hqx
from collections.abc import Callable

import numpy as np
import pytest

from linetest.errors import BadFile
from linetest.otdr.checksum import verify
from linetest.otdr.redact import redact
from linetest.otdr.sor import read_sor
from linetest.otdr.trace import Trace

Build = Callable[..., bytes]
PERSONAL = ("cable_id", "fibre_id", "location_a", "location_b", "cable_code", "operator", "comment")


def _redacted(body: bytes) -> tuple[Trace, bytes, Trace]:
    trace = read_sor("a.sor", body)
    new = redact(body, trace)
    return trace, new, read_sor("b.sor", new)


def _same_but_for_texts(old: Trace, new: Trace) -> None:
    assert new.general is not None
    assert old.general is not None
    for field in old.general.__struct_fields__:
        if field in PERSONAL:
            assert getattr(new.general, field) == ""
        else:
            assert getattr(new.general, field) == getattr(old.general, field)
    assert (new.supplier, new.fixed, new.table, new.maker) == (old.supplier, old.fixed, old.table, old.maker)
    assert [(gap.block, gap.reason) for gap in new.gaps] == [(gap.block, gap.reason) for gap in old.gaps]
    assert len(new.acquisitions) == len(old.acquisitions)
    for one, other in zip(new.acquisitions, old.acquisitions, strict=True):
        assert np.array_equal(one.counts, other.counts)
        assert one[1:] == other[1:]


@pytest.mark.parametrize("revision", [100, 200])
def test_texts_go_and_measurements_stay(build_sor: Build, revision: int) -> None:
    body = build_sor(revision=revision, offsets=(5000, 1, 2), supplier=b"SvPribor")
    old, new_body, new = _redacted(body)
    _same_but_for_texts(old, new)
    assert verify(new_body, new) == "ok"
    assert len(new_body) == len(body) - len(b"cable 7fibre 12NorthgateSouthgateC-144J. Doeafter repair")


def test_other_standard_blocks_stay_byte_for_byte(build_sor: Build) -> None:
    rows = [(1, 0, 0, 0, 0, b"0F9999LS", b"Northgate")]  # an event's comment is part of the event
    old, _body, new = _redacted(build_sor(rows=rows, extra=[("OfMaker", b"\0\1 own")]))
    for before, after in zip(old.blocks[1:-1], new.blocks[1:-1], strict=True):
        assert (after.name, after.version, bytes(after.body)) == (before.name, before.version, bytes(before.body))


@pytest.mark.parametrize("codec", ["cp1251", "utf-8", "gbk"])
def test_makers_blocks_that_repeat_a_text_lose_it(build_sor: Build, codec: str) -> None:
    place = "光缆段局" if codec == "gbk" else "Кабель Киров"
    raw, wide = place.encode(codec), place.encode("utf-16-le")
    own = b"\xff\0" + raw + b"\1" + wide + b"\2J. Doe" + "Northgate".encode("utf-16-le") + b"\3no"
    body = build_sor(
        texts={"b": raw, "comment": b"no"}, extra=[("LnkParams", raw), ("OfMaker", own)], behind=b"--" + raw
    )
    _old, new_body, new = _redacted(body)
    for text in (raw, wide, b"J. Doe", b"Northgate", "Northgate".encode("utf-16-le")):
        assert text not in new_body
    link, blanked = (bytes(new.blocks[number].body) for number in (5, 6))
    assert link == b"LnkParams\0" + b" " * len(raw)
    wide_spaces = " ".encode("utf-16-le")
    assert blanked.startswith(b"OfMaker\0\xff\0" + b" " * len(raw) + b"\1")
    assert blanked.endswith(b"\2" + b" " * 6 + wide_spaces * 9 + b"\3no")  # a text of two letters is left there
    assert len(blanked) == len(b"OfMaker\0") + len(own)
    assert new_body.endswith(b"--" + b" " * len(raw))


def test_a_short_text_inside_of_a_long_one_hides_nothing_of_it(build_sor: Build) -> None:
    body = build_sor(texts={"a": b"gate", "b": b"Northgate 7"}, extra=[("OfMaker", b"<Northgate 7><gate>")])
    _old, _body, new = _redacted(body)
    assert bytes(new.blocks[5].body) == b"OfMaker\0<" + b" " * 11 + b"><" + b" " * 4 + b">"


def test_the_checksum_follows_the_rule_that_it_followed(build_sor: Build) -> None:
    body = build_sor(extra=[("AREvent", b"")])
    trace = read_sor("a", body)
    for rule in ("xmodem", "genibus"):
        value = crc_hqx(body[:-2], 0) if rule == "xmodem" else crc_hqx(body[:-2], 0xFFFF) ^ 0xFFFF
        _old, new, _new = _redacted(body[:-2] + struct.pack("<H", value))
        wanted = crc_hqx(new[:-2], 0) if rule == "xmodem" else crc_hqx(new[:-2], 0xFFFF) ^ 0xFFFF
        assert new[-2:] == struct.pack("<H", wanted)
    assert trace.maker == "anritsu"


def test_a_checksum_that_nobody_can_compute_keeps_its_value(build_sor: Build) -> None:
    old, body, new = _redacted(build_sor(extra=[("ExfoNewProprietaryBlock 01", b"")]))
    assert new.checksum == old.checksum
    assert verify(body, new) == "not-verifiable"


def test_a_second_block_of_general_parameters_keeps_no_text_either(build_sor: Build) -> None:
    body = build_sor(extra=[("GenParamX", b"Northgate Southgate J. Doe")])
    body = body.replace(b"GenParamX\0", b"GenParams\0")
    _old, new_body, new = _redacted(body)
    assert [block.name for block in new.blocks].count("GenParams") == 2
    assert not any(text in new_body for text in (b"Northgate", b"Southgate", b"J. Doe"))


def test_redacting_twice_changes_nothing_more(build_sor: Build) -> None:
    _old, body, new = _redacted(build_sor(supplier=b"SvPribor"))
    assert redact(body, new) == body


def test_a_file_with_damaged_general_parameters_is_refused(build_sor: Build) -> None:
    body = build_sor(without=["GenParams"])
    with pytest.raises(BadFile, match=r"a\.sor: byte 0: the map or GenParams"):
        redact(body, read_sor("a.sor", body))
    at = (whole := build_sor()).index(b"GenParams\0EN")
    for broken in (whole[: at + 30], whole[:at] + b"X" + whole[at + 1 :]):
        with pytest.raises(BadFile, match=r"byte \d+: "):
            redact(broken, read_sor("a.sor", broken))


def test_a_file_that_is_cut_off_behind_them_is_redacted(build_sor: Build) -> None:
    body = build_sor()[:-150]
    old, _body, new = _redacted(body)
    _same_but_for_texts(old, new)
    assert old.gaps


def test_real_files(shared_sor: list[tuple[str, bytes]]) -> None:
    for name, body in shared_sor:
        old, new_body, new = _redacted(body)
        _same_but_for_texts(old, new)
        assert verify(new_body, new) == verify(body, old), name
        assert old.general is not None
        for text in (getattr(old.general, field).strip() for field in PERSONAL):
            left = b"".join(bytes(block.body) for block in new.blocks if block.name not in ("KeyEvents", "SupParams"))
            assert len(text) < 3 or text.encode() not in left, name
