"""What a profile may set about the test of the largest packet."""

import msgspec


class MtuSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.mtu]``."""

    largest: int = 1500
    """Where the search begins, unless the connection itself takes less."""
    smallest: int = 576
    """What every host takes (RFC 791, section 3.1); smaller packets are not tried."""
    tries: int = 3
    """How often a packet without an answer is sent before it counts as too large."""
    timeout_s: float = 1.0
    """For one answer."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 68 <= self.smallest < self.largest <= 65_535 or self.tries < 1 or self.timeout_s <= 0.0:
            raise ValueError("68 <= smallest < largest <= 65535, tries at least 1, timeout_s positive")
