"""What a profile may set about the test of name servers."""

import msgspec


class DnsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.dns]``."""
