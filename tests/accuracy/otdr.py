"""How well the event finder does: against the instruments' own tables, and against simulated truth.

    tests/accuracy/otdr.py            prints every figure beside its goal; exit 1 when a goal is missed
    tests/accuracy/otdr.py --floor    the same; exit 1 only when a figure falls below what was reached before

The finder gets copies of the real traces whose KeyEvents are emptied. Matching is one to one, nearest first, within
the larger of one pulse width, 4 samples and 3 m. Rows of 0.000 dB without reflectance are neither wanted nor counted
against; launch and end are left out, and the end is scored by itself. A table is not truth: instruments have other
thresholds, and people edit rows. Simulated traces carry exact truth.
"""

import os
import struct
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.finder import find_events
from linetest.otdr.sor import read_sor
from linetest.otdr.trace import Acquisition, Trace
from tests.accuracy.both_ways import find_pairs, rms_db
from tests.accuracy.figures import Figure, report
from tests.accuracy.scoring import Row, Score, score_events
from tests.accuracy.simulated_otdr import splice_trial

_ROOT = Path(__file__).resolve().parents[2]
_SHARED = Path(os.environ.get("LINETEST_SHARED", _ROOT.parent / "shared")) / "data" / "otdr"
_DETECTABLE_DB = 0.05
_TRIALS = 1000 if os.environ.get("LINETEST_FULL") else 300


def main() -> int:
    """Print the figures and say whether they are good enough."""
    figures = simulated(_TRIALS)
    if _SHARED.is_dir():
        figures = [*real(sorted(_SHARED.glob("*/*.[sS][oO][rR]"))), *figures]
    else:
        print(f"no real traces in {_SHARED}: only simulated ones are scored")
    return report(figures, floor="--floor" in sys.argv[1:])


def without_events(body: bytes) -> bytes:
    """Return a copy of a SOR file whose KeyEvents block holds no event, its size in the map made right."""
    named = body[:4] == b"Map\0"
    place = 4 if named else 0
    map_size, blocks = struct.unpack_from("<IH", body, place + 2)
    place += 8
    offset = map_size
    for _number in range(blocks - 1):
        name_end = body.index(b"\0", place)
        name = body[place:name_end]
        (size,) = struct.unpack_from("<I", body, name_end + 3)
        if name == b"KeyEvents":
            empty = (name + b"\0" if named else b"") + struct.pack("<HiiiHii", 0, 0, 0, 0, 0, 0, 0)
            changed = body[: name_end + 3] + struct.pack("<I", len(empty)) + body[name_end + 7 : offset]
            return changed + empty + body[offset + size :]
        offset += size
        place = name_end + 7
    return body


def tolerance_m(acquisition: Acquisition) -> float:
    """Return how far a found event may lie from its row."""
    return max(acquisition.pulse_m, 4.0 * acquisition.step_m, 3.0)


def table_of(trace: Trace) -> tuple[list[Row], float | None, float | None]:
    """Return the rows between launch and end, where the end is if the table names one, and where its last row is."""
    acquisition = trace.acquisitions[0]
    events = sorted(trace.table.events if trace.table else [], key=lambda event: event.distance_m)
    if not events:
        return [], None, None
    ends = [i for i, event in enumerate(events) if event.code[1:2].upper() == "E"]
    last = ends[0] if ends else len(events) - 1
    end_m = events[last].distance_m if ends or events[-1].code[1:2].upper() != "O" else None
    near_m = tolerance_m(acquisition)
    inner = [
        event for event in events[:last] if event.distance_m > near_m or (event.distance_m > 0 and event.number > 1)
    ]
    length_m = acquisition.first_m + len(acquisition.counts) * acquisition.step_m
    rows = []
    for event in inner:
        reflective = event.code[:1] in "12"
        apart_m = min((abs(other.distance_m - event.distance_m) for other in events if other is not event), default=1e9)
        alone = apart_m >= 2.0 * acquisition.pulse_m and 0.0 <= event.distance_m <= length_m
        seen = (abs(event.loss_db) >= _DETECTABLE_DB or reflective) and alone
        template = abs(event.loss_db) < 5e-4 and event.reflectance_db is None
        rows.append(
            Row(event.distance_m, event.loss_db, reflective, template, detectable=trace.maker == "exfo" or seen)
        )
    return rows, end_m, events[last].distance_m


def score_trace(trace: Trace, found: Analysis) -> Score:
    """Score what was found in one trace against its own table."""
    acquisition = trace.acquisitions[0]
    rows, end_m, last_m = table_of(trace)
    near_m = tolerance_m(acquisition)
    inner = [
        event for event in found.events if event.distance_m > near_m and _counts(event, found, end_m, last_m, near_m)
    ]
    score = score_events([(event.distance_m, event.loss_db) for event in inner] if trace.table else [], rows, near_m)
    if end_m is not None:
        score.ends = 1
        score.ends_right = int(found.fibre_end_m is not None and abs(found.fibre_end_m - end_m) <= near_m)
    return score


def _counts(event: Event, found: Analysis, end_m: float | None, last_m: float | None, near_m: float) -> bool:
    """Leave out launch, end, and echoes behind the end; and what lies behind the table's own end."""
    if event.kind in (EventKind.LAUNCH, EventKind.END):
        return False
    if event.kind is EventKind.GHOST and found.fibre_end_m is not None and event.distance_m > found.fibre_end_m:
        return False
    if end_m is not None:
        return event.distance_m < end_m - near_m
    return last_m is None or event.distance_m < last_m


def real(paths: list[Path]) -> list[Figure]:
    """Print the scores for each maker and return the pooled figures."""
    scores: dict[str, Score] = {}
    read = 0
    for path in paths:
        body = path.read_bytes()
        trace, blind = read_sor(path.name, body), read_sor(path.name, without_events(body))
        assert not blind.table or not blind.table.events, path.name
        read += bool(blind.acquisitions)
        found = find_events(blind.acquisitions[0])
        scores.setdefault(trace.maker, Score()).add(score_trace(trace, found))
    print(f"{'maker':12} {'wanted':>6} {'recall':>7} {'precision':>9} {'ends':>7}")
    for maker, score in sorted(scores.items()):
        print(
            f"{maker:12} {score.wanted:6} {score.recall:7.3f} {score.precision:9.3f} {score.ends_right:3}/{score.ends}"
        )
    exfo, others, all_makers = scores["exfo"], Score(), Score()
    for maker, score in scores.items():
        all_makers.add(score)
        if maker != "exfo":
            others.add(score)
    close = np.abs(exfo.loss_errors_db) <= 0.02
    return [
        Figure("files read", read / len(paths), 1.0, 1.0),
        Figure("EXFO recall", exfo.recall, 0.97, 0.91),
        Figure("EXFO precision", exfo.precision, 0.92, 0.95),
        Figure("EXFO losses within 0.02 dB", float(np.mean(close)), 0.99, 0.97),
        Figure("other makers recall", others.recall, 0.85, 0.68),
        Figure("other makers precision", others.precision, 0.80, 0.79),
        Figure("ends of fibre", all_makers.ends_right / all_makers.ends, 0.90, 0.86),
        Figure("both ways, rms dB", rms_db(find_pairs(_SHARED)), 0.005, 0.005, at_most=True),
    ]


def simulated(trials: int) -> list[Figure]:
    """Return how one splice of 0.1 dB at a step SNR of 10 is found in `trials` fibres."""
    hits, false_alarms = 0, 0
    offsets = []
    for seed in range(trials):
        trial = splice_trial(seed)
        splice = next(event for event in trial.truth.events if event.kind == "non-reflective")
        found = [
            event
            for event in find_events(trial.acquisition).events
            if event.kind not in (EventKind.LAUNCH, EventKind.END)
            and not (event.kind is EventKind.GHOST and event.loss_db is None)
        ]
        near_m = tolerance_m(trial.acquisition)
        best = min(found, key=lambda event: abs(event.distance_m - splice.distance_m), default=None)
        if best is not None and abs(best.distance_m - splice.distance_m) <= near_m:
            hits += 1
            false_alarms -= 1
            offsets.append((best.distance_m - splice.distance_m) / trial.acquisition.pulse_m)
        false_alarms += len(found)
    return [
        Figure("simulated splice, recall", hits / trials, 0.99, 0.98),
        Figure("simulated splice, false alarms a trace", false_alarms / trials, 0.05, 0.03, at_most=True),
        Figure("simulated splice, position rms in pulses", float(np.std(offsets)), 0.25, 0.24, at_most=True),
    ]


if __name__ == "__main__":
    sys.exit(main())
