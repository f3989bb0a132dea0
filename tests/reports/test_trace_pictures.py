"""The trace in the terminal and as a picture file."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from linetest.errors import FileError, UnknownFormat
from linetest.model.codes import Verdict
from linetest.model.record import Check
from linetest.reports.trace_plot import check_plot_name, draw_traces, write_plot
from linetest.reports.trace_terminal import draw_in_terminal
from linetest.reports.trace_view import views_of

Details = dict[str, Any]
FAILED = Check(
    metric="otdr.splice_loss_db", verdict=Verdict.FAIL, value=1.0, unit="dB", limit={"max": 0.5}, where={"number": 2}
)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_picture_falls_and_names_the_events(otdr_details: Details, width: int) -> None:
    (view,) = views_of(otdr_details)
    lines = draw_in_terminal(view, width, braille=False)
    assert max(map(len, lines)) <= width
    assert all(line.isascii() for line in lines)
    picture, axis, numbers = lines[:-3], lines[-3], lines[-2]
    first = next(row for row, line in enumerate(picture) if line[8:].strip())
    end = axis.rindex("+")
    at_end = [row for row, line in enumerate(picture) if line[end : end + 3].strip()]
    assert first <= 2
    assert max(at_end) >= len(picture) - 3  # the end falls into the noise
    assert axis.count("+") == 6  # the corner and five events
    assert [numbers.index(number) for number in "25"] == [axis.index("+", 20 if width > 40 else 14), end]


def test_braille_draws_the_same_in_finer_dots(otdr_details: Details) -> None:
    (view,) = views_of(otdr_details)
    lines = draw_in_terminal(view, 80, braille=True)
    dots = {character for line in lines for character in line if not character.isascii()}
    assert dots
    assert all("\u2800" < dot <= "\u28ff" for dot in dots)
    assert len(lines) == 17


@pytest.mark.parametrize("image_format", ["png", "svg"])
def test_the_same_record_gives_the_same_picture(otdr_details: Details, image_format: str) -> None:
    views = views_of(otdr_details, [FAILED])
    first = draw_traces(views, image_format)
    assert first == draw_traces(views, image_format)
    assert first != draw_traces(views_of(otdr_details), image_format)  # the failed splice is marked
    if image_format == "png":
        assert first.startswith(b"\x89PNG")
    else:
        names = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(first).iter()}
        assert names.isdisjoint({"script", "image", "a", "text"})


def test_a_name_that_no_picture_can_have_is_refused_before_the_work(tmp_path: Path, otdr_details: Details) -> None:
    with pytest.raises(UnknownFormat, match=r"\.jpg"):
        check_plot_name(tmp_path / "trace.jpg")
    with pytest.raises(FileError, match="no such folder"):
        check_plot_name(tmp_path / "nowhere" / "trace.png")
    with pytest.raises(FileError, match="no samples"):
        write_plot(tmp_path / "trace.png", [])
    write_plot(tmp_path / "trace.PNG", views_of(otdr_details))
    assert (tmp_path / "trace.PNG").read_bytes().startswith(b"\x89PNG")
