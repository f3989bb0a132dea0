"""Pictures of copper: what is in them, and what their captions say."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from linetest.errors import BadFile
from linetest.model.record import Record
from linetest.reports.curves import curve_families
from linetest.reports.heat_map import draw_heat_map, heat_maps
from linetest.reports.html import render_html
from linetest.reports.pictures import Picture, pictures_of
from linetest.reports.plots import draw_family
from linetest.reports.tones_plot import draw_tones, panels_of

pytestmark = pytest.mark.usefixtures("drawn_once")

Make = Callable[..., Record]


def combinations(pairs: int, margin_db: Callable[[int, int], float | None]) -> list[dict[str, Any]]:
    return [
        {
            "pair": str(pair),
            "disturber": str(other),
            "end": "near",
            "metric": "copper.next_db",
            "worst_db": -45.0,
            "frequency_hz": 1e6,
            "margin_db": margin_db(pair, other),
        }
        for pair in range(1, pairs + 1)
        for other in range(1, pairs + 1)
        if pair != other
    ]


def curve(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "x": [3e4, 3e5, 1.1e6], "y": [-80.0, -70.0, -60.0], "x_unit": "Hz", "y_unit": "dB", **fields}


def tones(**told: Any) -> dict[str, Any]:
    curves = [
        curve("QLN down", direction="down", y_unit="dBm/Hz", y=[-110.0, None, -112.0]),
        curve("QLN up", direction="up", y_unit="dBm/Hz"),
        curve("Hlog down", direction="down"),
        curve("SNR down", direction="down"),
        curve("bits down", direction="down", y_unit="bit", y=[0.0, 8.0, 9.0]),
    ]
    return {"tones": {"spacing_hz": 4312.5, "dips": [], **told}, "curves": curves}


def paths(svg: str) -> int:
    root = ElementTree.fromstring(svg.encode())
    assert "text" not in {element.tag.rpartition("}")[2] for element in root.iter()}
    return sum(element.tag.endswith("}path") for element in root.iter())


def named(pictures: list[Picture], begin: str) -> Picture:
    (found,) = [picture for picture in pictures if picture.title.startswith(begin)]
    return found


def test_the_map_shows_margins_and_which_of_them_fail(copper_record: Make) -> None:
    record = copper_record(details={"combinations": combinations(4, lambda pair, other: pair - other)})
    (one,) = heat_maps(record)
    assert one.pairs == ["1", "2", "3", "4"]
    assert one.margin_db["1", "4"] == -3
    assert one.strict
    assert named(pictures_of(record), "NEXT").caption.startswith("Rows: the disturbed pair, heard at its near end")
    passing = one._replace(margin_db={place: abs(margin) for place, margin in one.margin_db.items()})
    assert draw_heat_map(one) != draw_heat_map(passing)


def test_a_margin_of_zero_has_a_cross_where_the_limit_is_strict(copper_record: Make) -> None:
    (one,) = heat_maps(copper_record(details={"combinations": combinations(3, lambda _pair, _other: 0.0)}))
    assert paths(draw_heat_map(one)) > paths(draw_heat_map(one._replace(strict=False)))


def test_what_was_not_measured_is_in_the_map_as_such(copper_record: Make) -> None:
    details = {"combinations": combinations(3, lambda pair, other: None if pair == 2 else 5.0)}
    (one,) = heat_maps(copper_record(details=details))
    assert ("2", "1") not in one.margin_db
    draw_heat_map(one)


@pytest.mark.parametrize(
    ("pairs", "wide"),
    [
        (8, False),
        (9, True),
        pytest.param(25, True, marks=pytest.mark.slow),
        pytest.param(30, True, marks=pytest.mark.slow),
    ],
)
def test_many_pairs_have_a_wide_map(copper_record: Make, pairs: int, wide: bool) -> None:
    record = copper_record(details={"combinations": combinations(pairs, lambda pair, other: 9.5 - (pair + other) / 3)})
    (picture,) = [one for one in pictures_of(record) if "margin" in one.title]
    assert picture.wide is wide
    assert len(picture.address) < 2_500_000


def test_nothing_to_map(copper_record: Make) -> None:
    assert heat_maps(copper_record(details={})) == []
    assert heat_maps(copper_record(details={"combinations": combinations(2, lambda _pair, _other: 3.0)})) == []
    assert heat_maps(copper_record(details={"combinations": combinations(4, lambda _pair, _other: None)})) == []
    odd = [{**one, "disturber": None} for one in combinations(4, lambda _pair, _other: 3.0)]
    assert heat_maps(copper_record(details={"combinations": odd})) == []


@pytest.mark.parametrize("bad", ["many", [1], [{"pair": "1"}], [{**combinations(2, lambda _a, _b: 1.0)[0], "end": 5}]])
def test_combinations_that_are_none_are_refused(copper_record: Make, bad: object) -> None:
    with pytest.raises(BadFile, match="combinations"):
        pictures_of(copper_record(details={"combinations": bad}))


def test_labels_that_would_be_a_formula_or_markup(copper_record: Make) -> None:
    rows = combinations(3, lambda _pair, _other: 3.0)
    hostile = [{**one, "pair": f"$\\frac{{{one['pair']}}}<script>中"} for one in rows]
    (one,) = heat_maps(copper_record(details={"combinations": hostile}))
    assert paths(draw_heat_map(one)) > 0


def test_the_reference_is_drawn_and_named_and_never_the_worst(copper_record: Make) -> None:
    record = copper_record()
    said = {"model": "t1", "disturbers": 1, "length_m": 301.4, "wire": "AWG26"}
    drawn = [*record.details["curves"], curve("NEXT reference", metric="copper.next_db", reference=said)]
    compared = msgspec.structs.replace(record, details={"curves": drawn})
    family, plain = curve_families(compared)[0], curve_families(record)[0]
    assert family.worst_curve == plain.worst_curve
    assert len(family.curves) == len(plain.curves)
    assert draw_family(family) != draw_family(plain)
    caption = pictures_of(compared)[0].caption
    assert "Thin dashed, to compare with: ANSI T1.417, disturbers: 1; 99 of 100 cables stay below." in caption
    assert "Length taken from the loss: 301 m, if the wire is AWG26." in caption


@pytest.mark.parametrize("said", [{}, {"model": 5, "disturbers": "x", "length_m": "y", "wire": ["z"]}])
def test_a_strange_reference_is_drawn_somehow(copper_record: Make, said: dict[str, Any]) -> None:
    curves = [curve("NEXT", metric="copper.next_db"), curve("reference", metric="copper.next_db", reference=said)]
    assert "Thin dashed" in pictures_of(copper_record(details={"curves": curves}))[0].caption


def test_each_pairs_loss_says_whose_it_is(copper_record: Make) -> None:
    curves = [
        curve(f"IL {pair}", metric="copper.insertion_loss_db", pair=str(pair), y=[1.0, 2.0, level])
        for pair, level in enumerate((5.0, 5.01, 9.0, None), start=1)
    ]
    record = copper_record(details={"curves": curves})
    (family,) = curve_families(record)
    assert family.numbered
    assert paths(draw_family(family)) > paths(draw_family(family._replace(curves=family.curves[:1])))
    assert "at the right end the pair of each" in pictures_of(record)[0].caption


def test_what_a_modem_tells_is_in_two_pictures(copper_record: Make) -> None:
    pictures = pictures_of(copper_record(checks=[], details=tones()))
    assert [picture.title for picture in pictures] == ["QLN, Hlog", "SNR, bits"]
    assert "Solid: downstream; dashed: upstream" in pictures[0].caption
    assert "above: tones" in pictures[0].caption
    assert "Triangles" not in pictures[0].caption


def test_dips_are_marked_where_the_curve_is(copper_record: Make) -> None:
    dips = [{"direction": "down", "frequency_hz": 3e5, "depth_db": 9.0}, {"direction": "down"}, 7]
    with_dips = copper_record(checks=[], details=tones(dips=dips))
    (one, _other) = panels_of(curve_families(with_dips), with_dips.details)
    assert one.dips == [(3e5, "down")]
    assert paths(draw_tones(one)) > paths(draw_tones(one._replace(dips=[])))
    assert "Triangles: dips." in pictures_of(with_dips)[0].caption


def test_tones_alone_between_gaps_are_still_seen(copper_record: Make) -> None:
    record = copper_record(checks=[], details={"tones": {}, "curves": [curve("Hlog", y=[None, -30.0, None])]})
    (one,) = panels_of(curve_families(record), record.details)
    assert one.spacing_hz is None
    root = ElementTree.fromstring(draw_tones(one).encode())
    assert [element for element in root.iter() if element.tag.endswith("}use")]


@pytest.mark.peer
def test_units_are_not_cut_off(open_page: Callable[..., Any], copper_record: Make) -> None:
    """The unit stands upright at the left: all of its ink lies inside the picture."""
    pictures = pictures_of(copper_record(checks=[], details=tones()))
    svg = b64decode(pictures[0].address.partition(",")[2]).decode()
    _events, ask = open_page(f"<!DOCTYPE html><body style='margin:0'>{svg}</body>")
    left = "Math.min(...[...document.querySelectorAll('[id^=text]')].map(one => one.getBoundingClientRect().left))"
    assert ask(left) >= 0


@pytest.mark.peer
def test_a_map_of_many_pairs_moves_inside_a_telephones_width(
    open_page: Callable[..., Any], copper_record: Make
) -> None:
    rows = combinations(12, lambda pair, other: 30.0 - pair - other)
    _events, ask = open_page(render_html(copper_record(details={"combinations": rows})))
    frame = """new Promise(done => {
        const frame = document.createElement('iframe');
        frame.style.width = '390px';
        frame.srcdoc = document.documentElement.outerHTML;
        frame.onload = () => {
            const inside = frame.contentDocument;
            const box = inside.querySelector('.moves');
            done(JSON.stringify([inside.documentElement.scrollWidth, box.clientWidth, box.scrollWidth]));
        };
        document.body.append(frame);
    })"""
    page, box, moved = json.loads(ask(frame))
    assert 0 < page <= 390
    assert box < 390 < moved
