"""Is Request Tracker set up for linetest? It drops what it does not know without an error, so this is asked first."""

from typing import Any
from urllib.parse import quote

from linetest.errors import Forbidden, UsageError
from linetest.safe import safe_text
from linetest.tickets.answers import dicts
from linetest.tickets.doctor import clock_findings, fine
from linetest.tickets.mapping import Field, Mapping
from linetest.tickets.rt_fields import custom_fields
from linetest.tickets.rt_rest import Rest2, document, quoted
from linetest.tickets.system import Finding
from linetest.words.text import _


def examine(rest: Rest2, queue: str, mapping: Mapping, until: float) -> list[Finding]:
    """Check the server, the clock, the queue, its custom fields with their values, and the rights."""
    answer = rest.ask("GET", "/rt", _("asking for the version"), until)
    version = safe_text(str(document(answer).get("Version")))
    findings = [fine(_("Request Tracker {version} answers").format(version=version)), *clock_findings(answer)]
    try:
        shown = rest.queue(queue, until)
    except UsageError as error:
        return [*findings, Finding(state="wrong", what=error.what, hint=error.hint)]
    known = {item.get("name"): item.get("id") for item in dicts(shown.get("TicketCustomFields"))}
    return [
        *findings,
        fine(_("the queue {queue} is there").format(queue=queue)),
        *_life_cycle(shown.get("Lifecycle")),
        *_fields(rest, mapping, known, queue, until),
        _create(shown),
        *_rights(rest, queue, until),
    ]


def _life_cycle(name: Any) -> list[Finding]:
    """Say that the statuses of a queue with a life cycle of its own have to stand in a mapping of its own."""
    if name in (None, "default"):
        return []
    what = _("the queue has the life cycle {name}, whose statuses cannot be asked for").format(
        name=safe_text(str(name)[:40])
    )
    return [Finding(state="unknown", what=what, hint=_("the mapping's [status] has to know them"))]


def _fields(rest: Rest2, mapping: Mapping, known: dict[Any, Any], queue: str, until: float) -> list[Finding]:
    """Check each custom field; a token that may not see one's type and values is not asked about the others'."""
    findings: list[Finding] = []
    hidden = False
    for field in custom_fields(mapping):
        shown = None
        if field.name in known and not hidden:
            try:
                what = _("asking for the custom field {field}").format(field=field.name)
                path = f"/customfield/{quote(str(known[field.name]), safe='')}"
                shown = document(rest.ask("GET", path, what, until))
            except Forbidden:
                hidden = True
        findings.append(_field(field, shown) if field.name in known else _missing(field, queue))
    return findings


def _missing(field: Field, queue: str) -> Finding:
    return Finding(
        state="wrong" if field.is_sent else "unknown",
        what=_("the custom field {field} is missing").format(field=field.name),
        hint=_("make it and apply it to the queue {queue}, or leave it out in a mapping of your own").format(
            queue=queue
        ),
    )


def _field(field: Field, shown: dict[str, Any] | None) -> Finding:
    """Say how a field is that the queue has; `shown` is None where its type and values are not to be seen."""
    if shown is None:
        return _unseen(field)
    fault, hint = _fault(field, shown)
    if fault:
        what = _("the custom field {field} {fault}").format(field=field.name, fault=fault)
        return Finding(state="wrong", what=what, hint=hint)
    words = _("the custom field {field} has its values") if field.values else _("the custom field {field} is there")
    return fine(words.format(field=field.name))


def _unseen(field: Field) -> Finding:
    """Say of a field of which only administrators see more whether that more matters."""
    if not field.values:
        return fine(_("the custom field {field} is there").format(field=field.name))
    return Finding(
        state="unknown",
        what=_("the custom field {field} is there; only administrators see its values").format(field=field.name),
        hint=_("it needs {values}").format(values=", ".join(field.values)),
    )


def _fault(field: Field, shown: dict[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a field's type or values and what to do; empty texts when nothing is."""
    kind, offered = shown.get("Type"), shown.get("Values")
    if kind in ("Image", "Binary"):
        return _("holds files, and linetest sends text"), _("make it one of type Freeform")
    if field.compared == "instant" and kind == "Date":
        return _("holds a day without the time"), _("make it one of type DateTime")
    if field.is_sent and str(shown.get("MaxValues")) != "1":
        return _("holds several values, and linetest sets one"), _("make it a field with one value")
    missing = [value for value in field.values if value not in (offered if isinstance(offered, list) else [])]
    if kind == "Select" and missing:
        return _("lacks {values}").format(values=", ".join(missing)), _(
            "add the values; Request Tracker drops an unknown one without an error"
        )
    return "", ""


def _create(queue: dict[str, Any]) -> Finding:
    """Say whether the token may create tickets, which is no fault: linetest makes none."""
    if any(link.get("ref") == "create" for link in dicts(queue.get("_hyperlinks"))):
        return fine(_("the token may create tickets"))
    return Finding(state="unknown", what=_("the token may not create tickets; linetest makes none"))


def _rights(rest: Rest2, queue: str, until: float) -> list[Finding]:
    """Look at one ticket of the queue: it links to what the token may do with it."""
    found = _newest(rest, f"Queue = {quoted(queue)}", until)
    if not found:
        return [Finding(state="unknown", what=_("the queue shows no ticket, so the rights cannot be checked"))]
    links = {link.get("ref") for link in dicts(rest.ticket(str(found[0].get("id")), until).get("_hyperlinks"))}
    findings = [
        fine(_("the token may comment on tickets"))
        if "comment" in links
        else Finding(
            state="wrong",
            what=_("the token may not comment on tickets"),
            hint=_("give its owner the rights CommentOnTicket and ShowTicketComments on the queue"),
        ),
        fine(_("the token may change tickets"))
        if "lifecycle" in links
        else Finding(
            state="wrong",
            what=_("the token may not change tickets"),
            hint=_("give its owner the rights ModifyTicket, SeeCustomField and ModifyCustomField on the queue"),
        ),
    ]
    if _newest(rest, f"Queue = {quoted(queue)} AND Owner = '__CurrentUser__'", until):
        return [*findings, fine(_("the token may own tickets"))]
    what = _("whether the token may own tickets shows the first claim")
    return [*findings, Finding(state="unknown", what=what, hint=_("it needs the right OwnTicket"))]


def _newest(rest: Rest2, query: str, until: float) -> list[dict[str, Any]]:
    wanted = {"query": query, "per_page": "1", "orderby": "id", "order": "DESC"}
    return dicts(document(rest.ask("GET", "/tickets", _("searching a ticket"), until, params=wanted)).get("items"))
