"""What a profile may set about the test of television."""

import msgspec


class IptvSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.iptv]``."""
