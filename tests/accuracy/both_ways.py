"""How well linetest's mean of both directions agrees with that of the instruments' own tables.

Pairs are found by their names: ELMMIL0001 was shot from ELM, MILELM0001 is the same fibre from MIL.
"""

import re
from pathlib import Path

from linetest.errors import UsageError
from linetest.otdr.matching import match_places
from linetest.otdr.pairs import average
from linetest.otdr.settings import OtdrSettings
from linetest.otdr.shot import Shot, load_shots
from linetest.otdr.trace import FileEvent

_NAME = re.compile(r"__([A-Z]{3})([A-Z]{3})(\w*)\.sor$")


def find_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Return (from one end, from the other end) of every fibre in the folder, each once."""
    named = {found.groups(): path for path in sorted(folder.rglob("*.sor")) if (found := _NAME.search(path.name))}
    return [(path, named[b, a, rest]) for (a, b, rest), path in named.items() if a < b and (b, a, rest) in named]


def rms_db(pairs: list[tuple[Path, Path]]) -> float:
    """Return the rms of linetest's mean loss less the instruments', over all joints without reflection of all pairs."""
    errors = [error for pair in pairs for error in errors_db(*pair)]
    return float((sum(error**2 for error in errors) / len(errors)) ** 0.5)


def errors_db(forward: Path, reverse: Path) -> list[float]:
    """Return linetest's mean less the instruments' for each joint that both tables and linetest have.

    Empty for a pair that cannot be averaged, such as one whose end lies behind the range.
    """
    a, b = (load_shots(path, OtdrSettings())[0] for path in (forward, reverse))
    try:
        found = average(a.trace, a.analysis, b.trace, b.analysis)
    except UsageError:
        return []
    rows = [row for row in found.events if row.ways == "both" and row.event.loss_db is not None]
    wanted = _table_means(a, b, found.tolerance_m)
    matched = match_places(
        [row.event.distance_m for row in rows], [place_m for place_m, _mean in wanted], found.tolerance_m
    )
    return [(rows[i].event.loss_db or 0.0) - wanted[j][1] for i, j in matched.items()]


def _table_means(a: Shot, b: Shot, within_m: float) -> list[tuple[float, float]]:
    """Return (place, mean loss) of the joints without reflection that stand in both instruments' tables."""
    joints_a, end_a_m = _joints(a)
    joints_b, end_b_m = _joints(b)
    mirrored = sorted(((end_a_m + end_b_m) / 2.0 - row.distance_m, row.loss_db) for row in joints_b)
    matched = match_places([row.distance_m for row in joints_a], [place_m for place_m, _loss in mirrored], within_m)
    return sorted((joints_a[i].distance_m, (joints_a[i].loss_db + mirrored[j][1]) / 2.0) for i, j in matched.items())


def _joints(shot: Shot) -> tuple[list[FileEvent], float]:
    """Return the table's rows of joints without reflection, template rows left out, and where it ends the fibre."""
    assert shot.trace.table is not None
    rows = shot.trace.table.events
    end_m = next((row.distance_m for row in rows if row.code[1:2] == "E"), rows[-1].distance_m)
    return [row for row in rows if row.code[:1] == "0" and row.loss_db and 0.0 < row.distance_m < end_m], end_m
