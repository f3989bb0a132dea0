"""HTTP: one request, one total deadline, one bounded answer.

The limits of HTTP libraries are per read: a server that drips one byte at a time holds them open for ever. Here a clock
over the whole exchange ends it, headers and body alike, which is why this stands on httpcore, the engine of httpx: it
takes sockets of one's own. What matters to the outbox is told apart: `Offline` means that nothing was sent,
`Unanswered` that something was sent and may have been done.
"""

import os
import ssl
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpcore
import msgspec

from linetest.errors import Offline, Paused, PushError, Rejected, Unanswered, UsageError
from linetest.secrets import Secret
from linetest.transports.http_address import is_loopback, split_address
from linetest.transports.http_answer import Answer, read_answer
from linetest.transports.http_tls import refused, tls_context
from linetest.transports.http_wire import Connections, Wires
from linetest.words.text import N_, _

DEADLINE_S = 20.0

_LONGEST_PLACE = 120  # characters of a redirect that are shown
_LONGEST_PATH = 8000
_IDLE_S = 2.0
"""A connection that was idle for longer is not used again: the server may be closing it at the same moment."""
_WAITS = N_("check the network; what waits is kept")
_KEPT_IN_PATHS = "%/?:@!$&'()*+,;="
_FAULTS = (
    *(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol),
    *(OSError, ValueError, OverflowError),
)


class HttpTransport:
    """The way to one server, for any number of threads; connections are used again where the server allows it."""

    def __init__(
        self,
        base_url: str,
        *,
        token: Secret | None = None,
        scheme: str = "Bearer",
        ca_file: Path | None = None,
    ) -> None:
        """Check the address and the certificate file.

        Args:
            base_url: where the paths of requests begin; ``http`` or ``https``, without user, password or query.
            token: sent as ``Authorization: SCHEME TOKEN`` and shown nowhere.
            scheme: the word before the token.
            ca_file: PEM certificates to trust instead of the system's.

        Raises:
            UsageError: the address, the token or the file cannot be used.
        """
        if token is not None and not (token.reveal().isascii() and token.reveal().isprintable()):
            raise UsageError(
                _("the token of the ticket system holds characters that no token has"),
                _("copy it again, without line breaks"),
            )
        base, self._host, port = split_address(base_url)
        self._base_path = urlsplit(base).path
        scheme_of_url = urlsplit(base).scheme
        self._origin = f"{scheme_of_url}://{_wire_host(self._host)}:{port}"
        self._token = token
        self._scheme = scheme
        self._wires = Wires()
        # Reading the authorities takes a tenth of a second; a context without any trusts nobody.
        is_encrypted = scheme_of_url == "https"
        tls = tls_context(ca_file) if is_encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._connections = Connections(self._origin, tls, self._wires, _IDLE_S)
        weakref.finalize(self, self._connections.close)

    @property
    def is_local(self) -> bool:
        """Return whether the server is this computer, by its address as written."""
        return is_loopback(self._host)

    def request(
        self,
        method: str,
        path: str = "",
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        """Send one request and return the complete answer, whatever its status.

        Redirects are not followed: the token belongs to the address in the station file.

        Args:
            method: such as ``POST``.
            path: appended to the base address.
            body: sent as JSON when not None.
            params: the query; never for secrets.
            headers: more headers.
            deadline_s: for everything together, name look-up and the last byte included.

        Raises:
            Offline: nothing was sent.
            Unanswered: it was sent and no complete answer came.
            Paused: the certificate is not trusted, or the server redirects.
            Rejected: no request can carry this path; nothing was sent.
        """
        url = self._url(path, params)
        exchange = self._wires.exchange
        exchange.begin(deadline_s)
        try:
            content = None if body is None else msgspec.json.encode(body)
            with (
                self._connections.borrowed() as connection,
                connection.stream(method, url, headers=self._headers(body, headers), content=content) as response,
            ):
                answer = read_answer(response, self._host, self.scrub)
        except PushError:  # said already; some of them are kinds of OSError
            raise
        except _FAULTS as error:
            unsure = exchange.sent and method != "GET"  # a question does nothing over there
            raise self._fault(error, exchange.sent, unsure, deadline_s) from None  # its text may quote the request
        return self._checked_answer(answer)

    def scrub(self, text: str) -> str:
        """Return `text` without the token, should a server repeat it."""
        return text.replace(self._token.reveal(), "***") if self._token is not None else text

    def _url(self, path: str, params: Mapping[str, str] | None) -> str:
        """Return the address of one request; refuse a path that no request can carry, before anything is sent."""
        whole = self._base_path + path
        if not whole.isprintable() or len(whole) > _LONGEST_PATH:
            raise Rejected(
                _("{host}: this cannot be asked for: {path!r}").format(host=self._host, path=whole[:_LONGEST_PLACE])
            )
        query = "?" + urlencode(params) if params else ""
        return self._origin + (quote(whole, safe=_KEPT_IN_PATHS) or "/") + query

    def _headers(self, body: Any, more: Mapping[str, str] | None) -> list[tuple[bytes | str, bytes | str]]:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a compressed answer could swell beyond every bound
            **(more or {}),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._token is not None:
            headers["Authorization"] = f"{self._scheme} {self._token.reveal()}"
        return list(headers.items())

    def _checked_answer(self, answer: Answer) -> Answer:
        if 300 <= answer.status < 400 and "location" in answer.headers:
            raise Paused(
                _("{host} redirects to {place}").format(
                    host=self._host,
                    place=_host_of(answer.headers["location"]),
                ),
                _("redirects are not followed; write the right address into the station file"),
            )
        return answer

    def _fault(self, error: Exception, sent: bool, unsure: bool, seconds: float) -> PushError:
        """Return what the failed exchange means for the outbox; `unsure` says that it may have changed something."""
        tls = next((link for link in _chain(error) if isinstance(link, ssl.SSLError)), None)
        late = any(isinstance(link, httpcore.TimeoutException | TimeoutError) for link in _chain(error))
        if tls is not None and not sent and not late:
            return refused(tls, self._host)
        words = _("no answer in {seconds:.0f} s").format(seconds=seconds) if late else _why(error)
        if sent:
            return Unanswered(
                _("{host}: sent, but no complete answer: {fault}").format(host=self._host, fault=words),
                _("it may have arrived; the next push looks it up") if unsure else _(_WAITS),
            )
        return Offline(
            _("{host} cannot be reached: {fault}").format(host=self._host, fault=words),
            _(_WAITS),
        )


def _wire_host(host: str) -> str:
    """Return a host as the wire wants it: in ASCII, an IPv6 address in brackets."""
    if ":" in host:
        return f"[{host}]"
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UsageError(_("{url}: not an address: {fault}").format(url=host, fault=error)) from error


def _host_of(location: str) -> str:
    """Return where a redirect leads; without path and query, which may hold secrets."""
    try:
        return urlsplit(location).netloc[:_LONGEST_PLACE] or _("another page of its own")
    except ValueError:
        return _("an address that is none")


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return the error and what caused it."""
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links


def _why(error: Exception) -> str:
    """Return the innermost system error's words, else the kind of fault; never a request's text."""
    for link in reversed(_chain(error)):
        if isinstance(link, OSError) and link.errno:
            return os.strerror(link.errno)
    return type(error).__name__
