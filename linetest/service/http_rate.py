"""The rate by HTTP: several connections load from one address, or send to one.

What counts is what TCP delivered: downstream the octets of the bodies that were read, upstream those that the other end
acknowledged (TCP_INFO of Linux), not those that only lie in a buffer here. Redirects are not followed: the station
names the server.
"""

import os
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

from linetest.errors import DeviceError, UsageError
from linetest.model.codes import Reason
from linetest.service.http_stream import Failed, Stream
from linetest.service.path import IpPath
from linetest.service.rate_settings import Method, RateSettings
from linetest.service.resolve import resolve
from linetest.service.sample import Direction, Sample
from linetest.service.tcp_way import TcpWay
from linetest.words.text import _

_POLL_S = 0.02
_CHUNK = 1 << 14  # small, so that a slow line takes one in time
_END_S = 2.0


class HttpServer:
    """Addresses to load from and to send to; see `linetest.service.sample.Meter`."""

    method: Method = "http"

    def __init__(self, down: str | None, up: str | None) -> None:
        """Take ``http`` and ``https`` addresses.

        Raises:
            UsageError: one is none.
        """
        self._urls: dict[Direction, SplitResult] = {}
        if down is not None:
            self._urls["down"] = address_of(down)
        if up is not None:
            self._urls["up"] = address_of(up)
        self.server = next(iter(self._urls.values())).netloc

    def address(self, path: IpPath, direction: Direction) -> str:
        """Return the IPv4 address of the server.

        Raises:
            DeviceError: the station names none for this direction (no-server), or its name is not known.
        """
        if direction not in self._urls:
            raise DeviceError(
                _("no address for the rate by HTTP in this direction"),
                _("name http_down and http_up under [device.NAME.servers]"),
                reason=Reason.NO_SERVER,
            )
        return resolve(path, self._urls[direction].hostname or "")

    @contextmanager
    def start(self, way: TcpWay, direction: Direction, settings: RateSettings) -> Iterator["_HttpRun"]:
        """Start the streams; they are ended when the block ends."""
        url = self._urls[direction]
        tls = ssl.create_default_context() if url.scheme == "https" else None
        body = os.urandom(_CHUNK) if direction == "up" else b""
        streams = [Stream(way, url, tls, body, settings) for _number in range(settings.streams)]
        run = _HttpRun(streams, direction, settings)
        try:
            run.begin()
            yield run
        finally:
            run.end()


class _HttpRun:
    def __init__(self, streams: list[Stream], direction: Direction, settings: RateSettings) -> None:
        self._streams = streams
        self._direction: Direction = direction
        self._settings = settings
        self._threads = [threading.Thread(target=one.run, name="http rate", daemon=True) for one in streams]
        self._begun_s = self._end_s = 0.0
        self._before = self._seen = 0
        self._seen_s = 0.0
        self._cpu_s = 0.0

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        for stream in self._streams:
            stream.stop()
        end_s = time.monotonic() + _END_S
        for thread in self._threads:
            if thread.ident is not None:  # Ctrl-C may come before all have begun
                thread.join(max(end_s - time.monotonic(), 0.0))

    def wait_for_start(self) -> None:
        give_up_s = time.monotonic() + 2 * self._settings.connect_timeout_s
        while not all(one.is_flowing for one in self._streams) and self._failed() is None:
            if time.monotonic() > give_up_s:
                break
            time.sleep(_POLL_S)
        omit_until_s = time.monotonic() + self._settings.omit_s
        while time.monotonic() < omit_until_s and self._failed() is None:
            time.sleep(_POLL_S)
        self._begun_s, self._cpu_s, self._before = time.monotonic(), time.process_time(), self._octets()
        self._seen, self._seen_s = self._before, self._begun_s
        self._end_s = self._begun_s + self._settings.seconds

    def is_running(self) -> bool:
        if (octets := self._octets()) != self._seen:
            self._seen, self._seen_s = octets, time.monotonic()
        return self._failed() is None and time.monotonic() < self._end_s

    def result(self) -> Sample:
        while self.is_running():
            time.sleep(_POLL_S)
        now_s = time.monotonic()
        octets, took_s = self._octets() - self._before, now_s - self._begun_s
        cpu_s = time.process_time() - self._cpu_s
        failed = self._failed()
        silent_percent = 100.0 * (now_s - self._seen_s) / took_s
        if failed is None and (octets <= 0 or silent_percent > self._settings.silent_end_percent):
            failed = Failed(Reason.SERVER_LOST, _("nothing arrived any more"))
        if failed is not None:
            reason, said = failed
            return Sample(direction=self._direction, reason=reason, said=said)
        first = self._streams[0]
        return Sample(
            direction=self._direction,
            tcp_mbps=8e-6 * octets / took_s,
            octets=octets,
            segment_octets=first.segment_octets,
            program_cpu_percent=100.0 * cpu_s / took_s,
            peer=first.peer,
        )

    def _octets(self) -> int:
        return sum(one.octets() for one in self._streams)

    def _failed(self) -> Failed | None:
        return next((one.failed for one in self._streams if one.failed is not None), None)


def address_of(text: str) -> SplitResult:
    """Return the parts of an address to load from or send to.

    Raises:
        UsageError: it is none.
    """
    try:
        url = urlsplit(text)
        fits = url.scheme in ("http", "https") and bool(url.hostname) and (url.port or 1) > 0 and not url.username
    except ValueError:
        fits = False
    if not fits or not text.isascii() or any(character.isspace() for character in text):
        raise UsageError(
            _("{url!r} is not an address to test the rate with").format(url=text[:100]),
            _("write http://HOST/FILE, or https"),
        )
    return url
