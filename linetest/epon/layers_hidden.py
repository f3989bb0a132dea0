"""Fields and payloads of scapy layers that may hold a password or a key: built and dissected, never shown.

``show()``, ``repr()``, ``command()`` and ``json()`` of a layer print what its fields hold; so these hold octets that
do not print themselves. ``bytes()`` of a packet is what is on the wire, and has them all.
"""

from typing import Any

from scapy.fields import StrField, StrFixedLenField
from scapy.packet import Packet


class Hidden(bytes):
    """Octets that show themselves only when asked by ``bytes()``."""

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def decode(self, *_encoding: Any, **_errors: Any) -> str:
        """Return no text: scapy's ``json()`` asks for it."""
        return "***"


class _NotShown:
    """What the fields here have in common; scapy asks each of these methods for another way in or out."""

    def m2i(self, _packet: Any, octets: bytes) -> Hidden:
        return Hidden(octets)

    def any2i(self, _packet: Any, octets: Any) -> Hidden:
        return Hidden(octets.encode() if isinstance(octets, str) else octets)

    def i2repr(self, _packet: Any, _octets: Any) -> str:
        return "***"


class HiddenField(_NotShown, StrField):
    """The rest of a layer."""


class HiddenFixedField(_NotShown, StrFixedLenField):
    """A fixed number of octets."""


class HiddenRest(Packet):
    """What nobody reads, and where a key may stand."""

    name = "Not shown"
    fields_desc = [HiddenField("load", b"")]
