"""What the laptop itself can carry: the port that it uses, its Wi-Fi, its processors.

On Linux these stand in /sys/class/net and /proc/stat. Where the laptop was the limit, a rate is only a lower bound of
what the line carries.
"""

from pathlib import Path

import msgspec

from linetest.model.codes import Hint
from linetest.service.rate_settings import RateSettings

_NETWORK = Path("/sys/class/net")
_STAT = Path("/proc/stat")
_MOST_CHARACTERS = 10_000
_DOWN_STATES = ("", "notpresent", "down", "lowerlayerdown")


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A network interface."""

    interface: str
    speed_mbps: float | None = None
    """What both ends of the cable agreed on; None where the system does not say, as of Wi-Fi."""
    full_duplex: bool | None = None
    wireless: bool = False


def port_of(interface: str, network: Path = _NETWORK) -> Port:
    """Return what the system says about a port."""
    folder = network / interface
    speed = _read(folder / "speed")
    duplex = _read(folder / "duplex")
    return Port(
        interface=interface,
        speed_mbps=float(speed) if speed.isdecimal() and int(speed) > 0 else None,
        full_duplex={"full": True, "half": False}.get(duplex),
        wireless=(folder / "wireless").exists() or (folder / "phy80211").exists(),
    )


def is_down(interface: str, network: Path = _NETWORK) -> bool:
    """Tell whether the system says that a port is gone, is down or has no carrier (Linux, operstates.rst).

    The state of a port follows its carrier by up to a second, so a cable just pulled shows in the carrier only.
    """
    folder = network / interface
    return network.is_dir() and (_read(folder / "operstate") in _DOWN_STATES or _read(folder / "carrier") == "0")


class Processors:
    """The load of all processors together since this was made."""

    def __init__(self, stat: Path = _STAT) -> None:
        self._stat = stat
        self._before = self._times()

    def busy_percent(self) -> float | None:
        """Return the share of their time that they were busy; None where the system does not say."""
        now = self._times()
        if self._before is None or now is None or now[1] <= self._before[1]:
            return None
        return 100.0 * (now[0] - self._before[0]) / (now[1] - self._before[1])

    def _times(self) -> tuple[int, int] | None:
        """Return the busy and the whole time, in ticks (proc(5))."""
        cells = _read(self._stat).partition("\n")[0].split()
        if len(cells) < 6 or cells[0] != "cpu" or not all(cell.isdecimal() for cell in cells[1:]):
            return None
        ticks = [int(cell) for cell in cells[1:9]]  # what guests take is in the user's time already
        return sum(ticks) - ticks[3] - ticks[4], sum(ticks)  # idle, and idle while waiting for a disk


def limit_of_laptop(port: Port | None, mbps: float, cpu_percent: float | None, settings: RateSettings) -> str | None:
    """Return the `Hint` that names why the laptop was the limit; None where it was not.

    Args:
        port: None where no port of this laptop is between it and the server.
        mbps: the highest rate of one sample, at the layer of IP.
        cpu_percent: the load of the laptop, or of the one processor that the testing program used.
        settings: from when on a port and a processor are the limit.
    """
    if port is not None and port.wireless:
        return Hint.WIRELESS
    if port is not None and port.full_duplex is False:
        return Hint.SLOW_PORT
    if port is not None and port.speed_mbps is not None and mbps >= port.speed_mbps * settings.port_limit_percent / 100:
        return Hint.SLOW_PORT
    if cpu_percent is not None and cpu_percent >= settings.cpu_limit_percent:
        return Hint.BUSY_LAPTOP
    return None


def _read(path: Path) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as stream:
            return stream.read(_MOST_CHARACTERS).strip()
    except OSError:  # a port that is down refuses to tell its speed
        return ""
