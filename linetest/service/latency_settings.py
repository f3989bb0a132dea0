"""What a profile may set about the test of delay and loss."""

import msgspec


class LatencySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.latency]``."""

    requests: int = 100
    """Echo requests on the idle line: without any loss they show that it is below 3 % at 95 %."""
    interval_s: float = 0.05
    """Between two echo requests."""
    timeout_s: float = 1.0
    """After which an answer counts as lost."""
    octets: int = 84
    """Of one echo request as an IP packet: 56 octets of data, as ping sends them."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 2 <= self.requests <= 100_000 or not 28 <= self.octets <= 1500:
            raise ValueError("requests lie between 2 and 100000, octets between 28 and 1500")
        if self.interval_s < 0.0 or self.timeout_s <= 0.0:
            raise ValueError("interval_s is not negative, timeout_s is positive")
