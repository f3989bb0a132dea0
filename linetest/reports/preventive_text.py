"""The list for preventive visits as text, worst first."""

from linetest.model.trend import Preventive, Visit
from linetest.reports.outline import simulated_words
from linetest.reports.preventive_words import (
    advice_words,
    cause_words,
    count_words,
    leaving_words,
    level_words,
    loss_words,
    place_words,
    summary_words,
)
from linetest.safe import safe_text
from linetest.words.text import _
from linetest.words.wrap import wrapped

_MOST = 20
_MOST_ONUS = 8


def render_preventive(found: Preventive, width: int = 80) -> str:
    """Return the worst visits, no line wider than `width` columns."""
    lines = [simulated_words()] if found.simulated else []
    for words in summary_words(found):
        lines += wrapped(words, width)
    for number, visit in enumerate(found.visits[:_MOST], start=1):
        lines += ["", *_visit(number, visit, found, width)]
    if len(found.visits) > _MOST:
        words = _("and {count} more places; --csv, --html and --json have them all")
        lines += ["", words.format(count=len(found.visits) - _MOST)]
    return "\n".join(lines)


def _visit(number: int, visit: Visit, found: Preventive, width: int) -> list[str]:
    head = _("{place}: {cause}").format(place=place_words(visit), cause=cause_words(visit))
    if shared := count_words(visit):
        head = _("{place}, {onus}").format(place=head, onus=shared)
    worst = visit.onus[0]
    facts = [loss_words(visit)]
    if visit.shared > 1:
        named = ", ".join(safe_text(onu.onu) for onu in visit.onus[:_MOST_ONUS])
        more = len(visit.onus) - _MOST_ONUS
        facts.append(_("{onus} and {count} more").format(onus=named, count=more) if more > 0 else named)
        facts.append(_("worst: {onu}").format(onu=safe_text(worst.onu)))
    facts.append(_("at the ONU {level}").format(level=level_words(worst.down)))
    facts.append(_("at the OLT {level}").format(level=level_words(worst.up)))
    if leaving := leaving_words(worst, found):
        facts.append(leaving)
    lines = wrapped(head, width, f"{number:2}. ", "    ")
    for fact in facts:
        lines += wrapped(fact, width, "    ", "      ")
    return lines + wrapped(advice_words(visit), width, "    > ", "      ")
