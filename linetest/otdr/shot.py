"""One shot into a fibre: a trace file's samples of one pulse width, and what was found in them."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from linetest.errors import BadFile
from linetest.load import load_bounded
from linetest.otdr.event import Analysis
from linetest.otdr.finder import find_events
from linetest.otdr.settings import OtdrSettings
from linetest.otdr.sor import read_sor
from linetest.otdr.trace import Acquisition, Trace
from linetest.words.text import _

LARGEST_FILE = 64_000_000
"""Bytes; a million samples of ten pulse widths take 20 million."""


class Shot(NamedTuple):
    """What is measured and judged: one acquisition, found in one file."""

    body: bytes
    """The file, byte for byte."""
    trace: Trace
    acquisition: Acquisition
    analysis: Analysis


def load_shots(path: Path, settings: OtdrSettings) -> list[Shot]:
    """Return what was found in a file; see `read_shots`."""
    return read_shots(str(path), load_bounded(path, LARGEST_FILE), settings)


def read_shots(name: str, body: bytes, settings: OtdrSettings) -> list[Shot]:
    """Return what was found in a file, one for each of its pulse widths; the same bytes always give the same.

    Raises:
        UnknownFormat: when it is no SOR file.
        BadFile: when it has no samples that can be read.
    """
    trace = read_sor(name, body)
    if not trace.acquisitions:
        lost = next((gap for gap in trace.gaps if gap.block == "DataPts"), None)
        raise BadFile(
            _("{file}: byte {offset}: there are no samples to measure").format(
                file=name, offset=len(body) if lost is None else lost.offset
            ),
            _("copy the file from the instrument again"),
        )
    chosen = trace.acquisitions if settings.pulses == "all" else trace.acquisitions[:1]
    known = trace.fixed is not None and trace.fixed.backscatter_db is not None
    return [Shot(body, trace, one, _analysed(one, settings, known)) for one in chosen]


def _analysed(acquisition: Acquisition, settings: OtdrSettings, backscatter_known: bool) -> Analysis:
    """Return what is found; without the fibre's backscatter nobody can say how much light comes back from it."""
    analysis = find_events(acquisition, launch_m=settings.launch_m, receive_m=settings.receive_m)
    if backscatter_known:
        return analysis
    dark = [msgspec.structs.replace(event, reflectance_db=None) for event in analysis.events]
    return msgspec.structs.replace(analysis, events=dark, orl_db=None)
