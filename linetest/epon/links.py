"""The link types whose frames can be read: EPON with its preamble, and plain Ethernet."""

from linetest.errors import BadFile
from linetest.words.text import _

EPON = 259
_ETHERNET = 1


def is_epon(name: str, link_type: int, offset: int) -> bool:
    """Tell whether frames of this link type begin with an EPON preamble.

    Args:
        name: The capture's name, for the message.
        link_type: LINKTYPE number.
        offset: The byte where it stands.

    Raises:
        BadFile: frames of this link type cannot be read.
    """
    if link_type in (EPON, _ETHERNET):
        return link_type == EPON
    raise BadFile(
        _("{file}: byte {offset}: link type {number} cannot be read").format(
            file=name, offset=offset, number=link_type
        ),
        _("it has to be EPON ({epon}) or Ethernet ({ethernet}): capture it so").format(epon=EPON, ethernet=_ETHERNET),
    )
