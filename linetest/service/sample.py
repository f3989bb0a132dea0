"""One test of the rate in one direction, whatever measured it."""

from contextlib import AbstractContextManager
from typing import Literal, Protocol

import msgspec

from linetest.service.path import IpPath
from linetest.service.rate_settings import Layer, Method, RateSettings
from linetest.service.tcp_way import TcpWay

Direction = Literal["down", "up"]

_HEADS = 52
"""Octets of IPv4 and TCP heads in a full segment, with the time stamps that systems send (RFC 7323)."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What one test of the rate gave; without a rate it has the reason why."""

    direction: Direction
    tcp_mbps: float | None = None
    """What TCP delivered, its start left out."""
    segment_octets: int | None = None
    """Of data in a full segment (MSS)."""
    octets: int | None = None
    """Delivered in the time that counts."""
    resent_segments: int | None = None
    """Segments that TCP sent again in the whole test; None where nobody tells."""
    sent_octets: int | None = None
    """Of the whole test, to compare those with."""
    program_cpu_percent: float | None = None
    """What the testing program took of one processor."""
    peer: str | None = None
    """The address of the other end, as the connection itself says: it proves the family."""
    reason: str | None = None
    said: str = ""
    """The other end's own words where something went wrong."""

    def mbps(self, layer: Layer) -> float | None:
        """Return the rate at a layer; at that of IP it is reckoned from full segments."""
        if layer == "tcp" or self.tcp_mbps is None:
            return self.tcp_mbps
        if not self.segment_octets:
            return None
        return self.tcp_mbps * (self.segment_octets + _HEADS) / self.segment_octets


class Run(Protocol):
    """A test of the rate that is going on."""

    def wait_for_start(self) -> None:
        """Wait until the time that counts has begun, or the test has failed."""

    def is_running(self) -> bool:
        """Tell whether it still counts."""

    def result(self) -> Sample:
        """Return what came of it, waiting for its end."""


class Meter(Protocol):
    """Something that measures the rate."""

    method: Method
    server: str
    """As the station names it."""

    def address(self, path: IpPath, direction: Direction) -> str:
        """Return the IPv4 address of the server."""

    def start(self, way: TcpWay, direction: Direction, settings: RateSettings) -> AbstractContextManager[Run]:
        """Start one test; it is stopped when the block ends, however it ends."""
