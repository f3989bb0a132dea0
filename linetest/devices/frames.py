"""Binary protocols made of frames: start, one length byte, body, one checksum byte, end."""

from typing import Literal

import msgspec

from linetest.errors import BadReply
from linetest.words.text import _


class Frames(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[frames]`` of a driver. Bytes are written in hexadecimal, as in ``7B FF``."""

    start: str
    length_adds: int
    """What the length byte counts beside the body."""
    checksum: Literal["none", "negated-sum"]
    """``negated-sum``: two's complement of the sum of all bytes before it."""
    end: str
    command_bytes: int
    """The first bytes of a body are the command, in what is sent and in what comes back; numbers stand after them."""

    def __post_init__(self) -> None:
        """Refuse bytes that are not hexadecimal, and a frame that cannot be found."""
        bytes.fromhex(self.end)
        if not bytes.fromhex(self.start):
            raise ValueError("start needs at least one byte")


def pack(frames: Frames, body: bytes) -> bytes:
    """Return the frame around `body`."""
    head = bytes.fromhex(frames.start) + bytes([len(body) + frames.length_adds]) + body
    return head + _checksum(frames, head) + bytes.fromhex(frames.end)


def unpack(frames: Frames, received: bytes) -> bytes | None:
    """Return the body of the first frame in `received`, None when it is not complete yet.

    What stands before the start bytes is noise and is passed over. Raises `BadReply` on a wrong checksum or end.
    """
    start = bytes.fromhex(frames.start)
    at = received.find(start)
    if at < 0 or len(received) <= at + len(start):
        return None
    length = received[at + len(start)] - frames.length_adds
    tail = _checksum(frames, b"") + bytes.fromhex(frames.end)
    body_at = at + len(start) + 1
    if length < frames.command_bytes:
        raise BadReply(_("a frame with the impossible length byte {byte}").format(byte=received[at + len(start)]))
    if len(received) < body_at + length + len(tail):
        return None
    body = received[body_at : body_at + length]
    wanted = _checksum(frames, received[at : body_at + length]) + bytes.fromhex(frames.end)
    found = received[body_at + length : body_at + length + len(tail)]
    if found != wanted:
        raise BadReply(
            _("a frame ends in {found} instead of {wanted}").format(found=found.hex(" "), wanted=wanted.hex(" "))
        )
    return body


def _checksum(frames: Frames, data: bytes) -> bytes:
    return b"" if frames.checksum == "none" else bytes([-sum(data) & 0xFF])
