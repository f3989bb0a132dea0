"""The step of acceptance that tests the service at one point of the line."""

from typing import TYPE_CHECKING

import msgspec

from linetest.runs.steps import StoppedAfter

if TYPE_CHECKING:
    from linetest.devices.station import DeviceEntry, Station
    from linetest.model.limit import Limit
    from linetest.model.order import Line
    from linetest.model.profile import LoadedProfile, Step
    from linetest.model.reading import Measurement
    from linetest.service.access import Point


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


def point_to_move_to(step: "Step", loaded: "LoadedProfile", station: "Station") -> "Point | None":
    """Return the point that the laptop has to be taken to before this step; None where it can stay.

    That is so where the service step before it used the same port at another point.
    """
    from linetest.devices.station import device_for
    from linetest.service.settings import ServiceSettings

    if step.room != "service":
        return None
    steps = [one for one in loaded.profile.step if one.room == "service"]
    at = [one.title for one in steps].index(step.title)
    if at == 0:
        return None
    point, before = (msgspec.convert(one.settings, ServiceSettings).point for one in (step, steps[at - 1]))
    ports = [device_for(station, "access-port", one.device).address for one in (step, steps[at - 1])]
    return point if point != before and ports[0] == ports[1] else None
