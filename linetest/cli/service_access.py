"""The access port that a person asked for: the station's, or an interface named on the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.station import DeviceEntry
    from linetest.model.order import Line, Order, Rates
    from linetest.service.access import Access
    from linetest.service.settings import ServiceSettings


def asked_access(asked: dict[str, Any], settings: "ServiceSettings") -> tuple["Access", "Order | None", "Line | None"]:
    """Return the test point, and the order and line that it belongs to where one is named.

    Raises:
        UsageError: naming the option or the entry of the station that is missing or wrong.
    """
    import msgspec

    from linetest.acceptance.plan import find_order
    from linetest.devices.station import default_station_path
    from linetest.service.access import access_of

    station_file: Path = asked["station_file"] or default_station_path()
    order = find_order(asked["order"], station_file) if asked["order"] else None
    line = _line(order, asked["line_id"])
    access = access_of(_entry(asked, station_file), line, settings.point)
    # what is said on the command line counts before what the order says
    access = msgspec.structs.replace(
        access, contracted=_contracted(asked) or access.contracted, user=asked["user"] or access.user
    )
    return access, order, line


def _line(order: "Order | None", line_id: str | None) -> "Line | None":
    from linetest.acceptance.plan import only_line

    if order is None:
        if line_id is not None:
            raise UsageError(_("--line belongs to an order"), _("name the order, or leave it out"))
        return None
    return only_line(order, line_id)


def _entry(asked: dict[str, Any], station_file: Path) -> "DeviceEntry":
    """Return the station's device with what the command line says otherwise, or one made of the command line alone."""
    import msgspec

    from linetest.devices.station import DeviceEntry, device_for, load_station

    if asked["interface"] is not None and not (asked["device"] or station_file.is_file()):
        entry = DeviceEntry(name="port", driver="access_port")
    else:
        entry = device_for(load_station(station_file), "access-port", asked["device"])
    said: dict[str, Any] = {}
    if asked["interface"] is not None:
        said["address"] = asked["interface"]
    if asked["vlans"]:
        said["vlans"] = list(asked["vlans"])
    if asked["password_source"] is not None:
        said["secrets"] = {**entry.secrets, "ppp": asked["password_source"]}
    if asked["servers"]:
        said["servers"] = entry.servers | dict(_key_and_value(text) for text in asked["servers"])
    return msgspec.structs.replace(entry, **said)


def _key_and_value(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise UsageError(
            _("--server {text!r}: write KEY=VALUE").format(text=text), _("such as --server iperf3=192.0.2.1")
        )
    return key, value


def _contracted(asked: dict[str, Any]) -> "Rates | None":
    """Return the rates of the command line; None when it names none, and the order's are used."""
    from linetest.model.order import Rates

    down, up = asked["down_mbps"], asked["up_mbps"]
    if down is None and up is None:
        return None
    if down is None or up is None:
        raise UsageError(_("--down-mbps and --up-mbps belong together"), _("a contract has a rate for each direction"))
    try:
        return Rates(down_mbps=down, up_mbps=up)
    except ValueError as error:
        raise UsageError(str(error)) from error
