"""`linetest epon audit --interface`: a capture from a network interface, and what such a one cannot show."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from linetest.cli.options import PASSED, STOPPED, USAGE, first_exit, say
from linetest.errors import BadFile, DeviceError, FileError
from linetest.safe import safe_file_name, safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.epon.live import LiveCapture
    from linetest.epon.measure import Asked
    from linetest.model.limit import Limit
    from linetest.model.reading import Measurement

_ENDS = {
    "time": N_("{count} frames captured."),
    "person": N_("{count} frames captured, then stopped; what came is judged."),
    "size": N_("{count} frames captured: more do not fit into the memory set aside; what came is judged."),
    "interface": N_("{count} frames captured, then the interface went down; what came is judged."),
}


class Live(NamedTuple):
    """What a person said of a capture from an interface."""

    interface: str | None
    """None where a file is audited."""
    seconds: float | None
    """None until Ctrl-C."""
    save_file: Path | None


def measure_live(live: Live, limits: "list[Limit]", asked: "Asked") -> tuple["Measurement", int]:
    """Capture, keep the file where one is named, and audit.

    Returns:
        The measurement with its warnings, and the exit code that the capture itself asks for.

    Raises:
        DeviceError: the interface is not there, may not be used, or no frame came.
    """
    from linetest.epon.live import WHAT_A_CARD_HIDES, capture
    from linetest.epon.measure import measure_bytes
    from linetest.model.codes import Reason

    interface = live.interface or ""
    say(_(WHAT_A_CARD_HIDES))
    if live.seconds is None:
        say(_("Capturing; Ctrl-C ends it."))
    else:
        say(_("Capturing for {seconds:g} s; Ctrl-C ends it before.").format(seconds=live.seconds))
    found = capture(interface, live.seconds)
    say(_(_ENDS[found.ended_by]).format(count=found.frames))
    saved = _save(live.save_file, found.body)
    try:
        measured = measure_bytes(f"{safe_file_name(interface)}.pcap", found.body, limits, asked)
    except BadFile as error:  # nothing could be measured; no file is at fault
        raise DeviceError(error.what, error.hint, reason=Reason.NOT_SEEN) from error
    return _as_live(measured, interface, found), first_exit([STOPPED if found.ended_by == "person" else PASSED, saved])


def _save(path: Path | None, body: bytes) -> int:
    """Write the capture; a file that cannot be written costs no measurement, so the fault is told on stderr."""
    from linetest.reports.files import write_report

    if path is None:
        return PASSED
    try:
        write_report(path, body)
    except FileError as error:
        say(_("Error: {what}").format(what=safe_text(error.what)))
        say(_("Try: {hint}").format(hint=safe_text(error.hint)))
        return USAGE
    say(_("{file}: the capture as it came, LOID passwords in clear").format(file=safe_text(str(path))))
    return PASSED


def _as_live(measured: "Measurement", interface: str, found: "LiveCapture") -> "Measurement":
    """Return the measurement with what has to be known of such a capture."""
    from linetest.model.codes import Warn

    warnings = [Warn.ORDINARY_CARD, *([] if found.ended_by == "time" else [Warn.CAPTURE_STOPPED])]
    taken = {**measured.details["capture"], "interface": interface, "ended_by": found.ended_by}
    return msgspec.structs.replace(
        measured,
        details={**measured.details, "capture": taken},
        warnings=[*map(str, warnings), *measured.warnings],
    )
