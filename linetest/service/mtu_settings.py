"""What a profile may set about the test of the largest packet."""

import msgspec


class MtuSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.mtu]``."""
