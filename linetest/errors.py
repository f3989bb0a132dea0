"""Everything linetest refuses, in one tree.

::

    LinetestError                     what, hint, exit_code
    ├── UsageError                    2  the command, a file a person wrote, a name that does not exist
    ├── FileError                     2  a file cannot be read or written
    │   ├── BadFile(ValueError)       2  its content is not what it should be; says line or byte
    │   └── UnknownFormat             2  nothing here reads this kind of file
    ├── StoreError                    3  the data base is damaged, full, or held by another process
    │   └── Overtaken                 3  another process changed the same thing meanwhile
    ├── Clash                         1  what an order wants is somebody else's on the OLT, or is not to be had there
    ├── DeviceError                   3  carries the reason code that ends up in the record
    │   ├── Unreachable(ConnectionError)
    │   ├── Timeout(TimeoutError)
    │   ├── CommandRefused            the device's own words
    │   └── BadReply(ValueError)      the raw reply
    ├── PushError                     5  a ticket system did not take a result
    │   ├── AlreadySending            3  another process of this computer is at it
    │   ├── Offline                   no route, no name, connection refused: costs no attempt
    │   ├── Paused                    the whole destination refuses us (401)
    │   ├── Unanswered                sent, no answer: it may or may not have arrived
    │   ├── Delayed                   refused for now (408, 429, 5xx); carries what Retry-After said
    │   └── Rejected                  refused for good
    │       └── Forbidden             a right is missing: for this ticket, or for all of them
    └── Stopped                       4  the person stopped it

A failed check is a result, not an error: nothing here means "fail".
"""

from typing import ClassVar


class LinetestError(Exception):
    """What is wrong and where, and what to try next; both already in the person's language."""

    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class UsageError(LinetestError):
    """The command line, a name in it, or a file that a person wrote is wrong."""


class FileError(LinetestError):
    """A file cannot be read or written."""


class BadFile(FileError, ValueError):
    """A file's content is not what it should be."""


class UnknownFormat(FileError):
    """Nothing here reads this kind of file."""


class StoreError(LinetestError):
    """The data base cannot be used."""

    exit_code = 3


class Overtaken(StoreError):
    """Another process changed what was about to be changed; nothing was done."""


class Clash(LinetestError):
    """What an order wants belongs to another, or is not to be had; nothing was changed."""

    exit_code = 1


class DeviceError(LinetestError):
    """A device could not be read; `reason` is the code for the reading."""

    exit_code = 3
    reason: str = "unreadable"

    def __init__(self, what: str, hint: str = "", reason: str | None = None) -> None:
        super().__init__(what, hint)
        if reason is not None:
            self.reason = reason


class Unreachable(DeviceError, ConnectionError):
    """There is no way to the device: port missing, host unknown, cable out."""

    reason = "offline"


class Timeout(DeviceError, TimeoutError):
    """The device did not answer in time."""

    reason = "timeout"


class CommandRefused(DeviceError):
    """The device understood and said no."""

    reason = "refused"


class BadReply(DeviceError, ValueError):
    """The device answered something that cannot be understood."""

    reason = "garbled"


class PushError(LinetestError):
    """A ticket system did not take a result; the result stays in the outbox."""

    exit_code = 5


class AlreadySending(PushError):
    """Another process of this computer is sending: the second copy of cli.md."""

    exit_code = 3


class Offline(PushError, ConnectionError):
    """The ticket system cannot be reached: costs no attempt."""


class Paused(PushError):
    """The whole destination refuses us, an expired token for instance: costs no attempt."""


class Unanswered(PushError, TimeoutError):
    """A request went out and no answer came: it may have been done."""


class Delayed(PushError):
    """The ticket system refused for now; a gateway may have answered after the work was done."""

    def __init__(self, what: str, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(what, hint)
        self.retry_after_s = retry_after_s


class Rejected(PushError):
    """The ticket system refused this result for good."""


class Forbidden(Rejected):
    """A right is missing, for this ticket or for all of them: the outbox finds out which."""


class Stopped(LinetestError):
    """The person stopped the work."""

    exit_code = 4


def nearest(name: str, known: list[str]) -> str:
    """Return the known names, nearest first, as one line: the answer to a name that does not exist."""
    from difflib import get_close_matches  # only a mistake needs it

    close = get_close_matches(name, known, n=3, cutoff=0.4)
    return ", ".join(close or sorted(known)[:20])
