"""What a command does that runs simulated devices until the person ends it."""

import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

_WAKE_S = 0.2


def until_stopped(stack: ExitStack) -> Callable[[], None]:
    """Take Ctrl-C and SIGTERM as the normal end, as long as `stack` is open; return what waits for it."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.signal(number, lambda *_arguments: stop.set())
        stack.callback(signal.signal, number, before)

    def wait() -> None:
        while not stop.wait(_WAKE_S):  # a wait without end would keep a signal waiting too, on some systems
            continue

    return wait


def made_folder(folder: Path | None, stack: ExitStack, prefix: str) -> Path:
    """Return the person's folder, made where it is missing, or one that goes away with `stack`."""
    if folder is None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
