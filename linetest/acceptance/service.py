"""The step of acceptance that tests the service at one point of the line."""

from typing import TYPE_CHECKING

import msgspec

from linetest.runs.steps import StoppedAfter

if TYPE_CHECKING:
    from linetest.devices.station import DeviceEntry
    from linetest.model.limit import Limit
    from linetest.model.order import Line
    from linetest.model.profile import Step
    from linetest.model.reading import Measurement


def check_service(step: "Step", place: str) -> None:
    """Refuse settings that the room does not know."""
    from linetest.model.toml import convert
    from linetest.service.settings import ServiceSettings

    convert(step.settings, ServiceSettings, f"{place} settings")


def measure_service(entry: "DeviceEntry", step: "Step", _limits: "list[Limit]", line: "Line") -> "Measurement":
    """Do all tests of the step at the station's access port.

    Raises:
        StoppedAfter: the person stopped it; the step is done again on resume.
    """
    from linetest.service.access import access_of
    from linetest.service.measure import measure
    from linetest.service.settings import ServiceSettings

    settings = msgspec.convert(step.settings, ServiceSettings)
    outcome = measure(access_of(entry, line, settings.point), settings, lambda _test, _event: None)
    if outcome.stopped:
        raise StoppedAfter(outcome.measured.steps)
    return outcome.measured
