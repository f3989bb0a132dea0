r"""Recordings of what an agent answered: ``.snmprec`` files, the format of snmpsim, played back and written.

Each line is ``OID|TYPE|VALUE``: `TYPE` is the number of the ASN.1 type of RFC 3416 (2 integer, 4 octets, 5 null, 6 OID,
64 address, 65 and 70 counters, 66 gauge, 67 hundredths of a second, 68 opaque), with ``x`` behind it when the value is
in hexadecimal and ``e`` when it has escapes such as ``\x00``. Lines may stand in any order; the first of an OID counts.
"""

import bisect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from linetest.errors import BadFile
from linetest.load import load_bounded
from linetest.transports.snmp_walk import SnmpValue, oid_key
from linetest.words.text import _

_LARGEST = 32_000_000  # bytes: some 600,000 objects
_INTEGERS = {"2", "65", "66", "67", "70"}
_OCTETS = {"4", "64", "68"}
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_HEAD = b"# OID|type|value: what an SNMP agent answered\n"


class Tables(Protocol):
    """What answers over SNMP: a session, a recording one, or a recording."""

    def get(self, oids: Iterable[str]) -> dict[str, SnmpValue]:
        """Return the values of `oids` that are there."""

    def walk(self, root: str) -> list[tuple[str, SnmpValue]]:
        """Return all objects under `root` in order."""


class ReplayedSession:
    """A recording that answers as the agent did."""

    simulated = True

    def __init__(self, values: dict[str, SnmpValue]) -> None:
        self._values = values
        self._sorted = sorted((oid_key(oid), oid) for oid in values)

    def get(self, oids: Iterable[str]) -> dict[str, SnmpValue]:
        """Return the values of `oids` that were recorded."""
        return {oid: self._values[oid] for oid in oids if oid in self._values}

    def walk(self, root: str) -> list[tuple[str, SnmpValue]]:
        """Return all recorded objects under `root` in order."""
        above = oid_key(root)
        start = bisect.bisect_right(self._sorted, (above, root))
        end = bisect.bisect_left(self._sorted, ((*above[:-1], above[-1] + 1), ""))
        return [(oid, self._values[oid]) for _key, oid in self._sorted[start:end]]


def load_recording(path: Path) -> ReplayedSession:
    """Return the session that the file `path` recorded; raises `FileError`, or `BadFile` with the line."""
    return ReplayedSession(parse_recording(load_bounded(path, _LARGEST), str(path)))


def parse_recording(body: bytes, name: str) -> dict[str, SnmpValue]:
    """Return the recorded values by OID; `name` is the file's name for the error."""
    values: dict[str, SnmpValue] = {}
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip() or line.startswith(b"#"):
            continue
        try:
            oid, kind, value = line.split(b"|", 2)
            key = ".".join(map(str, oid_key(oid.decode("ascii").strip().removeprefix("."))))
            found = _value(kind.decode("ascii"), value)
        except ValueError as error:  # of the split, of a number, of bytes that are no text
            raise BadFile(
                _("{file}: line {line}: not OID|type|value: {fault}").format(file=name, line=number, fault=error),
                _("record it again; lines that make up values are not read"),
            ) from error
        if found is not None:
            values.setdefault(key, found)
    return values


class RecordingSession:
    """A session whose answers are kept; what it was asked with, and the user's keys, are not among them."""

    def __init__(self, session: Tables, *, simulated: bool) -> None:
        self._session = session
        self._values: dict[str, SnmpValue] = {}
        self.simulated = simulated

    def get(self, oids: Iterable[str]) -> dict[str, SnmpValue]:
        """Ask and keep."""
        found = self._session.get(oids)
        self._values.update(found)
        return found

    def walk(self, root: str) -> list[tuple[str, SnmpValue]]:
        """Ask and keep; a walk that fails keeps nothing."""
        rows = self._session.walk(root)
        self._values.update(rows)
        return rows

    def body(self) -> bytes:
        """Return the file's bytes, sorted by OID."""
        lines = (_line(oid, self._values[oid]) for oid in sorted(self._values, key=oid_key))
        return _HEAD + b"".join(line.encode("ascii") for line in lines)


def _value(kind: str, text: bytes) -> SnmpValue | None:
    """Return what stands behind the type `kind`; None for null. Raises ValueError."""
    plain = kind.rstrip("xe")
    if plain in _INTEGERS and kind == plain:
        return int(text)
    if plain == "6" and kind == plain:
        return ".".join(map(str, oid_key(text.decode("ascii").strip().removeprefix("."))))
    if plain == "64" and kind == plain:
        return bytes(map(int, text.split(b".")))
    if plain in _OCTETS:
        return _octets(kind[len(plain) :], text)
    if kind == "5":
        return None
    raise ValueError(_("the type {kind!r} is not known").format(kind=kind))


def _octets(form: str, text: bytes) -> bytes:
    if form == "x":
        return bytes.fromhex(text.decode("ascii").removeprefix("0x"))
    if form == "e":
        return _ESCAPE.sub(_unescaped, text)
    if form:
        raise ValueError(_("the type {kind!r} is not known").format(kind=form))
    return text


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code[1:], 16)]) if len(code) > 1 else _LETTERS.get(code, code)


def _line(oid: str, value: SnmpValue) -> str:
    """Return a value's line; which kind of integer it was is not kept, a counter of 64 bits holds them all."""
    if isinstance(value, bytes):
        plain = value.isascii() and value.decode("ascii").isprintable()
        return f"{oid}|4|{value.decode('ascii')}\n" if plain else f"{oid}|4x|{value.hex()}\n"
    if isinstance(value, str):
        return f"{oid}|6|{value}\n"
    return f"{oid}|{2 if -(2**31) <= value < 2**31 else 70}|{value}\n"
