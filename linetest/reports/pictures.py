"""The pictures of a record, each with its title and its caption: words stand there, never in the picture."""

from base64 import b64encode
from typing import NamedTuple

from linetest.model.record import Check, Record
from linetest.model.values import fixed_number
from linetest.reports.capture_plots import bars_of, draw_grants, draw_ladder, ladders_of
from linetest.reports.curves import Family, Reference, curve_families, windows
from linetest.reports.heat_map import LEGIBLE_PAIRS, HeatMap, draw_heat_map, heat_maps
from linetest.reports.outline import quantity_words, row_words
from linetest.reports.plots import draw_family, draw_windows
from linetest.reports.tones_plot import Panels, draw_tones, panels_of
from linetest.reports.trace_view import METRIC
from linetest.safe import safe_text
from linetest.words.text import N_, _

_MODELS = {"t1": "ANSI T1.417", "etsi": "ETSI TS 101 388"}
_ENDS = {"near": N_("near end"), "far": N_("far end")}


class Picture(NamedTuple):
    """One picture as the page shows it."""

    title: str
    caption: str
    address: str
    """A data address of an SVG."""
    wide: bool = False
    """It has to be moved to and fro on a telephone: its numbers would be too small."""


def pictures_of(record: Record) -> list[Picture]:
    """Return all pictures that the record has something for.

    Raises:
        BadFile: the record's curves or combinations cannot be drawn.
    """
    families = [family for family in curve_families(record) if family.name != METRIC]
    panels = panels_of(families, record.details)
    return [
        *_of_a_capture(record),
        *(_of_a_family(family) for family in families if family.name not in {one for p in panels for one in p.names}),
        *(_of_combinations(one) for one in heat_maps(record)),
        *(_of_tones(one) for one in panels),
        *_of_windows(record),
    ]


def _of_a_family(family: Family) -> Picture:
    title = quantity_words(family.worst.metric if family.worst else family.name)
    caption = " ".join(part for part in (_family_caption(family), _reference_words(family.reference)) if part)
    return Picture(title, caption, _address(draw_family(family)))


def _family_caption(family: Family) -> str:
    count = len(family.curves)
    if family.numbered:
        return _("Curves: {count}, without a limit; at the right end the pair of each.").format(count=count)
    if not family.limit:
        return _("Curves: {count}, without a limit.").format(count=count)
    if family.worst is None:
        return _("Curves: {count}; dashed: the limit.").format(count=count)
    row = row_words(family.worst)
    return _("Curves: {count}; dashed: the limit; thick: the worst, {place}: {value}, limit {limit}.").format(
        count=count, place=row.place, value=row.value, limit=row.limit
    )


def _reference_words(reference: Reference | None) -> str:
    """Return what the thin dashed curve is; empty without one."""
    if reference is None:
        return ""
    model = _MODELS.get(reference.model) or safe_text(reference.model)
    if reference.length_m is None:
        return _(
            "Thin dashed, to compare with: {model}, disturbers: {disturbers}; 99 of 100 cables stay below."
        ).format(model=model, disturbers=reference.disturbers)
    return _(
        "Thin dashed, to compare with: {model}, disturbers: {disturbers}; 99 of 100 cables stay below. "
        "Length taken from the loss: {length} m, if the wire is {wire}."
    ).format(
        model=model,
        disturbers=reference.disturbers,
        length=fixed_number(reference.length_m, 0),
        wire=safe_text(reference.wire or ""),
    )


def _of_combinations(one: HeatMap) -> Picture:
    title = _("{quantity}: margin of each two pairs").format(quantity=quantity_words(one.metric))
    parts = [
        _("Rows: the disturbed pair, heard at its {end}; columns: the disturbing pair.").format(end=_(_ENDS[one.end])),
        _("Numbers: distance to the limit in dB, negative where it is broken."),
        _("A cross: failed; thick frame: the smallest; a question mark: not measured."),
    ]
    return Picture(title, " ".join(parts), _address(draw_heat_map(one)), wide=len(one.pairs) > LEGIBLE_PAIRS)


def _of_tones(panels: Panels) -> Picture:
    parts = [
        _("Solid: downstream; dashed: upstream; without a curve nothing was measured."),
        _("Below: frequency; above: tones.") if panels.spacing_hz else "",
        _("Triangles: dips.") if panels.dips else "",
    ]
    return Picture(", ".join(panels.names), " ".join(part for part in parts if part), _address(draw_tones(panels)))


def _of_windows(record: Record) -> list[Picture]:
    """Return the levels of each metric that has a window."""
    by_metric: dict[str, list[Check]] = {}
    for check in windows(record):
        by_metric.setdefault(check.metric, []).append(check)
    caption = _(
        "The bar goes from the lower to the upper limit; the mark is the value: a cross failed, "
        "a question mark was not measured."
    )
    return [
        Picture(quantity_words(metric), caption, _address(draw_windows(checks))) for metric, checks in by_metric.items()
    ]


def _of_a_capture(record: Record) -> list[Picture]:
    """Return the grants and the registrations of an audited capture."""
    pictures = []
    if bars := bars_of(record.details):
        caption = _(
            "Time at the OLT, round trips included; a line for each LLID. Hatched grants overlap; "
            "grey ones are discovery windows, which are shared."
        )
        pictures.append(Picture(_("Grants"), caption, _address(draw_grants(bars))))
    for onu in ladders_of(record.details):
        caption = _("Time since the first message, and the frame's number in the capture.")
        title = _("Registration of {onu}").format(onu=safe_text(str(onu.get("mac") or onu.get("llid"))))
        pictures.append(Picture(title, caption, _address(draw_ladder(onu))))
    return pictures


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
