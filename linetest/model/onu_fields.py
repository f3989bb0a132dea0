"""What may stand in each field that reaches an OLT's command line: one list, and what is not on it is refused.

Nothing is cleaned or escaped. A value that holds a line end, ``?`` (help), TAB (completion), ``|``, ``;``, ``!``, a
quote or a blank, that begins with ``-`` or is too long, belongs to no field.
"""

import re

from linetest.words.text import N_, _

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}"
_TEXTS: dict[str, tuple[str, str]] = {
    "serial": (r"[A-Z]{4}[0-9A-F]{8}", N_("four capital letters and eight hexadecimal digits, as in HWTC01020304")),
    "mac": (r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}", N_("six pairs of small hexadecimal digits, as in 00:d1:9a:01:03:e7")),
    "loid": (r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,23}", N_("at most 24 letters, digits and . _ - @")),
    "checkcode": (r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,11}", N_("at most 12 letters, digits and . _ - @")),
    "password": (r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,9}", N_("at most 10 letters, digits and . _ - @")),
    "onu_type": (_NAME, N_("at most 32 letters, digits and . _ -")),
    "line_profile": (_NAME, N_("at most 32 letters, digits and . _ -")),
    "service_profile": (_NAME, N_("at most 32 letters, digits and . _ -")),
    "description": (_NAME, N_("at most 32 letters, digits and . _ -")),
    "uplink": (r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{1,3}", N_("rack/slot/port, as in 0/8/0")),
    "rate_up": (_NAME, N_("at most 32 letters, digits and . _ -")),
    "rate_down": (_NAME, N_("at most 32 letters, digits and . _ -")),
}
_NUMBERS: dict[str, tuple[int, int]] = {
    "rack": (0, 99),
    "slot": (0, 99),
    "port": (0, 255),
    "onu": (0, 1023),
    "eth": (1, 64),
    "eth_vlan": (1, 4094),
    "service_port": (0, 65535),
    "vlan": (1, 4094),
    "user_vlan": (1, 4094),
    "inner_vlan": (1, 4094),
    "gem_port": (0, 4095),
}
FIELDS = frozenset({*_TEXTS, *_NUMBERS})
"""All fields that a driver's command can name."""
SECRET_FIELDS = frozenset({"checkcode", "password"})
"""Fields whose values are shown nowhere."""
PERSONAL_FIELDS = frozenset({"loid"})
"""Fields that are shown by their ends only."""


def check_field(name: str, value: object) -> None:
    """Refuse what may not stand in the field.

    Raises:
        ValueError: with the field's name and what may stand there; the value itself is not repeated.
    """
    if name in _NUMBERS:
        low, high = _NUMBERS[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(_("{field}: wanted: a number, {low} to {high}").format(field=name, low=low, high=high))
        return
    pattern, words = _TEXTS[name]
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(_("{field}: this cannot stand there; wanted: {words}").format(field=name, words=_(words)))
