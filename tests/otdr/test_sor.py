"""Whole SOR files of both versions: every field, built by hand and read from real instruments."""

import struct
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.bench.fibres import ghost
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import write
from linetest.otdr.settings import OtdrSettings
from linetest.otdr.shot import read_shots
from linetest.otdr.sor import read_sor
from linetest.otdr.trace import LIGHT_M_PER_S, Gap, Trace

Build = Callable[..., bytes]
Files = list[tuple[str, bytes]]

METRES = 1e-10 * LIGHT_M_PER_S / 1.4677


def test_version_2_field_by_field(build_sor: Build) -> None:
    trace = read_sor("a.sor", build_sor(offsets=(5000, 0, 0), extra=[("LnkParams", b"kept"), ("OfMaker", b"\x01")]))
    general, supplier, fixed, table = trace.general, trace.supplier, trace.fixed, trace.table
    assert general is not None
    assert supplier is not None
    assert fixed is not None
    assert table is not None
    assert table.summary is not None
    assert (trace.revision, trace.maker, trace.gaps) == (200, "other", [])
    assert (general.language, general.cable_id, general.fibre_id, general.fibre_type) == (
        "EN",
        "cable 7",
        "fibre 12",
        652,
    )
    assert (general.wavelength_nm, general.location_a, general.location_b) == (1550.0, "Northgate", "Southgate")
    assert (general.cable_code, general.build_condition, general.operator) == ("C-144", "BC", "J. Doe")
    assert (general.user_offset, general.user_offset_distance, general.comment) == (5000, 51, "after repair")
    assert (supplier.supplier, supplier.otdr, supplier.otdr_serial) == ("NoSuchMaker", "OTDR 1", "S1")
    assert (supplier.module, supplier.module_serial, supplier.software, supplier.other) == ("Module 2", "S2", "v3", "")
    assert (fixed.taken_at, fixed.distance_unit, fixed.wavelength_nm) == (1_700_000_000, "mt", 1550.0)
    assert (fixed.pulse_widths_ns, fixed.spacings, fixed.point_counts) == ([100], [5_000_000], [207])
    assert (fixed.group_index, fixed.backscatter_db, fixed.averages) == (1.4677, -81.5, 4096)
    assert (fixed.averaging_time_s, fixed.range, fixed.range_distance) == (30.0, 500_000, 10_000)
    assert (fixed.noise_floor, fixed.noise_floor_scale, fixed.power_offset) == (31_000, 1000, 3)
    assert (fixed.loss_threshold_db, fixed.reflectance_threshold_db, fixed.end_threshold_db) == (0.05, -65.0, 5.0)
    assert (fixed.trace_type, fixed.window) == ("ST", (1, 2, 3, 4))
    assert [event.number for event in table.events] == [1, 2, 3, 5]
    assert [event.distance_m for event in table.events] == pytest.approx(
        [-5000 * METRES, 0, 50000 * METRES, 100000 * METRES]
    )
    assert [event.loss_db for event in table.events] == [0.0, 0.15, -0.08, 0.0]
    assert [event.section_db_per_km for event in table.events] == [0.0, 0.19, 0.195, 0.2]
    assert [event.reflectance_db for event in table.events] == [-45.0, None, None, -14.5]
    assert [event.code for event in table.events] == ["1F9999", "0F9999", "0A9999", "2E9999"]
    assert [event.loss_method for event in table.events] == ["LS", "LS", "2P", "LS"]
    assert [event.comment for event in table.events] == ["", "closure", "", ""]
    assert all(event.markers == (1, 2, 3, 4, 5) for event in table.events)
    assert (table.summary.total_loss_db, table.summary.orl_db) == (2.5, 32.1)
    assert table.summary.loss_end_m == pytest.approx(100000 * METRES)
    assert [(block.name, bytes(block.body)) for block in trace.blocks[5:7]] == [
        ("LnkParams", b"LnkParams\0kept"),
        ("OfMaker", b"OfMaker\0\x01"),
    ]


def test_samples_are_a_view_with_the_scale_and_place_of_the_file(build_sor: Build) -> None:
    body = build_sor(offsets=(5000, 0, 0), scale=1470)
    [one] = read_sor("a.sor", body).acquisitions
    assert not one.counts.flags.owndata
    assert one.counts.tolist() == list(range(10_000, 10_200))  # DataPts, not the 207 of FxdParams
    assert one.loss_db()[:2] == pytest.approx([14.7, 14.70147])
    assert one.step_m == pytest.approx(5e6 * 1e-14 * LIGHT_M_PER_S / 1.4677)
    assert one.first_m == pytest.approx(-5000 * METRES)
    assert one.pulse_m == pytest.approx(100e-9 * LIGHT_M_PER_S / 1.4677 / 2)
    assert (one.pulse_width_ns, one.wavelength_nm, one.backscatter_db) == (100.0, 1550.0, -81.5)


def test_version_1_has_no_block_names_and_fewer_fields(build_sor: Build) -> None:
    trace = read_sor("a.sor", build_sor(revision=100, offsets=(5000, 7, 9)))
    assert (trace.revision, trace.gaps) == (100, [])
    assert trace.general is not None
    assert trace.fixed is not None
    assert trace.table is not None
    assert (trace.general.fibre_type, trace.general.user_offset_distance) == (None, None)
    assert (trace.general.user_offset, trace.general.comment) == (5000, "after repair")
    assert (trace.fixed.acquisition_offset, trace.fixed.front_panel_offset) == (7, 9)
    assert (trace.fixed.averaging_time_s, trace.fixed.trace_type, trace.fixed.window) == (None, None, None)
    assert [event.markers for event in trace.table.events] == [None] * 4
    assert trace.table.events[1].comment == "closure"
    assert trace.table.summary is not None
    assert trace.acquisitions[0].counts.size == 200


def test_each_pulse_width_is_an_acquisition_of_its_own(build_sor: Build) -> None:
    traces = [(10, 1_000_000, struct.pack("<3H", 1, 2, 3)), (1000, 4_000_000, struct.pack("<2H", 8, 9))]
    trace = read_sor("a.sor", build_sor(traces=traces))
    assert trace.gaps == []
    assert [(one.pulse_width_ns, one.counts.tolist()) for one in trace.acquisitions] == [
        (10.0, [1, 2, 3]),
        (1000.0, [8, 9]),
    ]
    assert trace.acquisitions[1].step_m == pytest.approx(4 * trace.acquisitions[0].step_m)


@pytest.mark.parametrize(("number", "db"), [(815, -81.5), (65_536 - 800, -80.0), (0, None), (65_535, None)])
def test_backscatter_has_a_sign_none_or_is_not_set(build_sor: Build, number: int, db: float | None) -> None:
    """VanGuard writes it signed, Grandway not at all: without it no reflection can be measured, only seen."""
    index = 146_770
    body = build_sor(index=index).replace(struct.pack("<IH", index, 815), struct.pack("<IH", index, number))
    trace = read_sor("a.sor", body)
    assert trace.fixed is not None
    assert trace.fixed.backscatter_db == db


def test_without_a_backscatter_reflections_are_seen_and_not_measured() -> None:
    fibre, shown = ghost()
    body = write([(shoot(fibre, shown), shown)], truth_of(fibre, shown))
    place = body.index(struct.pack("<IH", round(shown.group_index * 1e5), 820)) + 4
    whole, unset = (
        read_shots("a.sor", one, OtdrSettings())[0].analysis
        for one in (body, body[:place] + b"\0\0" + body[place + 2 :])
    )
    assert [event.kind for event in unset.events] == [event.kind for event in whole.events]
    assert (
        {event.reflectance_db for event in unset.events} == {None} != {event.reflectance_db for event in whole.events}
    )
    assert (unset.orl_db, unset.link_loss_db) == (None, whole.link_loss_db)


@pytest.mark.parametrize(("number", "nm"), [(1310, 1310.0), (15500, 1550.0), (8500, 850.0), (13129, 1312.9)])
def test_wavelength_is_in_nm_or_in_tenths(build_sor: Build, number: int, nm: float) -> None:
    assert read_sor("a.sor", build_sor(wavelength=number)).acquisitions[0].wavelength_nm == nm


@pytest.mark.parametrize("number", [0, 65535])
def test_a_threshold_that_is_not_set_is_none(build_sor: Build, number: int) -> None:
    fixed = read_sor("a.sor", build_sor(thresholds=(number, number, number))).fixed
    assert fixed is not None
    assert (fixed.loss_threshold_db, fixed.reflectance_threshold_db, fixed.end_threshold_db) == (None, None, None)


@pytest.mark.parametrize("reflectance", [-(2**31), 1 - 2**31, 2**31 - 1, -100_000, 0])
def test_a_missing_reflectance_is_none_and_not_zero(build_sor: Build, reflectance: int) -> None:
    rows = [(1, 0, 0, 0, reflectance, code, b"") for code in (b"0F9999LS", b"1f9999LS")]
    table = read_sor("a.sor", build_sor(rows=rows)).table
    assert table is not None
    assert [event.reflectance_db for event in table.events] == [None, None]
    assert [event.code for event in table.events] == ["0F9999", "1f9999"]


def test_a_table_without_rows_is_a_table(build_sor: Build) -> None:
    trace = read_sor("a.sor", build_sor(rows=[]))
    assert trace.table is not None
    assert trace.table.events == []
    assert trace.gaps == []


def test_odd_but_whole_files_have_no_gaps(build_sor: Build) -> None:
    body = build_sor(extra=[("LinkParams", b"")], behind=b"\0" * 103)
    odd = body.replace(b"LinkParams\0" + struct.pack("<HI", 200, 11), b"LinkParams\0" + struct.pack("<HI", 200, 0))
    odd = odd.replace(b"LinkParams\0Cksum", b"Cksum")  # a block of size 0 has no name either
    assert len(odd) == len(body) - 11
    trace = read_sor("a.sor", odd)
    assert trace.gaps == []
    assert trace.blocks[5].name == "LinkParams"
    assert len(trace.blocks[5].body) == 0
    assert trace.checksum is not None


def test_bytes_that_a_maker_adds_inside_of_a_block_are_no_gap(build_sor: Build) -> None:
    whole = read_sor("a.sor", build_sor())
    wanted = ("FxdParams", "KeyEvents", "DataPts", "GenParams", "SupParams")
    longer = {
        block.name: bytes(block.body[len(block.name) + 1 :]) + b"\x07" * 46
        for block in whole.blocks
        if block.name in wanted
    }
    trace = read_sor("a.sor", build_sor(replaced=longer))
    assert trace.gaps == []
    assert (trace.general, trace.fixed, trace.table) == (whole.general, whole.fixed, whole.table)


def test_what_a_block_name_inside_of_a_text_says_does_not_matter(build_sor: Build) -> None:
    trace = read_sor("a.sor", build_sor(texts={"comment": b"DataPts FxdParams Cksum"}, extra=[("Own", b"DataPts\0\1")]))
    assert trace.gaps == []
    assert trace.acquisitions[0].counts.size == 200


@given(
    counts=st.lists(st.integers(0, 65535), min_size=1, max_size=50),
    scale=st.integers(1, 65535),
    time=st.integers(-(2**31), 2**31 - 1),
    index=st.integers(100_000, 300_000),
    revision=st.sampled_from([100, 200]),
)
def test_numbers_come_back(
    build_sor: Build, counts: list[int], scale: int, time: int, index: int, revision: int
) -> None:
    samples = struct.pack(f"<{len(counts)}H", *counts)
    row = (1, time, -1, -32768, -14000, b"1F9999LS", b"")
    trace = read_sor("a", build_sor(traces=[(5, 9, samples)], scale=scale, rows=[row], index=index, revision=revision))
    assert trace.acquisitions[0].loss_db() == pytest.approx(np.array(counts) * scale / 1e6, rel=1e-6)
    assert trace.table is not None
    assert trace.table.events[0].distance_m == pytest.approx(time * 1e-10 * LIGHT_M_PER_S / (index / 1e5))
    assert trace.table.events[0].loss_db == -32.768


def test_all_real_files_are_read(shared_sor: Files) -> None:
    traces = {name: read_sor(name, body) for name, body in shared_sor}
    assert len(traces) == 48
    gaps = {name: trace.gaps for name, trace in traces.items() if trace.gaps}
    assert gaps == {"mjuenema__otdr7.sor": [Gap("KeyEvents", 108, "no-block")]}
    assert Counter(trace.maker for trace in traces.values()) == {
        "exfo": 22, "viavi": 7, "anritsu": 4, "svpribor": 4, "fibercloud": 3, "grandway": 3, "noyes": 2,
        "vanguard": 1, "optixs": 1, "opwill": 1,
    }  # fmt: skip
    for name, trace in traces.items():
        [one] = trace.acquisitions
        assert one.counts.size >= 1000, name
        assert 0.1 < one.step_m < 41, name
        assert 1.4 < one.group_index < 1.5, name
        assert 1300 < one.wavelength_nm < 1560, name


@pytest.mark.parametrize(
    ("name", "nm", "pulse_ns", "points", "step_m", "rows"),
    [
        ("BaldrAI__A-B.1310.500nS.50Km.sor", 1310.0, 500, 200_000, 0.250, 12),
        ("BaldrAI__Dem013je.sor", 1310.0, 1000, 1000, 40.927, 13),
        ("groupfusion__M200_Sample_005_S13.sor", 1310.0, 100, 16_000, 0.511, 5),
        ("groupfusion__opwill1550_2000ns.sor", 1550.0, 20_000, 158_223, 1.023, 4),
        ("mjuenema__issue15a.sor", 1310.0, 1000, 38_029, 2.039, 21),
        ("Ravskij__RFG1550NM_2.sor", 1550.0, 10, 6074, 0.425, 2),
        ("lakeosoyoos__KANLAN150_1550.sor", 1552.6, 2500, 27_421, 5.099, 16),
    ],
)
def test_real_files_hold_what_another_parser_read(
    shared_sor: Files, name: str, nm: float, pulse_ns: int, points: int, step_m: float, rows: int
) -> None:
    trace = _read(shared_sor, name)
    [one] = trace.acquisitions
    assert (one.wavelength_nm, one.pulse_width_ns, one.counts.size) == (nm, pulse_ns, points)
    assert one.step_m == pytest.approx(step_m, abs=6e-4)
    assert trace.table is not None
    assert len(trace.table.events) == rows


def test_the_copy_that_another_program_saved_lies_at_the_same_place(shared_sor: Files) -> None:
    """The program took 215 samples off the front, and counts event times from another zero."""
    [one] = _read(shared_sor, "JamesHarrison__example1-noyes-ofl280.sor").acquisitions
    other = _read(shared_sor, "JamesHarrison__example1-noyes-ofl280-fastreporter-save.sor")
    [copy] = other.acquisitions
    assert np.array_equal(one.counts[300:15_000], copy.counts[85:14_785])
    assert other.table is not None
    connector_m = other.table.events[0].distance_m  # 0 m in the original
    assert one.first_m + 215 * one.step_m == pytest.approx(copy.first_m - connector_m, abs=2 * one.step_m)


def _read(files: Files, name: str) -> Trace:
    return read_sor(name, dict(files)[name])
