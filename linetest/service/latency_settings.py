"""What a profile may set about the test of delay and loss."""

import msgspec


class LatencySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.latency]``."""
