"""What a profile may set about the routers on the way, and whose they are."""

from ipaddress import IPv4Network
from typing import Annotated

import msgspec

_Count = Annotated[int, msgspec.Meta(ge=1, le=64)]


class RoutersSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings.routers]``."""

    home_networks: tuple[str, ...] = ("192.168.0.0/16",)
    """A router with such an address in front of the operator's is the customer's: home routers are delivered so."""
    operator_networks: tuple[str, ...] = ("100.64.0.0/10",)
    """Private addresses that are the operator's: the shared address space of RFC 6598, and what it uses of RFC 1918."""
    hops: _Count = 8
    """How far is looked: home routers stand at the beginning."""
    silent_hops: _Count = 3
    """So many silent ones in a row end the search: further on nobody will speak either."""
    tries: _Count = 2
    """Requests to each hop."""
    timeout_s: Annotated[float, msgspec.Meta(gt=0.0, le=60.0)] = 1.0
    """How long each is waited for."""

    def __post_init__(self) -> None:
        """Refuse what is no network."""
        for network in (*self.home_networks, *self.operator_networks):
            IPv4Network(network)
