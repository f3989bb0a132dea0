"""Where a device's command line is, and who logs in there."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from linetest.errors import UsageError
from linetest.secrets import Secret
from linetest.transports.address import BENCH
from linetest.words.text import _

_THIS_COMPUTER = ("127.0.0.1", "::1", "localhost")
_PORTS: dict[str, int] = {"ssh": 22, "telnet": 23}


class ShellTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A device's command line and who logs in."""

    host: str
    port: int
    kind: Literal["ssh", "telnet"]
    user: str = ""
    password: Secret | None = None
    enable: Secret | None = None
    """What ``enable`` asks for; the password when absent."""
    simulated: bool = False
    """A device of the bench on this computer; its host key is new each time, and taken as it is."""

    @property
    def place(self) -> str:
        """The address for a sentence."""
        return f"{self.kind}://{self.host}:{self.port}"


def shell_at(address: str, secrets: Mapping[str, Secret]) -> ShellTarget:
    """Return the target of a station file's ``shell`` address, ``ssh://USER@HOST:PORT`` or ``telnet://...``.

    ``bench:`` before it says that the device is simulated, which only this computer's own can be. The secrets are
    ``password`` and ``enable``. Raises `UsageError`.
    """
    try:
        parts = urlsplit(address.removeprefix(BENCH))
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in _PORTS or parts.password is not None or parts.path.strip("/"):
        raise UsageError(
            _("{address!r} is not an address of a command line").format(address=address.rpartition("@")[2]),
            _("write ssh://USER@HOST or telnet://USER@HOST; the password is named under secrets"),
        )
    if address.startswith(BENCH) and host not in _THIS_COMPUTER:
        raise UsageError(
            _("{host} is not on this computer, so it is no device of the bench").format(host=host),
            _("leave out bench: before the address"),
        )
    return ShellTarget(
        simulated=address.startswith(BENCH),
        host=host,
        port=port or _PORTS[parts.scheme],
        kind="ssh" if parts.scheme == "ssh" else "telnet",
        user=parts.username or "",
        password=secrets.get("password"),
        enable=secrets.get("enable"),
    )
