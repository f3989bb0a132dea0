"""Where a service is tested: the port, its tags, who dials in, and the servers to test against."""

from typing import Literal

import msgspec

from linetest.devices.station import DeviceEntry
from linetest.errors import UsageError, nearest
from linetest.model.order import Line, Rates
from linetest.secrets import Secret, read_secret
from linetest.words.text import _

Point = Literal["direct", "behind-cpe"]
"""Where the laptop is plugged in: at the operator's end of the line, or behind the customer's router."""

SERVERS = {
    "ping": "host that answers echo requests",
    "dns": "name servers to ask, by commas; those that the line announces when absent",
    "name": "name that must exist",
    "iperf3": "HOST or HOST:PORT of an iperf3 server",
    "http_down": "address to load from, for the rate by HTTP",
    "http_up": "address to send to, for the rate by HTTP",
    "iptv": "channels, as GROUP:PORT, by commas",
    "iptv_vlans": "VLAN tags of television where they are not those of the test point, by commas, or untagged",
    "sip": "registrar, as sip:USER@HOST or sip:USER@HOST:PORT",
    "dhcp": "DHCP servers that may answer, by commas; one, whichever it is, when absent",
    "concentrator": "name of the PPPoE concentrator that may answer; one, whichever it is, when absent",
}
"""The keys of ``[device.NAME.servers]`` in a station file."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """One test point."""

    address: str
    """The name of an interface, or ``bench:udp://HOST:PORT``, a simulated wire."""
    point: Point = "direct"
    tags: tuple[str, ...] = ()
    """The VLAN tags of its frames, the outer one first, as a person writes them: ``802.1ad:10``, ``41``."""
    user: str | None = None
    servers: dict[str, str] = {}
    contracted: Rates | None = None
    secrets: dict[str, str] = {}
    """Where the password ``ppp`` and the password ``sip`` lie."""
    device: str | None = None
    simulated: bool = False

    def server(self, name: str) -> str | None:
        """Return what the station names under a key of `SERVERS`."""
        return self.servers.get(name)

    def secret(self, name: str) -> Secret | None:
        """Return a password; None where the station names none."""
        source = self.secrets.get(name)
        return None if source is None else read_secret(source, f"[device.{self.device}] secrets.{name}")


def access_of(entry: DeviceEntry, line: Line | None = None, point: Point = "direct") -> Access:
    """Return the test point that a station's device is, for one line of an order.

    Raises:
        UsageError: a server has a name that no test knows.
    """
    for name in entry.servers:
        if name not in SERVERS:
            raise UsageError(
                _("[device.{device}.servers]: there is no {name!r}; nearest: {names}").format(
                    device=entry.name, name=name, names=nearest(name, list(SERVERS))
                )
            )
    return Access(
        address=entry.address or "",
        point=point,
        tags=tuple(entry.vlans),
        user=(line.account if line is not None else None) or entry.user,
        servers=entry.servers,
        contracted=line.rates if line is not None else None,
        secrets=entry.secrets,
        device=entry.name or None,
        simulated=entry.simulated,
    )
