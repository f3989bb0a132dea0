"""The rate by iperf3 (https://software.es.net/iperf), called as a program; tried with 3.12.

It has to be 3.10 or newer: an older one cannot be kept to one interface (``--bind-dev``) and says so on its standard
error. All other errors come as JSON on the standard output. A server serves one client at a time and says "busy" to
all others. One whose client vanished without a word may stay busy, so iperf3 is asked to end before it is killed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import msgspec

from linetest.errors import DeviceError, UsageError
from linetest.model.codes import Reason
from linetest.safe import safe_text
from linetest.service.path import IpPath
from linetest.service.rate_settings import Method, RateSettings
from linetest.service.resolve import resolve
from linetest.service.sample import Direction, Sample
from linetest.service.tcp_way import TcpWay
from linetest.words.text import _

_PORT = 5201
_GRACE_S = 6.0
_MOST_OCTETS = 16_000_000
_MOST_SAID = 200
_ENDING_WITH_US = """\
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
os.execv(sys.argv[1], sys.argv[1:])
"""
"""What becomes the program of its arguments, which the kernel ends with linetest (prctl(2), PR_SET_PDEATHSIG)."""
_POLL_S = 0.05
_WORDS_OF_REASON = (
    ("busy", Reason.SERVER_BUSY),
    ("connection refused", Reason.REFUSED),
    ("unable to connect", Reason.TIMEOUT),
    ("control socket", Reason.SERVER_LOST),
    ("control message", Reason.SERVER_LOST),
    ("terminated", Reason.SERVER_LOST),
    ("reset by peer", Reason.SERVER_LOST),
    ("broken pipe", Reason.SERVER_LOST),
    ("unable to read", Reason.SERVER_LOST),
    ("unable to write", Reason.SERVER_LOST),
    ("unable to receive", Reason.SERVER_LOST),
    ("unable to send", Reason.SERVER_LOST),
)


class Iperf3:
    """An iperf3 server; see `linetest.service.sample.Meter`."""

    method: Method = "iperf3"

    def __init__(self, server: str) -> None:
        """Take ``HOST`` or ``HOST:PORT``.

        Raises:
            UsageError: the port is none.
        """
        host, colon, port = server.partition(":")
        if (colon and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536)) or not host:
            raise UsageError(
                _("{server!r} is not the address of an iperf3 server").format(server=server),
                _("write HOST or HOST:PORT"),
            )
        self.server = server
        self._host = host
        self._port = int(port) if colon else _PORT

    def address(self, path: IpPath, _direction: Direction) -> str:
        """Return the IPv4 address of the server."""
        return resolve(path, self._host)

    @contextmanager
    def start(self, way: TcpWay, direction: Direction, settings: RateSettings) -> Iterator["_Iperf3Run"]:
        """Start iperf3; it is ended when the block ends.

        Raises:
            DeviceError: the program is missing.
        """
        program = shutil.which("iperf3")
        if program is None:
            raise DeviceError(
                _("iperf3 is not installed"), _("install it, or test by HTTP"), reason=Reason.PROGRAM_MISSING
            )
        words = [program, "--client", way.server, "--port", str(self._port), "--version4", "--json"]
        words += ["--time", str(settings.seconds), "--omit", str(settings.omit_s)]
        words += [
            "--parallel",
            str(settings.streams),
            "--connect-timeout",
            str(round(settings.connect_timeout_s * 1000)),
        ]
        words += ["--bind", way.address, "--bind-dev", way.interface] if way.address and way.interface else []
        words += ["--reverse"] if direction == "down" else []
        if sys.platform == "linux":  # left alone when linetest is killed, iperf3 3.12 keeps a processor busy for ever
            words = [sys.executable, "-I", "-S", "-c", _ENDING_WITH_US, *words]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaint:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=complaint,
                start_new_session=True,  # Ctrl-C is ours to handle
            )
            try:
                yield _Iperf3Run(process, out, complaint, direction, settings)
            finally:
                _end(process)


class _Iperf3Run:
    def __init__(
        self,
        process: subprocess.Popen[bytes],
        out: IO[bytes],
        complaint: IO[bytes],
        direction: Direction,
        settings: RateSettings,
    ) -> None:
        self._process = process
        self._out = out
        self._complaint = complaint
        self._direction: Direction = direction
        self._counts_from_s = time.monotonic() + settings.omit_s
        self._deadline_s = self._counts_from_s + settings.seconds + settings.connect_timeout_s + _GRACE_S

    def wait_for_start(self) -> None:
        while self._is_alive() and time.monotonic() < self._counts_from_s:
            time.sleep(_POLL_S)

    def is_running(self) -> bool:
        return self._is_alive() and time.monotonic() < self._deadline_s

    def result(self) -> Sample:
        try:
            self._process.wait(max(self._deadline_s - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            return Sample(direction=self._direction, reason=Reason.SERVER_LOST, said=_("iperf3 did not end in time"))
        self._out.seek(0)
        self._complaint.seek(0)
        complaint = self._complaint.read(_MOST_SAID).partition(b"\n")[0].decode("utf-8", "replace")
        return read_result(self._out.read(_MOST_OCTETS), self._direction, complaint)

    def _is_alive(self) -> bool:
        return self._process.poll() is None


def read_result(octets: bytes, direction: Direction, complaint: str = "") -> Sample:
    """Return the sample in iperf3's JSON; its errors stand there, too.

    Args:
        octets: what it printed.
        direction: towards the customer, or from there.
        complaint: what it said on its standard error, where it did not even begin.
    """
    try:
        told = msgspec.json.decode(octets)
    except (msgspec.DecodeError, RecursionError):
        reason = Reason.PROGRAM_MISSING if "unrecognized option" in complaint else Reason.GARBLED
        return Sample(direction=direction, reason=reason, said=safe_text(complaint) or _("iperf3 printed no JSON"))
    if not isinstance(told, dict):
        return Sample(direction=direction, reason=Reason.GARBLED)
    if "error" in told:
        said = safe_text(str(told["error"]))[:_MOST_SAID]
        return Sample(direction=direction, reason=_reason(said), said=said)
    received = _number(told, "end", "sum_received", "bits_per_second")
    octets_received = _number(told, "end", "sum_received", "bytes")
    if received is None or not octets_received:
        return Sample(direction=direction, reason=Reason.SERVER_LOST, said=_("nothing arrived"))
    connected = _at(told, "start", "connected")
    first = connected[0] if isinstance(connected, list) and connected else None
    peer = _at(first, "remote_host")
    return Sample(
        direction=direction,
        tcp_mbps=received / 1e6,
        octets=int(octets_received),
        segment_octets=_whole(_number(told, "start", "tcp_mss_default")),
        sent_octets=_whole(_number(told, "end", "sum_sent", "bytes")),
        resent_segments=_whole(_number(told, "end", "sum_sent", "retransmits")),
        program_cpu_percent=_number(told, "end", "cpu_utilization_percent", "host_total"),
        peer=safe_text(peer) if isinstance(peer, str) and peer else None,
    )


def _reason(said: str) -> str:
    lower = said.lower()
    return next((reason for words, reason in _WORDS_OF_REASON if words in lower), Reason.GARBLED)


def _at(told: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(told, dict):
            return None
        told = told.get(key)
    return told


def _number(told: Any, *keys: str) -> float | None:
    found = _at(told, *keys)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and found >= 0 else None


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End iperf3 with all that it started: by asking, so that its server learns of it, then by force."""
    if process.poll() is not None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(1.0)
    except (subprocess.TimeoutExpired, ProcessLookupError):
        process.kill()
        process.wait()
