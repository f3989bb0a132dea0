"""What a profile may set about the test of dialling in by PPPoE."""

from typing import Annotated

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0.0, le=120.0)]


class PppoeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.pppoe]``."""

    dials: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    """How often the line is entered: the mean of so many access times is judged. After a dial that fails there is no
    other: wrong passwords bar an account."""
    service_name: str = ""
    """The service to ask for; any when empty."""
    retry_s: Seconds = 1.0
    """After which time discovery, LCP and IPCP ask again. It decides the access time where a first request is lost."""
    phase_timeout_s: Seconds = 10.0
    """How long each phase may take."""
