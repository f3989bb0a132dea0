"""How the raw value of a column becomes a value in our units: every scale has a name, and its formula stands here.

A scale takes what SNMP or a table row gives (an integer, the octets of a string, or text) and returns a number or a
text, or the `Reason` why there is none.
"""

import re
from collections.abc import Callable
from math import log10
from typing import Literal

from linetest.model.codes import Reason

Raw = int | bytes | str
Value = float | str | Reason

ScaleName = Literal[
    "number",
    "tenths",
    "hundredths",
    "thousandths",
    "per-256",
    "zte-dbm",
    "huawei-dbm",
    "less-100",
    "tenth-microwatts",
    "dbm-text",
    "first-number",
    "duration",
    "mac",
    "serial",
    "text",
]

# A display string that stands for no value, whatever its column; all makers' tables have them.
_NOTHING = frozenset({"", "-", "--", "---", "n/a", "na", "null", "none", "unknown"})
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?")
_DBM = re.compile(r"([+-]?\d{1,4}(?:\.\d{1,6})?) ?\(?dbm\)?", re.IGNORECASE)
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d{1,7}) ?(d|h|m|s)[a-z()]*,? ?", re.IGNORECASE)
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


def scale(name: ScaleName, raw: Raw) -> Value:
    """Return `raw` by the scale of that name, or the reason why it is no value."""
    if isinstance(raw, int) or name in ("mac", "serial") or as_text(raw).lower() not in _NOTHING:
        return _SCALES[name](raw)
    return Reason.NO_READING


def as_text(raw: Raw) -> str:
    """Return what a display string shows; octets that are no text show as escapes."""
    if isinstance(raw, bytes):
        return raw.rstrip(b"\0").decode("utf-8", errors="backslashreplace").strip()
    return str(raw).strip()


def _number(raw: Raw) -> float | Reason:
    if isinstance(raw, int):
        return float(raw)
    text = as_text(raw)
    return float(text) if _NUMBER.fullmatch(text) else Reason.GARBLED


def _divided(divisor: float) -> Callable[[Raw], Value]:
    """Return the scale raw / divisor."""

    def divide(raw: Raw) -> Value:
        if isinstance(raw, int):  # the way of almost all cells of a large OLT
            return raw / divisor
        number = _number(raw)
        return number if isinstance(number, Reason) else number / divisor

    return divide


def _zte_dbm(raw: Raw) -> Value:
    """Return raw * 0.002 - 30 dBm of a 16-bit number whose upper half is negative; 65535 is no reading."""
    number = _number(raw)
    if isinstance(number, Reason):
        return number
    if number == 65_535:
        return Reason.NO_READING
    if not 0 <= number < 65_536:
        return Reason.OUT_OF_WINDOW
    return (number - 65_536 if number > 30_000 else number) * 0.002 - 30.0


def _huawei_dbm(raw: Raw) -> Value:
    """Return raw / 100 dBm, or (raw - 10000) / 100 dBm where the box counts so: the two ranges do not meet.

    The MIB gives 0.01 dBm for some columns and no unit for others, and firmwares differ.
    """
    number = float(raw) if isinstance(raw, int) else _number(raw)
    if isinstance(number, Reason):
        return number
    if -5_000 <= number <= 1_000:
        return number / 100.0
    return (number - 10_000.0) / 100.0 if 5_000 <= number <= 11_000 else Reason.OUT_OF_WINDOW


def _less_100(raw: Raw) -> Value:
    """Return (raw - 10000) / 100, which is raw / 100 - 100."""
    number = _number(raw)
    return number if isinstance(number, Reason) else (number - 10_000.0) / 100.0


def _tenth_microwatts(raw: Raw) -> Value:
    """Return 10 * log10(raw / 10000) dBm of a power in 0.1 uW; no light has no logarithm."""
    number = _number(raw)
    if isinstance(number, Reason):
        return number
    return 10.0 * log10(number / 10_000.0) if number > 0 else Reason.UNDER_RANGE


def _dbm_text(raw: Raw) -> Value:
    """Return the number before ``dBm``, as in ``0.03 mW (-14.61 dBm)``; a number alone is in dBm.

    A number with another unit alone, such as ``0.03 mW``, is no dBm.
    """
    text = as_text(raw)
    if found := _DBM.search(text):
        return float(found[1])
    return float(text) if _NUMBER.fullmatch(text) else Reason.WRONG_UNIT if _NUMBER.match(text) else Reason.GARBLED


def _first_number(raw: Raw) -> Value:
    """Return the number that a text with its unit begins with, as in ``30.67 C``, ``3.27 V`` or ``3703m``."""
    found = _NUMBER.match(as_text(raw))
    return float(found[0]) if found else Reason.GARBLED


def _duration(raw: Raw) -> Value:
    """Return the seconds of ``22 day(s), 1 hour(s), 23 minute(s), 23 second(s)`` or ``34h 45m 21s``."""
    text = as_text(raw)
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        return Reason.GARBLED
    return float(sum(int(number) * _UNITS[unit.lower()] for number, unit in parts))


def _mac(raw: Raw) -> Value:
    """Return a MAC from six octets or from any way of writing twelve hexadecimal digits, as ``00:11:22:33:44:55``."""
    digits = raw.hex() if isinstance(raw, bytes) and len(raw) == 6 else re.sub(r"[-:. ]", "", as_text(raw)).lower()
    if digits in _NOTHING:
        return Reason.NO_READING
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        return Reason.GARBLED
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _serial(raw: Raw) -> Value:
    """Return a GPON serial as printed on the ONU: the maker's four letters, then eight hexadecimal digits.

    It comes as 8 octets, as sixteen hexadecimal digits whose first eight spell the letters, with those followed by
    ``(HWTC-0B086EA9)``, or in print with or without a dash (ITU-T G.984.3, 10.2.6). What is none of these stands as it
    came: some makers have serials of their own.
    """
    if isinstance(raw, bytes) and len(raw) == 8 and raw[:4].isalpha():
        return raw[:4].decode("ascii") + raw[4:].hex().upper()
    text = as_text(raw).partition("(")[0].strip()
    if text.lower() in _NOTHING:
        return Reason.NO_READING
    if re.fullmatch(r"[0-9A-Fa-f]{16}", text) and bytes.fromhex(text[:8]).isalpha():
        return bytes.fromhex(text[:8]).decode("ascii") + text[8:].upper()
    if dashed := re.fullmatch(r"([A-Za-z]{4})-([0-9A-Fa-f]{8})", text):
        return dashed[1].upper() + dashed[2].upper()
    return text if _PRINTABLE.fullmatch(text) and len(text) <= 32 else Reason.GARBLED


_SCALES: dict[ScaleName, Callable[[Raw], Value]] = {
    "number": _number,
    "tenths": _divided(10.0),
    "hundredths": _divided(100.0),
    "thousandths": _divided(1_000.0),
    "per-256": _divided(256.0),
    "zte-dbm": _zte_dbm,
    "huawei-dbm": _huawei_dbm,
    "less-100": _less_100,
    "tenth-microwatts": _tenth_microwatts,
    "dbm-text": _dbm_text,
    "first-number": _first_number,
    "duration": _duration,
    "mac": _mac,
    "serial": _serial,
    "text": as_text,
}
