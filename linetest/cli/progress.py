"""How far a long command is, on stderr: one line that changes on a terminal, else a line now and then."""

import sys
import time

import click

from linetest.cli.options import say

_SAY_EVERY_S = 10.0  # where nobody looks at a terminal


class Progress:
    """Counts what is done; `words` holds ``{done}`` and ``{total}``."""

    def __init__(self, total: int, done: int, words: str) -> None:
        self._total = total
        self._done = done
        self._words = words
        self._live = sys.stderr is not None and sys.stderr.isatty()
        self._said_at = time.monotonic()

    def step(self, fault: str) -> None:
        """Count one; `fault` says, made safe, what went wrong with it."""
        self._done += 1
        if fault:
            say(("\r" if self._live else "") + fault)
        if self._live:
            click.echo("\r" + self._line(), nl=False, err=True)
        elif time.monotonic() - self._said_at >= _SAY_EVERY_S:
            self._said_at = time.monotonic()
            say(self._line())

    def end(self) -> None:
        """Leave the line that changes."""
        if self._live and self._done:
            say("")

    def _line(self) -> str:
        return self._words.format(done=self._done, total=self._total)
