"""Is Request Tracker set up for linetest? It drops what it does not know without an error, so this is asked first."""

from typing import Any
from urllib.parse import quote

from linetest.errors import Forbidden, Rejected
from linetest.safe import safe_text
from linetest.tickets.doctor import clock_findings, fine
from linetest.tickets.mapping import Field, Mapping
from linetest.tickets.rt_fields import sent_fields
from linetest.tickets.rt_rest import Rest2, dicts, document, quoted
from linetest.tickets.systems import Finding
from linetest.words.text import _


def examine(rest: Rest2, queue: str, mapping: Mapping, until: float) -> list[Finding]:
    """Check the server, the clock, the queue, its custom fields with their values, and the rights."""
    answer = rest.ask("GET", "/rt", _("asking for the version"), until)
    version = safe_text(str(document(answer).get("Version")))
    findings = [fine(_("Request Tracker {version} answers").format(version=version)), *clock_findings(answer)]
    try:
        shown = document(rest.ask("GET", f"/queue/{quote(queue, safe='')}", _("asking for the queue"), until))
    except Rejected as error:
        what = _("the queue {queue} is not there, or the token may not see it").format(queue=queue)
        return [*findings, Finding(state="wrong", what=what, hint=error.what)]
    known = {item.get("name"): item.get("id") for item in dicts(shown.get("TicketCustomFields"))}
    return [
        *findings,
        fine(_("the queue {queue} is there").format(queue=queue)),
        *(_field(rest, field, known, queue, until) for field in sent_fields(mapping)),
        _rights(rest, queue, until),
    ]


def _field(rest: Rest2, field: Field, known: dict[Any, Any], queue: str, until: float) -> Finding:
    """Say whether the queue has the custom field and, where the token may see them, the values."""
    if field.name not in known:
        return Finding(
            state="wrong",
            what=_("the custom field {field} is missing").format(field=field.name),
            hint=_("make it and apply it to the queue {queue}").format(queue=queue),
        )
    if not field.values:
        return fine(_("the custom field {field} is there").format(field=field.name))
    needed = ", ".join(field.values)
    try:
        what = _("asking for the custom field {field}").format(field=field.name)
        path = f"/customfield/{quote(str(known[field.name]), safe='')}"
        shown = document(rest.ask("GET", path, what, until)).get("Values")
    except Forbidden:
        return Finding(
            state="unknown",
            what=_("the custom field {field} is there; only administrators see its values").format(field=field.name),
            hint=_("it needs {values}").format(values=needed),
        )
    missing = [value for value in field.values if value not in (shown if isinstance(shown, list) else [])]
    if missing:
        return Finding(
            state="wrong",
            what=_("the custom field {field} lacks {values}").format(field=field.name, values=", ".join(missing)),
            hint=_("add the values; Request Tracker drops an unknown one without an error"),
        )
    return fine(_("the custom field {field} has its values").format(field=field.name))


def _rights(rest: Rest2, queue: str, until: float) -> Finding:
    """Look at one ticket of the queue: it links to what the token may do with it."""
    query = {"query": f"Queue = {quoted(queue)}", "per_page": "1", "orderby": "id", "order": "DESC"}
    found = dicts(document(rest.ask("GET", "/tickets", _("searching a ticket"), until, params=query)).get("items"))
    if not found:
        return Finding(state="unknown", what=_("the queue shows no ticket, so the rights cannot be checked"))
    links = dicts(rest.ticket(str(found[0].get("id")), until).get("_hyperlinks"))
    if any(link.get("ref") == "comment" for link in links):
        return fine(_("the token may comment on tickets"))
    return Finding(
        state="wrong",
        what=_("the token may not comment on tickets"),
        hint=_("it needs the rights CommentOnTicket, ShowTicketComments, ModifyTicket and ModifyCustomField"),
    )
