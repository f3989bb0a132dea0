"""What a test changes is put back: at its end, after an error and on Ctrl-C; each restoration is a recorded step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from linetest.errors import DeviceError
from linetest.model.clock import now_text
from linetest.model.step import StepDone


class Restore:
    """The restorations of one run of tests, in the order in which they ended."""

    def __init__(self) -> None:
        self.steps: list[StepDone] = []

    @contextmanager
    def changed(self, name: str, put_back: Callable[[], None]) -> Iterator[None]:
        """Put something back when the block ends, however it ends.

        Args:
            name: what is put back, as the record calls it, such as ``pppoe session``.
            put_back: does it within a few seconds; a `DeviceError` or `OSError` says that it could not.
        """
        try:
            yield
        finally:
            self._put_back(name, put_back)

    def _put_back(self, name: str, put_back: Callable[[], None]) -> None:
        started_at = now_text()
        done = False
        try:
            try:
                put_back()
            except KeyboardInterrupt:  # pressed again: what was changed is put back all the same
                put_back()
                done = True
                raise
            done = True
        except (DeviceError, OSError):
            done = False
        finally:
            state: Literal["restored", "failed"] = "restored" if done else "failed"
            step = StepDone(name=name, state=state, started_at=started_at, finished_at=now_text())
            self.steps.append(step)
