"""The commands with which a simulated ZTE OLT is configured, GPON and EPON.

Sources: public guides and programs for the C300 and C320; the words of a refusal are theirs where they show them, and
the numbers 405xx, but for 40529, are made up. What it knows, beside what `olt_shell_zte` shows:

- in ``interface gpon-olt_R/S/P``: ``onu N type T sn SN [pw P]``, ``no onu N``; with EPON ``onu N type T mac M [ip-cfg
  static]``
- in ``interface gpon-onu_R/S/P:N``: ``name``, ``description``, ``sn-bind enable sn``, ``tcont I profile P``,
  ``gemport G tcont I``, ``gemport G traffic-limit downstream P``, ``service-port I vport V user-vlan U vlan W``,
  ``no service-port I``
- in ``interface epon-onu_R/S/P:N``: ``admin enable``, ``ems-autocfg-request disable``, ``encrypt direction downstream
  enable vport V``, ``switchport mode hybrid vport V``, ``switchport vlan W tag vport V``, ``service-port I vport V
  user-vlan U to U svlan W``, ``no service-port I``
- in ``pon-onu-mng ...``: ``service I gemport G vlan W``, ``vlan port eth_0/E mode tag vlan W [priority P]``,
  ``auto-config`` with EPON, ``no service I``, ``no vlan port eth_0/E``
- ``write``

No source shows its syntax for LOID: there is none.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from linetest.bench.olt_config import (
    BoundOnu,
    Configuration,
    Fact,
    Identity,
    Refused,
    Service,
    add_service,
    bind,
    find_onu,
    find_profile,
    remove_services,
    set_onu,
    unbind,
    vlan_number,
)
from linetest.bench.olt_config_settings import need, number_of, sets, unsets
from linetest.bench.olt_mac import colons
from linetest.bench.olt_shell import OltShell, changing, enters, rules

_INVALID = "%Error 20202: Invalid input detected at '^' marker.Invalid parameter"
WORDS: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.BUSY: "%Code 40501: The system is busy.",
        Fact.BAD_VALUE: _INVALID,
        Fact.NO_PORT: _INVALID,
        Fact.NUMBER_TAKEN: "%Code 40502: The ONU already exists.",
        Fact.BOUND_ELSEWHERE: "%Code 40503: The {kind} is already in use.",
        Fact.PORT_FULL: "%Code 40504: No more ONU can be added.",
        Fact.NO_ONU: "%Code 40505: The ONU does not exist.",
        Fact.NO_PROFILE: "%Code 40506: The {kind} profile does not exist.",
        Fact.NO_VLAN: "%Code 40507: The VLAN does not exist.",
        Fact.NO_CHANNEL: "%Code 40508: The entry that is referred to does not exist.",
        Fact.INDEX_TAKEN: "%Code 40509: The entry already exists.",
        Fact.SAME_SERVICE: "%Code 40509: The entry already exists.",
        Fact.NO_SERVICE: "%Code 40529: No related information",
        Fact.TOO_EARLY: "%Code 40796: This operation is forbidden, because down config is in process!",
    }
)
_DONE = [".[Successful]"]


def open_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Go into the context of the PON port."""
    if (match["technology"].lower(), match["port"]) != (shell.olt.technology, shell.plant.place):
        return [_INVALID]
    return enters("p")(shell, match)


def open_onu(mode: str) -> Callable[[OltShell, re.Match[str]], list[str]]:
    """Return the action that goes into a context of an ONU, which must be there."""

    def enter(shell: OltShell, match: re.Match[str]) -> list[str]:
        place, _colon, number = match["port"].partition(":")
        if (match["technology"].lower(), place) != (shell.olt.technology, shell.plant.place):
            return [_INVALID]
        if int(number) not in shell.olt.running.onus:
            return [WORDS[Fact.NO_ONU]]
        return enters(mode)(shell, match)

    return enter


def add_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Bind an ONU of a type that the OLT knows."""
    names = match.groupdict()
    if (names.get("sn") is not None) is not (shell.olt.technology == "gpon"):
        raise Refused(Fact.BAD_VALUE)
    if names.get("sn") is not None:
        identity = Identity("sn", match["sn"].upper())
    else:
        identity = Identity("mac", colons(match["mac"]))

    def change(configuration: Configuration) -> Configuration:
        settings = {"type": find_profile(configuration, "type", match["type"])}
        onu = BoundOnu(number=int(match["onu"]), identity=identity, password=names.get("pw"), settings=settings)
        return bind(configuration, onu)

    shell.change(change)
    return _DONE


def remove_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Unbind an ONU; its interface and services go with it."""
    shell.change(lambda configuration: unbind(configuration, int(match["onu"]), takes_services=True))
    return _DONE


def add_service_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Add a service port to the open ONU; with GPON its logical port is the GEM port of that number."""

    def change(configuration: Configuration) -> Configuration:
        onu = find_onu(configuration, number_of(shell, match))
        if shell.olt.technology == "gpon":
            need(configuration, onu, "gemport", match["vport"])
        service = Service(
            index=int(match["index"]),
            onu=onu.number,
            vlan=vlan_number(match["vlan"]),
            user_vlan=str(vlan_number(match["user"])),
            channel=int(match["vport"]),
        )
        return add_service(configuration, service, counted_per_onu=True)

    shell.change(change)
    return []


def remove_service_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Remove the service port of that index from the open ONU."""
    meant = (number_of(shell, match), int(match["index"]))
    shell.change(lambda configuration: remove_services(configuration, lambda one: (one.onu, one.index) == meant))
    return []


def configure_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Send the open ONU what it is configured with; it must be up."""
    if not shell.olt.is_up(number_of(shell, match)):
        raise Refused(Fact.TOO_EARLY)
    shell.change(lambda configuration: set_onu(configuration, number_of(shell, match), {"mng auto-config": ""}))
    return []


def write(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Save what is running."""
    shell.olt.save()
    return ["Building configuration...", "..[OK]"]


_WORD = r'"[^"]*"|\S+'
_ONU = r"(?P<technology>gpon|epon)-onu_(?P<port>\d+/\d+/\d+:\d+)"
MODES = rules(
    ("c", r"interface (?P<technology>gpon|epon)-olt_(?P<port>\d+/\d+/\d+)", open_port),
    ("c", f"interface {_ONU}", open_onu("o")),
    ("c", f"pon-onu-mng {_ONU}", open_onu("m")),
)
"""The commands that open a context."""
CHANGES = changing(
    ("p", r"onu (?P<onu>\d+) type (?P<type>\S+) sn (?P<sn>[A-Z]{4}[0-9A-F]{8})(?: pw (?P<pw>\S+))?", add_onu),
    (
        "p",
        r"onu (?P<onu>\d+) type (?P<type>\S+) mac (?P<mac>[0-9A-F]{4}(?:\.[0-9A-F]{4}){2})(?: ip-cfg static)?",
        add_onu,
    ),
    ("p", r"no onu (?P<onu>\d+)", remove_onu),
    ("o", f"name (?P<value>{_WORD})", sets("name")),
    ("o", f"description (?P<value>{_WORD})", sets("description")),
    ("o", "sn-bind enable sn", sets("sn-bind", "enable sn")),
    ("o", r"tcont (?P<tcont>\d+) profile (?P<profile>\S+)", sets("tcont {tcont}", "profile {profile}", profile="dba")),
    ("o", r"gemport (?P<gem>\d+) tcont (?P<tcont>\d+)", sets("gemport {gem}", "tcont {tcont}", tcont="tcont")),
    (
        "o",
        r"gemport (?P<gem>\d+) traffic-limit downstream (?P<profile>\S+)",
        sets("gemport {gem} traffic-limit", "downstream {profile}", gem="gemport", profile="traffic"),
    ),
    (
        "o",
        r"service-port (?P<index>\d+) vport (?P<vport>\d+) user-vlan (?P<user>\d+)"
        r"(?: to (?P=user) s| )vlan (?P<vlan>\d+)",
        add_service_port,
    ),
    ("o", r"no service-port (?P<index>\d+)", remove_service_port),
    ("o", "admin enable", sets("admin", "enable")),
    ("o", "ems-autocfg-request disable", sets("ems-autocfg-request", "disable")),
    (
        "o",
        r"encrypt direction downstream enable vport (?P<vport>\d+)",
        sets("encrypt direction vport {vport}", "downstream enable"),
    ),
    ("o", r"switchport mode hybrid vport (?P<vport>\d+)", sets("switchport mode vport {vport}", "hybrid")),
    (
        "o",
        r"switchport vlan (?P<vlan>\d+) tag vport (?P<vport>\d+)",
        sets("switchport vlan {vlan} vport {vport}", "tag", vlan="vlan", vport="switchport mode vport"),
    ),
    (
        "m",
        r"service (?P<index>\d+) gemport (?P<gem>\d+) vlan (?P<vlan>\d+)",
        sets("mng service {index}", "gemport {gem} vlan {vlan}", gem="gemport", vlan="vlan"),
    ),
    (
        "m",
        r"vlan port eth_0/(?P<eth>\d+) mode tag vlan (?P<vlan>\d+)(?: priority [0-7])?",
        sets("mng vlan port eth_0/{eth}", "mode tag vlan {vlan}", vlan="vlan"),
    ),
    ("m", "auto-config", configure_onu),
    ("m", r"no service (?P<index>\d+)", unsets("mng service {index}")),
    ("m", r"no vlan port eth_0/(?P<eth>\d+)", unsets("mng vlan port eth_0/{eth}")),
    ("e", "write", write),
)
"""The commands that change or save the configuration."""
