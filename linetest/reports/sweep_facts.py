"""What a rule of crosstalk leaves open, said with every result: the band, what was judged, how numbers were read."""

from typing import Any

from linetest.model.values import frequency_words, plain_number
from linetest.safe import safe_text
from linetest.words.text import N_, _

_QUANTITIES = {
    "pair-to-pair": N_("one pair from one other"),
    "power-sum": N_("one pair from all others (power sum)"),
    "input-output": N_("FEXT over the level sent"),
    "equal-level": N_("FEXT over the level at the far end"),
}
_READ_AS = {"gain (negative dB)": N_("gain (negative dB)"), "loss (positive dB)": N_("loss (positive dB)")}


def sweep_facts(details: dict[str, Any]) -> list[tuple[str, str]]:
    """Return labelled facts of a sweep; none of a record that holds no sweep."""
    band, swept = _range_words(details.get("band_hz")), _range_words(details.get("swept_hz"))
    if not band or not swept:
        return []
    settings = details.get("settings")
    said = settings if isinstance(settings, dict) else {}
    judged = [one for key in ("quantity", "fext_definition") for one in _texts(said.get(key))]
    read_as = str(details.get("interpreted_as", ""))
    facts = [
        (_("Band"), _("{band}; swept: {swept}").format(band=band, swept=swept)),
        (_("Judged"), _("; ").join(_(_QUANTITIES[one]) if one in _QUANTITIES else one for one in judged)),
        (_("Read as"), ", ".join(_(_READ_AS[one]) if one in _READ_AS else one for one in read_as.split(", "))),
    ]
    return [(label, safe_text(fact)) for label, fact in facts if fact]


def _range_words(edges: object) -> str:
    if not isinstance(edges, list) or len(edges) != 2:
        return ""
    low, high = plain_number(edges[0]), plain_number(edges[1])
    if low is None or high is None:
        return ""
    return _("{low} to {high}").format(low=frequency_words(low), high=frequency_words(high))


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
