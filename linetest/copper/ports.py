"""Which port of a file is which end of which pair: never guessed, and checked against the insertion loss."""

import re
from itertools import product
from typing import NamedTuple

import numpy as np

from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import (
    ENDS,
    GAIN,
    LOWEST_GAIN_DB,
    ComplexArray,
    FloatArray,
    Pair,
    Sweep,
    SweepFile,
    SweepOptions,
    gain_db_of,
)
from linetest.copper.touchstone import Network
from linetest.errors import BadFile, UsageError
from linetest.model.codes import Warn
from linetest.words.text import _

_LABEL = re.compile(r"(?P<pair>\S.*?)_(?P<end>NEAR|FAR)_?(?P<wire>[AB])?", re.IGNORECASE)
_LOWEST_POINTS = 8
"""Where pairs are told from one another: at the lowest frequencies their loss is smallest, the crosstalk too."""


class Port(NamedTuple):
    """What is connected to one port."""

    pair: str
    end: int
    """0 near, 1 far."""
    wire: str
    """``A`` or ``B`` of a single-ended port, empty for a balanced one."""


def sweep_of_network(name: str, body: bytes, network: Network, options: SweepOptions) -> Sweep:
    """Return the sweep of a network file: its ports as pairs, single-ended ports joined to balanced ones.

    Raises:
        BadFile: without labels and --ports, or where they do not fit.
    """
    ports = _port_map(name, network, options)
    labels = list(dict.fromkeys(port.pair for port in ports))
    _check_ends(name, ports, labels)
    s, reference_ohm = network.s, network.reference_ohm
    if ports[0].wire:
        s, ports, reference_ohm = _balanced(name, s, ports, reference_ohm)
    return Sweep(
        name=name,
        files=[SweepFile(name=name, body=body, options=options)],
        frequency_hz=network.frequency_hz,
        gain_db=_gains(s, ports, labels),
        pairs=[Pair(number=str(number), name=label) for number, label in enumerate(labels, start=1)],
        interpreted_as=GAIN,
        reference_ohm=reference_ohm,
        warnings=network.warnings,
    )


def check_ports(sweep: Sweep, settings: CopperSettings) -> list[str]:
    """Refuse a map that the insertion loss contradicts; return the warning when two directions do not agree.

    Raises:
        BadFile: where a pair hears another better than itself.
    """
    lowest = np.mean(sweep.gain_db[:_LOWEST_POINTS], axis=0)
    for end, pair in product((0, 1), range(len(sweep.pairs))):
        through = lowest[1 - end, pair, end, pair]
        heard = lowest[:, :, end, pair].copy()
        heard[:, pair] = np.nan
        if np.isnan(through) or np.isnan(heard).all() or np.nanmax(heard) <= through + settings.crossed_pair_db:
            continue
        at_end, other = np.unravel_index(int(np.nanargmax(heard)), heard.shape)
        raise BadFile(
            _("{file}: wrong port map or crossed pair: what goes in at pair {pair} comes out at pair {other}").format(
                file=sweep.name, pair=_shown(sweep.pairs[pair]), other=_shown(sweep.pairs[int(other)])
            ),
            _("{loss:.1f} dB more there ({end} end) than at its own other end; check --ports, then the cabling").format(
                loss=float(heard[at_end, other] - through), end=ENDS[int(at_end)]
            ),
        )
    return [] if _reciprocal(sweep.gain_db, settings) else [str(Warn.NOT_RECIPROCAL)]


def _reciprocal(gain_db: FloatArray, settings: CopperSettings) -> bool:
    """Tell whether each path has the same gain both ways, where it stands above the floor."""
    count = gain_db.shape[1] * gain_db.shape[2]
    gain_db = gain_db.reshape(-1, count, count)
    one, two = np.triu_indices(count, 1)
    there, back = gain_db[:, one, two], gain_db[:, two, one]
    above = np.minimum(there, back) > settings.reciprocity_floor_db  # false for NaN
    return not np.any(np.abs(there - back)[above] > settings.reciprocity_db)


def _port_map(name: str, network: Network, options: SweepOptions) -> list[Port]:
    count = network.s.shape[1]
    if options.ports is not None:
        if len(options.ports) != count:
            raise BadFile(
                _("{file}: it has {count} ports; the port map names {named}").format(
                    file=name, count=count, named=len(options.ports)
                ),
                _example(count),
            )
        ports = [parse_label(label) for label in options.ports]
    else:
        found = [_LABEL.fullmatch(network.port_names.get(number, "")) for number in range(1, count + 1)]
        if not all(found):
            raise BadFile(
                _("{file}: it does not say which port is which end of which pair").format(file=name), _example(count)
            )
        ports = [_port(match) for match in found if match]
    if len(set(ports)) != len(ports):
        double = next(port for port in ports if ports.count(port) > 1)
        raise BadFile(
            _("{file}: two ports are the {end} end of pair {pair}").format(
                file=name, end=ENDS[double.end], pair=double.pair
            ),
            _example(count),
        )
    return ports


def parse_label(label: str) -> Port:
    """Return what a label such as ``PAIR1_NEAR`` or ``PAIR1_NEAR_A`` says.

    Raises:
        UsageError: for any other label.
    """
    found = _LABEL.fullmatch(label.strip())
    if found is None:
        raise UsageError(
            _("{label!r} is not a label of a port").format(label=label),
            _("labels are PAIR1_NEAR and PAIR1_FAR; of single-ended ports PAIR1_NEARA and PAIR1_NEARB"),
        )
    return _port(found)


def _port(found: re.Match[str]) -> Port:
    end = ENDS.index(found["end"].lower())
    return Port(found["pair"].strip(), end, (found["wire"] or "").upper())


def _example(count: int) -> str:
    """Return the option to type for that many ports, in the commonest order."""
    labels = [f"PAIR{port // 2 + 1}_{ENDS[port % 2].upper()}" for port in range(min(count, 8))]
    return _("say it in the order of the file's ports: --ports {labels}").format(
        labels=",".join([*labels, *(["..."] if count > 8 else [])])
    )


def _check_ends(name: str, ports: list[Port], labels: list[str]) -> None:
    """Refuse a pair of which only one end is there while others have both, and half of a balanced port."""
    if len({bool(port.wire) for port in ports}) > 1:
        raise BadFile(
            _("{file}: some ports are single-ended (A, B), others balanced").format(file=name), _("check the labels")
        )
    if ports[0].wire:
        for port in ports:
            if port._replace(wire="A" if port.wire == "B" else "B") not in ports:
                raise BadFile(
                    _("{file}: pair {pair} has only wire {wire} at the {end} end").format(
                        file=name, pair=port.pair, wire=port.wire, end=ENDS[port.end]
                    ),
                    _("a single-ended file needs both wires of each end"),
                )
    ends = {label: {port.end for port in ports if port.pair == label} for label in labels}
    if any(len(found) == 2 for found in ends.values()):
        for label, found in ends.items():
            if len(found) == 1:
                raise BadFile(
                    _("{file}: pair {pair} has no {end} end").format(file=name, pair=label, end=ENDS[1 - min(found)]),
                    _("check the labels, or name all ports with --ports"),
                )


def _balanced(
    name: str, s: ComplexArray, ports: list[Port], reference_ohm: list[float]
) -> tuple[ComplexArray, list[Port], list[float]]:
    """Return the differential part of single-ended ports, Sdd = M S M^T with rows (1, -1)/sqrt 2 in M."""
    if len(set(reference_ohm)) > 1:
        raise BadFile(
            _("{file}: single-ended ports of different reference resistance").format(file=name),
            _("export it with one reference"),
        )
    joined = [port for port in ports if port.wire == "A"]
    a = [ports.index(port) for port in joined]
    b = [ports.index(port._replace(wire="B")) for port in joined]
    sent = s[:, :, a] - s[:, :, b]
    sdd: ComplexArray = (sent[:, a] - sent[:, b]) / 2.0
    return sdd, [port._replace(wire="") for port in joined], [2.0 * reference_ohm[0]] * len(joined)


def _gains(s: ComplexArray, ports: list[Port], labels: list[str]) -> FloatArray:
    """Return (n, 2, P, 2, P) of (n, p, p); NaN for ports that are not there and where a zero stands.

    In memory the ends come first: what is received at one end of what is sent at one end lies together.
    """
    planes = np.full((2, 2, len(s), len(labels), len(labels)), np.nan)
    of_end = [[number for number, port in enumerate(ports) if port.end == end] for end in range(len(ENDS))]
    of_pair = [[labels.index(ports[number].pair) for number in numbers] for numbers in of_end]
    gain_db = gain_db_of(np.abs(s))
    if gain_db.min() <= LOWEST_GAIN_DB:
        gain_db[gain_db <= LOWEST_GAIN_DB] = np.nan  # no instrument measures nothing at all: it is "not measured"
    for received, sent in product(range(len(ENDS)), repeat=2):
        there, here = np.ix_(of_pair[received], of_pair[sent]), np.ix_(of_end[received], of_end[sent])
        planes[received, sent][:, there[0], there[1]] = gain_db[:, here[0], here[1]]
    return planes.transpose(2, 0, 3, 1, 4)


def _shown(pair: Pair) -> str:
    return f"{pair.number} ({pair.name})" if pair.name else str(pair.number)
