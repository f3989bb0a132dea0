"""What a simulated OLT knows over SNMP: names and values in order, made here or read from a recording."""

import time
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path

from linetest.bench.olt_agent_ber import (
    ADDRESS,
    COUNTER32,
    COUNTER64,
    END_OF_VIEW,
    GAUGE32,
    INTEGER,
    NO_SUCH_INSTANCE,
    NO_SUCH_OBJECT,
    NULL,
    OBJECT_ID,
    OCTETS,
    OPAQUE,
    TIMETICKS,
    Binding,
    Oid,
    integer,
    object_id,
    parse_oid,
    tlv,
)
from linetest.errors import BadFile
from linetest.words.text import _

UPTIME = parse_oid("1.3.6.1.2.1.1.3.0")


class Mib:
    """The values of one agent, each as it stands in a message. The up-time alone moves by itself."""

    def __init__(self, values: Mapping[Oid, bytes]) -> None:
        self._values = dict(values)
        self._names = sorted(self._values)
        self._started_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._names)

    def restart(self) -> None:
        """Count the up-time from now."""
        self._started_at = time.monotonic()
        self._values[UPTIME] = integer(0, TIMETICKS)

    def become(self, other: "Mib") -> None:
        """Take the values of another; the up-time goes on."""
        uptime = {UPTIME: self._values[UPTIME]} if UPTIME in self._values else {}
        self._values = other._values | uptime
        self._names = sorted(self._values)

    def get(self, name: Oid) -> Binding:
        """Return the value of that name, or which of the two kinds of nothing there is (RFC 3416, 4.2.1)."""
        if name in self._values:
            return name, self._value(name)
        column = name[:-1]
        following, value = self.get_next(column)
        has_rows = value != END_OF_VIEW and following[: len(column)] == column
        return name, NO_SUCH_INSTANCE if has_rows else NO_SUCH_OBJECT

    def get_next(self, name: Oid) -> Binding:
        """Return what comes after that name, or the name with the mark of the end (RFC 3416, 4.2.2)."""
        place = bisect_right(self._names, name)
        if place == len(self._names):
            return name, END_OF_VIEW
        return self._names[place], self._value(self._names[place])

    def _value(self, name: Oid) -> bytes:
        if name != UPTIME:
            return self._values[name]
        recorded = int.from_bytes(self._values[name][2:], "big")
        passed = round((time.monotonic() - self._started_at) * 100)
        return integer((recorded + passed) % (1 << 32), TIMETICKS)


_NUMBERS = frozenset({INTEGER, COUNTER32, GAUGE32, TIMETICKS, COUNTER64})
_BYTES = frozenset({OCTETS, ADDRESS, OPAQUE})


def load_recording(path: Path) -> Mib:
    """Return the values of a ``.snmprec`` file: lines of name, type and value, the first of a name counts.

    The type is the tag of the value as a decimal number, followed by ``x`` when the value is in hexadecimal digits,
    or by ``e`` when its bytes are escaped (manual of snmpsim, "Simulation data files").

    Raises:
        BadFile: a line is none of these; names the line.
    """
    values: dict[Oid, bytes] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="surrogateescape").split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            name, kind, text = line.rstrip("\r").split("|", 2)
            values.setdefault(parse_oid(name), _encoded(kind, text))
        except ValueError as error:
            raise BadFile(
                _("{file}:{line}: this is no line of a recording").format(file=path, line=number),
                _("a line is NAME|TYPE|VALUE without variation modules"),
            ) from error
    return Mib(values)


def _encoded(kind: str, text: str) -> bytes:
    """Return a recorded value; raises ValueError when it is not of its type."""
    tag = int(kind.rstrip("xe"))
    if tag in _NUMBERS and kind == str(tag):
        return integer(int(text), tag)
    if tag == OBJECT_ID:
        return object_id(parse_oid(text))
    if tag == NULL:
        return tlv(NULL, b"")
    if tag not in _BYTES:
        raise ValueError("a type that is not known")
    if kind.endswith("x"):
        return tlv(tag, bytes.fromhex(text))
    if kind.endswith("e"):
        return tlv(tag, text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
    if tag == ADDRESS:
        return tlv(tag, bytes(int(part) for part in text.split(".")))
    return tlv(tag, text.encode("utf-8", "surrogateescape"))
