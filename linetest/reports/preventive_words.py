"""What the list for preventive visits says in words, for the text and for the page."""

from linetest.model.trend import CauseName, Drifting, JudgedBy, Preventive, Visit, Way
from linetest.model.values import ABSENT, fixed_number, value_words
from linetest.safe import safe_text
from linetest.words.text import N_, _

_MOST_OLTS = 6

_CAUSES: dict[CauseName, str] = {
    "drop": N_("drop to one ONU"),
    "onu-laser": N_("laser of one ONU"),
    "splitter-leg": N_("leg to one splitter"),
    "splitter": N_("splitter in the cabinet"),
    "feeder": N_("feeder of the port"),
    "olt-transmitter": N_("transmitter of the port"),
    "olt-receiver": N_("receiver of the port"),
    "olt-card": N_("card of the OLT"),
    "port-or-feeder": N_("module of the port, or its feeder"),
    "weak-light": N_("weak from the first day"),
}
_ADVICE: dict[CauseName, str] = {
    "drop": N_("clean both ends of the drop, then look for a bad splice in it"),
    "onu-laser": N_("the OLT hears less and less of it: take another ONU along"),
    "splitter-leg": N_("look between the cabinet and this splitter: connectors, the splice, the leg itself"),
    "splitter": N_("look at the cabinet: the splitter, its connectors, and the fibre that comes in"),
    "feeder": N_("look at the feeder: the frame in the exchange, the closures, the first splitter"),
    "olt-transmitter": N_("the port sends less: clean its connector, then exchange its module"),
    "olt-receiver": N_("the port hears less of all its ONUs: clean its connector, then exchange its module"),
    "olt-card": N_("all ports of the card send less: look at its supply and its fans, then exchange it"),
    "port-or-feeder": N_(
        "measure what the port sends: if it is less, exchange its module; if not, look for a bend in the feeder"
    ),
    "weak-light": N_("nothing drifts: the line was built so; measure it and find what it loses too much"),
}
_BENT = N_("only the longer wavelength suffers: look for a bend before anything is cleaned or opened")


def cause_words(visit: Visit) -> str:
    """Return what loses the light, and that it is a bend where it is one."""
    words = _("a part of the port") if visit.inferred else _(_CAUSES[visit.cause])
    return _("{cause}, bent").format(cause=words) if visit.bent else words


def advice_words(visit: Visit) -> str:
    """Return what to do there."""
    if visit.inferred:
        return _("these ONUs lost the same at the same time: look at what only they share, and note their splitter")
    return _(_BENT) if visit.bent else _(_ADVICE[visit.cause])


def place_words(visit: Visit) -> str:
    """Return where to go."""
    return safe_text(visit.place)


def loss_words(visit: Visit) -> str:
    """Return how much was lost, since when, and whether at once."""
    down, up = (None if one is None else lost_number(one) for one in (visit.down_db, visit.up_db))
    if down is None or up is None:
        words = _("{lost} dB lost, at once on {day}") if visit.at_once else _("{lost} dB lost, growing since {day}")
        return words.format(lost=down or up, day=visit.since)
    words = (
        _("{down} dB lost down and {up} dB up, at once on {day}")
        if visit.at_once
        else _("{down} dB lost down and {up} dB up, growing since {day}")
    )
    return words.format(down=down, up=up, day=visit.since)


def lost_number(lost_db: float) -> str:
    """Return lost light with one digit more than meters have."""
    return fixed_number(lost_db, 2)


def count_words(visit: Visit) -> str:
    """Return how many ONUs share it; empty for one."""
    if visit.shared == 1:
        return ""
    return _("{count} ONUs").format(count=visit.shared)


def level_words(way: Way) -> str:
    """Return a level now, at birth, and the change with its interval."""
    if way.now_dbm is None:
        return ABSENT
    change = ABSENT if way.change_db is None else f"{way.change_db:+.2f} ± {way.change_interval_db or 0.0:.2f} dB"
    return _("{now}, was {birth} ({change})").format(
        now=value_words(way.now_dbm, "dBm"), birth=value_words(way.birth_dbm, "dBm"), change=change
    )


def leaving_words(onu: Drifting, found: Preventive) -> str:
    """Return when an ONU leaves its window, the sooner direction; empty where it does not within the days ahead."""
    ways = [way for way in (onu.down, onu.up) if way.leaves_percent is not None and way.leaves_percent >= 1.0]
    if not ways:
        return ""
    way = max(ways, key=lambda one: one.leaves_percent or 0.0)
    earliest, likely, latest = way.leaves_on or (None, None, None)
    percent = f"{way.leaves_percent:.0f} %"
    if likely is not None and likely <= onu.last_on:
        return _("outside of its window")
    if likely is None:
        return _("{percent} likely outside of its window in {days:.0f} days").format(
            percent=percent, days=found.days_ahead
        )
    return _("outside of its window on {day} ({earliest} to {latest}); {percent} within {days:.0f} days").format(
        day=likely,
        earliest=earliest or ABSENT,
        latest=latest or _("never"),
        percent=percent,
        days=found.days_ahead,
    )


def summary_words(found: Preventive) -> list[str]:
    """Return what was looked at, and how many ONUs are on the list, or cannot be told."""
    if found.from_on is None:
        return [_("There are no readings of ONUs.")]
    if len(found.judged_by) == 1:
        words = _("Light of {count} ONUs from {first} to {last}, judged by {profile}").format(
            count=found.looked_at, first=found.from_on, last=found.to_on, profile=found.judged_by[0].profile
        )
    else:
        words = _("Light of {count} ONUs from {first} to {last}").format(
            count=found.looked_at, first=found.from_on, last=found.to_on
        )
    lines = [
        words,
        *(_judged_words(one) for one in found.judged_by if len(found.judged_by) > 1),
        _("{failed} ONUs break a limit, {close} come close to one").format(failed=found.failed, close=found.close),
    ]
    if found.undecided:
        lines.append(
            _("{count} ONUs cannot be told yet: too few days, or too much noise").format(
                count=sum(found.undecided.values())
            )
        )
    return lines


def _judged_words(one: JudgedBy) -> str:
    """Return which OLTs a profile judged, the first of them by name."""
    named = ", ".join(safe_text(olt) for olt in one.olts[:_MOST_OLTS])
    more = len(one.olts) - _MOST_OLTS
    return _("{count} ONUs by {profile}: {olts}").format(
        count=one.looked_at,
        profile=one.profile,
        olts=_("{olts} and {count} more").format(olts=named, count=more) if more > 0 else named,
    )
