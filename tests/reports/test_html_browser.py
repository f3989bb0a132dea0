"""The page in a real browser: it shows its pictures, runs no script, and asks nobody for anything."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from linetest.model.record import Record
from linetest.reports.html import render_html

websocket = pytest.importorskip("websocket", reason="websocket-client, which talks to the browser, is not installed")

Make = Callable[..., Record]
WithWords = Callable[[Record, str], Record]
Event = dict[str, Any]
Open = Callable[[str], tuple[list[Event], Callable[[str], Any]]]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
START_S = 30.0
ANSWER_S = 20.0
HOSTILE = [
    "<img src=x onerror=document.title='hacked'>",
    "</svg><script>document.title='hacked'</script>",
    "\"><img src='http://127.0.0.1:9/x.png' onload=alert(1)>",
]


@pytest.fixture
def browser(tmp_path: Path, need: Callable[[bool, str], None]) -> Iterator[int]:
    """Start a browser of its own and return the port of its developer tools."""
    need(CHROMIUM is not None, "no Chromium here: apt-get install chromium")
    profile = tmp_path / "browser"
    options = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0"),
        f"--user-data-dir={profile}",
    ]
    process = subprocess.Popen(
        [str(CHROMIUM), *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield _port(profile / "DevToolsActivePort", process)
    finally:
        process.terminate()
        process.wait(START_S)


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) >= 2:
            return int(lines[0])
        time.sleep(0.05)
    pytest.fail("the browser did not start")


@pytest.fixture
def open_page(browser: int, tmp_path: Path) -> Iterator[Open]:
    """Return a function that shows a page; it gives the browser's events and a function that asks the page."""
    with urlopen(f"http://127.0.0.1:{browser}/json/list", timeout=ANSWER_S) as answer:
        (tab,) = [target for target in json.load(answer) if target["type"] == "page"]
    socket = websocket.create_connection(tab["webSocketDebuggerUrl"], timeout=ANSWER_S, suppress_origin=True)
    events: list[Event] = []
    number = 0

    def call(method: str, **params: Any) -> Any:
        nonlocal number
        number += 1
        socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(socket.recv())
            if message.get("id") == number:
                return message["result"]
            events.append(message)

    def evaluate(expression: str) -> Any:
        return call("Runtime.evaluate", expression=expression, awaitPromise=True)["result"].get("value")

    def show(text: str) -> tuple[list[Event], Callable[[str], Any]]:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        for domain in ("Page", "Network", "Runtime", "Log"):
            call(f"{domain}.enable")
        call("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in events):
            events.append(json.loads(socket.recv()))
        evaluate("Promise.all([...document.images].map(image => image.decode())).then(() => true)")
        return events, evaluate

    yield show
    socket.close()


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
