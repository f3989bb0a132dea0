"""The page for the customer: what was tested on the line, in plain words, and whose the fault is."""

from math import inf
from typing import Any, NamedTuple

from linetest.model.codes import Verdict, Whose
from linetest.model.metrics import METRICS
from linetest.model.record import Check, Record
from linetest.model.values import moment_words, value_words
from linetest.reports.template import template
from linetest.reports.whose_words import Seen, isolation_of, seen_words
from linetest.words.text import N_, _, language

_HEADLINES = {
    Verdict.PASS: N_("Your line works as it should."),
    Verdict.FAIL: N_("Something does not work as it should."),
    Verdict.INCONCLUSIVE: N_("Not everything could be tested today."),
}
_ANSWERS = {
    Whose.OPERATOR_LINE: N_("The fault is in our line. We repair it; you need not do anything."),
    Whose.OPERATOR_SERVICE: N_("The fault is in our network. We repair it; you need not do anything."),
    Whose.CUSTOMER_ROUTER: N_(
        "Our line works: it was tested with your router taken off. With your router it does not. The router should be "
        "set up again or replaced; we gladly show you the two measurements."
    ),
    Whose.CUSTOMER_LAN: N_(
        "Our line works: it was tested with your router taken off. The fault is in your own network at home: its "
        "cables, its Wi-Fi, or another device in it."
    ),
    Whose.TERMINAL: N_(
        "Our line works, and your router too. The fault is in the device that you use: test with another one."
    ),
    Whose.UNDETERMINED: N_(
        "We cannot say yet where the fault is. The tests that are still missing stand below; until they are made it "
        "counts as ours."
    ),
}
_SHOWN = (
    "service.downstream_mbps",
    "service.upstream_mbps",
    "service.downstream_share_percent",
    "service.upstream_share_percent",
    "service.access_s",
    "service.latency_ms",
    "service.jitter_ms",
    "service.loss_percent",
    "service.dns_ms",
    "service.iptv_loss_ppm",
    "service.iptv_join_ms",
    "service.voip_mos",
    "optical.power_dbm",
    "pon.onu_rx_dbm",
)
"""What a customer can make something of, in the order of the page."""


class Measured(NamedTuple):
    """One measured thing of the page."""

    title: str
    direct: str
    """At the line itself; empty where it was not measured there."""
    behind: str


def render_customer_page(record: Record) -> str:
    """Return the page as HTML in the language that is spoken now; nobody's name and no address stands in it."""
    found = isolation_of(record)
    broken = found is not None and (found.get("fault") is not None or found.get("whose") != Whose.UNDETERMINED)
    return template("customer_page.html.j2").render(
        language=language(),
        words=_words(),
        simulated=record.simulated,
        order=record.order,
        line=record.line,
        measured_at=moment_words(record.finished_at),
        passed=record.verdict is Verdict.PASS and not broken,
        headline=_(_HEADLINES[record.verdict]),
        answer=_answer(found) if broken and found is not None else "",
        rows=_rows(record),
        seen=_by_words(seen_words(found)) if found is not None else [],
        missing=[_words()["missing_" + point] for point in _missing_points(found)],
        samples=_samples(record),
        record_id=record.id,
    )


def _answer(found: dict[str, Any]) -> str:
    whose = found.get("whose")
    return _(_ANSWERS[Whose(whose)]) if whose in list(Whose) else ""


def _missing_points(found: dict[str, Any] | None) -> list[str]:
    missing = [str(one) for one in (found or {}).get("missing") or []]
    return [point for point in ("direct", "behind-cpe") if any(one.endswith(f"@{point}") for one in missing)]


def _rows(record: Record) -> list[Measured]:
    rows = []
    for metric in _SHOWN:
        at = {point: _value(record, metric, point) for point in ("direct", "behind-cpe")}
        if any(at.values()):
            rows.append(Measured(_(METRICS[metric].title), at["direct"], at["behind-cpe"]))
    return rows


def _value(record: Record, metric: str, point: str) -> str:
    """Return the value nearest to its limit at a point; light has no point and counts as the line's."""
    checks = [one for one in record.checks if one.metric == metric and _point(one) == point and one.value is not None]
    checks.sort(key=lambda one: inf if one.margin is None else one.margin)
    values = [(one.value, one.unit) for one in checks] or [
        (one.value, one.unit)
        for one in record.readings
        if one.metric == metric and one.where.get("point", "direct") == point and one.value is not None
    ]
    return value_words(values[0][0], values[0][1], 1) if values else ""


def _point(check: Check) -> str:
    return str(check.where.get("point", "direct"))


def _by_words(seen: list[Seen]) -> list[tuple[str, bool, str]]:
    """Return what was seen, its place last; what proves the answer comes first."""
    points = _points()
    ordered = sorted(seen, key=lambda one: not one.proves)
    return [(one.words, one.works, points.get(one.point, one.point)) for one in ordered]


def _samples(record: Record) -> list[tuple[str, str, list[str]]]:
    """Return every sample of the rate: title, place, values; a mean alone would hide the bad ones."""
    points = _points()
    shown = []
    for part in _dicts(record.details.get("service")):
        rate = part.get("rate")
        for way in _dicts(rate.get("directions") if isinstance(rate, dict) else None):
            key = (str(way.get("direction")), points.get(str(part.get("point")), ""))
            values = [one.get("mbps") for one in _dicts(way.get("samples"))]
            shown += [(key, value_words(value, "Mbit/s", 1)) for value in values if isinstance(value, float)]
    titles = {"down": _("downstream"), "up": _("upstream")}
    keys = list(dict.fromkeys(key for key, _words in shown))
    return [(titles.get(key[0], key[0]), key[1], [words for own, words in shown if own == key]) for key in keys]


def _dicts(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _points() -> dict[str, str]:
    return {"direct": _("at our line"), "behind-cpe": _("behind your router")}


def _words() -> dict[str, str]:
    return {
        "title": _("The test of your line"),
        "simulated": _("SIMULATED: this page says nothing about a real line"),
        "order": _("Order"),
        "line": _("Line"),
        "measured": _("Measured"),
        "what": _("What was measured"),
        "direct": _points()["direct"],
        "behind": _points()["behind-cpe"],
        "samples": _("Every sample of the rate"),
        "seen": _("What we saw"),
        "missing": _("Still to be tested"),
        "missing_direct": _("the line with your router taken off"),
        "missing_behind-cpe": _("the connection behind your router"),
        "works": _("works"),
        "fails": _("does not work"),
        "record": _("Number of this test"),
        "keep": _("Keep this page: with its number the test can be looked up."),
    }
