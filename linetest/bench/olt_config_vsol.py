"""The commands with which a simulated V-SOL OLT is configured, EPON and GPON.

Sources: public guides and programs for the V1600D and V1600G; the words of a refusal are made up. What it knows,
beside what `olt_shell_vsol` shows:

- in ``interface epon 0/P``: ``confirm onu mac M onuid N``, ``onu N description D``
- in ``interface gpon 0/P``: ``no onu auto-learn``, ``onu add N profile R sn SN``, ``onu N description D``,
  ``onu N tcont T dba R``, ``onu N gemport G tcont T``, ``onu N service S gemport G vlan V``,
  ``onu N service-port I gemport G uservlan U vlan V``, ``no onu N``
- ``write``
- ``show running-config``; with GPON, in the port, ``show onu info`` and ``show onu state``

No source shows how an EPON ONU is taken out again, nor the syntax for LOID: there is neither.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from linetest.bench.olt_config import (
    BoundOnu,
    Configuration,
    Fact,
    Identity,
    Service,
    add_service,
    bind,
    find_onu,
    find_profile,
    set_port,
    unbind,
    vlan_number,
)
from linetest.bench.olt_config_settings import need, sets
from linetest.bench.olt_shell import OltShell, changing, enters, rules

WORDS: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.BUSY: "% System is busy.",
        Fact.BAD_VALUE: "% Invalid parameter.",
        Fact.NO_PORT: "% Invalid interface.",
        Fact.NUMBER_TAKEN: "% The ONU ID is already in use.",
        Fact.BOUND_ELSEWHERE: "% The {kind} is already in use.",
        Fact.NO_ONU: "% The ONU does not exist.",
        Fact.NO_PROFILE: "% The {kind} profile does not exist.",
        Fact.NO_VLAN: "% The VLAN does not exist.",
        Fact.NO_CHANNEL: "% The tcont or gemport does not exist.",
        Fact.INDEX_TAKEN: "% The service-port already exists.",
        Fact.SAME_SERVICE: "% The service-port already exists.",
    }
)
_PHASES = {"online": "working", "los": "LOS", "dying-gasp": "DyingGasp", "offline": "OffLine"}


def open_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Go into the context of the PON port."""
    technology = match["technology"].lower()
    if (technology, match["port"]) != (shell.olt.technology, f"{shell.plant.slot}/{shell.plant.port}"):
        return [WORDS[Fact.NO_PORT]]
    return enters("p" if technology == "epon" else "g")(shell, match)


def confirm_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Bind an EPON ONU by its MAC."""
    onu = BoundOnu(number=int(match["onu"]), identity=Identity("mac", match["mac"].lower()))
    shell.change(lambda configuration: bind(configuration, onu))
    return []


def add_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Bind a GPON ONU by its serial."""

    def change(configuration: Configuration) -> Configuration:
        settings = {"profile": find_profile(configuration, "onu", match["profile"])}
        onu = BoundOnu(number=int(match["onu"]), identity=Identity("sn", match["sn"].upper()), settings=settings)
        return bind(configuration, onu)

    shell.change(change)
    return []


def remove_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Unbind an ONU with all that it has."""
    shell.change(lambda configuration: unbind(configuration, int(match["onu"]), takes_services=True))
    return []


def stop_learning(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Let in who is bound only."""
    shell.change(lambda configuration: set_port(configuration, "auto-learn", "disable"))
    return []


def add_service_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Add a service port to an ONU with that GEM port."""

    def change(configuration: Configuration) -> Configuration:
        onu = find_onu(configuration, int(match["onu"]))
        need(configuration, onu, "gemport", match["gem"])
        service = Service(
            index=int(match["index"]),
            onu=onu.number,
            vlan=vlan_number(match["vlan"]),
            user_vlan=str(vlan_number(match["user"])),
            channel=int(match["gem"]),
        )
        return add_service(configuration, service, counted_per_onu=True)

    shell.change(change)
    return []


def write(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Save what is running."""
    shell.olt.save()
    return ["Building configuration.....", "Successfully write config file."]


def show_running(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Print the lines that bring about the port, with the WiFi key of every ONU in clear, as the real one does."""
    rows = ["!", f"interface {shell.olt.technology} {shell.plant.slot}/{shell.plant.port}"]
    if shell.olt.running.port.get("auto-learn"):
        rows.append(" no onu auto-learn")
    for number, onu in sorted(shell.olt.running.onus.items()):
        if shell.olt.technology == "epon":
            rows.append(f" confirm onu mac {onu.identity.value} onuid {number}")
        else:
            rows.append(f" onu add {number} profile {onu.settings['profile']} sn {onu.identity.value}")
        rows += [f" onu {number} {name} {value}" for name, value in onu.settings.items() if name != "profile"]
        for one in shell.olt.running.services:
            if one.onu == number:
                vlans = f"uservlan {one.user_vlan} vlan {one.vlan}"
                rows.append(f" onu {number} service-port {one.index} gemport {one.channel} {vlans}")
        known = shell.plant.find(number)
        if known is not None and known.password:
            rows.append(f" onu {number} pri wifi_ssid 1 name home auth_mode wpa2psk shared_key {known.password}")
    return [*rows, "exit", "!"]


def show_found(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Print the GPON ONUs that ask to be let in."""
    if not shell.plant.waiting:
        return ["No related information to show."]
    rows = ["OnuIndex                 Sn                       State", "-" * 57]
    for count, onu in enumerate(shell.plant.waiting, start=1):
        rows.append(f"{f'GPON{shell.port}:{count}':<25}{onu.serial:<25}unknow")
    return rows


def show_info(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Print model, profile and serial of the GPON ONUs."""
    rows = ["Onuindex   Model                Profile                Mode    AuthInfo", "-" * 70]
    for number, onu in sorted(shell.olt.running.onus.items()):
        name = f"GPON{shell.port}:{number}"
        rows.append(f"{name:<10} {'V411':<20} {onu.settings['profile']:<22} {'sn':<7} {onu.identity.value}")
    return rows


def show_state(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Print in which phase the GPON ONUs are."""
    rows = ["OnuIndex    Admin State    OMCC State    Phase State    Channel", "-" * 65]
    for onu in shell.plant.onus:
        name = f"1/{shell.port}:{onu.number}"
        omcc = "enable" if onu.is_up else "disable"
        rows.append(f"{name:<11} {'enable':<14} {omcc:<13} {_PHASES[onu.state]:<14} 1(GPON)")
    return rows


_WORD = r'"[^"]*"|\S+'
MODES = rules(("c", r"interface (?P<technology>epon|gpon) (?P<port>\d+/\d+)", open_port))
"""The commands that open a context."""
SHOWS = rules(
    ("ecpg", "show running-config", show_running),
    ("g", "show onu auto-find", show_found),
    ("g", "show onu info", show_info),
    ("g", "show onu state", show_state),
)
"""What is asked for about the configuration."""
CHANGES = changing(
    ("p", r"confirm onu mac (?P<mac>[0-9a-f]{2}(?::[0-9a-f]{2}){5}) onuid (?P<onu>\d+)", confirm_onu),
    ("g", "no onu auto-learn", stop_learning),
    ("g", r"onu add (?P<onu>\d+) profile (?P<profile>\S+) sn (?P<sn>[A-Z]{4}[0-9A-F]{8})", add_onu),
    ("g", r"no onu (?P<onu>\d+)", remove_onu),
    ("pg", rf"onu (?P<onu>\d+) description (?P<value>{_WORD})", sets("description")),
    ("g", r"onu (?P<onu>\d+) tcont (?P<tcont>\d+) dba (?P<dba>\S+)", sets("tcont {tcont}", "dba {dba}", dba="dba")),
    (
        "g",
        r"onu (?P<onu>\d+) gemport (?P<gem>\d+) tcont (?P<tcont>\d+)",
        sets("gemport {gem}", "tcont {tcont}", tcont="tcont"),
    ),
    (
        "g",
        r"onu (?P<onu>\d+) service (?P<name>\S+) gemport (?P<gem>\d+) vlan (?P<vlan>\d+)",
        sets("service {name}", "gemport {gem} vlan {vlan}", gem="gemport", vlan="vlan"),
    ),
    (
        "g",
        r"onu (?P<onu>\d+) service-port (?P<index>\d+) gemport (?P<gem>\d+) uservlan (?P<user>\d+) vlan (?P<vlan>\d+)",
        add_service_port,
    ),
    ("ec", "write", write),
)
"""The commands that change or save the configuration; a port of GPON is the mode g."""
