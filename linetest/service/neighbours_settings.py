"""What a profile may set about the search for others with the laptop's address."""

from typing import Annotated

import msgspec


class NeighboursSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.neighbours]``."""

    listen_s: Annotated[float, msgspec.Meta(gt=0.0, le=60.0)] = 2.0
    """How long answers are waited for, asked again each half second: ANNOUNCE_WAIT of RFC 5227 section 1.1."""
