"""The resources of the simulated TM Forum system: made, read, listed and changed, each request held to its form.

It refuses what many systems let pass: unknown attributes, missing ones, filters that no attribute has.
"""

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from linetest.bench.ticket_wire import Reply
from linetest.bench.tmf_forms import fault, form

MAY_LOOK = frozenset({"look"})
MAY_CHANGE = MAY_LOOK | {"change"}
_MOST_LISTED = 100


class Kind(NamedTuple):
    """One kind of resource."""

    path: str
    form: str
    state: str = ""
    """The attribute that holds its state; empty where any text may stand there."""
    first: str = ""
    ends: tuple[str, ...] = ()
    """States that nothing leaves."""
    stamps: Mapping[str, str] = MappingProxyType({})
    """What of ``made``, ``changed`` and ``moved`` is kept in which attribute."""
    update: str = ""
    """The form of a change, where it is not ``FORM_Update``."""


_ENDED = ("rejected", "cancelled", "closed")
_DATED = {"made": "creationDate", "changed": "lastUpdate"}
KINDS = (
    Kind("/tmf-api/serviceTestManagement/v4/serviceTest", "ServiceTest"),
    Kind(
        "/tmf-api/troubleTicket/v4/troubleTicket",
        "TroubleTicket",
        "status",
        "acknowledged",
        _ENDED,
        {**_DATED, "moved": "statusChangeDate"},
    ),
    Kind(
        "/tmf-api/workOrderManagement/v4/workOrder",
        "WorkOrder",
        "state",
        "acknowledged",
        ("rejected", "cancelled", "completed", "failed"),
        {"made": "orderDate", "moved": "stateChangeDate"},
        "WorkOrder",
    ),
    Kind(
        "/tmf-api/appointment/v4/appointment",
        "Appointment",
        "status",
        "initialized",
        ("cancelled", "completed", "failed"),
        _DATED,
    ),
    Kind(
        "/tmf-api/serviceProblemManagement/v4/serviceProblem",
        "ServiceProblem",
        "status",
        "acknowledged",
        _ENDED,
        {**_DATED, "moved": "statusChangeDate"},
    ),
)


class TmfDesk:
    """All resources, and what can be asked of them."""

    def __init__(self) -> None:
        """Open with no resource."""
        self.resources: dict[str, dict[str, dict[str, Any]]] = {kind.form: {} for kind in KINDS}
        """By form, then by id."""
        self.root = "http://127.0.0.1"
        """Begins every href."""
        self._last_id = 0

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        """Return the answer to one request."""
        kind, number = _resource(path)
        if kind is None:
            return refused(404, "there is no such resource")
        if method != "GET" and "change" not in rights:
            return refused(403, "this token may only look")
        if method == "POST" and number is None:
            return self._make(kind, body)
        if method == "GET" and number is None:
            return self._list(kind, query)
        if number is None or method not in ("GET", "PATCH"):
            return refused(405, f"{method} is not done here")
        if number not in self.resources[kind.form]:
            return refused(404, f"there is no {kind.form} {number[:40]!r}")
        found = self.resources[kind.form][number]
        return Reply(200, _some(found, query)) if method == "GET" else self._change(kind, found, body)

    def add(self, name: str, document: dict[str, Any]) -> str:
        """Make a resource of the form `name` as somebody else would, and return its id."""
        kind = next(kind for kind in KINDS if kind.form == name)
        reply = self._make(kind, document, create=name)
        if reply.status != 201:
            raise ValueError(reply.document["reason"])
        return str(reply.document["id"])

    def _make(self, kind: Kind, body: Any, create: str = "") -> Reply:
        wrong = fault(body, create or (kind.form if kind.update else f"{kind.form}_Create"))
        if wrong is not None:
            return refused(400, wrong)
        self._last_id += 1
        number = str(self._last_id)
        made = {**copy.deepcopy(body), "id": number, "href": f"{self.root}{kind.path}/{number}"}
        _complete_notes(made, self._next_id)
        if kind.state:
            made.setdefault(kind.state, kind.first)
            self._moved(kind, made)
        _stamp(kind, made, "made")
        self.resources[kind.form][number] = made
        return Reply(201, made, {"Location": made["href"]})

    def _change(self, kind: Kind, found: dict[str, Any], patch: Any) -> Reply:
        """Merge a patch as RFC 7396 says: null takes away, an array replaces the whole array."""
        if not isinstance(patch, dict):
            return refused(400, "the patch is not an object")
        allowed = kind.update or f"{kind.form}_Update"
        if unknown := next((key for key in patch if key not in form(allowed)), None):
            return refused(400, f"{str(unknown)[:80]}: {allowed} has no such attribute")
        if {"id", "href"} & patch.keys():
            return refused(400, "id and href cannot be changed")
        merged = _merge(found, patch)
        given = {key: merged[key] for key in patch if key in merged}
        if kind.update:  # the form is that of the whole
            given = merged
        wrong = fault(given, allowed) or fault(merged, kind.form)
        if wrong is not None:
            return refused(400, wrong)
        if kind.state and merged.get(kind.state) != found[kind.state] and found[kind.state] in kind.ends:
            return refused(409, f"{found[kind.state]}: nothing leaves this {kind.state}")
        _complete_notes(merged, self._next_id)
        if kind.state and merged.get(kind.state) != found[kind.state]:
            self._moved(kind, merged)
        _stamp(kind, merged, "changed")
        found.clear()
        found.update(merged)
        return Reply(200, found)

    def _moved(self, kind: Kind, document: dict[str, Any]) -> None:
        _stamp(kind, document, "moved")
        if kind.form == "TroubleTicket":
            change = {"status": document["status"], "changeDate": _now()}
            document["statusChange"] = [*document.get("statusChange", []), change]

    def _list(self, kind: Kind, query: dict[str, str]) -> Reply:
        known = form(kind.form)
        filters = {key: value for key, value in query.items() if key not in ("fields", "offset", "limit")}
        if unknown := next((key for key in filters if key not in known or known[key].many), None):
            return refused(400, f"{unknown[:80]}: nothing can be filtered by this")
        try:
            offset, limit = int(query.get("offset", 0)), int(query.get("limit", _MOST_LISTED))
        except ValueError:
            return refused(400, "offset and limit are numbers")
        if offset < 0 or limit < 0:
            return refused(400, "offset and limit are not negative")
        found = [
            document
            for document in self.resources[kind.form].values()
            if all(document.get(key) == value for key, value in filters.items())
        ]
        page = found[offset : offset + min(limit, _MOST_LISTED)]
        headers = {"X-Total-Count": str(len(found)), "X-Result-Count": str(len(page))}
        return Reply(200 if len(page) == len(found) else 206, [_some(one, query) for one in page], headers)

    def _next_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)


def _resource(path: str) -> tuple[Kind | None, str | None]:
    """Return the kind of resource that a path names, and the id where it names one."""
    for kind in KINDS:
        if path == kind.path:
            return kind, None
        if path.startswith(f"{kind.path}/"):
            return kind, path.removeprefix(f"{kind.path}/")
    return None, None


def _some(document: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
    """Return the attributes that were asked for, and always id and href."""
    wanted = query.get("fields", "")
    if not wanted:
        return document
    names = {"id", "href", *wanted.split(",")}
    return {key: value for key, value in document.items() if key in names}


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = copy.deepcopy(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged


def _complete_notes(document: dict[str, Any], next_id: Any) -> None:
    """Give what the system numbers itself its number: notes and attachments."""
    for name in ("note", "attachment"):
        entries = document.get(name, [])
        for entry in entries if isinstance(entries, list) else [entries]:
            entry.setdefault("id", next_id())


def _stamp(kind: Kind, document: dict[str, Any], what: str) -> None:
    if what in kind.stamps:
        document[kind.stamps[what]] = _now()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def refused(status: int, reason: str) -> Reply:
    """Return a refusal in the form of TM Forum's Error."""
    return Reply(status, {"code": str(status), "reason": reason, "status": str(status)})
