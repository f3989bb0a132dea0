"""The page in a real browser: it shows its pictures, runs no script, and asks nobody for anything."""

from collections.abc import Callable
from typing import Any

import pytest

from linetest.model.record import Record
from linetest.reports.html import render_html

Make = Callable[..., Record]
WithWords = Callable[[Record, str], Record]
Event = dict[str, Any]
Open = Callable[[str], tuple[list[Event], Callable[[str], Any]]]
HOSTILE = [
    "<img src=x onerror=document.title='hacked'>",
    "</svg><script>document.title='hacked'</script>",
    "\"><img src='http://127.0.0.1:9/x.png' onload=alert(1)>",
]


@pytest.mark.peer
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_record_is_only_shown(open_page: Open, copper_record: Make, with_words: WithWords, text: str) -> None:
    events, ask = open_page(render_html(with_words(copper_record(), text)))
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    assert len([address for address in asked if address.startswith("file:")]) == 1
    assert not [event for event in events if event["method"] == "Page.javascriptDialogOpening"]
    assert text in ask("document.title")
    assert ask("document.scripts.length") == 0
    assert text in ask("document.body.innerText")
    assert ask("document.images.length") == 2
    assert ask("[...document.images].every(image => image.naturalWidth > 300)") is True


@pytest.mark.peer
def test_a_script_in_the_page_would_not_run(open_page: Open, light_record: Make) -> None:
    page = render_html(light_record())
    hurt = page.replace("</main>", "<script>document.title='hacked'</script><img src='http://127.0.0.1:9/x'></main>")
    assert hurt != page
    events, ask = open_page(hurt)
    assert ask("document.title") != "hacked"
    sent = [event["params"] for event in events if event["method"] == "Network.loadingFailed"]
    assert {one.get("blockedReason") for one in sent} <= {"csp"}


@pytest.mark.peer
@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_sticks_out_at_the_side(open_page: Open, copper_record: Make, width: int) -> None:
    _events, ask = open_page(render_html(copper_record(line="LINE-" + "9" * 90)))
    frame = f"""new Promise(done => {{
        const frame = document.createElement('iframe');
        frame.style.width = '{width}px';
        frame.srcdoc = document.documentElement.outerHTML;
        frame.onload = () => done(frame.contentDocument.documentElement.scrollWidth);
        document.body.append(frame);
    }})"""
    assert 0 < ask(frame) <= width
