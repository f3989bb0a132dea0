"""What a simulated concentrator is like, and what goes wrong with it."""

from dataclasses import dataclass, field
from typing import Literal

Fault = Literal[
    "silent",
    "no-pads",
    "pads-error",
    "auth-refused",
    "lcp-loop",
    "lcp-silent",
    "no-address",
    "lost-first-request",
    "untagged-answers",
    "renegotiates",
]


@dataclass
class BngSettings:
    """What a concentrator is like."""

    name: str = "BNG-01"
    services: tuple[str, ...] = ("",)
    authentication: Literal["pap", "chap", "none"] = "chap"
    users: dict[str, str] = field(default_factory=lambda: {"line1@isp": "correct horse"})
    mru: int = 1492
    dns: tuple[str, ...] = ("192.0.2.53", "192.0.2.54")
    pool: str = "10.64.0.2"
    """The first address that is given."""
    tags: tuple[tuple[int, int], ...] = ()
    """TPID and VLAN of each tag, the outer one first."""
    offer_delay_s: float = 0.0
    auth_delay_s: float = 0.0
    ends_after_s: float | None = None
    """How long after IPCP it ends a session, as at a restart."""
    refusal: str = "E=691 user or password is wrong"
    faults: frozenset[Fault] = frozenset()
