"""Processes that share the work of one command."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from linetest.words.text import language, use_language


@contextmanager
def start_workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """Yield an executor with so many processes; on Ctrl-C it ends what it has begun and begins nothing more.

    Every system starts them anew: a fork would carry the open data base and its locks into them.
    """
    from multiprocessing import get_context

    executor = ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin, initargs=(language(),))
    try:
        with _deaf_to_ctrl_c():
            for _worker in range(count):
                executor.submit(int)  # starts one
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C do nothing for a moment, and never anything in the processes that are started in it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin(spoken: str) -> None:
    """Speak the person's language, leave Ctrl-C to the parent, and end with it: even a killed one leaves nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_language(spoken)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
