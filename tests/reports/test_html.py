"""The page: what it says, that it needs nothing else, and that it runs nothing."""

import re
from base64 import b64decode
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import msgspec
import pytest

from linetest.errors import BadFile
from linetest.model.record import Record
from linetest.reports.curves import curve_families
from linetest.reports.html import render_html
from linetest.reports.plots import draw_family
from linetest.words.text import use_language

pytestmark = pytest.mark.usefixtures("drawn_once")

Make = Callable[..., Record]
WithWords = Callable[[Record, str], Record]
HOSTILE = [
    "<img src=x onerror=document.title='hacked'>",
    "</svg><script>alert(1)</script>",
    "\"><script src='http://192.0.2.1/x.js'></script>",
    "{{ 7*7 }}{% for x in y %}",
    "\x1b]0;owned\x07\u202e",
    "$\\frac{1}{0}$",
]
VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """Collects what a browser would act on, and refuses elements that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.words += data


def pictures(page: Page) -> list[str]:
    sources = [value for name, value in page.attributes if name == "src"]
    return [b64decode(source.removeprefix("data:image/svg+xml;base64,"), validate=True).decode() for source in sources]


def test_the_page_says_it_all(copper_record: Make) -> None:
    words = Page(render_html(copper_record())).words
    for wanted in ("FAIL", "WO-1001", "LINE-1", "zhang", "adsl-prequal", "pair 3 from 1 at 1091 kHz, near end"):
        assert wanted in words
    for wanted in ("-38.09 dB", "below -40.0 dB", "-1.91 dB", "question bank, item 7", "split pair", "number 17"):
        assert wanted in words
    assert "read as gain" in words
    assert "SIMULATED" not in words


def test_simulated_is_on_the_page_and_on_every_sheet(light_record: Make) -> None:
    page = render_html(light_record())
    assert 'class="simulated"' in page
    assert 'class="watermark"' in page
    assert "<title>[SIMULATED]" in page


def test_the_page_needs_nothing_and_runs_nothing(copper_record: Make, light_record: Make) -> None:
    for record in (copper_record(), light_record()):
        text = render_html(record)
        page = Page(text)
        assert not {"script", "link", "iframe", "object", "embed", "form", "base", "a", "svg"} & set(page.tags)
        assert not [name for name, _value in page.attributes if name.startswith("on") or name == "href"]
        assert "url(" not in text
        assert "@import" not in text
        assert any(value.startswith("default-src 'none'") for name, value in page.attributes if name == "content")
        assert all(value.startswith("data:image/svg+xml;base64,") for name, value in page.attributes if name == "src")


def test_one_picture_for_each_quantity(copper_record: Make, light_record: Make) -> None:
    assert len(pictures(Page(render_html(copper_record())))) == 2
    assert len(pictures(Page(render_html(light_record())))) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(copper_record: Make, with_words: WithWords, text: str) -> None:
    record = copper_record(pairs=2)
    plain = Page(render_html(record))
    page = Page(render_html(with_words(record, text)))
    assert set(page.tags) == set(plain.tags)
    assert {name for name, _value in page.attributes} == {name for name, _value in plain.attributes}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page.words)
    if "\x1b" not in text:
        assert text in page.words
    for picture in pictures(page):
        root = ElementTree.fromstring(picture.encode())
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not {"script", "a", "text", "foreignObject", "image"} & names
        references = [value for one in root.iter() for name, value in one.attrib.items() if name.endswith("href")]
        assert all(reference.startswith("#") for reference in references)


def test_the_language_of_the_page(light_record: Make) -> None:
    use_language("zh")
    text = render_html(light_record(line="广州市天河区"))
    assert '<html lang="zh">' in text
    assert "广州市天河区" in text


def test_the_same_record_gives_the_same_bytes(copper_record: Make) -> None:
    record = copper_record(pairs=2)
    assert render_html(record) == render_html(record)
    once, again = ([draw_family(family) for family in curve_families(record)] for _time in range(2))
    assert once == again


def test_a_picture_marks_the_worst_curve(copper_record: Make) -> None:
    families = curve_families(copper_record())
    assert [family.name for family in families] == ["copper.next_db", "copper.fext_db"]
    assert [family.worst_curve.name for family in families if family.worst_curve] == [
        "NEXT pair 3 from 1",
        "FEXT pair 2 from 4",
    ]
    assert families[0].limit == [(25875.0, -40.0), (1104000.0, -40.0)]


def test_the_marked_curve_is_that_of_the_captions_pair_even_where_another_has_the_same_value(
    copper_record: Make,
) -> None:
    record = copper_record()
    own = next(curve for curve in record.details["curves"] if curve["name"] == "NEXT pair 3 from 1")
    other = {**own, "name": "NEXT pair 2 from 1", "pair": "2"}
    (family,) = curve_families(msgspec.structs.replace(record, details={"curves": [other, own]}))
    assert family.worst_curve is not None
    assert family.worst is not None
    assert (family.worst_curve.name, family.worst.where["pair"]) == ("NEXT pair 3 from 1", "3")


def test_a_worst_point_whose_curve_was_not_kept_is_not_said_to_be_drawn(copper_record: Make) -> None:
    record = copper_record()
    curves = [curve for curve in record.details["curves"] if curve["pair"] == "2"]
    words = Page(render_html(msgspec.structs.replace(record, details={"curves": curves}))).words
    assert "Curves: 3; dashed: the limit." in words


def test_a_caption_names_no_limit_that_is_not_drawn(copper_record: Make) -> None:
    curves = [{"name": "IL 1", "x": [1e5, 1e6], "y": [3.0, 8.0], "x_unit": "Hz", "y_unit": "dB"}]
    words = Page(render_html(copper_record(details={"curves": curves}))).words
    assert "Curves: 1, without a limit" in words
    assert "dashed" not in words


def test_curves_without_a_metric_are_known_by_their_names(copper_record: Make) -> None:
    record = copper_record()
    curves = [{key: value for key, value in curve.items() if key != "metric"} for curve in record.details["curves"]]
    families = curve_families(msgspec.structs.replace(record, details={"curves": curves}))
    assert [family.name for family in families] == ["NEXT", "FEXT"]
    assert [family.worst.metric for family in families if family.worst] == ["copper.next_db", "copper.fext_db"]


def test_many_curves_are_drawn_as_dots_to_keep_the_page_small(copper_record: Make) -> None:
    family = curve_families(copper_record(pairs=17))[0]
    picture = draw_family(family)
    assert "data:image/png;base64," in picture
    assert len(picture) < 500_000


def test_curves_with_gaps_and_without_checks(copper_record: Make) -> None:
    record = copper_record()
    curves = [
        {**curve, "y": [None, *curve["y"][1:]], "limit": [[3e4, -60], [1e6, -40]]} for curve in record.details["curves"]
    ]
    odd = msgspec.structs.replace(record, checks=[], details={"curves": curves})
    assert "Curves: 12" in Page(render_html(odd)).words


@pytest.mark.parametrize(
    "curves",
    ["many", [1], [{"name": "x"}], [{"name": "x", "x": [1.0], "y": [], "x_unit": "Hz", "y_unit": "dB"}]],
)
def test_curves_that_are_none_are_refused(copper_record: Make, curves: object) -> None:
    with pytest.raises(BadFile, match="curves"):
        render_html(copper_record(details={"curves": curves}))


@pytest.mark.parametrize(
    "curve",
    [
        {"x": [], "y": []},
        {"x": [0.0, 1.0], "y": [0.0, 0.0]},
        {"x": [-5.0], "y": [None]},
        {"x": [1e9], "y": [-300.0], "x_unit": "中", "y_unit": "$"},
    ],
)
def test_strange_curves_are_drawn_somehow(copper_record: Make, curve: dict[str, object]) -> None:
    whole = {"name": "NEXT", "x_unit": "Hz", "y_unit": "dB", "limit": -40.0} | curve
    assert len(pictures(Page(render_html(copper_record(details={"curves": [whole]}))))) == 1
