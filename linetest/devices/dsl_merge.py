"""Several texts about one line made into one, and lists of both directions taken apart."""

import re
from typing import Any

import msgspec

from linetest.devices.dsl_driver import DslDriver
from linetest.model.dsl import NUMBERS, Bands, Direction, DslLine, DslSide, ToneCurve, in_bands

_SIDES: tuple[Direction, Direction] = ("down", "up")


def one_line(lines: list[DslLine], drivers: list[DslDriver]) -> DslLine:
    """Return what all of `lines` tell: of each value the first that is told; curves by direction where that is known.

    Args:
        lines: Of one and the same line.
        drivers: The driver that read each.
    """
    words = {name: _first([getattr(line, name) for line in lines]) for name in ("standard", "profile", "status")}
    in_sync = _first([line.in_sync for line in lines])
    down_bands = next((line.down_bands for line in lines if line.down_bands), [])
    up_bands = next((line.up_bands for line in lines if line.up_bands), [])
    if not (down_bands and up_bands):
        down_bands, up_bands = _usual_bands(words["standard"], drivers)
    curves: dict[tuple[str, Direction | None], ToneCurve] = {}
    for curve in (curve for line in lines for curve in line.curves):
        for part in _by_direction(curve, down_bands, up_bands):
            curves.setdefault((part.quantity, part.direction), part)
    return DslLine(
        **words,
        in_sync=in_sync,
        down=_one_side([line.down for line in lines]),
        up=_one_side([line.up for line in lines]),
        curves=list(curves.values()),
        down_bands=down_bands,
        up_bands=up_bands,
        unread=[text for line in lines for text in line.unread],
    )


def _first(values: list[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _one_side(sides: list[DslSide]) -> DslSide:
    told: dict[str, Any] = {}
    tenths: list[str] = []
    for name in NUMBERS:
        for side in sides:
            if (value := getattr(side, name)) is not None:
                told[name] = value
                tenths += [name] if name in side.tenths else []
                break
    counted = next((side for side in sides if side.counts), DslSide())
    return msgspec.structs.replace(counted, **told, tenths=tenths)


def _usual_bands(standard: str | None, drivers: list[DslDriver]) -> tuple[Bands, Bands]:
    """Return the bands of the standard, down and up; none where no driver says them."""
    for usual in (usual for driver in drivers for usual in driver.usual_bands):
        if standard is not None and re.search(usual.standard, standard):
            return usual.down, usual.up
    return [], []


def _by_direction(curve: ToneCurve, down_bands: Bands, up_bands: Bands) -> list[ToneCurve]:
    """Return a list of both directions as two; as it is where the bands are not known."""
    if curve.direction is not None or not (down_bands and up_bands):
        return [curve]
    parts = []
    for direction, bands in zip(_SIDES, (down_bands, up_bands), strict=True):
        values = [value if in_bands(bands, at * curve.group) else None for at, value in enumerate(curve.values)]
        parts.append(msgspec.structs.replace(curve, direction=direction, values=values))
    return parts
