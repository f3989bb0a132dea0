"""What a profile may set about the test of DHCP."""

import msgspec


class DhcpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.dhcp]``."""
