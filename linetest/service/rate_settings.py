"""What a profile may set about the test of the rate."""

from typing import Literal

import msgspec

Method = Literal["iperf3", "http"]
Layer = Literal["tcp", "ip"]


class RateSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.rate]``."""

    method: Method | None = None
    """By what the rate is tested; when absent, by iperf3 where the station names such a server, else by HTTP."""
    layer: Layer = "tcp"
    """Where rate and share are told: what TCP delivers, or that with the heads of TCP and IP (full segments)."""
    samples: int = 3
    """Tests in each direction; the share is that of their mean, and every one is shown."""
    seconds: int = 10
    """Of one sample, without its start."""
    omit_s: int = 2
    """The start of a sample that is not counted: TCP finds the rate."""
    streams: int = 4
    """Connections at once."""
    busy_tries: int = 4
    """How often a busy server is asked before that is the result."""
    busy_wait_s: float = 3.0
    """Longest wait before the first of these tries, each time twice as long; a part of it is chance."""
    connect_timeout_s: float = 5.0
    """How long a server may take to take a connection."""
    silence_timeout_s: float = 5.0
    """A connection over which nothing came for so long has lost its server (HTTP)."""
    silent_end_percent: float = 33.0
    """Nor is a sample any that brought nothing in the last so much of its time (HTTP). Own choice."""
    cpu_limit_percent: float = 95.0
    """From this load on the laptop was the limit, not the line; above 100 never. Own choice."""
    port_limit_percent: float = 90.0
    """From this share of its port's speed on the laptop was the limit. Own choice: TCP reaches 94 % of it."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 1 <= self.samples <= 100 or not 1 <= self.streams <= 64 or not 1 <= self.busy_tries <= 10:
            raise ValueError("samples lie between 1 and 100, streams between 1 and 64, busy_tries between 1 and 10")
        if min(self.connect_timeout_s, self.silence_timeout_s) <= 0.0 or not 0.0 < self.silent_end_percent <= 100.0:
            raise ValueError("time-outs are positive, silent_end_percent lies between 0 and 100")
        if not 1 <= self.seconds <= 3600 or not 0 <= self.omit_s <= 60 or self.busy_wait_s < 0.0:
            raise ValueError("seconds lie between 1 and 3600, omit_s between 0 and 60, busy_wait_s is not negative")
