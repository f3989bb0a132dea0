"""What a profile may set about the test of telephone."""

from typing import Annotated

import msgspec


class VoipSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.voip]``."""

    timeout_s: Annotated[float, msgspec.Meta(gt=0.0, le=60.0)] = 8.0
    """For one REGISTER, its repetitions included."""
    expires_s: Annotated[int, msgspec.Meta(ge=60, le=86_400)] = 300
    """How long a registration is asked for; it is taken back at the end."""
    realm: str | None = None
    """The realm that has to ask; any when absent."""
    echoes: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 200
    """Echoes for the estimate of the voice quality; none for 0."""
    bpl: Annotated[float, msgspec.Meta(gt=0.0, le=100.0)] = 4.3
    """Packet-loss robustness of the codec, ITU-T G.113 appendix I: 4.3 for G.711, 25.1 with concealment."""
    ie: Annotated[float, msgspec.Meta(ge=0.0, lt=95.0)] = 0.0
    """Equipment impairment of the codec, ITU-T G.113 appendix I: 0 for G.711."""
