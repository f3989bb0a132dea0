"""All tests of one test point, one after the other, over one connection; what they changed is put back at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.reading import Measurement, Reading, merge_details
from linetest.service.access import Access
from linetest.service.laptop import is_down
from linetest.service.path import IpPath, Joined
from linetest.service.readings import error_words, reading
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.transports.address import BENCH
from linetest.transports.interface import no_carrier

Tell = Callable[[str, str], None]
"""Called with the name of a test and what becomes of it: started, done, failed, interrupted."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured, and whether the person stopped it."""

    measured: Measurement
    stopped: bool = False


def measure(access: Access, settings: ServiceSettings, tell: Tell) -> Outcome:
    """Enter the line, do every test, put everything back.

    A test that cannot be done leaves the others alone. On Ctrl-C what was measured until then is returned: the caller
    judges and keeps it, and ends with the exit code of a person's stop.

    Raises:
        UsageError: a server of the station is none, or something that the tests need is not named.
        DeviceError: the port cannot be used.
    """
    from linetest.service.tests import check_servers

    check_servers(access, settings)
    restore = Restore()
    parts: list[Measurement] = []
    done: list[str] = []
    stopped = False
    try:
        with _joined(access, settings, restore) as joined:
            parts.append(_of_the_line(joined.measured, access))
            if joined.path is not None:
                for name in settings.tests:
                    tell(name, "started")
                    parts.append(_test(name, access, joined.path, settings, restore))
                    done.append(name)
                    tell(name, "failed" if parts[-1].trouble else "done")
    except KeyboardInterrupt:
        stopped = True
        parts += [_not_done(name, Reason.INTERRUPTED) for name in settings.tests if name not in done]
    return Outcome(measured=_whole(access, settings, parts, restore), stopped=stopped)


@contextmanager
def _joined(access: Access, settings: ServiceSettings, restore: Restore) -> Iterator[Joined]:
    from linetest.service.tests import CONNECTS

    with CONNECTS[settings.connect](access, settings, restore) as joined:
        yield joined


def _test(name: str, access: Access, path: IpPath, settings: ServiceSettings, restore: Restore) -> Measurement:
    """Do one test; a port that is gone in its middle is that test's trouble."""
    from linetest.service.tests import TESTS

    try:
        if _port_is_down(access):
            raise no_carrier(access.address)
        return _of_the_line(TESTS[name](access, path, settings, restore), access)
    except DeviceError as error:
        return _not_done(name, error.reason, error_words(error))


def _not_done(name: str, reason: str, trouble: str = "") -> Measurement:
    """Return what stands for a test that was not done: without it, what is judged would be the others only."""
    from linetest.service.tests import DECIDED_BY

    readings = [reading(metric, None, {}, reason) for metric in DECIDED_BY[name]]
    return Measurement(readings=readings, details={"not_done": [{"test": name, "reason": reason}]}, trouble=trouble)


def _port_is_down(access: Access) -> bool:
    return not access.address.startswith(BENCH) and is_down(access.address)


def _of_the_line(measured: Measurement, access: Access) -> Measurement:
    """Return what was measured; no value of it where the laptop's own port is down: nothing went through the line."""
    if not _port_is_down(access):
        return measured
    error = no_carrier(access.address)
    readings = [
        msgspec.structs.replace(one, value=None, reason=error.reason, bound=None, interval=None, hint=None)
        for one in measured.readings
    ]
    return msgspec.structs.replace(measured, readings=readings, trouble=error_words(error))


def _whole(access: Access, settings: ServiceSettings, parts: list[Measurement], restore: Restore) -> Measurement:
    """Return the parts as one; each reading says at which point it was taken."""
    about: dict[str, Any] = {"point": access.point, "connect": settings.connect}
    details = merge_details([about, *(part.details for part in parts)])
    return Measurement(
        readings=[_at_point(one, access) for part in parts for one in part.readings],
        details={"service": [details]},
        evidence=[file for part in parts for file in part.evidence],
        warnings=list(dict.fromkeys(code for part in parts for code in part.warnings)),
        steps=restore.steps,
        simulated=access.simulated or any(part.simulated for part in parts),
        trouble="\n".join(part.trouble for part in parts if part.trouble),
    )


def _at_point(one: Reading, access: Access) -> Reading:
    return msgspec.structs.replace(one, where={"point": access.point, **one.where}, device=access.device)
