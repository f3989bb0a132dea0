"""The trace on the page: complete without a script, and only its own script may run."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from linetest.model.record import Record
from linetest.reports.html import render_html

Make = Callable[..., Record]
Details = dict[str, Any]
Event = dict[str, Any]
Open = Callable[[str], tuple[list[Event], Callable[[str], Any]]]
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
VIEW = "document.querySelector('.plot').getAttribute('viewBox').split(' ').map(Number)"
MIDDLE = """(() => {
    const box = document.querySelector('.plot').getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);
})()"""


def test_the_policy_allows_the_one_script_by_its_hash(otdr_record: Make) -> None:
    page = render_html(otdr_record())
    (script,), (policy,) = SCRIPT.findall(page), POLICY.findall(page)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert not re.search(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)", script.replace("// ", ""))


def test_a_page_without_a_trace_holds_no_script(copper_record: Make) -> None:
    page = render_html(copper_record())
    assert "script-src" not in page
    assert SCRIPT.findall(page) == []


def test_the_picture_is_there_without_the_script(otdr_record: Make) -> None:
    page = render_html(otdr_record())
    assert page.count("<polyline ") == 1
    assert page.count('<g class="event"') == 3
    assert page.count('<g class="failed"') == 1
    assert ">2!</text>" in page
    assert "0.400±0.003!" in page
    assert "data:image/svg" not in page  # not drawn once more as a curve among others


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x1b[2J"])
def test_hostile_words_are_only_shown(otdr_record: Make, otdr_details: Details, text: str) -> None:
    otdr_details["events"][1]["kind"] = text
    page = render_html(otdr_record(details=otdr_details))
    assert text not in page
    assert len(SCRIPT.findall(page)) == 1


def start(tab: Any, open_page: Open, page: str) -> None:
    events, ask = open_page(page)
    assert not [event for event in events if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
    assert ask("document.querySelectorAll('figure.live').length") == 1
    tab.call("Emulation.setDeviceMetricsOverride", width=1000, height=2000, deviceScaleFactor=1, mobile=False)


def mouse(tab: Any, kind: str, x: float, y: float, **more: Any) -> None:
    tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)


@pytest.mark.peer
def test_a_person_zooms_and_moves(tab: Any, open_page: Open, otdr_record: Make) -> None:
    start(tab, open_page, render_html(otdr_record()))
    tab.ask("document.querySelector('.trace-picture').scrollIntoView({block: 'center'})")
    home = tab.ask(f"JSON.stringify({VIEW})")
    x, y = tab.call("Runtime.evaluate", expression=MIDDLE, returnByValue=True)["result"]["value"]

    def view() -> list[float]:
        values = tab.call("Runtime.evaluate", expression=VIEW, returnByValue=True)["result"]["value"]
        assert isinstance(values, list)
        return values

    def ticks() -> str:
        return str(tab.ask("[...document.querySelectorAll('.grid text.x')].map(one => one.textContent).join()"))

    begun, labels = view(), ticks()
    mouse(tab, "mouseWheel", x, y, deltaX=0, deltaY=-120)
    wheeled = view()
    assert wheeled[2] == pytest.approx(begun[2] * 0.8)
    assert wheeled[3] == pytest.approx(begun[3] * 0.8)
    assert ticks() != labels
    middle = begun[0] + begun[2] / 2.0
    assert wheeled[0] + wheeled[2] / 2.0 == pytest.approx(middle, abs=begun[2] / 200.0)  # it stays under the pointer
    mouse(tab, "mousePressed", x, y, button="left", buttons=1, clickCount=1)
    mouse(tab, "mouseMoved", x + 100, y, button="left", buttons=1)
    mouse(tab, "mouseReleased", x + 100, y, button="left", clickCount=1)
    dragged = view()
    assert dragged[0] < wheeled[0]
    assert dragged[2] == pytest.approx(wheeled[2])
    for clicks in (1, 2):
        mouse(tab, "mousePressed", x, y, button="left", buttons=1, clickCount=clicks)
        mouse(tab, "mouseReleased", x, y, button="left", clickCount=clicks)
    assert tab.ask(f"JSON.stringify({VIEW})") == home
    tab.ask("document.querySelector('.trace-picture').focus()")
    for key in ("+", "ArrowRight"):
        tab.call("Input.dispatchKeyEvent", type="keyDown", key=key)
    assert view()[0] > begun[0]
    tab.ask("document.querySelector('[data-do=all]').click()")
    assert tab.ask(f"JSON.stringify({VIEW})") == home
    for _press in range(40):
        tab.ask("document.querySelector('[data-do=in]').click()")
    assert view()[2] >= 1.0  # not smaller than a metre
    assert not [event for event in tab.events if event["method"] == "Runtime.exceptionThrown"]


@pytest.mark.peer
def test_fingers_pinch(tab: Any, open_page: Open, otdr_record: Make) -> None:
    start(tab, open_page, render_html(otdr_record()))
    tab.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=2)
    tab.ask("document.querySelector('.trace-picture').scrollIntoView({block: 'center'})")
    x, y = tab.call("Runtime.evaluate", expression=MIDDLE, returnByValue=True)["result"]["value"]
    width = tab.ask(f"{VIEW}[2]")
    for kind, apart in (("touchStart", 50), ("touchMove", 70), ("touchMove", 100)):
        tab.call(
            "Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x - apart, "y": y}, {"x": x + apart, "y": y}]
        )
    tab.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    assert tab.ask(f"{VIEW}[2]") == pytest.approx(width / 2.0, rel=0.05)


@pytest.mark.peer
def test_another_script_does_not_run(tab: Any, open_page: Open, otdr_record: Make) -> None:
    page = render_html(otdr_record())
    _events, ask = open_page(page.replace("</main>", "<script>document.title='hacked'</script></main>"))
    assert ask("document.title") != "hacked"
    assert ask("document.querySelectorAll('figure.live').length") == 1
    asked = [one["params"]["request"]["url"] for one in tab.events if one["method"] == "Network.requestWillBeSent"]
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []


@pytest.mark.peer
def test_the_page_fits_a_phone(tab: Any, open_page: Open, otdr_record: Make) -> None:
    tab.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
    _events, ask = open_page(render_html(otdr_record()))
    assert ask("document.documentElement.scrollWidth") <= 390
    assert ask("document.querySelector('.trace-picture').getBoundingClientRect().width") <= 390
    letters = ask("document.querySelector('.grid text').getBoundingClientRect().height")
    assert letters >= 10  # the picture is narrower, its letters are not smaller
