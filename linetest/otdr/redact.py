"""Takes out of a SOR file whose fibre it is, for what leaves the house."""

from linetest.errors import BadFile
from linetest.otdr.checksum import VALUE_BYTES, computed, places
from linetest.otdr.makers import maker_named
from linetest.otdr.sor import read_sor
from linetest.otdr.sor_blocks import GeneralParts, split_general
from linetest.otdr.sor_map import STANDARD, read_map
from linetest.otdr.text import codec_of
from linetest.otdr.trace import Trace
from linetest.words.text import _

_LEAST_TEXT = 3  # bytes: shorter ones are found by chance in any maker's block
_SIZE_BYTES = 4
_UNTOUCHED = frozenset(STANDARD) - {"GenParams"}  # of which a file may hold a second one


def redact(body: bytes, trace: Trace) -> bytes:
    """Return the file `body`, which `trace` was read from, without its personal texts.

    The texts of GenParams (cable and fibre names, both places, cable code, operator, comment) become empty; its
    language, build condition, fibre type, wavelength and offsets stay. All other standard blocks stay byte for byte:
    samples and events with their comments are the same, and the instrument keeps its serial numbers.

    Makers repeat those texts in blocks of their own: in every other block, and in what follows the last one, each of
    them that has at least three bytes is overwritten with spaces of the same length, as 8-bit text and as UTF-16.
    What such a block holds compressed or encrypted cannot be found.

    The checksum is made right by the rule that it followed, else by the maker's most frequent one. Where no rule is
    known (`checksum.verify` says ``not-verifiable``) it keeps its value.

    Raises:
        BadFile: when the map or GenParams cannot be read whole: then nobody knows where the texts are.
    """
    general = next((block for block in trace.blocks if block.name == "GenParams"), None)
    if trace.general is None or general is None or any(gap.block in ("Map", "GenParams") for gap in trace.gaps):
        raise BadFile(
            _("{file}: byte {offset}: the map or GenParams is damaged, so its texts cannot be taken out").format(
                file=trace.name, offset=general.offset if general else 0
            ),
            _("copy the file from the instrument again"),
        )
    chart = read_map(trace.name, body)
    skip = chart.skip("GenParams")
    parts = split_general(bytes(general.body[skip:]), chart.layout)
    emptied = bytes(general.body[:skip]) + _without_texts(parts)
    size_at = next(entry.size_at for entry in chart.entries if entry.name == "GenParams")
    wanted = _patterns(parts)
    pieces = [body[:size_at], len(emptied).to_bytes(_SIZE_BYTES, "little"), body[size_at + _SIZE_BYTES : chart.size]]
    for block in trace.blocks:
        if block is general:
            pieces.append(emptied)
        else:
            pieces.append(bytes(block.body) if block.name in _UNTOUCHED else _blanked(bytes(block.body), wanted))
    last = trace.blocks[-1]
    pieces.append(_blanked(body[last.offset + len(last.body) :], wanted))
    return _with_checksum(b"".join(pieces), body, trace)


def _without_texts(parts: GeneralParts) -> bytes:
    return b"".join((parts.language, b"\0\0", parts.numbers, b"\0\0\0", parts.condition_and_offsets, b"\0\0"))


def _patterns(parts: GeneralParts) -> list[bytes]:
    """Return what to look for, longest first: a short text may be part of a long one."""
    texts = [parts.cable_id, parts.fibre_id, parts.location_a, parts.location_b, parts.cable_code]
    texts += [parts.operator, parts.comment]
    codec = codec_of(texts)
    wanted = set()
    for text in (text.strip(b" ") for text in texts):
        if len(text) >= _LEAST_TEXT:
            meant = text.decode(codec, "replace")
            wanted |= {text, meant.encode(), meant.encode("utf-16-le"), meant.encode("utf-16-be")}
    return sorted(wanted, key=lambda pattern: (-len(pattern), pattern))


def _blanked(data: bytes, wanted: list[bytes]) -> bytes:
    for pattern in wanted:
        data = data.replace(pattern, _spaces_like(pattern))
    return data


def _spaces_like(pattern: bytes) -> bytes:
    """Return as many bytes of spaces, in UTF-16 where `pattern` is."""
    wide = {1: " ".encode("utf-16-le"), 0: " ".encode("utf-16-be")}
    for zero, space in wide.items():
        if len(pattern) % 2 == 0 and not any(pattern[zero::2]):
            return space * (len(pattern) // 2)
    return b" " * len(pattern)


def _with_checksum(new: bytes, body: bytes, trace: Trace) -> bytes:
    rules = maker_named(trace.maker).checksum
    if trace.checksum is None or not rules:
        return new
    rule = next((rule for rule in rules if computed(rule, body, trace) == trace.checksum), rules[0])
    redacted = read_sor(trace.name, new)
    at = places(redacted)[1]
    return new[:at] + computed(rule, new, redacted).to_bytes(VALUE_BYTES, "little") + new[at + VALUE_BYTES :]
