"""DSL modems that answer in JSON: lists over the tones somewhere in a document."""

from collections.abc import Iterator
from typing import Any

import msgspec

from linetest.devices.dsl_driver import DslDriver, DslJson, DslList
from linetest.devices.dsl_text import as_number
from linetest.errors import BadReply
from linetest.model.dsl import MOST_TONES, Bands, Direction, DslLine, ToneCurve, in_bands
from linetest.words.text import _

_DEEPEST = 12
_MOST_OBJECTS = 10_000


def read_json(dsl: DslDriver, wanted: DslJson, body: bytes) -> DslLine:
    """Return the curves that the driver finds in a document.

    Raises:
        BadReply: it is no JSON, or has none of the lists.
    """
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadReply(_("this is not JSON: {fault}").format(fault=error), _("save the whole page again")) from error
    keys = {one.values for one in wanted.curve}
    found = next((one for one in _objects(document, _DEEPEST) if not keys.isdisjoint(one)), None)
    if found is None:
        raise BadReply(
            _("there is none of the lists {names} in it").format(names=", ".join(sorted(keys))),
            _("save the page with the spectrum of the line"),
        )
    up_bands = next((_bands(wanted, found[key]) for key in wanted.up_bands if key in found), None)
    curves = [curve for one in wanted.curve for curve in _curves(one, found, up_bands)]
    return DslLine(standard=dsl.standard, curves=curves)


def _objects(document: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects of a document, outer ones first."""
    waiting, seen = [(document, depth)], 0
    while waiting and seen < _MOST_OBJECTS:
        one, left = waiting.pop(0)
        seen += 1
        if isinstance(one, dict):
            yield one
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        if left:
            waiting += [(value, left - 1) for value in inner if isinstance(value, dict | list)][:_MOST_OBJECTS]


def _bands(wanted: DslJson, bands: Any) -> Bands:
    """Return first and last entry of each band."""
    found = []
    for band in bands if isinstance(bands, list) else ():
        first, last = (
            _number(band.get(key)) if isinstance(band, dict) else None for key in (wanted.first, wanted.last)
        )
        if first is not None and last is not None:
            found.append((int(first), int(last)))
    return found


def _curves(wanted: DslList, found: dict[str, Any], up_bands: Bands | None) -> Iterator[ToneCurve]:
    """Yield the two directions of a list, or the list itself where its bands are not told."""
    values = found.get(wanted.values)
    group = _number(found.get(wanted.group))
    if not isinstance(values, list) or group is None or not 1 <= group * len(values) <= MOST_TONES:
        return
    told = [_value(wanted, value) for value in values]
    sides: tuple[Direction | None, ...] = (None,) if up_bands is None else ("down", "up")
    for side in sides:
        own = [
            number if side is None or in_bands(up_bands or [], at) is (side == "up") else None
            for at, number in enumerate(told)
        ]
        yield ToneCurve(quantity=wanted.quantity, direction=side, group=int(group), values=own)


def _value(wanted: DslList, value: Any) -> float | None:
    number = _number(value)
    return None if number is None or number in wanted.absent else number * wanted.scale


def _number(value: Any) -> float | None:
    """Return a number; some versions write them as texts."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return as_number(str(value), 1.0)
