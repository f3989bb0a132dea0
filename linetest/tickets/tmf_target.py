"""A payload on its trouble ticket or work order: what has to change there, and what stays by the policy of the field.

A merge-patch replaces an array as a whole, so what others have written into it is read just before and sent along.
"""

import base64
from datetime import datetime
from typing import Any

import msgspec

from linetest.tickets.answers import dicts, said
from linetest.tickets.mapping import NO_RULES, Field, Mapping
from linetest.tickets.payload import Payload
from linetest.tickets.policy import is_late, shorten, status_to_set, weigh
from linetest.tickets.system import Difference
from linetest.tickets.tmf_fields import fields_of, holds, steps, text_at
from linetest.tickets.tmf_parts import APPOINTMENT, reference
from linetest.tickets.tmf_rest import TICKET, WORK_ORDER, Target
from linetest.tickets.values import NOTE, STATUS
from linetest.words.text import _

_AUTHOR = "linetest"


class Look(msgspec.Struct, kw_only=True):
    """What a ticket lacks of a payload."""

    patch: dict[str, Any] = {}
    """What sets it right; empty when all is there."""
    differences: list[Difference] = []
    kept: list[Difference] = []
    late: bool = False


def look_at(
    found: dict[str, Any],
    target: Target,
    payload: Payload,
    mapping: Mapping,
    part: tuple[str, str, str] | None,
    sent_at: datetime,
) -> Look:
    """Compare a ticket with what a payload gives it.

    Args:
        found: the ticket as it is now.
        target: its kind and id.
        payload: the result or event.
        mapping: which field carries what.
        part: kind, id and name of what was made for the payload and is to be linked; None where nothing was.
        sent_at: goes into a note that has still to be made.
    """
    look = Look(patch={}, differences=[], kept=[])
    _look_at_note(look, found, target, payload, sent_at)
    if target.kind == TICKET:
        _look_at_attachment(look, found, payload)
    if part is not None:
        _look_at_link(look, found, target, part)
    _look_at_fields(look, found, target, payload, mapping)
    _look_at_status(look, found, target, payload, mapping)
    return look


def has_note(found: dict[str, Any], payload: Payload) -> bool:
    """Tell whether a ticket has the payload's note: our id stands in it."""
    return any(payload.key in str(note.get("text")) for note in _notes(found))


def _notes(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the notes of a ticket: TMF621 has a list, TMF697 only one."""
    notes = found.get("note")
    return dicts(notes) if isinstance(notes, list) else [notes] if isinstance(notes, dict) else []


def _look_at_note(look: Look, found: dict[str, Any], target: Target, payload: Payload, sent_at: datetime) -> None:
    if has_note(found, payload):
        return
    text = said(payload, sent_at)
    note = {"author": _AUTHOR, "date": sent_at.isoformat(), "text": text}
    notes = _notes(found)
    if target.kind == TICKET:
        look.patch["note"] = [*notes, note]
    else:  # there is room for one only: it grows
        before = notes[0] if notes else note
        texts = [str(one.get("text") or "") for one in notes]
        look.patch["note"] = {**before, "text": "\n\n".join([*filter(None, texts), text])}
    look.differences.append(Difference(field="note", wanted=payload.key, found=None))


def _look_at_attachment(look: Look, found: dict[str, Any], payload: Payload) -> None:
    body = payload.attachment()
    content = base64.b64encode(body).decode()
    attached = dicts(found.get("attachment"))
    same = [one for one in attached if one.get("name") == payload.file_name]
    if any(one.get("content") in (content, None) for one in same):  # a system may keep the content elsewhere
        return
    ours = {
        "name": payload.file_name,
        "description": payload.kind,
        "mimeType": "application/json",
        "content": content,
        "size": {"amount": len(body), "units": "byte"},
    }
    look.patch["attachment"] = [*(one for one in attached if one not in same), ours]
    other = _("other content") if same else None
    look.differences.append(Difference(field="attachment", wanted=payload.file_name, found=other))


def _look_at_link(look: Look, found: dict[str, Any], target: Target, part: tuple[str, str, str]) -> None:
    link = reference(*part)
    entities = dicts(found.get("relatedEntity"))
    if not any(holds({"id": link["id"], "role": link["role"]}, one) for one in entities):
        look.patch["relatedEntity"] = [*entities, link]
        look.differences.append(Difference(field="relatedEntity", wanted=f"{part[0]} {part[1]}", found=None))
    if target.kind == WORK_ORDER and part[0] == APPOINTMENT and text_at(found, ["appointment", "id"]) != part[1]:
        look.patch["appointment"] = {"id": part[1], "@referredType": "Appointment"}
        other = shorten(text_at(found, ["appointment", "id"]))
        look.differences.append(Difference(field="appointment", wanted=part[1], found=other))


def _look_at_fields(look: Look, found: dict[str, Any], target: Target, payload: Payload, mapping: Mapping) -> None:
    """Compare the ticket's own attributes; what lies deeper in it is only read."""
    own = _own(mapping, target)
    fields = [field for field in own if field.is_sent and field.carries not in (NOTE, STATUS)]
    shown = {field.name: text_at(found, steps(field)) for field in fields}
    ours, theirs = weigh(fields, payload, shown)
    wrong = {difference.field for difference in ours}
    look.patch |= {steps(field)[0]: field.of(payload) for field in fields if field.name in wrong}
    look.differences += ours
    look.kept += theirs


def _look_at_status(look: Look, found: dict[str, Any], target: Target, payload: Payload, mapping: Mapping) -> None:
    """Compare the status in linetest's words, which the mapping's table of transitions is written in."""
    own = _own(mapping, target)
    field = next((one for one in own if one.carries == STATUS), None)
    if field is None:
        return
    rules = mapping.status or NO_RULES
    shown = text_at(found, steps(field)) or ""
    status, wanted = field.back(shown), payload.final_status
    look.late = is_late(rules, payload, wanted, status)
    if wanted is None or wanted == status or look.late:
        return
    other = Difference(field=field.name, wanted=str(field.of(payload)), found=shorten(shown))
    if status_to_set(rules, wanted, status) is None:
        look.kept.append(other)
        return
    look.differences.append(other)
    look.patch[steps(field)[0]] = field.of(payload)


def _own(mapping: Mapping, target: Target) -> list[Field]:
    """Return the fields that are a ticket's own attributes."""
    return [field for field in fields_of(mapping, target.kind) if len(steps(field)) == 1]
