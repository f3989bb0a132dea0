"""A file from outside as bytes, no larger than its kind can be."""

from pathlib import Path

from linetest.errors import BadFile, FileError
from linetest.words.text import _


def load_bounded(path: Path, largest: int) -> bytes:
    """Return a file's bytes.

    Raises:
        FileError: it cannot be read.
        BadFile: it is larger than `largest` bytes.
    """
    try:
        with path.open("rb") as stream:
            body = stream.read(largest + 1)
    except OSError as error:
        raise FileError(
            _("{file}: cannot be read: {fault}").format(file=path, fault=error.strerror), _("check name and rights")
        ) from error
    if len(body) > largest:
        raise BadFile(_("{file}: larger than {size} bytes").format(file=path, size=largest), _("check the file"))
    return body
