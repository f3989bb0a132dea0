"""Files that survive a crash of the program and a loss of power, whole or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path

from linetest.errors import StoreError
from linetest.words.text import _


def write_durably(path: Path, body: bytes | Iterable[bytes]) -> None:
    """Write a file, whole or part by part: after a crash the old content or the new one is there, never a mixture."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as stream:
                stream.writelines([body] if isinstance(body, bytes) else body)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
            sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            _("{file}: cannot be written: {fault}").format(file=path, fault=error.strerror),
            _("make room on the disk"),
        ) from error


def sync_folder(folder: Path) -> None:
    """Make the new file's name durable; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
