"""The one way out to a server: total deadline, bounded answers, and what was or was not sent."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from linetest.errors import Offline, Paused, PushError, Rejected, Unanswered, UsageError
from linetest.secrets import Secret
from linetest.transports import http_answer
from linetest.transports.http import HttpTransport
from tests.transports.talking import OK, Talk, answering, listening


def dripping(head: bytes) -> Talk:
    """Return what answers `head` at once and then a byte every now and then, for ever."""

    def talk(wire: socket.socket) -> None:
        wire.recv(65536)
        wire.sendall(head)
        while True:
            wire.sendall(b"x")
            time.sleep(0.05)

    return talk


def test_a_request_and_its_answer() -> None:
    seen: list[bytes] = []

    def talk(wire: socket.socket) -> None:
        seen.append(wire.recv(65536))
        wire.sendall(OK)

    with listening(talk) as port:
        transport = HttpTransport(f"http://127.0.0.1:{port}/base/", token=Secret("canary"), scheme="token")
        answer = transport.request("GET", "/rt", params={"query": "a = 'b'"}, deadline_s=5)
    assert (answer.status, answer.json()) == (200, {})
    assert answer.skew_s is not None
    assert seen[0].startswith(b"GET /base/rt?query=a+%3D+%27b%27 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: token canary\r\n" in seen[0]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
    ],
    ids=["status line", "headers", "body", "chunks"],
)
def test_one_deadline_ends_every_drip(head: bytes) -> None:
    with listening(dripping(head)) as port:
        began = time.monotonic()
        with pytest.raises(Unanswered):
            HttpTransport(f"http://127.0.0.1:{port}").request("POST", body={}, deadline_s=0.5)
        assert time.monotonic() - began < 2.0


def test_nobody_there_is_offline_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Offline, match="Connection refused"):
            HttpTransport(f"http://127.0.0.1:{taken.getsockname()[1]}").request("GET", deadline_s=5)


def test_an_unknown_name_is_offline() -> None:
    with pytest.raises(Offline, match=r"tickets\.invalid cannot be found"):
        HttpTransport("http://tickets.invalid").request("GET", deadline_s=5)


def test_a_resolver_that_hangs_is_offline_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_arguments: object, **_more: object) -> list[object]:
        time.sleep(1)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(Offline):
        HttpTransport("http://tickets.invalid").request("GET", deadline_s=0.2)
    assert time.monotonic() - began < 0.9


def test_a_connection_that_ends_after_the_request_is_unanswered() -> None:
    def talk(wire: socket.socket) -> None:
        wire.recv(65536)

    with listening(talk) as port, pytest.raises(Unanswered):
        HttpTransport(f"http://127.0.0.1:{port}").request("POST", body={}, deadline_s=5)


def test_a_black_hole_is_unanswered() -> None:
    with listening(lambda _wire: time.sleep(5)) as port, pytest.raises(Unanswered):
        HttpTransport(f"http://127.0.0.1:{port}").request("GET", deadline_s=0.3)


def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_answer, "MOST_BYTES", 1000)
    text = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
    with listening(answering(text)) as port, pytest.raises(Unanswered, match="longer than 1000 bytes"):
        HttpTransport(f"http://127.0.0.1:{port}").request("GET", deadline_s=5)


def test_a_compressed_answer_is_refused() -> None:
    text = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"
    with listening(answering(text)) as port, pytest.raises(Unanswered, match="compressed"):
        HttpTransport(f"http://127.0.0.1:{port}").request("GET", deadline_s=5)


def test_an_answer_that_is_not_json_is_unanswered() -> None:
    text = b"HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\n<html>"
    with listening(answering(text)) as port:
        answer = HttpTransport(f"http://127.0.0.1:{port}").request("POST", body={}, deadline_s=5)
    with pytest.raises(Unanswered, match="is not JSON"):
        answer.json()


def test_a_redirect_to_another_host_is_refused_and_the_token_stays() -> None:
    elsewhere: list[bytes] = []
    with listening(lambda wire: elsewhere.append(wire.recv(65536))) as other:
        text = f"HTTP/1.1 302 Found\r\nLocation: http://localhost:{other}/x\r\nContent-Length: 0\r\n\r\n"
        with (
            listening(answering(text.encode())) as port,
            pytest.raises(Paused, match=f"redirects to localhost:{other}"),
        ):
            HttpTransport(f"http://127.0.0.1:{port}", token=Secret("canary")).request("POST", body={}, deadline_s=5)
    assert elsewhere == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254",
        "http://[fe80::1]",
        "http://[::ffff:169.254.169.254]",
        "http://0.0.0.0",
        "http://100.100.100.200",
        "http://2852039166",  # 169.254.169.254 as one number
    ],
)
def test_metadata_and_link_local_addresses_are_refused(url: str) -> None:
    with pytest.raises(Paused, match="an address of this link, of a group"):
        HttpTransport(url).request("GET", deadline_s=2)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1",
        "tickets.example.net",
        "http://",
        "http://user:canary@127.0.0.1",
        "http://127.0.0.1/?token=canary",
        "http://127.0.0.1:99999",
        "ftp://user:canary@127.0.0.1",
        "http://user:canary@127.0.0.1:99999",
        "http://127.0.0.1/\x01",
    ],
)
def test_addresses_that_cannot_be_used(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        HttpTransport(url)
    assert "canary" not in caught.value.what + caught.value.hint


def test_the_token_is_in_no_error_and_no_answer() -> None:
    text = b"HTTP/1.1 403 Forbidden\r\nX-Echo: token canary\r\nContent-Length: 18\r\n\r\nno right of canary"
    with listening(answering(text)) as port:
        answer = HttpTransport(f"http://127.0.0.1:{port}", token=Secret("canary")).request("GET", deadline_s=5)
    assert answer.text == "no right of ***"
    assert "canary" not in repr(answer)
    for talk in (dripping(b""), lambda _wire: None):
        with listening(talk) as port, pytest.raises(PushError) as caught:
            HttpTransport(f"http://127.0.0.1:{port}", token=Secret("canary")).request("GET", deadline_s=0.3)
        assert "canary" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("token", ["canary\r\nX-Evil: 1", "canary\u4e2d"])
def test_a_token_that_no_header_can_carry(token: str) -> None:
    with pytest.raises(UsageError, match="characters that no token has") as caught:
        HttpTransport("http://127.0.0.1", token=Secret(token))
    assert "canary" not in caught.value.what


def test_the_scheme_may_be_written_in_capitals() -> None:
    with listening(answering(OK)) as port:
        assert HttpTransport(f"HTTP://127.0.0.1:{port}/").request("GET", "/x", deadline_s=5).status == 200


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(answering(OK)) as port:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert HttpTransport(f"http://127.0.0.1:{port}").request("GET", deadline_s=5).status == 200


@pytest.mark.parametrize(
    ("value", "expected"), [("120", 120.0), ("", None), ("soon", None), ("Sun, 22 Nov 2020 11:00:00 GMT", 0.0)]
)
def test_retry_after(value: str, expected: float | None) -> None:
    answer = http_answer.Answer(status=429, headers={"retry-after": value}, text="", skew_s=None)
    assert answer.retry_after_s() == expected


@pytest.mark.parametrize("path", ["/ticket/1\x00", "/ticket/" + "1" * 70_000])
def test_a_path_that_no_request_can_carry_is_refused_before_anything_is_sent(path: str) -> None:
    seen: list[bytes] = []
    with (
        listening(lambda wire: seen.append(wire.recv(65536))) as port,
        pytest.raises(Rejected, match="cannot be asked"),
    ):
        HttpTransport(f"http://127.0.0.1:{port}").request("GET", path, deadline_s=5)
    assert seen == []


def test_a_host_in_another_script_is_named_as_the_wire_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def talk(wire: socket.socket) -> None:
        seen.append(wire.recv(65536))
        wire.sendall(OK)

    monkeypatch.setattr("linetest.transports.http_wire.resolve", lambda *_arguments: ["127.0.0.1"])
    with listening(talk) as port:
        HttpTransport(f"http://bücher.example:{port}").request("GET", deadline_s=5)
    assert f"\r\nHost: xn--bcher-kva.example:{port}\r\n".encode() in seen[0]


def name_service(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let tickets.example have these addresses."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **more: Any) -> list[Any]:
        if host != "tickets.example":
            return real(host, port, *arguments, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"])
def test_a_name_that_leads_to_a_metadata_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the name service says is checked too, each time a connection is made, and its every address."""
    with listening(answering(OK)) as port:
        name_service(monkeypatch, "127.0.0.1", address)
        with pytest.raises(Paused, match=f"tickets.example leads to {address}: an address of this link"):
            HttpTransport(f"http://tickets.example:{port}", token=Secret("canary")).request("GET", deadline_s=2)


def test_the_next_address_is_tried_where_the_first_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(answering(OK)) as port:
        name_service(monkeypatch, "127.0.0.2", "127.0.0.1")
        assert HttpTransport(f"http://tickets.example:{port}").request("GET", deadline_s=5).status == 200


KEPT = OK.replace(b"Connection: close\r\n", b"")


def serving(requests: list[int], number_of_connections: list[int], most: int) -> Talk:
    """Return what answers up to `most` requests on one connection and then closes it without a word."""

    def talk(wire: socket.socket) -> None:
        number_of_connections.append(1)
        for _number in range(most):
            if not wire.recv(65536):
                return
            requests.append(1)
            wire.sendall(KEPT)

    return talk


def test_a_connection_is_used_again_where_the_server_allows_it() -> None:
    requests: list[int] = []
    connections: list[int] = []
    with listening(serving(requests, connections, 100)) as port:
        transport = HttpTransport(f"http://127.0.0.1:{port}")
        for _number in range(5):
            assert transport.request("GET", deadline_s=5).status == 200
        assert (len(requests), len(connections)) == (5, 1)
        del transport  # which closes it


def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    requests: list[int] = []
    connections: list[int] = []
    with listening(serving(requests, connections, 1)) as port:
        transport = HttpTransport(f"http://127.0.0.1:{port}")
        for _number in range(3):
            assert transport.request("POST", body={}, deadline_s=5).status == 200
            time.sleep(0.05)  # so that the end of the connection arrives
        assert (len(requests), len(connections)) == (3, 3)


def test_threads_have_their_own_deadlines_and_connections() -> None:
    def talk(wire: socket.socket) -> None:
        request = wire.recv(65536)
        if b"/slow" in request:
            time.sleep(1.5)
        wire.sendall(OK)

    with listening(talk) as port, ThreadPoolExecutor(4) as threads:
        transport = HttpTransport(f"http://127.0.0.1:{port}")
        slow = threads.submit(transport.request, "GET", "/slow", deadline_s=0.4)
        quick = [threads.submit(transport.request, "GET", "/quick", deadline_s=5) for _number in range(12)]
        assert {one.result().status for one in quick} == {200}
        with pytest.raises(Unanswered, match="no answer in 0 s"):
            slow.result()
