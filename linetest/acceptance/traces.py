"""Which of a folder's trace files are a line's."""

from pathlib import Path

from linetest.errors import DeviceError, FileError
from linetest.model.codes import Reason
from linetest.model.order import Line
from linetest.words.text import _


def traces_of_line(address: Path, line: Line) -> list[Path]:
    """Return the trace files of a line: the file itself, or those in the folder that are named after the line.

    Raises:
        DeviceError: with the reason ``no-such-object`` and the expected names, when there is none.
    """
    if not address.is_dir():
        return [address]
    own = line.id.lower()
    try:
        files = sorted(path for path in address.iterdir() if path.suffix.lower() == ".sor" and path.is_file())
    except OSError as error:
        raise FileError(_("{file}: cannot be read: {fault}").format(file=address, fault=error.strerror)) from error
    found = [path for path in files if path.stem.lower() == own or path.stem.lower().startswith(f"{own}_")]
    if not found:
        raise DeviceError(
            _("{folder}: there is no trace file {name}.sor or {name}_….sor").format(folder=address, name=line.id),
            _("save the line's traces there under such names"),
            reason=Reason.NO_SUCH_OBJECT,
        )
    return found
