"""From traces to readings: every joint, every section and the link, at each wavelength."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from linetest.errors import BadFile, UsageError
from linetest.model.codes import Hint, Reason, Warn
from linetest.model.metrics import METRICS
from linetest.model.reading import Bound, EvidenceFile, Measurement, Reading
from linetest.otdr.curves import curve_of
from linetest.otdr.details import shot_details, two_way_details
from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.macrobend import name_macrobends
from linetest.otdr.pairs import TwoWays, average
from linetest.otdr.redact import redact
from linetest.otdr.settings import OtdrSettings
from linetest.otdr.shot import Shot
from linetest.otdr.trace import Acquisition, Trace, nominal_nm
from linetest.safe import evidence_name
from linetest.words.text import _

BENCH_MARK = "linetest bench"
"""The supplier in the traces of the bench: wherever such a file is read, what comes of it is simulated."""
MEDIA_TYPE = "application/octet-stream"
"""No name is registered for SOR files."""

_LEAST_LINK_PULSES = 2.0
"""What lies nearer to the start of the link is the start itself. Own choice."""
_NOTHING = (EventKind.GHOST, EventKind.LAUNCH, EventKind.END)
"""No joints of the link: they have no loss that a limit could speak of."""
_LOSS = {
    EventKind.NON_REFLECTIVE: "otdr.splice_loss_db",
    EventKind.REFLECTIVE: "otdr.connector_loss_db",
    EventKind.SPLITTER: "otdr.splitter_loss_db",
    EventKind.MACROBEND: "otdr.macrobend_loss_db",
}


class _Link(NamedTuple):
    """One shot, with the other direction where there is one."""

    shot: Shot
    ways: TwoWays | None

    @property
    def analysis(self) -> Analysis:
        return self.shot.analysis if self.ways is None else self.ways.analysis


def measure(shots: list[Shot], settings: OtdrSettings, reverse: list[Shot] | None = None) -> Measurement:
    """Return the readings of all shots of one fibre, the details of cli.md and the files as evidence.

    Args:
        shots: From one end, one for each file and pulse width; the first is the main one. Two wavelengths show bends.
        settings: Of the profile's step.
        reverse: From the other end: each shot is averaged with the first of these of its wavelength.

    Raises:
        UsageError: for two directions that cannot be averaged.
    """
    shots = _with_bends(shots, settings)
    back = _with_bends(reverse or [], settings)
    links = [_Link(shot, _other_way(shot, back)) for shot in shots]
    every = [*((shot, False) for shot in shots), *((shot, True) for shot in back)]
    details = [shot_details(shot, settings, reverse=is_reverse) for shot, is_reverse in every]
    ways = links[0].ways
    return Measurement(
        readings=[reading for link in links for reading in _readings(link, settings)],
        details={
            **details[0],
            **({} if ways is None else two_way_details(ways)),
            **({"traces": details} if len(details) > 1 else {}),
            "curves": [curve_of(shot, reverse=is_reverse) for shot, is_reverse in every],
            "otdr_settings": msgspec.to_builtins(settings),
        },
        evidence=_evidence([shot for shot, _is_reverse in every]),
        warnings=list(dict.fromkeys(_warnings(links, details))),
        simulated=any(_is_from_bench(shot.trace) for shot, _is_reverse in every),
    )


def _with_bends(shots: list[Shot], settings: OtdrSettings) -> list[Shot]:
    """Return the shots with their bends named: each against the one of the shortest wavelength."""
    if not shots:
        return []
    shortest = min(shots, key=lambda shot: shot.acquisition.wavelength_nm)
    least_nm = nominal_nm(shortest.acquisition.wavelength_nm)
    return [
        shot._replace(
            analysis=name_macrobends(
                shot.acquisition, shot.analysis, shortest.acquisition, shortest.analysis, settings.macrobend_db
            )
        )
        if nominal_nm(shot.acquisition.wavelength_nm) > least_nm
        else shot
        for shot in shots
    ]


def _other_way(shot: Shot, back: list[Shot]) -> TwoWays | None:
    """Return the shot averaged with that of its wavelength from the other end; `average` refuses any other."""
    if not back:
        return None
    if any(other.body == shot.body for other in back):
        raise UsageError(
            _("{file}: both directions are the same file").format(file=shot.trace.name),
            _("name the trace that was measured from the other end"),
        )
    nominal = nominal_nm(shot.acquisition.wavelength_nm)
    fitting = [other for other in back if nominal_nm(other.acquisition.wavelength_nm) == nominal]
    other = (fitting or back)[0]
    return average(_only(shot), shot.analysis, _only(other), other.analysis)


def _only(shot: Shot) -> Trace:
    """Return the trace with the shot's own pulse width alone."""
    return shot.trace._replace(acquisitions=[shot.acquisition])


def _readings(link: _Link, settings: OtdrSettings) -> Iterator[Reading]:
    acquisition, analysis = link.shot.acquisition, link.analysis
    where: dict[str, Any] = {"wavelength_nm": nominal_nm(acquisition.wavelength_nm)}
    if len(link.shot.trace.acquisitions) > 1:
        where["pulse_width_ns"] = acquisition.pulse_width_ns
    for number, event in enumerate(analysis.events, start=1):
        place = {"event": str(event.kind), "number": number, "distance_m": event.distance_m, **where}
        yield from _of_event(event, place, link.ways.events[number - 1].ways if link.ways else None)
    yield from _of_link(analysis, where, _why_no_link(analysis, acquisition, with_reel=bool(settings.receive_m)))
    fixed = link.shot.trace.fixed
    if not settings.receive_m and fixed is not None and fixed.backscatter_db is not None:
        yield from _of_end(analysis, where)


def _of_event(event: Event, place: dict[str, Any], ways: str | None) -> Iterator[Reading]:
    """Yield the loss and reflectance of a joint, and the attenuation of the section before any event but an echo."""
    if event.kind not in _NOTHING:
        seen = {**place, "ways": ways} if ways else place
        metric = _loss_metric(event)
        # Of one direction, the metric's own hint asks for the other one.
        real = Hint.OPEN_SPLICE if ways == "both" and metric == "otdr.splice_loss_db" else None
        yield _reading(metric, event.loss_db, seen, Reason.NO_FIBRE_BESIDE, hint=real)
        if event.reflectance_db is not None:
            bound: Bound | None = "at-least" if event.saturated else None
            yield _reading("otdr.reflectance_db", event.reflectance_db, place, bound=bound)
    if event.section_db_per_km is not None and event.kind is not EventKind.GHOST:
        yield _reading("otdr.section_db_per_km", event.section_db_per_km, place)


def _loss_metric(event: Event) -> str:
    if event.kind is EventKind.MERGED:
        return _LOSS[EventKind.NON_REFLECTIVE if event.reflectance_db is None else EventKind.REFLECTIVE]
    return _LOSS[event.kind]


def _of_link(analysis: Analysis, where: dict[str, Any], lost: Reason | None) -> Iterator[Reading]:
    found = lost is None
    missing = lost or Reason.NOT_DECIDABLE
    length_m = None if analysis.end_m is None or not found else analysis.end_m - analysis.start_m
    yield _reading("otdr.link_loss_db", analysis.link_loss_db if found else None, where, missing)
    # What is beyond the range could only send back more light: what was seen is then the most it can be.
    bound: Bound | None = "at-most" if analysis.orl_saturated or lost is Reason.END_NOT_FOUND else None
    returned_db = analysis.orl_db if lost in (None, Reason.END_NOT_FOUND) else None
    yield _reading("otdr.orl_db", returned_db, where, missing, bound=bound)
    yield _reading("otdr.length_m", length_m, where, missing)


def _why_no_link(analysis: Analysis, acquisition: Acquisition, *, with_reel: bool) -> Reason | None:
    """Return why nothing can be said of the link as a whole; None where it can."""
    if analysis.end_m is None:
        return Reason.END_NOT_FOUND
    if with_reel and _without_reel(analysis):
        return Reason.REEL_NOT_FOUND
    # Nothing but the instrument's own dead zone, or a launch reel that nothing is plugged into, also has an end.
    least_m = analysis.start_m + _LEAST_LINK_PULSES * acquisition.pulse_m
    inside = (event for event in analysis.events if event.distance_m > least_m)
    return None if any(event.section_db_per_km is not None for event in inside) else Reason.NO_FIBRE_BESIDE


def _without_reel(analysis: Analysis) -> bool:
    """Tell whether there is glass up to its end and nothing where the receive reel should begin: it may be broken."""
    joints = (event.distance_m for event in analysis.events if event.kind not in _NOTHING)
    return analysis.end_m is not None and analysis.end_m not in joints


def _of_end(analysis: Analysis, where: dict[str, Any]) -> Iterator[Reading]:
    """Yield how much the end of the fibre reflects."""
    for event in analysis.events:
        if event.kind is EventKind.END:
            bound: Bound | None = "at-least" if event.saturated else None
            place = {**where, "distance_m": event.distance_m}
            yield _reading("otdr.end_reflectance_db", event.reflectance_db, place, Reason.NO_REFLECTION, bound=bound)


def _reading(
    metric: str,
    value: float | None,
    where: dict[str, Any],
    missing: Reason | None = None,
    *,
    bound: Bound | None = None,
    hint: Hint | None = None,
) -> Reading:
    """Return a reading in the metric's unit; `missing` is its reason where there is no value."""
    return Reading(
        metric=metric,
        value=value,
        unit=METRICS[metric].unit,
        where=where,
        reason=missing if value is None else None,
        bound=None if value is None else bound,
        hint=hint,
    )


def _evidence(shots: list[Shot]) -> list[EvidenceFile]:
    """Return each file once, with its copy without personal texts."""
    traces = {shot.body: shot.trace for shot in shots}
    return [
        EvidenceFile(name=evidence_name(trace.name), media_type=MEDIA_TYPE, body=body, redacted=_redacted(body, trace))
        for body, trace in traces.items()
    ]


def _redacted(body: bytes, trace: Trace) -> bytes | None:
    """Return the copy that may leave the computer; None for a damaged file, whose texts nobody can find."""
    try:
        return redact(body, trace)
    except BadFile:
        return None


def _warnings(links: list[_Link], details: list[dict[str, Any]]) -> Iterator[str]:
    for link in links:
        yield from link.ways.warnings if link.ways else []
    for one in details:
        if one["gaps"]:
            yield str(Warn.TRACE_INCOMPLETE)
        if one["checksum"] == "mismatch":
            yield str(Warn.CHECKSUM_MISMATCH)


def _is_from_bench(trace: Trace) -> bool:
    return trace.supplier is not None and trace.supplier.supplier.strip() == BENCH_MARK
