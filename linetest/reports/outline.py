"""What every report for people says, in which order, and in which words; the formats only lay it out."""

from collections import Counter
from typing import NamedTuple

from linetest.model.codes import Verdict
from linetest.model.metrics import METRICS
from linetest.model.places import place_words
from linetest.model.reading import Reading
from linetest.model.record import Check, Record
from linetest.model.sentences import hint_words, reason_advice, reason_words
from linetest.model.step import StepDone
from linetest.model.values import ABSENT, digits_of, limit_words, value_words
from linetest.words.text import N_, _

_WORST_FIRST = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.SKIPPED)
_MEANINGS = {
    Verdict.PASS: N_("Everything that had to be measured is inside its limits."),
    Verdict.FAIL: N_("At least one limit is broken."),
    Verdict.INCONCLUSIVE: N_("Something that had to be measured was not: this is neither a pass nor a fail."),
}
_MOST_SOURCES = 4
_STATES = {
    "done": N_("done"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
    "restored": N_("restored"),
}


class Group(NamedTuple):
    """The checks of one metric, the worst first."""

    metric: str
    quantity: str
    checks: list[Check]


def group_checks(record: Record) -> list[Group]:
    """Return the checks by metric, those that need a person's eye first."""
    by_metric: dict[str, list[Check]] = {}
    for check in record.checks:
        by_metric.setdefault(check.metric, []).append(check)
    groups = [
        Group(metric, _titled(metric, checks), sorted(checks, key=_urgency)) for metric, checks in by_metric.items()
    ]
    return sorted(groups, key=lambda group: _urgency(group.checks[0])[0])


def _titled(metric: str, checks: list[Check]) -> str:
    """Return the quantity; behind the check's id where the checks of a room are known by their ids."""
    title = quantity_words(metric)
    return f"{checks[0].id}  {title}" if metric.startswith("epon.") and checks[0].id else title


def quantity_words(metric: str) -> str:
    """Return what a technician calls a metric; one from a newer version stands for itself."""
    known = METRICS.get(metric)
    return _(known.title) if known else metric


def meaning_words(verdict: str) -> str:
    """Return what the verdict of a record means, as one sentence."""
    return _(_MEANINGS[Verdict(verdict)])


def count_words(record: Record) -> str:
    """Return how many checks ended how, leaving out what did not occur."""
    count = Counter(check.verdict for check in record.checks)
    sentences = {
        Verdict.FAIL: _("{count} failed"),
        Verdict.INCONCLUSIVE: _("{count} inconclusive"),
        Verdict.PASS: _("{count} passed"),
        Verdict.SKIPPED: _("{count} skipped"),
    }
    parts = [sentences[verdict].format(count=count[verdict]) for verdict in _WORST_FIRST if count[verdict]]
    return _(", ").join(parts) or _("nothing was judged")


def advice_words(check: Check) -> str:
    """Return what the outcome of a check means and what to try next; empty when there is nothing to say."""
    hint = hint_words(check.hint, check.where) if check.hint else ""
    if check.reason:
        advice = reason_advice(check.reason) if check.verdict is Verdict.INCONCLUSIVE else ""
        return _("; ").join(part for part in (reason_words(check.reason), advice, hint) if part)
    if check.verdict is Verdict.FAIL:
        return hint or _("the value is outside of its limit")
    return hint


class Row(NamedTuple):
    """The cells of one check, in words."""

    place: str
    value: str
    limit: str
    margin: str


def row_words(check: Check) -> Row:
    """Return a check's place, value, limit and margin in words."""
    digits = digits_of(check)
    return Row(
        place_words(check.where) or ABSENT,
        value_words(check.value, check.unit, digits, check.bound, check.interval),
        limit_words(check.limit, check.unit, check.where),
        value_words(check.margin, "dB" if check.unit in ("dBm", "dBm/Hz") else check.unit, digits),
    )


def devices_of(checks: list[Check]) -> list[str]:
    """Return the names of the devices that were read, each once."""
    return list(dict.fromkeys(check.device for check in checks if check.device))


def unjudged_readings(record: Record) -> list[Reading]:
    """Return the readings that only inform: no check judged them."""
    judged = {(check.metric, repr(sorted(check.where.items(), key=repr))) for check in record.checks}
    return [
        reading
        for reading in record.readings
        if (reading.metric, repr(sorted(reading.where.items(), key=repr))) not in judged
    ]


def reading_words(reading: Reading) -> str:
    """Return a reading's value, or why there is none."""
    if reading.value is None:
        return reason_words(reading.reason) if reading.reason else ABSENT
    return value_words(reading.value, reading.unit, bound=reading.bound, interval=reading.interval)


def footnote_words(record: Record) -> str:
    """Return what the mark beside a verdict means; empty where no check has one."""
    if not any(check.marginal for check in record.checks):
        return ""
    return _("* closer to the limit than the measurement is accurate, or beyond a limit that only warns")


def unread_words(record: Record) -> str:
    """Return the sources that limits name and nobody looked up; empty where there are none."""
    limits = [check.limit for check in record.checks if check.limit.get("source_read") is False]
    sources = dict.fromkeys(str(limit.get("source", "")) for limit in limits)
    if not sources:
        return ""
    named = "; ".join(list(sources)[:_MOST_SOURCES])
    more = len(sources) - _MOST_SOURCES
    named += _("; and {count} more in the profile").format(count=more) if more > 0 else ""
    return _("Limits whose source itself was not read: {sources}").format(sources=named)


def state_words(step: StepDone) -> str:
    """Return what became of a step."""
    return _(_STATES[step.state])


def simulated_words() -> str:
    """Return what has to stand over every report that is not about a real line."""
    return _("SIMULATED: made with simulated devices, says nothing about a real line")


def _urgency(check: Check) -> tuple[int, bool, float]:
    """Sort a check: worst verdict first, marked ones before others, smallest margin first."""
    return (
        _WORST_FIRST.index(check.verdict),
        not check.marginal,
        check.margin if check.margin is not None else 0.0,
    )
