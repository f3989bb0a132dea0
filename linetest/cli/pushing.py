"""The words for results on their way to the ticket system, for every command that sends some."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click
from wcwidth import ljust

from linetest.cli.options import say
from linetest.safe import safe_text
from linetest.words.text import N_, _, ngettext

if TYPE_CHECKING:
    import sqlite3

    from linetest.store.holds import Hold
    from linetest.store.outbox import Item, State
    from linetest.tickets.outbox import Outcome

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
    "stopping": N_("{key} ticket {ticket}: is finished first; Ctrl-C again leaves it for the next push"),
}
_TROUBLE = ("unsure", "kept", "partial", "dead")
_FEW = 20
"""Up to so many results each stage is told; of more only trouble, and how far it is."""
_SAY_EVERY_S = 5.0
_WIDTH = 78
_SKEW_TOLD_S = 60.0


def tell_stage(stage: str, item: "Item") -> None:
    """Say on stderr how far the sending of a result has come."""
    if stage in _STAGES:
        words = _(_STAGES[stage]).format(key=item.key[:8], ticket=item.ticket, reason=item.last_error)
        say(safe_text(words))
    if stage == "delivered":
        for kept in item.remote_ids.get("kept", []):
            say(safe_text(f"> {kept_words(kept)}"))


class Progress:
    """Says on stderr how far a push is: one line that changes on a terminal, else a line now and then."""

    def __init__(self, total: int) -> None:
        """Prepare for so many results."""
        self._total = total
        self._delivered = 0
        self._stuck: dict[str, str] = {}  # ticket: why
        self._live = total > 1 and sys.stderr is not None and sys.stderr.isatty()
        self._begun_s = self._said_s = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            click.echo("\r" + " " * _WIDTH + "\r", nl=False, err=True)
        if self._total > _FEW:
            say(self._words())

    def tell(self, stage: str, item: "Item") -> None:
        """Take note of a stage that a result has reached."""
        why = item.last_error or ""
        news = stage == "stopping" or (stage in _TROUBLE and self._stuck.get(item.ticket) != why)
        if stage in _TROUBLE:
            self._stuck[item.ticket] = why
        elif stage == "delivered":
            self._delivered += 1
            self._stuck.pop(item.ticket, None)
        if news or (not self._live and self._total <= _FEW):
            if self._live:
                click.echo("\r" + " " * _WIDTH + "\r", nl=False, err=True)
            tell_stage(stage, item)
        self._show()

    def _show(self) -> None:
        now_s = time.monotonic()
        if self._live:
            if now_s - self._said_s >= 0.1:
                self._said_s = now_s
                click.echo("\r" + ljust(self._words()[:_WIDTH], _WIDTH), nl=False, err=True)
        elif self._total > _FEW and now_s - self._said_s >= _SAY_EVERY_S:
            self._said_s = now_s
            say(self._words())

    def _words(self) -> str:
        rate = self._delivered / max(0.001, time.monotonic() - self._begun_s)
        words = _("{done} of {total} delivered, {rate:.0f} a second").format(
            done=self._delivered, total=self._total, rate=rate
        )
        if self._stuck:
            words += ", " + ngettext("{count} ticket is stuck", "{count} tickets are stuck", len(self._stuck)).format(
                count=len(self._stuck)
            )
        return words


def hold_words(one: "Hold") -> str:
    """Return why a ticket system takes nothing, and what to do, as one line."""
    since = one.since[:16].replace("T", " ")
    words = (
        _("Paused since {since}: {reason}").format(since=since, reason=one.reason)
        if one.kind == "paused"
        else _("Out of reach since {since}: {reason}").format(since=since, reason=one.reason)
    )
    return f"{words} ({one.hint})" if one.hint else words


def say_holds(database: "sqlite3.Connection") -> None:
    """Say which ticket systems take nothing now, and why."""
    from linetest.store.holds import holds

    for one in holds(database):
        say(safe_text(hold_words(one)))


def say_skew(outcomes: "list[Outcome]") -> None:
    """Say when this computer's clock is far from the ticket system's: the times of results count."""
    skews = [outcome.clock_skew_s for outcome in outcomes if outcome.clock_skew_s is not None]
    worst_s = max(skews, key=abs, default=0.0)
    if abs(worst_s) > _SKEW_TOLD_S:
        say(
            _("This computer's clock is {seconds:.0f} s off the ticket system's: set it, deadlines hang on it.").format(
                seconds=worst_s
            )
        )


def result_line(key: str, ticket: str, state: "State", reason: str | None) -> str:
    """Return where a result stands, as one line."""
    from linetest.store.outbox import State

    line = _("{key}  ticket {ticket}  {state}").format(key=key[:8], ticket=ticket, state=state_words(state))
    return f"{line}: {reason}" if reason and state != State.DELIVERED else line


def state_words(state: "State") -> str:
    """Return where a result stands."""
    from linetest.store.outbox import State

    return {
        State.PENDING: _("waits"),
        State.SENDING: _("interrupted while sending"),
        State.UNSURE: _("sent without an answer"),
        State.SENT: _("sent, not read back yet"),
        State.PARTIAL: _("not all of it was taken"),
        State.DELIVERED: _("delivered"),
        State.DEAD: _("refused"),
        State.DROPPED: _("dropped"),
    }[state]


def kept_words(kept: dict[str, str | None]) -> str:
    """Return what a ticket has otherwise than it was sent and keeps, and what a person does who disagrees."""
    words = _("The ticket keeps its own {field}: {found}, not {wanted}. If that is wrong, change it in the ticket.")
    return words.format(field=kept["field"], found=kept["found"] or _("empty"), wanted=kept["wanted"])
