"""The words for results on their way to the ticket system, for every command that sends some."""

from typing import TYPE_CHECKING

from linetest.cli.options import say
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.store.outbox import Item, State

_STAGES = {
    "marked": N_("{key} ticket {ticket}: sending"),
    "unsure": N_("{key} ticket {ticket}: no answer, it will be looked up"),
    "looked-up": N_("{key} ticket {ticket}: looked up"),
    "read-back": N_("{key} ticket {ticket}: read back"),
    "repaired": N_("{key} ticket {ticket}: repaired"),
    "delivered": N_("{key} ticket {ticket}: delivered"),
    "kept": N_("{key} ticket {ticket}: kept: {reason}"),
    "partial": N_("{key} ticket {ticket}: not all of it was taken: {reason}"),
    "dead": N_("{key} ticket {ticket}: refused: {reason}"),
}


def tell_stage(stage: str, item: "Item") -> None:
    """Say on stderr how far the sending of a result has come."""
    if stage in _STAGES:
        words = _(_STAGES[stage]).format(key=item.key[:8], ticket=item.ticket, reason=item.last_error)
        say(safe_text(words))
    if stage == "delivered":
        for kept in item.remote_ids.get("kept", []):
            say(safe_text(f"> {kept_words(kept)}"))


def result_line(key: str, ticket: str, state: "State", reason: str | None) -> str:
    """Return where a result stands, as one line."""
    from linetest.store.outbox import State

    words = {
        State.PENDING: _("waits"),
        State.SENDING: _("interrupted while sending"),
        State.UNSURE: _("sent without an answer"),
        State.SENT: _("sent, not read back yet"),
        State.PARTIAL: _("not all of it was taken"),
        State.DELIVERED: _("delivered"),
        State.DEAD: _("refused"),
        State.DROPPED: _("dropped"),
    }
    line = _("{key}  ticket {ticket}  {state}").format(key=key[:8], ticket=ticket, state=words[state])
    return f"{line}: {reason}" if reason and state != State.DELIVERED else line


def kept_words(kept: dict[str, str]) -> str:
    """Return what a ticket has otherwise than it was sent and keeps: a person decides about it."""
    return _("The ticket keeps its own {field}: {found}, not {wanted}.").format(**kept)
