"""An SNMP agent and how it is spoken to: from the address and the secrets of a station file.

Protocol: RFC 3414 (users and keys of version 3), RFC 3826 (AES).
"""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlsplit

import msgspec

from linetest.errors import UsageError, nearest
from linetest.secrets import Secret
from linetest.transports.address import BENCH
from linetest.words.text import _

AuthProtocol = Literal["md5", "sha", "sha224", "sha256", "sha384", "sha512"]
PrivProtocol = Literal["des", "3des", "aes", "aes192", "aes256", "aes192c", "aes256c"]
"""The longer AES keys are made from the password as in draft-blumenthal-aes-usm-04; with ``c`` as Cisco and others do
(draft-reeder-snmpv3-usm-3desede)."""

_PORT = 161


class SnmpTarget(msgspec.Struct, frozen=True, kw_only=True):
    """An SNMP agent and how it is spoken to: ``2c`` needs `community`; ``3`` needs `user` and `auth_key`."""

    host: str
    port: int = _PORT
    version: Literal["2c", "3"] = "2c"
    community: Secret | None = None
    user: str | None = None
    auth_protocol: AuthProtocol = "sha"
    auth_key: Secret | None = None
    priv_protocol: PrivProtocol = "aes"
    priv_key: Secret | None = None
    """None: what is said can be read on the way (authNoPriv)."""
    context: str = ""
    simulated: bool = False
    """An agent of the bench."""

    @property
    def place(self) -> str:
        """The agent's address for a sentence."""
        return f"udp://{self.host}:{self.port}"


def target_at(address: str, secrets: Mapping[str, Secret]) -> SnmpTarget:
    """Return the target of a station file's ``snmp`` address.

    ``udp://HOST:PORT`` takes the secret ``community``. ``udp://USER@HOST:PORT?auth=sha256&priv=aes&context=NAME`` is
    version 3 and takes the secrets ``auth`` and ``priv``; without the secret ``priv`` nothing is encrypted. ``bench:``
    before the address says that the agent is simulated.

    Raises:
        UsageError: The address is not one, or a secret is missing.
    """
    try:
        parts = urlsplit(address.removeprefix(BENCH))
        host, port, options = parts.hostname, parts.port or _PORT, dict(parse_qsl(parts.query, strict_parsing=True))
    except ValueError:
        host, port, options = None, _PORT, {}
    if host is None or parts.scheme != "udp" or parts.password or parts.path.strip("/"):
        raise UsageError(
            _("{address!r} is not an address for SNMP").format(address=address.rpartition("@")[2]),
            _("write udp://HOST:161, or udp://USER@HOST:161?auth=sha256&priv=aes for version 3"),
        )
    simulated = address.startswith(BENCH)
    if parts.username is None:
        community = _wanted(secrets, "community", address)
        return SnmpTarget(host=host, port=port, community=community, simulated=simulated)
    _refuse_unknown(address, "option", options, ("auth", "priv", "context"))
    _refuse_unknown(address, "auth", [options.get("auth", "sha")], get_args(AuthProtocol))
    _refuse_unknown(address, "priv", [options.get("priv", "aes")], get_args(PrivProtocol))
    return SnmpTarget(
        host=host,
        port=port,
        version="3",
        user=parts.username,
        auth_protocol=options.get("auth", "sha"),  # type: ignore[arg-type] # one of them, see above
        auth_key=_wanted(secrets, "auth", address),
        priv_protocol=options.get("priv", "aes"),  # type: ignore[arg-type]
        priv_key=secrets.get("priv"),
        context=options.get("context", ""),
        simulated=simulated,
    )


def _wanted(secrets: Mapping[str, Secret], name: str, address: str) -> Secret:
    if name not in secrets:
        raise lacking(name, address)
    return secrets[name]


def lacking(name: str, address: str) -> UsageError:
    """Return the refusal of a target without what its version needs."""
    return UsageError(
        _("{address}: {name!r} is not given").format(address=address, name=name),
        _('write where it lies into the station file: secrets = {{ {name} = "file:PATH" }}').format(name=name),
    )


def _refuse_unknown(address: str, what: str, found: Iterable[str], known: Iterable[str]) -> None:
    for name in found:
        if name not in known:
            raise UsageError(
                _("{address}: there is no {what} {name!r}").format(address=address, what=what, name=name),
                _("there are: {names}").format(names=nearest(name, list(known))),
            )
