"""A record as JUnit XML, the form that CI servers read: one suite, one case for each check.

There is no standard; this keeps to what the servers' readers have in common: `failure` for a fail, `error`
for what could not be measured, `skipped` for what need not be.
"""

import re
from datetime import datetime
from xml.etree import ElementTree

from linetest.model.codes import Verdict
from linetest.model.places import place_codes
from linetest.model.record import Check, Record
from linetest.model.values import source_words
from linetest.reports.outline import advice_words, row_words
from linetest.safe import safe_text
from linetest.words.text import _

_FORBIDDEN = re.compile("[\ufffe\uffff]")  # by XML 1.0, 2.2; the other forbidden ones are controls
_ELEMENTS = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "error", Verdict.SKIPPED: "skipped"}


def render_junit(record: Record) -> str:
    """Return the record as JUnit XML.

    A record without checks gets one case with an error: an empty suite would count as passed.
    """
    suite = ElementTree.Element("testsuite", _attributes(record))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(record).items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": _xml_text(value)})
    for check in record.checks:
        _add_case(suite, check)
    if not record.checks:
        case = ElementTree.SubElement(suite, "testcase", {"classname": f"linetest.{record.kind}", "name": "record"})
        ElementTree.SubElement(case, "error", {"type": "not-decidable", "message": _("nothing was judged")})
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _attributes(record: Record) -> dict[str, str]:
    verdicts = [check.verdict for check in record.checks]
    name = " ".join(part for part in ("linetest", record.kind, record.order, record.line) if part)
    attributes = {
        "name": _xml_text(f"[SIMULATED] {name}" if record.simulated else name),
        "tests": str(len(verdicts) or 1),
        "failures": str(verdicts.count(Verdict.FAIL)),
        "errors": str(verdicts.count(Verdict.INCONCLUSIVE) if verdicts else 1),
        "skipped": str(verdicts.count(Verdict.SKIPPED)),
        "timestamp": _xml_text(record.started_at),
    }
    if (duration_s := _duration_s(record)) is not None:
        attributes["time"] = f"{duration_s:.3f}"
    return attributes


def _properties(record: Record) -> dict[str, str]:
    properties = {
        "verdict": str(record.verdict),
        "simulated": "true" if record.simulated else "false",
        "profile": record.profile.name,
        "profile_sha256": record.profile.sha256,
        "software": record.software,
        "record": record.id,
    }
    if record.chain is not None:
        properties |= {"chain_n": str(record.chain.n), "chain_sha256": record.chain.sha256}
    return properties | {f"warning_{number}": code for number, code in enumerate(record.warnings, start=1)}


def _add_case(suite: ElementTree.Element, check: Check) -> None:
    name = " ".join(part for part in (check.id, place_codes(check.where)) if part) or check.metric
    attributes = {"classname": _xml_text(f"linetest.{check.metric}"), "name": _xml_text(name)}
    case = ElementTree.SubElement(suite, "testcase", attributes)
    row = row_words(check)
    said = _("{place}: {value}; limit {limit}; margin {margin}").format(**row._asdict())
    if (element := _ELEMENTS.get(check.verdict)) is None:
        ElementTree.SubElement(case, "system-out").text = _xml_text(said)
        return
    outcome = ElementTree.SubElement(case, element, {"message": _xml_text(_message(check, said))})
    if element != "skipped":
        outcome.set("type", _xml_text(check.reason or check.hint or str(check.verdict)))
        outcome.text = _xml_text(f"{said}; {source_words(check.limit)}")


def _message(check: Check, said: str) -> str:
    advice = advice_words(check)
    return f"{said}: {advice}" if check.verdict is Verdict.FAIL else advice or said


def _duration_s(record: Record) -> float | None:
    """Return how long the record took; None where its times cannot be read or run backwards."""
    try:
        duration = datetime.fromisoformat(record.finished_at) - datetime.fromisoformat(record.started_at)
    except (ValueError, TypeError):  # a time without its zone cannot be taken from one with it
        return None
    return duration.total_seconds() if duration.total_seconds() >= 0 else None


def _xml_text(text: str) -> str:
    """Return `text` with what XML cannot hold as visible escapes."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match.group()):04x}", safe_text(text))
