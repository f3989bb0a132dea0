"""What a profile may set about the test of television."""

from typing import Annotated

import msgspec

_Seconds = Annotated[float, msgspec.Meta(gt=0.0, le=7200.0)]


class IptvSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.iptv]``."""

    seconds: _Seconds = 30.0
    """How long each channel is counted."""
    quiet_s: Annotated[float, msgspec.Meta(ge=0.0, le=60.0)] = 1.0
    """How long is listened before the first join, for packets that come unasked."""
    join_timeout_s: _Seconds = 5.0
    leave_timeout_s: _Seconds = 5.0
    silence_s: _Seconds = 1.0
    """A channel that was silent for so long has ended."""
