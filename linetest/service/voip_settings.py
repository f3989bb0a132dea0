"""What a profile may set about the test of telephone."""

import msgspec


class VoipSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.voip]``."""
