"""The place of a reading in words: ``pair 1 from 3 at 1087 kHz, near end``."""

from typing import Any

from linetest.model.values import fixed_number, frequency_words, plain_number
from linetest.safe import safe_text
from linetest.words.text import N_, _

_MOST_ITEMS = 8
_MOST_CHARACTERS = 60
_ENDS = {"near": N_("near end"), "far": N_("far end"), "olt": N_("sent by the OLT"), "onu": N_("sent by the ONU")}
# The meter's own word for its wavelength is what everybody expects; only a person's is worth saying.
_WAVELENGTH_SOURCES = {"meter": "", "person": N_("wavelength as set by hand")}
# One sentence for one key; `{value}` is what stands there. Rooms to come add theirs here.
_SENTENCES = {
    "wavelength_nm": N_("{value} nm"),
    "counter": N_("{value}"),
    "channel": N_("channel {value}"),
    "from_channel": N_("from channel {value}"),
    "came_with": N_("came with VLAN tags {value}"),
    "onu": N_("ONU {value}"),
    "llid": N_("LLID {value}"),
    "mac": N_("MAC {value}"),
    "llids": N_("LLIDs {value}"),
    "others": N_("the same at {value}"),
    "pulse_width_ns": N_("pulse {value} ns"),
    "number": N_("event {value}"),
    "event": N_("event {value}"),
    "distance_m": N_("at {value} m"),
    "missing": N_("nothing from {value}"),
    "other_llid": N_("with LLID {value}"),
    "from_llid": N_("from LLID {value}"),
    "user": N_("device {value}"),
    "vid": N_("VLAN {value}"),
    "ouis": N_("OUI {value}"),
    "check": N_("{value}"),
    "dial": N_("dial {value}"),
    "phase": N_("{value}"),
    "concentrators": N_("{value}"),
    "alarm": N_("alarm {value}"),
    "alarm_name": N_("{value}"),
    "answer": N_("answer {value}"),
    "codes": N_("codes {value}"),
    "frames": N_("frames {value}"),
    "server": N_("server {value}"),
    "servers": N_("of {value} servers"),
    "method": N_("by {value}"),
    "family": N_("{value}"),
    "samples": N_("samples: {value}"),
    "interface": N_("port {value}"),
    "rogues": N_("answered: {value}"),
}
_EVENTS = {
    "launch": N_("launch"),
    "non-reflective": N_("without reflection"),
    "reflective": N_("reflective"),
    "merged": N_("merged"),
    "splitter": N_("splitter"),
    "macrobend": N_("macrobend"),
    "ghost": N_("echo"),
    "end": N_("end"),
}
_WAYS = {
    "both": N_("mean of both directions"),
    "forward": N_("one direction only"),
    "reverse": N_("seen from the other end only"),
}
_RUN_STATES = {
    "online": N_("online"),
    "offline": N_("offline"),
    "los": N_("no light (LOS)"),
    "dying-gasp": N_("no power (dying gasp)"),
    "auth-failed": N_("not accepted"),
    "registering": N_("registering"),
    "disabled": N_("switched off"),
    "unknown": N_("state unknown"),
}
_TOLD_BY = {
    "meter": N_("by the meter"),
    "onu-rx": N_("by the light at the ONU"),
    "olt-rx": N_("by the light at the OLT"),
    "otdr": N_("by the OTDR"),
    "olt-tx": N_("the light from the OLT"),
    "patch-cord": N_("between socket and ONU"),
}
_DIRECTIONS = {"down": N_("downstream"), "up": N_("upstream")}
_WIRES = {"a-b": N_("wire a to b"), "a-earth": N_("wire a to earth"), "b-earth": N_("wire b to earth")}
_SINCE = {"link": N_("since the link came up"), "start": N_("since the device started")}
_POINTS = {"direct": N_("at the line itself"), "behind-cpe": N_("behind the customer's router")}
_LAYERS = {"tcp": N_("as TCP delivers it"), "ip": N_("with the heads of TCP and IP")}
_BY = {"olt": N_("by the OLT"), "onu": N_("by the ONU"), "timeout": N_("by time-out")}
_CAME = {"untagged": N_("came without VLAN tags")}
_ALARM_STATES = {"raised": N_("still raised"), "cleared": N_("cleared")}
# Keys whose values are codes with words of their own.
_WORDS = {
    "point": _POINTS,
    "by": _BY,
    "layer": _LAYERS,
    "came": _CAME,
    "alarm_state": _ALARM_STATES,
    "ways": _WAYS,
    "end": _ENDS,
    "run_state": _RUN_STATES,
    "direction": _DIRECTIONS,
    "told_by": _TOLD_BY,
    "between": _WIRES,
    "since": _SINCE,
}


def place_words(where: dict[str, Any]) -> str:
    """Return the place in words, empty without a place; a key not known here stands as ``key=value``."""
    left = dict(where)
    if "number" in left and _is_code(left.get("event"), _EVENTS):
        del left["event"]  # the metric and the table of events say what a numbered one is
    parts = [_pair_words(left)] if left.get("pair") is not None else []
    parts += [_sentence(key, left.pop(key)) for key in _SENTENCES if key in left]
    if (frequency_hz := plain_number(left.get("frequency_hz"))) is not None:
        del left["frequency_hz"]
        parts.append(_("at {frequency}").format(frequency=frequency_words(frequency_hz)))
    parts += [_(words[left.pop(key)]) for key, words in _WORDS.items() if _is_code(left.get(key), words)]
    if isinstance(source := left.get("wavelength_source"), str) and source in _WAVELENGTH_SOURCES:
        del left["wavelength_source"]
        if _WAVELENGTH_SOURCES[source]:
            parts.append(_(_WAVELENGTH_SOURCES[source]))
    return ", ".join([*parts, *(f"{safe_text(str(key))}={_plain(value)}" for key, value in left.items())])


def run_state_words(state: str) -> str:
    """Return the words for the state of an ONU; one from a newer version stands for itself."""
    return _(_RUN_STATES[state]) if state in _RUN_STATES else safe_text(state)


def told_by_words(side: str) -> str:
    """Return the words for who told something of a link; one from a newer version stands for itself."""
    return _(_TOLD_BY[side]) if side in _TOLD_BY else safe_text(side)


def event_words(kind: str) -> str:
    """Return the word for what an event is; a kind from a newer version stands for itself."""
    return _(_EVENTS[kind]) if kind in _EVENTS else safe_text(kind)


def place_codes(where: dict[str, Any]) -> str:
    """Return the place as ``key=value`` pairs, the same in every language, for programs."""
    return " ".join(f"{safe_text(str(key))}={_plain(value)}" for key, value in where.items())


def _pair_words(left: dict[str, Any]) -> str:
    """Take the pair, the disturber, their names and the frequency out of `left` and return one phrase for them."""
    pair = _take_pair(left, "pair")
    disturber = _take_pair(left, "disturber")
    frequency_hz = plain_number(left.get("frequency_hz"))
    if frequency_hz is None:
        if disturber is None:
            return _("pair {pair}").format(pair=pair)
        return _("pair {pair} from {disturber}").format(pair=pair, disturber=disturber)
    del left["frequency_hz"]
    frequency = frequency_words(frequency_hz)
    if disturber is None:
        return _("pair {pair} at {frequency}").format(pair=pair, frequency=frequency)
    return _("pair {pair} from {disturber} at {frequency}").format(pair=pair, disturber=disturber, frequency=frequency)


def _take_pair(left: dict[str, Any], key: str) -> str | None:
    """Take a pair and its name out of `left`; a name that only repeats the number, such as PAIR1, is left away."""
    number, name = left.pop(key, None), left.pop(f"{key}_name", None)
    if number is None:
        return None
    pair = _plain(number)
    return pair if name is None or _plain(name).lower() == f"pair{pair}" else f"{pair} ({_plain(name)})"


def _is_code(value: object, words: dict[str, str]) -> bool:
    return isinstance(value, str) and value in words


def _sentence(key: str, value: object) -> str:
    """Return one key's sentence: an event's kind by its own word, and distances no finer than a trace tells apart."""
    if key == "event" and isinstance(value, str) and value in _EVENTS:
        return _(_EVENTS[value])
    if key == "channel" and isinstance(value, str):
        return _("TV channel {value}").format(value=_plain(value))
    if key == "alarm_name" and isinstance(value, str):
        value = _(value)  # its room marked it for translation
    if key == "frames":
        return _(_SENTENCES[key]).format(value=_plain(value).replace(",", " "))  # lines break between numbers
    distance_m = plain_number(value) if key == "distance_m" else None
    return _(_SENTENCES[key]).format(value=_plain(value) if distance_m is None else fixed_number(distance_m, 1))


def _plain(value: object) -> str:
    """Return one value of a place as short safe text."""
    if isinstance(value, list | tuple):
        more = ["…"] if len(value) > _MOST_ITEMS else []
        return ",".join([*(_plain(item) for item in value[:_MOST_ITEMS]), *more])
    if (number := plain_number(value)) is not None:
        return f"{number + 0.0:.10g}"  # no minus before a zero
    text = safe_text(str(value))
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"
