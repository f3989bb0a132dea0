"""One cable out of many files: a box of two or four ports sweeps one combination of pairs after another.

Four ports take N(N-1)/2 files for N pairs, both ends of two pairs in each; two ports take more. Every file says itself
what its ports are, in `! Port[n] = PAIR1_NEAR` comments, or its manifest says it.
"""

import re
from itertools import product
from typing import NamedTuple, NoReturn

import numpy as np

from linetest.copper.files import read_sweep
from linetest.copper.ports import check_ports
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import ENDS, MOST_VALUES, Contradiction, FloatArray, Pair, Sweep, SweepFile
from linetest.errors import BadFile
from linetest.safe import evidence_name
from linetest.words.text import _

MOST_PAIRS = 64
_SAME_HZ = 1e-9  # as a part: a frequency that two files print with different digits


class _Binder(NamedTuple):
    """The cable while it is put together, P pairs."""

    labels: list[str]
    planes: FloatArray
    """(2, 2, n, P, P): received at one end of what is sent at one end."""
    part_of: list[list[Sweep | None]]
    """[2P][2P]: which file a path was taken from, ends first."""
    contradictions: list[Contradiction]


def read_binder(name: str, files: list[SweepFile], settings: CopperSettings, order: list[str] | None = None) -> Sweep:
    """Return the sweep of a cable that many files make together.

    Args:
        name: What to call it in errors.
        files: Those that are no sweep are only kept as evidence.
        settings: How much repeated sweeps of one pair may differ.
        order: The labels of all pairs; without it they are sorted, numbers by their value.

    Raises:
        BadFile: for a file that cannot be read, whose frequencies differ from the others', or that contradicts them,
            and for a pair of `order` that no file has.
    """
    parts = [read_sweep(file.name, file.body, file.options) for file in files if file.options is not None]
    labels = _labels(name, parts, order)
    for part in parts:
        _check_part(part, parts[0])
        check_ports(part, settings)
    count, points = len(labels), len(parts[0].frequency_hz)
    if points * 4 * count**2 > MOST_VALUES:
        raise BadFile(
            _("{file}: too many pairs and frequencies for one cable").format(file=name), _("split the folder")
        )
    planes = np.full((2, 2, points, count, count), np.nan)
    binder = _Binder(labels, planes, [[None] * (2 * count) for _port in range(2 * count)], [])
    for part in parts:
        _take(binder, part, settings)
    _fill_other_direction(planes)
    numbered = all(label.isascii() and label.isdigit() for label in labels)
    return Sweep(
        name=name,
        files=files,
        frequency_hz=parts[0].frequency_hz,
        gain_db=planes.transpose(2, 0, 3, 1, 4),
        pairs=[
            Pair(number=label) if numbered else Pair(number=str(number), name=label)
            for number, label in enumerate(labels, start=1)
        ],
        joined=True,
        interpreted_as=", ".join(dict.fromkeys(part.interpreted_as for part in parts)),
        reference_ohm=sorted({ohm for part in parts for ohm in part.reference_ohm}),
        contradictions=binder.contradictions,
        warnings=list(dict.fromkeys(code for part in parts for code in part.warnings)),
    )


def label_of(pair: Pair) -> str:
    """Return what a file calls a pair; empty for one that it does not name."""
    return pair.name or pair.number or ""


def _labels(name: str, parts: list[Sweep], order: list[str] | None) -> list[str]:
    """Return the labels of all pairs in their order."""
    if not parts:
        raise BadFile(_("{file}: there is no sweep in it").format(file=name), _("name a folder of .s2p or .s4p files"))
    for part in parts:
        if not part.pairs_named or not all(label_of(pair) for pair in part.pairs):
            raise BadFile(
                _("{file}: it does not say which pair hears which").format(file=part.name),
                _("among several files each has to: say pair and disturber in a manifest"),
            )
    found = {label_of(pair) for part in parts for pair in part.pairs}
    if len(found) > MOST_PAIRS:
        raise BadFile(_("{file}: more than {most} pairs").format(file=name, most=MOST_PAIRS), _("split the folder"))
    if order is None:
        return sorted(found, key=_by_number)
    if missing := [label for label in order if label not in found]:
        raise BadFile(
            _("{file}: no sweep has pair {pair}").format(file=name, pair=", ".join(missing)),
            _("sweep it, or take it out of `pairs`"),
        )
    return [*order, *sorted(found - set(order), key=_by_number)]


def _by_number(label: str) -> list[tuple[int, str]]:
    """Return what sorts PAIR10 behind PAIR9."""
    return [(int(digits or -1), text) for text, digits in re.findall(r"([^0-9]*)([0-9]{0,9})", label)]


def _check_part(part: Sweep, first: Sweep) -> None:
    """Refuse a file that was swept at other frequencies: data are never interpolated."""
    same = part.frequency_hz.shape == first.frequency_hz.shape
    if not same or not np.allclose(part.frequency_hz, first.frequency_hz, rtol=_SAME_HZ, atol=0.0):
        raise BadFile(
            _("{file}: swept at other frequencies than {other}").format(file=part.name, other=first.name),
            _("sweep all combinations with the same start, stop and number of points"),
        )


def _take(binder: _Binder, part: Sweep, settings: CopperSettings) -> None:
    """Put one file's paths into the cable; a path that is there already has to be the same."""
    count = len(binder.labels)
    place = [binder.labels.index(label_of(pair)) for pair in part.pairs]
    for heard_end, sent_end in product(range(len(ENDS)), repeat=2):
        own = part.gain_db[:, heard_end, :, sent_end, :]
        for victim, disturber in np.argwhere(~np.isnan(own).all(axis=0)):
            heard, sent = heard_end * count + place[victim], sent_end * count + place[disturber]
            there = binder.planes[heard_end, sent_end, :, place[victim], place[disturber]]
            other = binder.part_of[heard][sent]
            if other is None:
                there[:] = own[:, victim, disturber]
                binder.part_of[heard][sent] = part
            elif victim == disturber:
                difference_db = np.abs(there - own[:, victim, disturber])
                if (heard_end, sent_end) == (1, 0) and np.any(difference_db > settings.repeated_loss_db):
                    files = (evidence_name(other.name), evidence_name(part.name))
                    worst_db = float(np.nanmax(difference_db))
                    binder.contradictions.append(
                        Contradiction(pair=binder.labels[place[victim]], files=files, difference_db=worst_db)
                    )
            elif not np.array_equal(there, own[:, victim, disturber], equal_nan=True):
                _refuse_again(part, other, part.pairs[victim], part.pairs[disturber])


def _refuse_again(part: Sweep, other: Sweep, victim: Pair, disturber: Pair) -> NoReturn:
    raise BadFile(
        _("{file}: crosstalk of pair {pair} from {disturber} is already in {other}, with different data").format(
            file=part.name, other=other.name, pair=label_of(victim), disturber=label_of(disturber)
        ),
        _("keep the sweep that is right; cables of their own are named one by one"),
    )


def _fill_other_direction(planes: FloatArray) -> None:
    """Take a path that was swept in one direction only for both, as it is in any cable, in place."""
    missing = np.asarray(np.isnan(planes).all(axis=2))  # (2, 2, P, P)
    for heard_end, sent_end, victim, disturber in np.argwhere(missing & ~missing.transpose(1, 0, 3, 2)):
        planes[heard_end, sent_end, :, victim, disturber] = planes[sent_end, heard_end, :, disturber, victim]
