"""The threads that talk to the ticket system, so that several requests are under way at once.

They only ask: they hold no data base and no state of a result. What they are given and what they return goes through
queues, and a thread that waits for a slow server costs nobody else anything.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple, Self

from linetest.errors import PushError

_LOOK_EVERY_S = 0.5
"""Ctrl-C is noticed between two looks where a waiting thread cannot be interrupted."""


class NotAsked(PushError):
    """The push ended before this was asked: nothing was sent."""


class Answered(NamedTuple):
    """What became of one call."""

    name: str
    result: Any
    error: BaseException | None


class Askers:
    """Some threads that make calls; as a context manager it waits for the calls that have begun."""

    def __init__(self, count: int) -> None:
        """Prepare; the threads start with the first calls."""
        self._count = count
        self._threads: list[threading.Thread] = []
        self._calls: SimpleQueue[tuple[str, Callable[[], Any]] | None] = SimpleQueue()
        self._answers: SimpleQueue[Answered] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):  # the person waits for nothing more
            self._end()
        else:
            self.finish()

    def ask(self, name: str, call: Callable[[], Any]) -> None:
        """Let a thread make a call; `name` says whose it is."""
        if len(self._threads) < self._count:
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        self._calls.put((name, call))

    def answers(self, most_s: float) -> list[Answered]:
        """Return the answers that have come, and wait for one where there is none yet, but not longer than `most_s`."""
        try:
            return [self._answers.get(timeout=min(most_s, _LOOK_EVERY_S)), *self._rest()]
        except Empty:
            return []

    def take_back(self) -> set[str]:
        """Take back what no thread has begun, which `NotAsked` answers; return whose calls these were."""
        names: set[str] = set()
        try:
            while (call := self._calls.get_nowait()) is not None:
                names.add(call[0])
                self._answers.put(Answered(call[0], None, NotAsked("")))
        except Empty:
            pass
        return names

    def finish(self) -> list[Answered]:
        """Wait for the calls that have begun and return all answers; what has not begun is answered by `NotAsked`."""
        self._end()
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_LOOK_EVERY_S)
        return self._rest()

    def _end(self) -> None:
        """Let the threads end with what they have begun."""
        self.take_back()
        for _thread in self._threads:
            self._calls.put(None)

    def _rest(self) -> list[Answered]:
        found: list[Answered] = []
        while not self._answers.empty():
            found.append(self._answers.get_nowait())
        return found

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                answer = Answered(call[0], call[1](), None)
            except BaseException as error:  # it is raised again in the thread of the push
                answer = Answered(call[0], None, error)
            self._answers.put(answer)
