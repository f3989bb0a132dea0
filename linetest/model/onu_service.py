"""``[line.service]`` of an order: the ONU that is to be bound on the OLT, and the services that it is to have."""

from typing import Any

import msgspec

from linetest.model.onu_fields import SECRET_FIELDS, check_field
from linetest.words.text import _

_IDENTITIES = ("serial", "mac", "loid")
_MOST = 16  # Ethernet ports of an ONU, and services of one customer


class EthernetPort(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``[[line.service.ethernet]]``: an Ethernet port of the ONU and the VLAN of what comes in there without a tag."""

    port: int
    vlan: int

    def __post_init__(self) -> None:
        """Refuse what may not stand in a command."""
        _check(self, {"port": "eth", "vlan": "eth_vlan"})


class ServicePort(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``[[line.service.port]]``: one service, from the ONU to a VLAN of the OLT."""

    vlan: int
    """At the uplink; with `inner_vlan` the outer tag of QinQ."""
    user_vlan: int | None = None
    """At the ONU's side."""
    inner_vlan: int | None = None
    """The customer's tag that stays inside of the other."""
    gem_port: int | None = None
    number: int | None = None
    """The service port's number on the OLT; the next free one when absent."""
    rate_up: str | None = None
    """The OLT's name or number of the traffic profile towards the network."""
    rate_down: str | None = None
    """The same towards the customer."""

    def __post_init__(self) -> None:
        """Refuse what may not stand in a command."""
        _check(self, {"number": "service_port"})


class OnuService(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``[line.service]``: exactly one of `serial`, `mac` and `loid` says which ONU it is."""

    serial: str | None = None
    mac: str | None = None
    loid: str | None = None
    checkcode: str | None = None
    """Where the check code of the LOID lies, as in ``file:~/cc-1001``; never the code itself."""
    password: str | None = None
    """Where the password that the ONU has to say lies; never the password itself."""
    onu_type: str | None = None
    """The ONU's type as the OLT calls it, where its command wants one."""
    line_profile: str | None = None
    service_profile: str | None = None
    description: str | None = None
    uplink: str | None = None
    """The OLT's uplink, such as ``0/8/0``: its VLANs have to hold those of the ports; not checked when absent."""
    ethernet: list[EthernetPort] = []
    port: list[ServicePort] = []

    def __post_init__(self) -> None:
        """Refuse an ONU without a name or with two, the same thing twice, and what may not stand in a command."""
        if sum(getattr(self, name) is not None for name in _IDENTITIES) != 1:
            raise ValueError(_("service: exactly one of serial, mac and loid says which ONU it is"))
        if self.checkcode is not None and self.loid is None:
            raise ValueError(_("service: a checkcode belongs to a loid"))
        if len(self.ethernet) > _MOST or len(self.port) > _MOST:
            raise ValueError(_("service: at most {count} ports of a kind").format(count=_MOST))
        ethernet = [one.port for one in self.ethernet]
        numbers = [one.number for one in self.port if one.number is not None]
        flows = [(one.vlan, one.user_vlan, one.inner_vlan, one.gem_port) for one in self.port]
        if any(len(set(some)) != len(some) for some in (ethernet, numbers, flows)):
            raise ValueError(_("service: the same port stands there twice"))
        _check(self, {})

    @property
    def identity(self) -> tuple[str, str]:
        """Return which field says who the ONU is, and its value."""
        return next((name, str(getattr(self, name))) for name in _IDENTITIES if getattr(self, name) is not None)


def _check(struct: msgspec.Struct, names: dict[str, str]) -> None:
    """Hold every field that has a value against its list; of a secret only the source is here, and it is not one."""
    values: dict[str, Any] = {name: getattr(struct, name) for name in struct.__struct_fields__}
    for name, value in values.items():
        if value is not None and not isinstance(value, list) and name not in SECRET_FIELDS:
            check_field(names.get(name, name), value)
