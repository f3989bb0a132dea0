"""HTTP: one request, one total deadline, one bounded answer.

The limits of HTTP libraries are per read: a server that drips one byte at a time holds them open for ever. Here a clock
over the whole exchange ends it, headers and body alike. What matters to the outbox is told apart: `Offline` means that
nothing was sent, `Unanswered` that something was sent and may have been done.
"""

import asyncio
import os
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from linetest.errors import Offline, Paused, PushError, Rejected, Unanswered, UsageError
from linetest.secrets import Secret
from linetest.transports.http_address import is_loopback, resolve, split_address
from linetest.transports.http_answer import Answer, read_answer
from linetest.words.text import _

DEADLINE_S = 20.0

_LONGEST_PLACE = 120  # characters of a redirect that are shown


class HttpTransport:
    """The way to one server; no connection is kept between requests."""

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
        self._base, self._host, self._port = split_address(base_url)
        try:
            self._shown_host = httpx.URL(self._base).netloc.decode("ascii")
        except httpx.InvalidURL as error:
            raise UsageError(_("{url}: not an address: {fault}").format(url=self._base, fault=error)) from error
        self._token = token
        self._scheme = scheme
        # Reading the authorities takes a tenth of a second; a context without any trusts nobody.
        is_encrypted = self._base.startswith("https:")
        self._tls = _tls(ca_file) if is_encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

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
        until = time.monotonic() + deadline_s
        addresses = resolve(self._host, self._port, deadline_s)
        refused: Offline | None = None
        for address in addresses:
            left_s = until - time.monotonic()
            if left_s <= 0:
                break
            try:
                return self._checked_answer(
                    asyncio.run(self._exchange(address, method, path, body, params, headers, left_s))
                )
            except Offline as error:  # nothing was sent, so the host's next address may be tried
                refused = error
        raise refused or Offline(_("{host}: no answer in {seconds:.0f} s").format(host=self._host, seconds=deadline_s))

    def scrub(self, text: str) -> str:
        """Return `text` without the token, should a server repeat it."""
        return text.replace(self._token.reveal(), "***") if self._token is not None else text

    async def _exchange(
        self,
        address: str,
        method: str,
        path: str,
        body: Any,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        left_s: float,
    ) -> Answer:
        """Talk to one address of the host; the host's name goes into the Host header and the certificate check."""
        sent = False

        async def watch(event: str, _info: Mapping[str, Any]) -> None:
            nonlocal sent
            sent = sent or event.endswith("send_request_headers.started")

        url = self._url(path).copy_with(host=address)
        try:
            async with asyncio.timeout(left_s):
                async with httpx.AsyncClient(
                    verify=self._tls, trust_env=False, timeout=None, follow_redirects=False
                ) as client:
                    request = client.build_request(
                        method,
                        url,
                        params=params,
                        content=None if body is None else msgspec.json.encode(body),
                        headers=self._headers(body, headers),
                        extensions={"sni_hostname": self._host, "trace": watch},
                    )
                    response = await client.send(request, stream=True)
                    return await read_answer(response, self._host, self.scrub)
        except PushError:  # said already; some of them are kinds of TimeoutError
            raise
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ssl.SSLError, ValueError, OverflowError) as error:
            raise self._fault(error, sent, left_s) from None  # the original's text may quote the request

    def _url(self, path: str) -> httpx.URL:
        """Return the address of one request; refuse a path that no request can carry, before anything is sent."""
        try:
            return httpx.URL(self._base + path)
        except httpx.InvalidURL as error:
            raise Rejected(
                _("{host}: this cannot be asked for: {fault}").format(host=self._host, fault=error)
            ) from error

    def _headers(self, body: Any, more: Mapping[str, str] | None) -> dict[str, str]:
        headers = {
            "Host": self._shown_host,
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a compressed answer could swell beyond every bound
            **(more or {}),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._token is not None:
            headers["Authorization"] = f"{self._scheme} {self._token.reveal()}"
        return headers

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

    def _fault(self, error: Exception, sent: bool, seconds: float) -> PushError:
        """Return what the failed exchange means for the outbox."""
        tls = next((link for link in _chain(error) if isinstance(link, ssl.SSLError)), None)
        if tls is not None and not sent and not isinstance(error, TimeoutError):
            return Paused(
                _("{host}: the certificate or the encryption is refused: {fault}").format(
                    host=self._host, fault=getattr(tls, "verify_message", "") or tls.reason or "TLS"
                ),
                _("name the certificate of your authority with ca_file in the station file"),
            )
        words = (
            _("no answer in {seconds:.0f} s").format(seconds=seconds)
            if isinstance(error, TimeoutError)
            else _why(error)
        )
        if sent:
            return Unanswered(
                _("{host}: sent, but no complete answer: {fault}").format(host=self._host, fault=words),
                _("it may have arrived; the next push looks it up"),
            )
        return Offline(
            _("{host} cannot be reached: {fault}").format(host=self._host, fault=words),
            _("check the network; what waits is kept"),
        )


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that verifies, with the system's authorities or those of a file."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            _("{file}: no certificates can be read from it: {fault}").format(file=ca_file, fault=error)
        ) from error


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
