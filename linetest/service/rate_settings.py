"""What a profile may set about the test of the rate."""

import msgspec


class RateSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.rate]``."""
