"""The system's TCP over frames of our own: a TUN port, and two programs that move its packets.

While it is open, what the frames' own reader would have got of that TCP goes to the port instead; everything else, such
as the housekeeping of a session, still reaches the reader.
"""

import contextlib
import errno
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from linetest.errors import Unreachable
from linetest.transports import tun_pump
from linetest.transports.frames import FrameLink
from linetest.transports.frames_linux import open_filtered
from linetest.transports.interface import not_usable
from linetest.transports.packet_filter import Carried, of_tcp
from linetest.transports.tun import Tun, twin_address
from linetest.transports.tun_pump import VNET
from linetest.words.text import _

_END_S = 2.0
_DIRECTIONS = ("down", "up")
_STATISTICS = (263, 6)  # SOL_PACKET, PACKET_STATISTICS
_USER_AT, _SYSTEM_AT = 11, 12  # of /proc/PID/stat, behind the program's name


class Envelope(NamedTuple):
    """How IPv4 packets to one host lie in frames."""

    link: FrameLink
    far_mac: bytes
    """Who gets them first."""
    is_only_far: bool
    """Whether frames count only when they come from there."""
    ethertype: int
    shim: bytes = b""
    """What stands between the EtherType and the packet; its length field, if it has one, counts two octets more."""
    length_at: int = 0
    """Where in it that field stands; 0 for none."""


class Carrier:
    """An open port."""

    def __init__(self, envelope: Envelope, leased: bytes, mtu: int, server: str) -> None:
        """Open it.

        Args:
            envelope: how its packets lie in frames.
            leased: our address on the wire.
            mtu: the longest packet.
            server: the address that will be talked to.

        Raises:
            DeviceError: a right is missing (no-permission), or this system has no TUN (no-tcp).
            Unreachable: the interface is down or gone, or the system does not make the port.
        """
        link = envelope.link
        source = envelope.far_mac if envelope.is_only_far else None
        carried = Carried(link.tags, source, envelope.ethertype, envelope.shim, envelope.length_at, leased)
        head = link.head(envelope.far_mac, envelope.ethertype)
        length_at = VNET + len(head) + envelope.length_at if envelope.length_at else 0
        inner = twin_address(leased)
        self._link = link
        self._pumps: list[subprocess.Popen[bytes]] = []
        self._dropped = 0
        self._tun = Tun(inner, mtu, server)
        self._heard: socket.socket | None = None
        try:
            self._heard = open_filtered(link.name, of_tcp(carried))
            link.leave_out(of_tcp(carried, otherwise=True))
            words = [(head + envelope.shim).hex(), str(length_at), str(carried.packet_at), leased.hex(), inner.hex()]
            for direction in _DIRECTIONS:  # one by one: what was started is ended where the next does not start
                self._pumps.append(_pump(direction, self._heard, self._tun, words))
        except BaseException:
            with contextlib.suppress(OSError):  # the first error says more
                self.close()
            raise
        self._marks = self._mark()

    @property
    def interface(self) -> str:
        """The name of the port."""
        return self._tun.name

    @property
    def address(self) -> str:
        """The address of the port: not the leased one, which stands on the wire only."""
        return self._tun.address

    def check(self) -> None:
        """Raise `Unreachable` when packets are not moved any more."""
        if any(pump.poll() is not None for pump in self._pumps):
            raise Unreachable(
                _("{interface}: no more packets go through it").format(interface=self._link.name),
                _("check cable and driver, then test again"),
            )

    def busy_percent(self) -> float | None:
        """Return what the busier of both programs took of one processor since this was asked before."""
        before, self._marks = self._marks, self._mark()
        took_s = self._marks[-1] - before[-1]
        used_s = [now_s - then_s for now_s, then_s in zip(self._marks[:-1], before[:-1], strict=True)]
        return 100.0 * max(used_s) / took_s if used_s and took_s > 0.0 else None

    def dropped(self) -> int:
        """Return how many frames came faster than they were taken, in all."""
        if self._heard is not None:
            _packets, lost = struct.unpack("@II", self._heard.getsockopt(*_STATISTICS, 8))
            self._dropped += lost
        return self._dropped

    def close(self) -> None:
        """Take the port away and let the reader of the frames hear everything again.

        Raises:
            OSError: the port is still there.
        """
        for pump in self._pumps:
            pump.kill()
        for pump in self._pumps:
            with contextlib.suppress(subprocess.TimeoutExpired):
                pump.wait(_END_S)
            if pump.stdin is not None:
                pump.stdin.close()
        self._tun.close()
        if self._heard is not None:
            self._heard.close()
            self._heard = None
        self._link.leave_out(None)
        if self.interface in [name for _number, name in socket.if_nameindex()]:
            raise OSError(errno.EBUSY, _("{interface} is still there").format(interface=self.interface))

    def _mark(self) -> list[float]:
        """Return the processor time of each program, and the time."""
        return [*(_processor_s(pump.pid) for pump in self._pumps), time.monotonic()]


def _pump(direction: str, frames: socket.socket, tun: Tun, words: list[str]) -> "subprocess.Popen[bytes]":
    ends = frames.fileno(), tun.descriptor
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", tun_pump.__file__, direction, *map(str, ends), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=ends,
            start_new_session=True,  # Ctrl-C is ours to handle
        )
    except OSError as error:
        raise not_usable(tun.name, error) from error


def _processor_s(number: int) -> float:
    """Return the processor time of a program (proc(5)); none where it is gone."""
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    cells = told.rpartition(")")[2].split()
    return (int(cells[_USER_AT]) + int(cells[_SYSTEM_AT])) / os.sysconf("SC_CLK_TCK")
