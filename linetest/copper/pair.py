"""One pair out of a cable's measurement: an order is about one customer's pair, the others are other customers'."""

from typing import Any

import msgspec

from linetest.errors import UsageError
from linetest.model.reading import Measurement
from linetest.words.text import _

_BY_PAIR = ("combinations", "pairs", "curves")
"""The lists of the details whose entries are each about one disturbed pair, or, without one, about all."""


def only_pair(measured: Measurement, pair: str) -> Measurement:
    """Return what was measured of one disturbed pair, and ``details["pair"]`` says which.

    Args:
        measured: The measurement of a whole cable.
        pair: A label of the file, or else a number. A file that names no pairs is taken to be about this one.

    Raises:
        UsageError: naming the pairs there are, when this one is not among them.
    """
    places = [reading.where for reading in measured.readings if "pair" in reading.where]
    places += measured.details.get("pairs", [])
    details = {**measured.details, "pair": pair}
    if not places or not measured.details.get("pairs_named", True):
        return msgspec.structs.replace(measured, details=details)
    # A file may call its first pair 2: its own label counts before our number.
    number = next((place["pair"] for place in places if place.get("pair_name") == pair), pair)
    if all(place["pair"] != number for place in places):
        raise UsageError(
            _("the sweep has no pair {pair!r}; there is: {names}").format(pair=pair, names=_names(places)),
            _("write the number or the file's label of the pair into the order, or choose the cable's own sweep"),
        )
    lists = {
        key: [one for one in details[key] if one.get("pair", number) == number] for key in _BY_PAIR if key in details
    }
    readings = [reading for reading in measured.readings if reading.where.get("pair", number) == number]
    return msgspec.structs.replace(measured, readings=readings, details={**details, **lists})


def _names(places: list[dict[str, Any]]) -> str:
    """Return the pairs that were measured as one line: number, and label where there is one."""
    shown = {
        f"{place['pair']} ({place['pair_name']})" if "pair_name" in place else place["pair"]: None for place in places
    }
    return ", ".join(shown)
