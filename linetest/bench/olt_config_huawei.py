r"""The commands with which a simulated Huawei OLT is configured, GPON and EPON.

Sources: public guides of the MA5608T and MA5800, a public guide of the EA5800 for what a deletion prints, and the
words that public programs look for in the answers. What it knows, beside what `olt_shell_huawei` shows:

- ``port P ont-auto-find enable|disable``
- ``ont add P [O] AUTH omci|oam ont-lineprofile-id|name L ont-srvprofile-id|name S [desc D]``
- ``ont confirm P [ontid O] AUTH omci|oam ...``, for an ONT of the list of those found only
- ``ont port native-vlan P O eth E vlan V``, ``ont delete P O``
- ``ont-lineprofile epon profile-id N``, ``llid dba-profile-id D``, ``ont-srvprofile epon profile-id N``,
  ``ont-port pots adaptive eth adaptive``, ``port vlan eth E V``, ``commit``
- ``service-port [I] vlan V gpon|epon F/S/P ont O [gemport G] multi-service user-vlan U [rx-cttr T tx-cttr T]``
- ``undo service-port I``, ``undo service-port port F/S/P ont O`` (asks), ``save``

AUTH is ``sn-auth SN``, ``mac-auth xxxx-xxxx-xxxx``, ``loid-auth LOID [checkcode-auth CODE] always-on|once-on`` or
``password-auth PASSWORD always-on|once-on [no-aging|aging-time N]``. No source shows the form of LOID with EPON; it is
taken as with GPON. Made up are the words for a full port, for an ONT that was not found, for a GEM port or traffic
table that is missing, for a board of another type, and the question before all service ports of an ONT go.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from linetest.bench.olt_config import (
    BoundOnu,
    Configuration,
    Fact,
    Identity,
    IdentityKind,
    Profile,
    Refused,
    Service,
    add_profile,
    add_service,
    bind,
    find_onu,
    find_profile,
    free_index,
    free_number,
    remove_services,
    set_onu,
    set_port,
    unbind,
    vlan_number,
)
from linetest.bench.olt_mac import colons
from linetest.bench.olt_shell import OltShell, changing, does_nothing, enters, rules

WORDS: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.BUSY: "  Failure: System is busy, please retry after a while",
        Fact.BAD_VALUE: "  % Parameter error, the error locates at '^'",
        Fact.NO_PORT: "  Failure: The port does not exist",
        Fact.NUMBER_TAKEN: "  Failure: The ONT ID has already existed",
        Fact.BOUND_ELSEWHERE: "  Failure: {kind} already exists",
        Fact.PORT_FULL: "  Failure: The number of ONTs on the port has reached the upper limit",
        Fact.NOT_WAITING: "  Failure: The automatically found ONT does not exist",
        Fact.NO_ONU: "  Failure: The ONT does not exist",
        Fact.HAS_SERVICES: "  Failure: This configured object has some service virtual ports",
        Fact.NO_PROFILE: "  Failure: The {kind} does not exist",
        Fact.NO_VLAN: "  Failure: The VLAN does not exist",
        Fact.NO_CHANNEL: "  Failure: The GEM port does not exist",
        Fact.INDEX_TAKEN: "  Failure: Service virtual port has existed already",
        Fact.SAME_SERVICE: (
            "  Failure: Service virtual port has existed already\n  Conflicted service virtual port index: {index}"
        ),
        Fact.NO_SERVICE: "  Failure: The service virtual port does not exist",
    }
)
_FORMS: Mapping[IdentityKind, re.Pattern[str]] = MappingProxyType(
    {
        "sn": re.compile("[0-9A-F]{16}|[A-Z]{4}-?[0-9A-F]{8}", re.IGNORECASE),
        "mac": re.compile("[0-9A-F]{4}(?:-[0-9A-F]{4}){2}", re.IGNORECASE),
        "loid": re.compile(r"[!-~]{1,24}"),  # HUAWEI-XPON-MIB: OCTET STRING (0..24)
        "password": re.compile(r"[!-~]{1,20}"),
    }
)
_KINDS: Mapping[str, IdentityKind] = MappingProxyType(
    {"sn-auth": "sn", "mac-auth": "mac", "loid-auth": "loid", "password-auth": "password"}
)
_TECHNOLOGY_OF = {"omci": "gpon", "oam": "epon"}
_PROFILE_KINDS = {
    "line": "ont-lineprofile",
    "service": "ont-srvprofile",
    "traffic": "traffic table",
    "dba": "DBA profile",
}


def add_ont(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Bind an ONT; the OLT chooses the number when none is named."""
    port = _need_port(shell, f"{shell.port}/{match['port']}")
    if _TECHNOLOGY_OF[match["management"].lower()] != shell.olt.technology:
        raise Refused(Fact.BAD_VALUE)
    identity = _identity(match)
    if match["verb"] == "confirm" and not any(
        identity.value in (one.serial, one.mac, one.loid, one.password) for one in shell.plant.waiting
    ):
        raise Refused(Fact.NOT_WAITING)
    chosen: list[int] = []

    def change(configuration: Configuration) -> Configuration:
        number = free_number(configuration) if match["onu"] is None else int(match["onu"])
        chosen.append(number)
        settings = {
            "line profile": _profile(configuration, "line", match["line"], match["line_by"]),
            "service profile": _profile(configuration, "service", match["service"], match["service_by"]),
            "description": (match["description"] or "ONT_NO_DESCRIPTION").strip('"'),
            "mode": match["mode"] or "",
        }
        onu = BoundOnu(number=number, identity=identity, check_code=match["code"], settings=settings)
        return bind(configuration, onu)

    shell.change(change)
    return ["  Number of ONTs that can be added: 1, success: 1", f"  PortID :{port}, ONTID :{chosen[0]}"]


def delete_ont(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Unbind an ONT that carries no service."""
    _need_port(shell, f"{shell.port}/{match['port']}")
    shell.change(lambda configuration: unbind(configuration, int(match["onu"]), takes_services=False))
    return ["  Number of ONTs that can be deleted: 1, success: 1"]


def set_native_vlan(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Set what an Ethernet port of an ONT puts untagged frames into."""
    _need_port(shell, f"{shell.port}/{match['port']}")
    native = {f"native-vlan eth {match['eth']}": str(vlan_number(match["vlan"]))}
    shell.change(lambda configuration: set_onu(configuration, int(match["onu"]), native))
    return []


def set_autofind(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Let ONTs that are not bound be found, or not."""
    _need_port(shell, f"{shell.port}/{match['port']}")
    shell.change(lambda configuration: set_port(configuration, "autofind", match["state"].lower()))
    return []


def add_service_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Add a service port; the OLT chooses the index when none is named."""
    _need_port(shell, match["port"])
    if match["technology"].lower() != shell.olt.technology:
        raise Refused(Fact.NO_PORT)

    def change(configuration: Configuration) -> Configuration:
        onu = find_onu(configuration, int(match["onu"]))
        line = configuration.profiles["line"][onu.settings["line profile"]]
        gem_port = int(match["gem"] or 0)
        if gem_port not in (line.gem_ports or (0,)):
            raise Refused(Fact.NO_CHANNEL if gem_port else Fact.BAD_VALUE)
        rates = [_profile(configuration, "traffic", rate, "id") for rate in (match["rx"], match["tx"]) if rate]
        service = Service(
            index=free_index(configuration) if match["index"] is None else int(match["index"]),
            onu=onu.number,
            vlan=vlan_number(match["vlan"]),
            user_vlan=match["user"].lower(),
            channel=gem_port,
            rate="/".join(rates),
        )
        return add_service(configuration, service, counted_per_onu=False)

    shell.change(change)
    return []


def remove_service_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Remove the service port of an index."""
    shell.change(lambda configuration: remove_services(configuration, lambda one: one.index == int(match["index"])))
    return []


def remove_service_ports(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Remove all service ports of an ONT after a question."""
    _need_port(shell, match["port"])
    number = int(match["onu"])
    find_onu(shell.olt.running, number)
    if shell.ask("  Are you sure to release service virtual port(s)? (y/n)[n]:").strip().lower() != "y":
        return []
    before = shell.change(lambda configuration: remove_services(configuration, lambda one: one.onu == number))
    count = sum(one.onu == number for one in before.services)
    return [
        f"  The number of total service virtual port which need be deleted: {count}",
        f"  The number of total service virtual port which have been deleted: {count}",
    ]


def save(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Save what is running."""
    shell.olt.save()
    return [
        "",
        "  It will take several minutes to save configuration file, please wait...",
        "",
        "  Configuration file had been saved successfully",
        "  Note: The configuration file will take effect after being activated",
    ]


def commit(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Make the open profile one of the OLT's."""
    kind = "line" if shell.mode == "l" else "service"
    name = f"{kind}-profile_{shell.port}"
    shell.change(lambda configuration: add_profile(configuration, kind, shell.port, Profile(name)))
    return []


def use_dba_profile(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Name the DBA profile of the open line profile; it must be there."""
    _profile(shell.olt.running, "dba", match["dba"], "id")
    return []


def use_port_vlan(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Name the VLAN of an Ethernet port in the open service profile."""
    vlan_number(match["vlan"])
    return []


def _need_port(shell: OltShell, port: str) -> str:
    """Return the number of the port, which must be the OLT's."""
    if port != shell.plant.place:
        raise Refused(Fact.NO_PORT)
    return port.rpartition("/")[2]


def _profile(configuration: Configuration, kind: str, wanted: str, by: str) -> str:
    try:
        return find_profile(configuration, kind, wanted.strip('"'), by=by.lower())
    except Refused as refused:
        raise Refused(refused.fact, kind=_PROFILE_KINDS[kind]) from refused


def _identity(match: re.Match[str]) -> Identity:
    kind = _KINDS[match["auth"].lower()]
    value = match["identity"].strip('"')
    is_moded = match["mode"] is not None
    if not _FORMS[kind].fullmatch(value) or is_moded is not (kind in ("loid", "password")):
        raise Refused(Fact.BAD_VALUE)
    if kind == "mac":
        value = colons(value)
    if kind == "sn":
        value = value.upper().replace("-", "")
        value = bytes.fromhex(value[:8]).decode("latin-1") + value[8:] if len(value) == 16 else value
    return Identity(kind, value)


_PLACE = r"(?P<port>\d+/\d+/\d+)"
_AUTH = (
    r'(?P<auth>sn-auth|mac-auth|loid-auth|password-auth) (?P<identity>"[^"]*"|\S+)(?: checkcode-auth (?P<code>\S+))?'
    r"(?: (?P<mode>always-on|once-on))?(?: (?:no-aging|aging-time \d+))?"
)
_PROFILES = (
    r'(?P<management>omci|oam) ont-lineprofile-(?P<line_by>id|name) (?P<line>"[^"]*"|\S+)'
    r' ont-srvprofile-(?P<service_by>id|name) (?P<service>"[^"]*"|\S+)(?: desc (?P<description>"[^"]*"|\S+))?'
)
MODES = rules(
    ("c", r"ont-lineprofile epon profile-id (?P<port>\d+)", enters("l")),
    ("c", r"ont-srvprofile epon profile-id (?P<port>\d+)", enters("s")),
)
"""The commands that open a profile."""
CHANGES = changing(
    ("p", rf"ont (?P<verb>add) (?P<port>\d+)(?: (?P<onu>\d+))? {_AUTH} {_PROFILES}", add_ont),
    ("p", rf"ont (?P<verb>confirm) (?P<port>\d+)(?: ontid (?P<onu>\d+))? {_AUTH} {_PROFILES}", add_ont),
    ("p", r"ont delete (?P<port>\d+) (?P<onu>\d+)", delete_ont),
    ("p", r"ont port native-vlan (?P<port>\d+) (?P<onu>\d+) eth (?P<eth>\d) vlan (?P<vlan>\d+)", set_native_vlan),
    ("p", r"port (?P<port>\d+) ont-auto-find (?P<state>enable|disable)", set_autofind),
    ("l", r"llid dba-profile-id (?P<dba>\d+)", use_dba_profile),
    ("s", "ont-port pots adaptive eth adaptive", does_nothing),
    ("s", r"port vlan eth \d+ (?P<vlan>\d+)", use_port_vlan),
    ("ls", "commit", commit),
    (
        "c",
        rf"service-port(?: (?P<index>\d+))? vlan (?P<vlan>\d+) (?P<technology>gpon|epon) {_PLACE} ont (?P<onu>\d+)"
        r"(?: gemport (?P<gem>\d+))? multi-service user-vlan (?P<user>\d+|untagged)"
        r"(?: rx-cttr (?P<rx>\d+) tx-cttr (?P<tx>\d+))?",
        add_service_port,
    ),
    ("c", r"undo service-port (?P<index>\d+)", remove_service_port),
    ("c", rf"undo service-port port {_PLACE} ont (?P<onu>\d+)", remove_service_ports),
    ("ec", "save", save),
)
"""The commands that change or save the configuration."""
