"""From events to readings and details: what gets a reading, what does not, and what never leaves the house."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from linetest.acceptance.records import build_record
from linetest.bench.fibre import Fibre, Instrument, Section
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import Texts, write
from linetest.catalog import load_profile
from linetest.errors import UsageError
from linetest.model.codes import Hint, Reason, Warn
from linetest.model.reading import Measurement, Reading
from linetest.otdr.details import NOT_CHECKED
from linetest.otdr.event import Event, EventKind
from linetest.otdr.measure import measure
from linetest.otdr.settings import OtdrSettings
from linetest.otdr.shot import Shot
from linetest.otdr.sor import read_sor
from linetest.thin import MOST_POINTS
from linetest.tickets.result import redact as redact_record

Fire = Callable[..., Shot]
SETTINGS = OtdrSettings()
CLI_KEYS = {
    *("kind", "distance_m", "loss_db", "reflectance_db", "section_db_per_km", "cumulative_db"),
    *("distance_u_m", "loss_u_db", "method"),
}


def event(kind: str, distance_m: float, loss_db: float | None = None, **more: Any) -> Event:
    return Event(kind=EventKind(kind), distance_m=distance_m, loss_db=loss_db, **more)


EVERY_KIND = [
    event("launch", 0.0, reflectance_db=-45.0),
    event("non-reflective", 300.0, 0.08, section_db_per_km=0.2),
    event("reflective", 600.0, 0.4, reflectance_db=-48.0),
    event("merged", 900.0, 0.9, reflectance_db=-50.0),
    event("merged", 1000.0, 0.5),
    event("splitter", 1200.0, 16.9),
    event("macrobend", 1300.0, 0.8),
    event("ghost", 1400.0, reflectance_db=-60.0, echo_of_m=[600.0, 800.0]),
    event("end", 2000.0, reflectance_db=-14.7, section_db_per_km=0.21),
]


def of_metric(measured: Measurement, metric: str) -> list[Reading]:
    return [reading for reading in measured.readings if reading.metric == f"otdr.{metric}"]


def test_each_kind_of_event_has_its_metric_and_echo_launch_and_end_have_none(fired: Fire) -> None:
    measured = measure([fired(EVERY_KIND)], SETTINGS)
    losses = {
        (reading.metric.partition(".")[2], reading.where["number"]): reading.value
        for reading in measured.readings
        if reading.metric.endswith("_loss_db") and "number" in reading.where
    }
    assert losses == {
        ("splice_loss_db", 2): 0.08,
        ("connector_loss_db", 3): 0.4,
        ("connector_loss_db", 4): 0.9,
        ("splice_loss_db", 5): 0.5,
        ("splitter_loss_db", 6): 16.9,
        ("macrobend_loss_db", 7): 0.8,
    }
    assert [reading.where["number"] for reading in of_metric(measured, "reflectance_db")] == [3, 4]
    assert [reading.where["number"] for reading in of_metric(measured, "section_db_per_km")] == [2, 9]
    (splice, _merged) = of_metric(measured, "splice_loss_db")
    assert splice.where == {"event": "non-reflective", "number": 2, "distance_m": 300.0, "wavelength_nm": 1550.0}


def test_the_link_has_a_loss_an_orl_and_a_length(fired: Fire) -> None:
    measured = measure(
        [fired([event("end", 2100.0, reflectance_db=-50.0, section_db_per_km=0.2)], start_m=100.0)], SETTINGS
    )
    assert [(reading.metric, reading.value, reading.unit, reading.where) for reading in measured.readings] == [
        (
            "otdr.section_db_per_km",
            0.2,
            "dB/km",
            {"event": "end", "number": 1, "distance_m": 2100.0, "wavelength_nm": 1550.0},
        ),
        ("otdr.link_loss_db", 4.0, "dB", {"wavelength_nm": 1550.0}),
        ("otdr.orl_db", 32.0, "dB", {"wavelength_nm": 1550.0}),
        ("otdr.length_m", 2000.0, "m", {"wavelength_nm": 1550.0}),
        ("otdr.end_reflectance_db", -50.0, "dB", {"wavelength_nm": 1550.0, "distance_m": 2100.0}),
    ]


def test_an_end_without_a_reflection_is_a_reason_where_the_file_says_how_to_measure_one(fired: Fire) -> None:
    shot = fired([event("end", 2100.0)])
    (end,) = of_metric(measure([shot], SETTINGS), "end_reflectance_db")
    assert (end.value, end.reason) == (None, Reason.NO_REFLECTION)
    assert shot.trace.fixed is not None
    unset = shot.trace._replace(fixed=msgspec.structs.replace(shot.trace.fixed, backscatter_db=None))
    assert of_metric(measure([shot._replace(trace=unset)], SETTINGS), "end_reflectance_db") == []


@pytest.mark.parametrize(("at_m", "section"), [(10.0, 0.2), (2000.0, None)])
def test_a_launch_reel_alone_and_a_dead_zone_alone_are_no_link(fired: Fire, at_m: float, section: float | None) -> None:
    measured = measure([fired([event("end", at_m, reflectance_db=-15.0, section_db_per_km=section)])], SETTINGS)
    for metric in ("length_m", "link_loss_db", "orl_db"):
        (reading,) = of_metric(measured, metric)
        assert (reading.value, reading.reason) == (None, Reason.NO_FIBRE_BESIDE)


def test_a_receive_reel_without_its_connector_leaves_the_link_open(fired: Fire) -> None:
    """The end of a broken fibre, less the length of a reel that the light never reached, is no end of a link."""
    with_reel = OtdrSettings(receive_m=500.0)
    joints = [event("reflective", 1500.0, 0.3, reflectance_db=-45.0), event("end", 2000.0, section_db_per_km=0.2)]
    whole = measure([fired(joints, end_m=1500.0)], with_reel)
    assert [reading.value for reading in of_metric(whole, "length_m")] == [1500.0]
    for wrong in (
        measure([fired(joints[1:], end_m=1500.0)], with_reel),
        measure([fired(joints, end_m=1400.0)], with_reel),
    ):
        for metric in ("length_m", "link_loss_db", "orl_db"):
            (reading,) = of_metric(wrong, metric)
            assert (reading.value, reading.reason) == (None, Reason.REEL_NOT_FOUND)
    assert of_metric(whole, "end_reflectance_db") == []  # the reel's own


def test_an_end_that_was_not_found_is_a_reason_and_never_a_value(fired: Fire) -> None:
    # What was seen of the link so far is no link loss, even if the finder has a number for it.
    measured = measure([fired([], link_loss_db=3.0, end_reason="out-of-range")], SETTINGS)
    loss, orl, length = measured.readings
    for missing in (loss, length):
        assert (missing.value, missing.reason) == (None, Reason.END_NOT_FOUND)
    assert (orl.value, orl.bound) == (32.0, "at-most")
    assert measured.details["end_reason"] == "out-of-range"
    assert measured.details["end_m"] is None


def test_a_loss_that_could_not_be_measured_has_a_reason(fired: Fire) -> None:
    (reading,) = of_metric(measure([fired([event("non-reflective", 5.0)])], SETTINGS), "splice_loss_db")
    assert (reading.value, reading.reason) == (None, Reason.NO_FIBRE_BESIDE)


def test_a_reflection_that_was_cut_off_is_at_least_and_the_return_loss_at_most(fired: Fire) -> None:
    cut = event("reflective", 600.0, 0.3, reflectance_db=-30.0, saturated=True)
    measured = measure([fired([cut, event("end", 2000.0, section_db_per_km=0.2)], orl_saturated=True)], SETTINGS)
    assert [reading.bound for reading in of_metric(measured, "reflectance_db")] == ["at-least"]
    assert [reading.bound for reading in of_metric(measured, "orl_db")] == ["at-most"]
    assert [reading.bound for reading in of_metric(measured, "connector_loss_db")] == [None]


def test_the_details_are_those_of_the_command_line(fired: Fire) -> None:
    shot = fired(EVERY_KIND, name="C:\\fibres\\a 1.sor")
    details = measure([shot], SETTINGS).details
    assert [row["kind"] for row in details["events"]] == [str(one.kind) for one in EVERY_KIND]
    assert all(set(row) >= CLI_KEYS for row in details["events"])
    assert (details["end_m"], details["end_reason"], details["checksum"]) == (2000.0, "end", NOT_CHECKED)
    assert (details["link_loss_db"], details["orl_db"]) == (4.0, 32.0)
    assert details["file"] == "a-1.sor"
    assert details["sha256"] == hashlib.sha256(shot.body).hexdigest()
    assert {"wavelength_nm", "pulse_width_ns", "group_index", "step_m", "gaps", "methods"} <= set(details)
    assert shot.trace.table is not None
    assert [row["code"] for row in details["file_events"]] == [row.code for row in shot.trace.table.events]
    assert "traces" not in details
    msgspec.json.encode(details)  # only what JSON can hold


def test_the_checksum_is_looked_at_only_when_asked(fired: Fire) -> None:
    shot = fired([event("end", 2000.0)])
    checked = OtdrSettings(verify=True)
    assert measure([shot], checked).details["checksum"] == "ok"
    spoilt = shot._replace(body=shot.body[:-3] + bytes([shot.body[-3] ^ 1]) + shot.body[-2:])
    assert Warn.CHECKSUM_MISMATCH not in measure([spoilt], SETTINGS).warnings
    assert measure([spoilt], checked).warnings == [Warn.CHECKSUM_MISMATCH]


def test_a_curve_is_thin_and_keeps_the_reflections(fired: Fire) -> None:
    counts = np.arange(30_000, dtype="<u2")
    counts[12_345] = 0
    shot = fired([event("end", 20_000.0)], counts=counts, step_m=1.0, first_m=-500.0)
    (curve,) = measure([shot], SETTINGS).details["curves"]
    assert len(curve["x"]) == len(curve["y"]) <= MOST_POINTS
    assert (curve["metric"], curve["x_unit"], curve["y_unit"]) == ("otdr.trace", "m", "dB")
    assert curve["x"][0] == -500.0
    assert 20_000.0 < curve["x"][-1] < 25_000.0  # behind the end only as much as shows that it is the end
    assert curve["y"][curve["x"].index(12_345.0 - 500.0)] == 0.0


def test_two_wavelengths_show_a_bend_and_make_two_traces(fired: Fire) -> None:
    longer = fired([event("non-reflective", 900.0, 0.9), event("end", 2000.0)], name="b.sor")
    shorter = fired([event("end", 2000.0)], name="a.sor", wavelength_nm=1310.0)
    measured = measure([longer, shorter], SETTINGS)
    assert [reading.where["wavelength_nm"] for reading in of_metric(measured, "macrobend_loss_db")] == [1550.0]
    assert of_metric(measured, "splice_loss_db") == []
    assert [trace["wavelength_nm"] for trace in measured.details["traces"]] == [1550.0, 1310.0]
    assert measured.details["file"] == "b.sor"
    assert measured.details["events"][0]["kind"] == "macrobend"
    assert of_metric(measure([longer, shorter], OtdrSettings(macrobend_db=1.0)), "macrobend_loss_db") == []


def test_several_pulse_widths_of_a_file_are_told_apart(fired: Fire) -> None:
    shot = fired([event("end", 2000.0)])
    two = shot._replace(trace=shot.trace._replace(acquisitions=[shot.acquisition, shot.acquisition]))
    assert {reading.where.get("pulse_width_ns") for reading in measure([two], SETTINGS).readings} == {100.0}


def test_both_directions_give_the_mean_and_each_trace_its_own_table(fired: Fire) -> None:
    forward = fired([event("non-reflective", 500.0, -0.1), event("end", 2000.0)], name="a.sor")
    reverse = fired([event("non-reflective", 1500.0, 0.3), event("end", 2000.0)], name="b.sor")
    reverse = reverse._replace(body=reverse.body + b"\0")  # not the same file
    measured = measure([forward], SETTINGS, [reverse])
    (splice,) = of_metric(measured, "splice_loss_db")
    assert splice.value == pytest.approx(0.1)
    assert splice.where["ways"] == "both"
    assert splice.hint == Hint.OPEN_SPLICE
    row = measured.details["events"][0]
    assert (row["forward_loss_db"], row["reverse_loss_db"], row["gainer"]) == (-0.1, 0.3, True)
    assert [(trace["reverse"], trace["events"][0]["loss_db"]) for trace in measured.details["traces"]] == [
        (False, -0.1),
        (True, 0.3),
    ]
    assert [curve["reverse"] for curve in measured.details["curves"]] == [False, True]
    assert len(measured.evidence) == 2


def test_a_file_is_not_its_own_other_direction(fired: Fire) -> None:
    shot = fired([event("end", 2000.0)])
    with pytest.raises(UsageError, match="same file"):
        measure([shot], SETTINGS, [shot])


def test_what_comes_from_the_bench_is_simulated_and_other_files_are_not(fired: Fire) -> None:
    shot = fired([event("end", 2000.0)])
    assert measure([shot], SETTINGS).simulated
    assert shot.trace.supplier is not None
    other = msgspec.structs.replace(shot.trace.supplier, supplier="another maker")
    assert not measure([shot._replace(trace=shot.trace._replace(supplier=other))], SETTINGS).simulated


def test_nothing_personal_leaves_with_a_ticket(fired: Fire) -> None:
    texts = Texts(**{name: f"Personal{number}" for number, name in enumerate(Texts._fields)})
    fibre, instrument = Fibre(sections=(Section(2000.0, 0.2),)), Instrument(samples=2200)
    body = write([(shoot(fibre, instrument), instrument)], truth_of(fibre, instrument), texts=texts)
    assert b"Personal" in body
    shot = fired(EVERY_KIND)._replace(body=body, trace=read_sor("house of Personal9.sor", body))
    measured = measure([shot], SETTINGS)
    (evidence,) = measured.evidence
    assert evidence.body == body
    assert evidence.redacted is not None
    assert b"Personal" not in evidence.redacted
    assert "Personal" not in json.dumps({**measured.details, "file": ""})
    record = build_record("otdr", [measured], load_profile("ftth-drop"), started_at="2026-11-22T19:00:00+08:00")
    sent = json.dumps(redact_record(record))
    assert "non-reflective" in sent
    assert "Personal" not in sent
