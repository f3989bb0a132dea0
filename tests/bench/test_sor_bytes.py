"""Written SOR files against a plain walk over their bytes, and against independent readers where they are installed."""

import binascii
import struct
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from linetest.bench.fibre import LIGHT_M_PER_S, Instrument
from linetest.bench.fibres import FIBRES, Setup, receive_reel
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import SUPPLIER, Maker, Texts, write

Revision = Literal[100, 200]
STANDARD = ["GenParams", "SupParams", "FxdParams", "KeyEvents", "DataPts", "Cksum"]
TEXTS = Texts(cable_id="C-1", fibre_id="7", location_a="东街", location_b="B", operator="O", comment="c")


def file_of(setup: Setup, **options: Any) -> bytes:
    return write([(shoot(*setup), setup.instrument)], truth_of(*setup), **options)


class Walk:
    """Takes fields from bytes, one after the other."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 0

    def take(self, form: str) -> Any:
        values = struct.unpack_from("<" + form, self.body, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def text(self) -> bytes:
        end = self.body.index(b"\0", self.at)
        found, self.at = self.body[self.at : end], end + 1
        return found


def blocks_of(body: bytes, revision: Revision) -> dict[str, Walk]:
    """Return the blocks by the map, each behind its name, after checking that they fill the file."""
    walk = Walk(body)
    if revision == 200:
        assert walk.text() == b"Map"
    found_revision, size, count = walk.take("HIH")
    assert found_revision == revision
    entries = [(walk.text().decode(), *walk.take("HI")) for _number in range(count - 1)]
    assert walk.at == size
    found = {}
    for name, version, length in entries:
        assert version == revision
        block = Walk(body[size : size + length])
        if revision == 200:
            assert block.text().decode() == name
        found[name] = block
        size += length
    assert size == len(body)
    return found


@pytest.mark.parametrize("revision", [100, 200])
@pytest.mark.parametrize("name", FIBRES)
def test_every_block_ends_where_the_map_says(name: str, revision: Revision) -> None:
    setup = FIBRES[name](1550.0)
    body = file_of(setup, revision=revision, texts=TEXTS)
    blocks = blocks_of(body, revision)
    assert list(blocks) == STANDARD
    assert blocks["Cksum"].take("H") == binascii.crc_hqx(body[:-2], 0xFFFF)
    read_general(blocks["GenParams"], revision)
    assert blocks["SupParams"].text() == SUPPLIER.encode()
    read_fixed(blocks["FxdParams"], revision, setup.instrument)
    read_events(blocks["KeyEvents"], revision)
    points, traces, own, scale = blocks["DataPts"].take("IHIH")
    assert (points, traces, own, scale) == (setup.instrument.samples, 1, setup.instrument.samples, 1000)
    rest = blocks["DataPts"].body[blocks["DataPts"].at :]
    assert np.array_equal(np.frombuffer(rest, "<u2"), shoot(*setup))


def read_general(walk: Walk, revision: Revision) -> int:
    assert walk.take("2s") == b"EN"
    assert (walk.text(), walk.text()) == (b"C-1", b"7")
    if revision == 200:
        assert walk.take("H") == 652
    assert walk.take("H") == 1550
    assert (walk.text().decode(), walk.text(), walk.text()) == ("东街", b"B", b"")
    assert walk.take("2s") == b"BC"
    user_offset = int(walk.take("i"))
    if revision == 200:
        walk.take("i")
    assert (walk.text(), walk.text()) == (b"O", b"c")
    assert walk.at == len(walk.body)
    return user_offset


def read_fixed(walk: Walk, revision: Revision, instrument: Instrument) -> None:
    second = revision == 200
    assert walk.take("I2sH")[1:] == (b"mt", 15_500)
    assert walk.take("ii" if second else "i") in (0, (0, 0))
    count, pulse_width_ns, spacing, points = walk.take("HHII")
    assert (count, pulse_width_ns, points) == (1, instrument.pulse_width_ns, instrument.samples)
    index, backscatter, averages = walk.take("IHI")
    assert spacing * 1e-14 * LIGHT_M_PER_S / (index / 1e5) == pytest.approx(instrument.step_m, rel=1e-4)
    assert (backscatter / -10.0, averages) == (instrument.backscatter_db, instrument.averages)
    walk.take("HIi" if second else "I")
    _front_panel, floor, scale, _power = walk.take("iHhH")
    assert 20.0 < floor * scale / 1e6 < 60.0
    assert walk.take("HHH") == (20, 65_000, 5_000)
    if second:
        assert walk.take("2s4i")[0] == b"ST"
    assert walk.at == len(walk.body)


def read_events(walk: Walk, revision: Revision) -> tuple[list[Any], Any]:
    rows = []
    for number in range(walk.take("H")):
        row = walk.take("Hihhi6s2s")
        if revision == 200:
            walk.take("5i")
        assert walk.text() == b""
        assert (row[0], row[6]) == (number + 1, b"LS")
        rows.append(row)
    summary = walk.take("iiiHii")
    assert walk.at == len(walk.body)
    return rows, summary


@pytest.mark.parametrize("maker", ["bench", "exfo", "noyes"])
def test_the_rows_lie_in_the_trace_by_the_rule_of_the_maker(maker: Maker) -> None:
    setup = receive_reel()
    body = file_of(setup, maker=maker, texts=TEXTS)
    blocks = blocks_of(body, 200)
    user_offset = read_general(blocks["GenParams"], 200)
    acquisition_offset = struct.unpack_from("<i", blocks["FxdParams"].body, len(b"FxdParams\0") + 8)[0]
    origin = user_offset - (acquisition_offset if maker == "noyes" else 0)
    assert (acquisition_offset == 0) is (maker != "noyes")
    rows, _summary = read_events(blocks["KeyEvents"], 200)
    m_per_tick = 1e-10 * LIGHT_M_PER_S / setup.instrument.group_index
    places_m = [(row[1] + origin) * m_per_tick for row in rows]
    assert places_m == pytest.approx([0.0, 1000.0, 2250.0, 3100.0, 4100.0], abs=0.02)
    assert [row[5] for row in rows] == [b"1F9999", b"1F9999", b"0F9999", b"1F9999", b"1E9999"]
    trace = np.frombuffer(blocks["DataPts"].body[-2 * setup.instrument.samples :], "<u2").astype(float)
    for place_m in (1000.0, 3100.0, 4100.0):
        at = round(place_m / setup.instrument.step_m)
        assert trace[at - 3] - trace[at + 3] > 2000.0, "a reflection rises where its row says"


def test_the_table_holds_what_is_true() -> None:
    setup = receive_reel()
    truth = truth_of(*setup)
    rows, summary = read_events(blocks_of(file_of(setup), 200)["KeyEvents"], 200)
    losses = [round(1000.0 * (event.loss_db or 0.0)) for event in truth.events if event.kind != "ghost"]
    assert [row[3] for row in rows] == losses
    assert [row[4] for row in rows] == [-50_000, -52_000, 0, -38_000, -14_700]
    assert summary[0] == round(1000.0 * truth.link_loss_db)
    assert summary[3] == round(1000.0 * truth.orl_db)


def test_a_table_may_be_empty_and_a_fibre_longer_than_the_range() -> None:
    setup = FIBRES["range-too-short"](1310.0)
    rows, summary = read_events(blocks_of(file_of(setup, table=False), 200)["KeyEvents"], 200)
    assert (rows, set(summary)) == ([], {0})
    rows, _summary = read_events(blocks_of(file_of(setup), 200)["KeyEvents"], 200)
    assert rows[-1][5] == b"0O9999"


def test_a_file_of_two_pulse_widths() -> None:
    setups = [FIBRES[name](1550.0) for name in ("receive-reel", "ghost")]
    traces = [(shoot(*setup), setup.instrument) for setup in setups]
    blocks = blocks_of(write(traces, truth_of(*setups[0])), 200)
    walk = blocks["FxdParams"]
    walk.take("I2sHii")
    assert walk.take("H") == 2
    assert walk.take("HH") == (30, 100)
    assert blocks["DataPts"].take("IH") == (62_500, 2)


def test_texts_in_other_encodings() -> None:
    texts = Texts(location_a="东街")
    assert "东街".encode("gbk") in file_of(receive_reel(), texts=texts, encoding="gbk")


LOSSES_DB = [0.0, 0.2, 0.09, 0.45, 0.0]


def test_otdrs_reads_the_same(tmp_path: Path) -> None:
    otdrs = pytest.importorskip("otdrs")
    setup = receive_reel()
    (tmp_path / "trace.sor").write_bytes(file_of(setup))
    found = otdrs.parse_file(str(tmp_path / "trace.sor"))
    last = found.key_events.last_key_event
    assert [row.event_loss / 1000.0 for row in (*found.key_events.key_events, last)] == LOSSES_DB
    assert found.data_points.scale_factors[0].data == shoot(*setup).tolist()


def test_otdrparser_reads_the_same(tmp_path: Path) -> None:
    otdrparser = pytest.importorskip("otdrparser")
    setup = receive_reel()
    (tmp_path / "trace.sor").write_bytes(file_of(setup))
    with (tmp_path / "trace.sor").open("rb") as file:
        found = otdrparser.parse2(file)
    assert [row["splice_loss"] for row in found["KeyEvents"]["events"]] == LOSSES_DB
    assert len(found["DataPts"]["data_points"]) == setup.instrument.samples
