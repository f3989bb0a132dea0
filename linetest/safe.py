"""Text from outside made safe: for a terminal, a CSV cell, a file name. HTML is escaped by the template engine.

Device banners, file strings and ticket answers are hostile until they went through here.
"""

import re

_CONTROLS = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f"  # C0 except TAB, DEL, C1: escape sequences start with one of them
    "\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff"  # bidirectional and invisible controls
    "\ud800-\udfff]"  # lone surrogates cannot be encoded
)
_CONTROLS_BUT_NEWLINE = re.compile(f"(?!\n){_CONTROLS.pattern}")  # JSON escapes the newlines inside of its strings
_LONGEST_NAME = 120  # bytes: file systems take 255, and endings are added
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    r"""Return `text` with control and direction characters as visible escapes such as ``\x1b``."""
    return _CONTROLS.sub(_escape, text)


def safe_cell(text: str) -> str:
    """Return a device's or person's string for a CSV cell: no control characters, never a formula.

    Numbers must not pass through here: every negative dBm value would be taken for a formula.
    """
    text = safe_text(text)
    return "'" + text if text.startswith(_FORMULA_START) else text


def safe_json(text: str) -> str:
    """Return indented JSON with the control and direction characters of its strings as JSON's own escapes."""
    return _CONTROLS_BUT_NEWLINE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def safe_file_name(text: str) -> str:
    """Return `text` as one file name without folders, spaces or shell characters, short enough for any disk."""
    name = re.sub(r"[^\w.-]+", "-", text).strip(".-")
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore") or "unnamed"


def evidence_name(name: str) -> str:
    """Return the plain file name for the evidence; its end says how to read it, so a long one is cut in front."""
    return safe_file_name(name.replace("\\", "/").rstrip("/").rpartition("/")[2][-80:])


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
