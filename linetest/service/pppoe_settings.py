"""What a profile may set about the test of dialling in by PPPoE."""

import msgspec


class PppoeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.pppoe]``."""
