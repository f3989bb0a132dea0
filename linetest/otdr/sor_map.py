"""The map of a SOR file: which blocks there are, and where.

In version 2 the file starts with the map's name, and each block begins with its own; in version 1 only the map names
them. Blocks are found by the map alone: a name that is searched for can also stand in a comment or a maker's block.

Sources as in `sor_blocks`.
"""

from struct import Struct
from typing import NamedTuple

from linetest.errors import BadFile, UnknownFormat
from linetest.otdr.trace import Block, Gap
from linetest.words.text import _

STANDARD = ("GenParams", "SupParams", "FxdParams", "KeyEvents", "DataPts", "Cksum")
"""What every file should hold. ``LnkParams`` is standard too, but optional; it is kept as bytes."""

_NAMED = b"Map\0"
_VERSION_1 = b"\x64\0"
_MAP_HEAD = Struct("<HIH")  # revision, size of the map, number of blocks with the map
_MAP_ENTRY = Struct("<HI")  # version, size


class Entry(NamedTuple):
    """One line of the map."""

    name: str
    version: int
    size: int
    size_at: int
    """The byte of the file where `size` stands."""


class Map(NamedTuple):
    """The map of a file: which blocks follow it, in which order."""

    layout: int
    """1: blocks without names, 2: blocks with names."""
    revision: int
    size: int
    entries: list[Entry]
    gaps: list[Gap]

    def skip(self, block: str) -> int:
        """Return how many bytes of a block its own name takes."""
        return len(block) + 1 if self.layout == 2 else 0


def read_map(file: str, body: bytes) -> Map:
    """Return the map of a SOR file.

    Raises:
        UnknownFormat: when the file does not begin like one.
        BadFile: when nothing can be found by its map; with the byte.
    """
    layout = 2 if body.startswith(_NAMED) else 1
    if layout == 1 and not body.startswith(_VERSION_1):
        raise UnknownFormat(
            _("{file}: byte 0: not a SOR file: it begins neither with its map nor with version 1").format(file=file),
            _("export the trace as SOR (Telcordia SR-4731) from the instrument or its program"),
        )
    at = len(_NAMED) if layout == 2 else 0
    if len(body) < at + _MAP_HEAD.size:
        raise _bad_map(file, len(body))
    revision, size, count = _MAP_HEAD.unpack_from(body, at)
    if not at + _MAP_HEAD.size < size <= len(body):
        raise _bad_map(file, at + 2)
    at += _MAP_HEAD.size
    entries = []
    for _number in range(count - 1):
        end = body.find(b"\0", at, size)
        if end < 0 or end + 1 + _MAP_ENTRY.size > size:
            break
        version, length = _MAP_ENTRY.unpack_from(body, end + 1)
        entries.append(Entry(body[at:end].decode("latin-1"), version, length, end + 3))
        at = end + 1 + _MAP_ENTRY.size
    if not entries:
        raise _bad_map(file, at)
    gaps = [Gap("Map", at, "bad-length")] if len(entries) < count - 1 else []
    return Map(layout, revision, size, entries, gaps)


def cut_blocks(body: bytes, chart: Map) -> tuple[list[Block], dict[str, Block], list[Gap]]:
    """Return all blocks, those that can be decoded by name (of equal names the first), and what is missing."""
    view, at = memoryview(body), chart.size
    blocks: list[Block] = []
    found: dict[str, Block] = {}
    gaps = list(chart.gaps)
    for name, version, size, _size_at in chart.entries:
        block = Block(name, version, at, view[at : at + size])
        blocks.append(block)
        if at + size > len(body):
            gaps.append(Gap(name, len(body) if at < len(body) else at, "truncated"))
        if chart.layout == 1 or not size or body.startswith(name.encode("latin-1") + b"\0", at):
            found.setdefault(name, block)
        elif at + size <= len(body):
            gaps.append(Gap(name, at, "bad-length"))  # something else stands where the map says it is
        at += size
    if chart.layout == 1 and at < len(body):
        gaps.append(Gap("Map", at, "bad-length"))  # no names confirm the places: the sizes have to add up
    named = {entry.name for entry in chart.entries}
    gaps += [Gap(name, chart.size, "no-block") for name in STANDARD if name not in named]
    return blocks, found, gaps


def _bad_map(file: str, offset: int) -> BadFile:
    return BadFile(
        _("{file}: byte {offset}: the map of the file is damaged or cut off").format(file=file, offset=offset),
        _("copy the file from the instrument again"),
    )
