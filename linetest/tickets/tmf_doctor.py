"""Is a system with TM Forum's APIs fit for linetest? Most of all: does it filter, so that doubles can be told?"""

import uuid

from linetest.errors import Paused, PushError, Rejected
from linetest.tickets.doctor import clock_findings, fine
from linetest.tickets.system import Finding
from linetest.tickets.tmf_653 import KIND as SERVICE_TEST
from linetest.tickets.tmf_parts import APPOINTMENT, KINDS, PROBLEM
from linetest.tickets.tmf_rest import TICKET, WORK_ORDER, TmfRest
from linetest.words.text import N_, _

_FILTERED = {SERVICE_TEST: "name", APPOINTMENT: "externalId", PROBLEM: "name"}
_NEEDED_FOR = {
    WORK_ORDER: N_("without it no orders come from here"),
    APPOINTMENT: N_("without it no appointments are sent"),
    PROBLEM: N_("without it no mass faults are sent"),
}


def examine(rest: TmfRest, until: float) -> list[Finding]:
    """Check the server, the clock, each kind of resource, and whether they can be filtered; nothing is changed."""
    answer = rest.peek(TICKET, until)
    findings = [
        fine(_("{kind} answers").format(kind=TICKET)),
        *clock_findings(answer),
    ]
    for kind in KINDS:
        if kind != TICKET:
            findings.append(_kind_finding(rest, kind, until))
    what = _("whether the token may change things is seen when the first result is sent")
    return [*findings, Finding(state="unknown", what=what)]


def _kind_finding(rest: TmfRest, kind: str, until: float) -> Finding:
    """Ask for something that nobody has: the answer is an empty list, if the system filters."""
    attribute = _FILTERED.get(kind)
    try:
        if attribute is None:
            rest.peek(kind, until)
        else:
            rest.find(kind, attribute, f"linetest-{uuid.uuid4()}", until)
    except (Rejected, Paused) as error:
        return _missing(kind, error)
    if attribute is None:
        return fine(_("{kind} answers").format(kind=kind))
    return fine(_("{kind} answers and can be filtered by {name}").format(kind=kind, name=attribute))


def _missing(kind: str, error: PushError) -> Finding:
    if kind in _NEEDED_FOR:
        return Finding(state="unknown", what=error.what, hint=_(_NEEDED_FOR[kind]))
    return Finding(state="wrong", what=error.what, hint=error.hint)
