"""What `linetest otdr show` tells of a trace file: one document, printed as JSON or as text."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.otdr.settings import OtdrSettings
    from linetest.otdr.trace import Fixed, Trace

_CHECKSUMS = {
    "ok": N_("right"),
    "mismatch": N_("wrong: the file was damaged or changed"),
    "not-verifiable": N_("cannot be verified: it is not known how this maker computes it"),
    "not-checked": N_("not checked; --verify does"),
}
_ENDS = {
    "end": N_("found"),
    "out-of-range": N_("not found: the fibre is longer than the range"),
    "noise": N_("not found: the trace ends in noise"),
}
_GAPS = {
    "no-block": N_("the block is missing"),
    "truncated": N_("the file ends inside of it"),
    "bad-length": N_("its length is wrong"),
    "bad-value": N_("its numbers are impossible"),
    "no-scale": N_("what gives it its scale is missing"),
}
_PERSONAL = {
    "cable_id": N_("cable"),
    "fibre_id": N_("fibre"),
    "location_a": N_("from"),
    "location_b": N_("to"),
    "cable_code": N_("cable code"),
    "operator": N_("operator"),
    "comment": N_("comment"),
}
_WIDTH = 80
_PLAIN_TERMINALS = ("dumb", "linux")  # the console's own font has no braille


def shown(path: Path, settings: "OtdrSettings", personal: bool) -> dict[str, Any]:
    """Return the document of one file; the names of cables, places and people only where `personal` asks for them.

    Raises:
        FileError: nothing of the file can be read.
    """
    from linetest.load import load_bounded
    from linetest.otdr.curves import curve_of
    from linetest.otdr.details import shot_details
    from linetest.otdr.shot import LARGEST_FILE, read_shots
    from linetest.otdr.sor import read_sor

    body = load_bounded(path, LARGEST_FILE)
    trace = read_sor(str(path), body)
    shots = read_shots(str(path), body, settings) if trace.acquisitions else []
    traces = [shot_details(shot, settings, reverse=False) for shot in shots]
    return {
        "schema": "linetest.trace/1",
        **_head(trace),
        **(traces[0] if traces else {}),
        "file": str(path),
        "gaps": [gap._asdict() for gap in trace.gaps],
        "blocks": [
            {"name": block.name, "version": block.version, "offset": block.offset, "bytes": len(block.body)}
            for block in trace.blocks
        ],
        **({"traces": traces} if len(traces) > 1 else {}),
        "curves": [curve_of(shot, reverse=False) for shot in shots],
        **({"personal": personal_texts(trace)} if personal else {}),
    }


def personal_texts(trace: "Trace") -> dict[str, str]:
    """Return the texts of a file that name cables, places and people, without the empty ones."""
    general = trace.general
    if general is None:
        return {}
    return {name: text for name in _PERSONAL if (text := getattr(general, name).strip())}


def print_shown(document: dict[str, Any], last: bool) -> None:
    """Print the document as text of at most 80 columns."""
    import wcwidth

    from linetest.reports.trace_terminal import draw_in_terminal
    from linetest.reports.trace_text import event_table, instrument_table
    from linetest.reports.trace_view import views_of
    from linetest.words.wrap import wrapped

    facts = [(label, safe_text(text)) for label, text in _facts(document) if text]
    widest = max(wcwidth.width(label) for label, _text in facts)
    lines = [safe_text(document["file"])]
    for label, text in facts:
        head = f"  {wcwidth.ljust(label, widest)}  "
        lines += wrapped(text, _WIDTH, head, " " * (widest + 4))
    for view in views_of(document):
        lines += ["", *draw_in_terminal(view, braille=_has_braille()), "", *event_table(view)]
    lines += ["", *instrument_table(document.get("file_events"))]
    click.echo("\n".join([*lines, *([] if last else [""])]))


def _head(trace: "Trace") -> dict[str, Any]:
    """Return what stands in the file about the instrument and its settings."""
    import msgspec

    fixed = trace.fixed
    instrument = None if trace.supplier is None else msgspec.to_builtins(trace.supplier)
    if instrument is not None:
        del instrument["other"]  # a free text: anything may stand there
    return {
        "revision": trace.revision,
        "maker": trace.maker,
        "instrument": instrument,
        "taken_at": None if fixed is None else _moment(fixed.taken_at),
        "acquisition": None if fixed is None else _settings(fixed),
    }


def _settings(fixed: "Fixed") -> dict[str, Any]:
    wanted = (
        *("averages", "averaging_time_s", "backscatter_db", "loss_threshold_db", "reflectance_threshold_db"),
        *("end_threshold_db", "trace_type"),
    )
    return {name: getattr(fixed, name) for name in wanted}


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _facts(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the labelled facts, empty where the file does not say."""
    instrument = document["instrument"] or {}
    parts = [instrument.get(name, "") for name in ("supplier", "otdr", "module", "software")]
    facts = [
        (_("Instrument"), ", ".join(part.strip() for part in parts if part.strip())),
        (_("Maker"), f"{document['maker']} (SOR {document['revision'] / 100:g})"),
        (_("Taken"), (document["taken_at"] or "").replace("T", " ")),
    ]
    for one in document.get("traces") or ([document] if "points" in document else []):
        facts += _trace_facts(one)
    if checksum := document.get("checksum"):
        facts.append((_("Checksum"), _(_CHECKSUMS[checksum])))
    facts += [
        (
            _("Missing"),
            _("{block}, byte {offset}: {reason}").format(
                block=gap["block"], offset=gap["offset"], reason=_(_GAPS.get(gap["reason"], gap["reason"]))
            ),
        )
        for gap in document["gaps"]
    ]
    return facts + [(_(_PERSONAL[name]), text) for name, text in document.get("personal", {}).items()]


def _trace_facts(one: dict[str, Any]) -> list[tuple[str, str]]:
    from linetest.model.values import value_words

    end_m = one["end_m"]
    length = [] if end_m is None else [f"{end_m - one['start_m']:.1f} m"]
    said = [(_("loss {value}"), one["link_loss_db"]), (_("return loss {value}"), one["orl_db"])]
    link = length + [words.format(value=value_words(db, "dB")) for words, db in said if db is not None]
    end_reason = one["end_reason"]
    return [
        (_("Wavelength"), f"{one['wavelength_nm']:g} nm"),
        (_("Pulse"), f"{one['pulse_width_ns']:g} ns"),
        (
            _("Samples"),
            _("{count}, every {step:.3f} m; group index {index:.5f}").format(
                count=one["points"], step=one["step_m"], index=one["group_index"]
            ),
        ),
        (_("Link"), ", ".join(link)),
        (_("End"), _(_ENDS[end_reason])),
    ]


def _has_braille() -> bool:
    """Tell whether the terminal, or the file that stdout goes to, can show braille characters."""
    if os.environ.get("TERM") in _PLAIN_TERMINALS:
        return False
    try:
        "\u28ff".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
