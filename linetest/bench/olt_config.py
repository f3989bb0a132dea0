"""The configuration of a simulated OLT as a pure state: what is bound on its port, what it carries, what there is.

A change is a function from one configuration to the next. What an OLT does not allow is `Refused` with a fact; each
maker has its own words for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from linetest.bench.olt_plant import PlantOnu

IdentityKind = Literal["sn", "mac", "loid", "password"]
Counted = Literal["by-olt", "by-onu", "not"]
"""How service ports get their index; ``not`` for a maker that has none."""
_HIGHEST_VLAN = 4094


class Fact(StrEnum):
    """Why an OLT does not carry a command out."""

    BUSY = "busy"
    BAD_VALUE = "bad-value"
    NO_PORT = "no-port"
    NUMBER_TAKEN = "number-taken"
    BOUND_ELSEWHERE = "bound-elsewhere"
    """The identity belongs to another ONU of the OLT; the refusal names its kind."""
    PORT_FULL = "port-full"
    NOT_WAITING = "not-waiting"
    NO_ONU = "no-onu"
    HAS_SERVICES = "has-services"
    NO_PROFILE = "no-profile"
    """The refusal names which kind of profile."""
    NO_VLAN = "no-vlan"
    NO_CHANNEL = "no-channel"
    """There is no such T-CONT, GEM port or logical port on the ONU."""
    INDEX_TAKEN = "index-taken"
    SAME_SERVICE = "same-service"
    NO_SERVICE = "no-service"
    TOO_EARLY = "too-early"
    """The ONU is still taking its configuration."""


class Refused(Exception):
    """The OLT does not carry a command out."""

    def __init__(self, fact: Fact, **names: str) -> None:
        super().__init__(fact)
        self.fact = fact
        self.names = names


class Identity(NamedTuple):
    """What an ONU is let in by."""

    kind: IdentityKind
    value: str


class Profile(NamedTuple):
    """A profile of the OLT: its name and, for a line profile, the GEM ports it gives to an ONU."""

    name: str
    gem_ports: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BoundOnu:
    """An ONU that the OLT knows."""

    number: int
    identity: Identity = field(repr=False)
    """Its value may be a password."""
    check_code: str | None = field(default=None, repr=False)
    """What must come with a LOID."""
    password: str | None = field(default=None, repr=False)
    """What must come with a serial."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """All else, such as ``{"line profile": "10", "native-vlan eth 1": "35"}``."""


@dataclass(frozen=True, kw_only=True, order=True)
class Service:
    """A service port: what carries a customer's VLAN through the OLT."""

    index: int
    """Counted over the whole OLT or for each ONU, as the maker does."""
    onu: int
    vlan: int
    user_vlan: str
    """A number, or the maker's word such as ``untagged``."""
    channel: int = 0
    """The GEM port or logical port; 0 for none."""
    rate: str = ""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """All that a reboot can lose."""

    onus: Mapping[int, BoundOnu] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    profiles: Mapping[str, Mapping[str, Profile]] = field(default_factory=dict)
    """By kind and id."""
    vlans: frozenset[int] = frozenset()
    uplink_vlans: frozenset[int] = frozenset()
    """Those that leave the OLT."""
    port: Mapping[str, str] = field(default_factory=dict)
    """The settings of the PON port itself."""
    first_onu: int = 1
    last_onu: int = 128


Change = Callable[[Configuration], Configuration]


def snapshot(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration as plain data that can be compared; secrets are in it."""
    plain = asdict(replace(configuration, vlans=frozenset(), uplink_vlans=frozenset()))
    return plain | {"vlans": sorted(configuration.vlans), "uplink_vlans": sorted(configuration.uplink_vlans)}


def free_number(configuration: Configuration) -> int:
    """Return the number that the OLT gives to the next ONU."""
    for number in range(configuration.first_onu, configuration.last_onu + 1):
        if number not in configuration.onus:
            return number
    raise Refused(Fact.PORT_FULL)


def bind(configuration: Configuration, onu: BoundOnu) -> Configuration:
    """Add an ONU whose number and identity are free."""
    if not configuration.first_onu <= onu.number <= configuration.last_onu:
        raise Refused(Fact.BAD_VALUE)
    if onu.number in configuration.onus:
        raise Refused(Fact.NUMBER_TAKEN)
    if any(other.identity == onu.identity for other in configuration.onus.values()):
        raise Refused(Fact.BOUND_ELSEWHERE, kind=onu.identity.kind.upper())
    return replace(configuration, onus={**configuration.onus, onu.number: onu})


def unbind(configuration: Configuration, number: int, *, takes_services: bool) -> Configuration:
    """Remove an ONU; its services go with it or are in the way, as the maker does."""
    find_onu(configuration, number)
    kept = tuple(service for service in configuration.services if service.onu != number)
    if len(kept) < len(configuration.services) and not takes_services:
        raise Refused(Fact.HAS_SERVICES)
    onus = {other: onu for other, onu in configuration.onus.items() if other != number}
    return replace(configuration, onus=onus, services=kept)


def find_onu(configuration: Configuration, number: int) -> BoundOnu:
    """Return the ONU of that number."""
    if number not in configuration.onus:
        raise Refused(Fact.NO_ONU)
    return configuration.onus[number]


def set_onu(configuration: Configuration, number: int, settings: Mapping[str, str | None]) -> Configuration:
    """Set settings of an ONU; None removes one."""
    onu = find_onu(configuration, number)
    merged = {name: value for name, value in {**onu.settings, **settings}.items() if value is not None}
    return replace(configuration, onus={**configuration.onus, number: replace(onu, settings=merged)})


def set_port(configuration: Configuration, name: str, value: str) -> Configuration:
    """Set a setting of the PON port."""
    return replace(configuration, port={**configuration.port, name: value})


def find_profile(configuration: Configuration, kind: str, wanted: str, *, by: str = "id") -> str:
    """Return the id of a profile that is named by id or by name."""
    profiles = configuration.profiles.get(kind, {})
    found = [one for one, profile in profiles.items() if wanted == (one if by == "id" else profile.name)]
    if not found:
        raise Refused(Fact.NO_PROFILE, kind=kind)
    return found[0]


def add_profile(configuration: Configuration, kind: str, number: str, profile: Profile) -> Configuration:
    """Add a profile or replace the one with its number."""
    profiles = {**configuration.profiles.get(kind, {}), number: profile}
    return replace(configuration, profiles={**configuration.profiles, kind: profiles})


def vlan_number(text: str) -> int:
    """Return the number of a VLAN (IEEE 802.1Q: 1 to 4094)."""
    if not 1 <= int(text) <= _HIGHEST_VLAN:
        raise Refused(Fact.BAD_VALUE)
    return int(text)


def need_vlan(configuration: Configuration, vlan: int) -> None:
    """Refuse a VLAN that the OLT does not have."""
    if vlan not in configuration.vlans:
        raise Refused(Fact.NO_VLAN)


def free_index(configuration: Configuration) -> int:
    """Return the lowest index that no service of the OLT has."""
    taken = {service.index for service in configuration.services}
    return next(index for index in range(len(taken) + 1) if index not in taken)


def add_service(configuration: Configuration, service: Service, *, counted_per_onu: bool) -> Configuration:
    """Add a service port to an ONU that is there, with an index that is free."""
    find_onu(configuration, service.onu)
    need_vlan(configuration, service.vlan)
    for other in configuration.services:
        is_near = other.onu == service.onu
        if other.index == service.index and (is_near or not counted_per_onu):
            raise Refused(Fact.INDEX_TAKEN)
        if is_near and (other.user_vlan, other.channel) == (service.user_vlan, service.channel):
            raise Refused(Fact.SAME_SERVICE, index=str(other.index))
    return replace(configuration, services=tuple(sorted((*configuration.services, service))))


def remove_services(configuration: Configuration, is_meant: Callable[[Service], bool]) -> Configuration:
    """Remove the services that are meant; there must be at least one."""
    kept = tuple(service for service in configuration.services if not is_meant(service))
    if len(kept) == len(configuration.services):
        raise Refused(Fact.NO_SERVICE)
    return replace(configuration, services=kept)


_UPLINK_VLANS = frozenset({100, 500, 1064, 2000, 2064})
_PROFILES: Mapping[str, Mapping[str, Profile]] = {
    "line": {
        "10": Profile("line-home", (1, 10)),
        "11": Profile("line-business", (1, 10, 11)),
        "500": Profile("line-epon"),
    },
    "service": {"10": Profile("srv-home"), "11": Profile("srv-business"), "500": Profile("srv-epon")},
    "traffic": {"10": Profile("home-100m"), "P": Profile("P")},
    "dba": {"10": Profile("dba-home"), "50": Profile("dba-50"), "P": Profile("P"), "D": Profile("D")},
    "onu": {"default": Profile("default")},
    "type": {name: Profile(name) for name in ("ZTE-F609", "ZTE-F660", "ZTE-F400", "F660")},
}
NOT_ON_UPLINK = 999
"""A VLAN that the OLT has and no uplink carries."""


def made_configuration(
    onus: tuple[PlantOnu, ...],
    *,
    kind: Literal["sn", "mac"],
    settings: Mapping[str, str],
    counted: Counted,
    numbers: range,
) -> Configuration:
    """Return the configuration of an OLT on which those ONUs are bound.

    Args:
        onus: the rows of the port.
        kind: what they are let in by.
        settings: what each of them has beside its description.
        counted: how the maker counts service ports; each ONU has one in VLAN 100, unless there is no such thing.
        numbers: which the ONUs of a port can have.
    """
    bound = {
        onu.number: BoundOnu(
            number=onu.number,
            identity=Identity(kind, onu.serial if kind == "sn" else onu.mac),
            settings={"description": onu.name, **settings},
        )
        for onu in onus
    }
    services = () if counted == "not" else tuple(_first_service(number, counted) for number in sorted(bound))
    return Configuration(
        onus=bound,
        services=services,
        profiles=_PROFILES,
        vlans=_UPLINK_VLANS | {NOT_ON_UPLINK},
        uplink_vlans=_UPLINK_VLANS,
        port={"autofind": "enable"},
        first_onu=numbers[0],
        last_onu=max([numbers[-1], *bound]),
    )


def _first_service(onu: int, counted: Counted) -> Service:
    return Service(index=1 if counted == "by-onu" else onu, onu=onu, vlan=100, user_vlan="100", channel=1)
