"""Many results on their way at once: in order within a ticket, side by side across tickets."""

import heapq
import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from linetest.errors import AlreadySending, Delayed, Forbidden, Offline, Overtaken, Paused, PushError, Unanswered
from linetest.store import outbox as rows
from linetest.store.database import transaction
from linetest.store.holds import Kind, hold, release
from linetest.store.outbox import Head, Item, State
from linetest.tickets.asking import Answered, Askers, NotAsked
from linetest.tickets.delivery import Ask, Delivery, Tell
from linetest.tickets.pace import Clock, wait_s
from linetest.tickets.system import TicketSystem

_SHORTEST_S = 1.0
"""Nothing new is begun when less of the deadline is left."""
_AHEAD = 4
"""Results under way for each connection: while some are written down the connections have others to ask for."""


class _UnderWay(NamedTuple):
    """A result between two of its steps."""

    ask: Ask
    steps: Generator[Ask, Any, None]


class Parallel:
    """The results of one push and the order in which they take their steps."""

    def __init__(
        self,
        database: sqlite3.Connection,
        system: TicketSystem,
        delivery: Delivery,
        tell: Tell,
        clock: Clock,
        until: float,
    ) -> None:
        """Prepare; `until` is a moment of the monotonic clock."""
        self.reason: str | None = None
        """Why nothing more can be sent, where that is so."""
        self._database = database
        self._system = system
        self._delivery = delivery
        self._tell = tell
        self._clock = clock
        self._until = until
        self._keys: frozenset[str] = frozenset()
        self._ready: list[tuple[int, str, str]] = []  # a heap: id, key, ticket
        self._later: dict[str, Head] = {}  # by ticket
        self._to_ask: deque[_UnderWay] = deque()
        self._asked: dict[str, _UnderWay] = {}  # by key
        self._left_alone: set[str] = set()
        self._forbidden: dict[str, str] = {}
        self._stopped: PushError | None = None

    def run(self, waiting: Collection[Head], connections: int, renew: Callable[[], None]) -> None:
        """Take one step after the other, what is due first in its ticket, while the deadline lasts."""
        self._keys = frozenset(head.key for head in waiting)
        with self._committed():
            for head in waiting:
                if head.state == State.SENDING:
                    self._apart(head.key, self._delivery.recover)
        with Askers(connections) as askers:
            try:
                self._system.ping(self._left_s())
                release(self._database, self._system.destination)
                for ticket in dict.fromkeys(head.ticket for head in waiting):
                    self._line_up(ticket)
                self._work(askers, connections * _AHEAD if connections > 1 else 1, renew)
            except AlreadySending as error:  # the lease ran out, and another process has it
                self.reason = error.what
            except PushError as error:  # a ping that fails is the last word about all of them
                self._stopped = error
            except KeyboardInterrupt:
                left = askers.take_back()
                for key, one in self._asked.items():
                    if key not in left:
                        self._tell("stopping", one.ask.item)
                self._finish(askers)
                raise
            self._finish(askers)
        with self._committed():
            self._conclude()

    def _work(self, askers: Askers, most: int, renew: Callable[[], None]) -> None:
        """Go on until nothing is due within the deadline, or nothing can be sent."""
        answers: list[Answered] = []
        while True:
            renew()
            with self._committed():
                for answer in answers:
                    self._resume(self._asked.pop(answer.name), answer.result, answer.error)
                self._take_up(most)
            self._ask_all(askers)
            if self._stopped is not None:
                return
            pause_s = min((self._wait_s(head) for head in self._later.values()), default=None)
            if self._asked:
                answers = self._heard(askers.answers(1.0 if pause_s is None else pause_s))
            elif pause_s is None or self._clock.monotonic() + pause_s + _SHORTEST_S > self._until:
                return
            else:
                answers = []
                self._clock.sleep(pause_s)

    def _take_up(self, most: int) -> None:
        """Let results that are due begin, as long as there is room and time."""
        for ticket in [ticket for ticket, head in self._later.items() if not self._wait_s(head)]:
            del self._later[ticket]
            self._line_up(ticket)
        while self._ready and len(self._asked) + len(self._to_ask) < most and self._stopped is None:
            if self._clock.monotonic() + _SHORTEST_S > self._until:
                return
            _id, key, ticket = heapq.heappop(self._ready)
            item = rows.find(self._database, key)
            if item.ticket == ticket and self._delivery.has_step(item):
                self._advance(item, self._delivery.steps(item), None, None)
            else:  # closed, moved or marked by another process since it was looked for
                self._leave(key, ticket)

    def _line_up(self, ticket: str) -> None:
        """Put what is first in a ticket where its turn comes, unless it is not this push's."""
        head = rows.first(self._database, self._system.destination, ticket)
        if head is None or head.key not in self._keys or head.key in self._left_alone or head.key in self._forbidden:
            return
        if self._wait_s(head):
            self._later[ticket] = head
        else:
            heapq.heappush(self._ready, (head.id, head.key, ticket))

    def _resume(self, one: _UnderWay, result: Any, error: BaseException | None) -> None:
        self._advance(one.ask.item, one.steps, result, error)

    def _advance(self, item: Item, steps: Generator[Ask, Any, None], result: Any, error: BaseException | None) -> None:
        """Let a result go on to the next thing that is to be asked, or to the end of its steps."""
        try:
            ask = steps.send(result) if error is None else steps.throw(error)
        except StopIteration:
            self._line_up(item.ticket)
        except Overtaken:
            self._leave(item.key, item.ticket)
        except Forbidden as forbidden:
            self._forbidden[item.key] = forbidden.what
        except (Offline, Paused) as stopped:
            self._stopped = self._stopped or stopped
        else:
            self._to_ask.append(_UnderWay(ask, steps))

    def _leave(self, key: str, ticket: str) -> None:
        """Leave a result that another process has changed; the next of the ticket may go where it was closed."""
        self._left_alone.add(key)
        self._line_up(ticket)

    def _ask_all(self, askers: Askers) -> None:
        """Let the threads ask what the steps want; all that the steps wrote is on the disk."""
        while self._to_ask:
            one = self._to_ask.popleft()
            self._asked[one.ask.item.key] = one
            askers.ask(one.ask.item.key, lambda call=one.ask.call: self._called(call))  # type: ignore[misc]

    def _called(self, call: Callable[[float], Any]) -> Any:
        """Make a call, in a thread of its own, unless its turn comes too late."""
        if self._left_s() < _SHORTEST_S:
            raise NotAsked("")
        return call(self._left_s())

    def _heard(self, answers: list[Answered]) -> list[Answered]:
        """Tell of the answers that came."""
        for answer in answers:
            if answer.error is None:
                ask = self._asked[answer.name].ask
                self._tell(ask.stage, ask.item)
        return answers

    def _finish(self, askers: Askers) -> None:
        """Write down what is still under way; nothing else is asked."""
        self._delivery.ending = True
        answers = self._heard(askers.finish())
        with self._committed():
            for answer in answers:
                if one := self._asked.pop(answer.name, None):
                    self._resume(one, answer.result, answer.error)
            while self._to_ask:
                self._resume(self._to_ask.popleft(), None, NotAsked(""))

    def _conclude(self) -> None:
        """Say of what waits why nothing can be sent, and tell a forbidden ticket from a missing right."""
        if (error := self._stopped) is not None:
            self.reason = error.what
            rows.note_reason(self._database, self._system.destination, error.what)
            kind: Kind = "offline" if isinstance(error, Offline | Delayed | Unanswered) else "paused"
            hold(self._database, self._system.destination, kind, error.what, error.hint)
            return
        for key in self._forbidden:
            self._apart(key, self._answer_forbidden)

    def _answer_forbidden(self, item: Item) -> None:
        """Tell one forbidden ticket from a destination that forbids everything.

        Where something else went through, the forbidden ones are refused for good. Where nothing did, the right is
        missing altogether: that pauses the destination and costs the results nothing.
        """
        end = self._delivery.bury if self._delivery.sent_some else self._delivery.keep
        end(item.key, self._forbidden[item.key])

    def _apart(self, key: str, work: Callable[[Item], object]) -> None:
        """Do something with one result as it is now; one that another process has changed is left alone."""
        try:
            work(rows.find(self._database, key))
        except Overtaken:
            self._left_alone.add(key)

    @contextmanager
    def _committed(self) -> Iterator[None]:
        """Write what the block does as one transaction, and tell of it when it is on the disk."""
        self._delivery.told = []
        with transaction(self._database):
            yield
        for stage, item in self._delivery.told:
            self._tell(stage, item)

    def _wait_s(self, head: Head) -> float:
        return wait_s(head.next_at, self._clock.wall())

    def _left_s(self) -> float:
        return max(0.1, self._until - self._clock.monotonic())
