"""What pictures and tables of a trace are made of: events, verdicts, sections, and what is shown first."""

from collections.abc import Callable
from typing import Any

import pytest
from wcwidth import wcswidth

from linetest.errors import BadFile
from linetest.model.codes import Verdict
from linetest.model.record import Check, Record
from linetest.reports.text import render_text
from linetest.reports.trace_changes import render_changes
from linetest.reports.trace_text import event_table, instrument_table
from linetest.reports.trace_view import event_rows, views_of
from linetest.words.text import use_language

Make = Callable[..., Record]
Details = dict[str, Any]


def check(metric: str, verdict: Verdict, **where: Any) -> Check:
    return Check(metric=metric, verdict=verdict, value=1.0, unit="dB", limit={"max": 0.5}, where=where)


def test_what_failed_is_marked_where_it_failed(otdr_details: Details) -> None:
    checks = [
        check("otdr.connector_loss_db", Verdict.PASS, number=3, wavelength_nm=1550.0),
        check("otdr.reflectance_db", Verdict.FAIL, number=3, wavelength_nm=1550.0),
        check("otdr.splice_loss_db", Verdict.INCONCLUSIVE, number=2, wavelength_nm=1550.0),
        check("otdr.splice_loss_db", Verdict.FAIL, number=2, wavelength_nm=1310.0),
        check("otdr.splice_loss_db", Verdict.FAIL, number=2, wavelength_nm=1550.0, pulse_width_ns=30.0),
        check("otdr.link_loss_db", Verdict.FAIL, wavelength_nm=1550.0),
    ]
    (view,) = views_of(otdr_details, checks)
    rows = event_rows(view)
    assert [row.verdict for row in rows] == [None, Verdict.INCONCLUSIVE, Verdict.FAIL, None, None]
    assert (rows[1].loss, rows[2].loss, rows[2].reflectance) == ("0.400±0.003?", "0.300±0.010 ", "-45.0!")
    assert rows[4].reflectance == "≥-14.5 "  # cut off: at least so strong
    assert rows[0].loss == "- "  # absent is not 0.000


def test_both_directions_stand_in_the_place_of_the_first_ones_events(otdr_details: Details) -> None:
    forward, reverse = dict(otdr_details), {**otdr_details, "reverse": True, "wavelength_nm": 1551.0}
    (curve,) = otdr_details["curves"]
    both = [{**event, "ways": "both"} for event in otdr_details["events"]]
    both[1] |= {"gainer": True, "loss_db": 0.05, "forward_loss_db": 0.4, "reverse_loss_db": -0.3}
    document = {**otdr_details, "events": both, "traces": [forward, reverse], "curves": [curve, curve]}
    first, second = views_of(document, [check("otdr.splice_loss_db", Verdict.FAIL, number=2)])
    row = event_rows(first)[1]
    assert (row.kind, row.loss, row.forward, row.reverse) == ("gainer", "0.050±0.003!", "0.400", "-0.300")
    assert (first.both_ways, second.both_ways, second.verdicts) == (True, False, {})
    assert second.heading == "1551 nm, 100 ns, from the other end"
    assert "forward" in "\n".join(event_table(first))


@pytest.mark.parametrize(("loss_db", "word"), [(-0.05, "gainer"), (-0.005, "without reflection"), (0.1, "without")])
def test_a_gain_beyond_its_uncertainty_has_its_own_word(otdr_details: Details, loss_db: float, word: str) -> None:
    otdr_details["events"][1]["loss_db"] = loss_db
    (view,) = views_of(otdr_details)
    assert event_rows(view)[1].kind.startswith(word)


def test_the_fibre_is_shown_first_and_not_the_clipped_noise(otdr_details: Details) -> None:
    (view,) = views_of(otdr_details)
    span, whole = view.interesting(), view.whole()
    assert span.x0 == -200.0
    assert 4000.0 < span.x1 < whole.x1 + 1.0
    assert span.y0 < 20.0
    assert 40.0 < span.y1 < whole.y1
    assert view.loss_at(1500.0) == pytest.approx(20.74, abs=0.01)
    assert view.sections() == [(1500.0, 4000.0, 0.2)]  # not from the echo in between


def test_echoes_far_behind_the_end_do_not_bring_the_clipped_noise_into_the_picture() -> None:
    x = [float(at) for at in range(0, 10_000, 10)]
    noise = [65.0 if at % 20 else 35.0 for at in range(5000, 10_000, 10)]
    y = [10.0 + at / 5000.0 for at in x[:500]] + noise
    curve = {"metric": "otdr.trace", "name": "a", "x": x, "y": y, "x_unit": "m", "y_unit": "dB"}
    events = [{"kind": "end", "distance_m": 5000.0}, {"kind": "ghost", "distance_m": 9000.0}]
    (view,) = views_of({"events": events, "end_m": 5000.0, "wavelength_nm": 1550.0, "curves": [curve]})
    shown = view.interesting()
    assert shown.x1 > 9000.0
    assert 35.0 < shown.y1 < 50.0


@pytest.mark.parametrize(
    "hurt",
    [
        {"events": "none"},
        {"events": [{"kind": 3}]},
        {"traces": [1, 2]},
        {"curves": [{"metric": "otdr.trace", "name": "x", "x": [1], "y": [], "x_unit": "m", "y_unit": "dB"}]},
        {"wavelength_nm": "1550"},
    ],
)
def test_details_from_outside_that_are_none_are_refused(otdr_details: Details, hurt: Details) -> None:
    with pytest.raises(BadFile, match="cannot be drawn"):
        views_of({**otdr_details, **hurt})


@pytest.mark.parametrize("y", [[1e300] * 3, [None] * 3, []])
def test_a_trace_without_samples_that_can_be_drawn_is_left_out(otdr_details: Details, y: list[Any]) -> None:
    (curve,) = otdr_details["curves"]
    assert views_of({**otdr_details, "curves": [{**curve, "x": [1.0, 2.0, 3.0][: len(y)], "y": y}]}) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_report_has_the_table_within_80_columns(otdr_record: Make, language: str) -> None:
    use_language(language)
    text = render_text(otdr_record())
    assert max(map(wcswidth, text.splitlines())) <= 80
    assert "0.400±0.003!" in text
    assert text.count("4000.0") == 1


def test_a_table_of_extremes_fits_too(otdr_details: Details) -> None:
    wide = {"distance_m": -123456.7, "loss_db": -12.345, "loss_u_db": 12.345, "reflectance_db": -100.1}
    otdr_details["events"] = [{**event, **wide} for event in otdr_details["events"]] * 20
    for event in otdr_details["events"]:
        event |= {"number": 100, "section_db_per_km": 123.456, "cumulative_db": 123.456, "kind": "x\x1b" * 30}
    for (view,) in (views_of(otdr_details), views_of(otdr_details, [check("otdr.x_db", Verdict.FAIL, number=100)])):
        lines = event_table(view)
        assert max(map(wcswidth, lines)) <= 80
        assert not any("\x1b" in line for line in lines)


def test_the_instruments_own_table_shows_absent_as_absent() -> None:
    row = {"number": 2, "distance_m": 1.25, "section_db_per_km": 0.2, "loss_db": 0.0, "reflectance_db": None}
    lines = instrument_table([{**row, "code": "1F9999", "loss_method": "LS"}])
    assert lines[-1].split() == ["2", "1.2", "1F9999", "LS", "0.000", "-", "0.200"]
    assert "no table" in instrument_table(None)[0]


def test_what_changed_for_sure_stands_first() -> None:
    def change(what: str, distance_m: float, significant: bool, **more: Any) -> Details:
        base = {"event": "reflective", "before": 0.1, "after": 0.5, "unit": "dB", "difference": 0.4, "sigmas": 9.0}
        return {"what": what, "distance_m": distance_m, "significant": significant, **base, **more}

    quiet = change("loss-changed", 10.0, False)
    quiet |= {"what": "reflectance-changed", "unit": "dB/km", "event": "non-reflective", "before": -100.123}
    loud = change("event-new", 99000.5, True, before=None, difference=None, sigmas=None)
    document = {"changes": [quiet, loud], "sigmas": 3.0, "tolerance_m": 20.0, "warnings": []}
    lines = render_changes(document).splitlines()
    assert lines[0] == "1 significant change"
    assert lines[3].split()[:4] == ["!", "99000.5", "new", "event"]
    assert max(map(wcswidth, lines)) <= 80
    assert render_changes({**document, "changes": [quiet]}).startswith("Nothing significant changed.")
