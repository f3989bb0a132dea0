"""The otdr room's own result, as it stands in a record's `details`.

No text of the file stands there but its name: who owns a fibre and where it lies is nobody's business.
"""

import hashlib
from typing import Any

import msgspec

from linetest.otdr.checksum import verify
from linetest.otdr.event import Analysis, Event
from linetest.otdr.pairs import TwoWays
from linetest.otdr.settings import OtdrSettings
from linetest.otdr.shot import Shot
from linetest.otdr.trace import Table
from linetest.safe import evidence_name

NOT_CHECKED = "not-checked"


def shot_details(shot: Shot, settings: OtdrSettings, *, reverse: bool) -> dict[str, Any]:
    """Return what stands for one trace of one pulse width and direction."""
    acquisition, analysis = shot.acquisition, shot.analysis
    return {
        "file": evidence_name(shot.trace.name),
        "sha256": hashlib.sha256(shot.body).hexdigest(),
        "reverse": reverse,
        "wavelength_nm": acquisition.wavelength_nm,
        "pulse_width_ns": acquisition.pulse_width_ns,
        "group_index": acquisition.group_index,
        "step_m": acquisition.step_m,
        "points": len(acquisition.counts),
        "maker": shot.trace.maker,
        "gaps": [gap._asdict() for gap in shot.trace.gaps],
        "checksum": verify(shot.body, shot.trace) if settings.verify else NOT_CHECKED,
        "events": event_rows(analysis.events),
        **link_details(analysis),
        "noise_rms_db": analysis.noise_rms_db,
        "noise_floor_db": analysis.noise_floor_db,
        "methods": analysis.methods,
        "file_events": _file_rows(shot.trace.table),
    }


def link_details(analysis: Analysis) -> dict[str, Any]:
    """Return what is measured of the link as a whole."""
    return {
        "start_m": analysis.start_m,
        "end_m": analysis.end_m,
        "end_reason": analysis.end_reason,
        "fibre_end_m": analysis.fibre_end_m,
        "link_loss_db": analysis.link_loss_db,
        "link_loss_u_db": analysis.link_loss_u_db,
        "orl_db": analysis.orl_db,
        "orl_saturated": analysis.orl_saturated,
    }


def event_rows(events: list[Event]) -> list[dict[str, Any]]:
    """Return the events as rows; their numbers are those of the readings."""
    return [{"number": number, **msgspec.to_builtins(event)} for number, event in enumerate(events, start=1)]


def two_way_details(ways: TwoWays) -> dict[str, Any]:
    """Return what takes the place of the forward trace's own events where both directions were measured."""
    rows = event_rows([one.event for one in ways.events])
    for row, one in zip(rows, ways.events, strict=True):
        row |= {
            "ways": one.ways,
            "forward_loss_db": one.forward_loss_db,
            "reverse_loss_db": one.reverse_loss_db,
            "backscatter_step_db": one.backscatter_step_db,
            "gainer": one.gainer,
        }
    return {
        "events": rows,
        **link_details(ways.analysis),
        "methods": ways.analysis.methods,
        "directions": {"tolerance_m": ways.tolerance_m, "length_difference_m": ways.length_difference_m},
    }


def _file_rows(table: Table | None) -> list[dict[str, Any]] | None:
    """Return the instrument's own table without its comments; None where the file has none."""
    if table is None:
        return None
    return [
        {
            "number": event.number,
            "distance_m": event.distance_m,
            "section_db_per_km": event.section_db_per_km,
            "loss_db": event.loss_db,
            "reflectance_db": event.reflectance_db,
            "code": event.code,
            "loss_method": event.loss_method,
        }
        for event in table.events
    ]
