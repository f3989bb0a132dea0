"""Reads fields one after another out of octets that may end too early."""

from dataclasses import dataclass


class Short(ValueError):
    """The octets end inside of a field."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """What is there instead of a content that cannot be read."""

    part: str
    """The field or message, in the standard's words, such as ``Local Information TLV``."""


class Octets:
    """A place in octets, which every field read moves on; numbers are big-endian.

    Every method raises `Short` where the octets end inside of the field.
    """

    __slots__ = ("_at", "_body")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def left(self) -> int:
        """How many octets are still to be read."""
        return len(self._body) - self._at

    def take(self, count: int) -> bytes:
        """Return the next `count` octets."""
        end = self._at + count
        if end > len(self._body):
            raise Short
        octets = self._body[self._at : end]
        self._at = end
        return octets

    def number(self, count: int) -> int:
        """Return the next `count` octets as one number."""
        return int.from_bytes(self.take(count), "big")


def oui_text(octets: bytes) -> str:
    """Return an organization's identifier as IEEE writes it: ``11-11-11``."""
    return octets.hex("-").upper()
