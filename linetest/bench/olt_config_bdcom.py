"""The commands with which a simulated BDCOM EPON OLT is configured.

Sources: public guides and programs for the P3310 and P3616; the words of a refusal are made up, but for ``Parameter
invalid``. What it knows, beside what `olt_shell_bdcom` shows:

- in ``interface EPON0/P``: ``epon onu-authen-method mac``, ``epon bind-onu mac M [N]``, ``no epon bind-onu mac M``,
  ``no epon bind-onu sequence N``
- in ``interface EPON0/P:N``: ``epon onu port E ctc vlan mode tag V``
- ``write``, ``write all``
- ``show epon rejected-onu``, ``show running-config interface EPON0/P[:N]``

No source shows its syntax for LOID, nor how a VLAN is taken from a port of an ONU: there is none.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from linetest.bench.olt_config import (
    BoundOnu,
    Configuration,
    Fact,
    Identity,
    Refused,
    bind,
    free_number,
    set_onu,
    set_port,
    unbind,
    vlan_number,
)
from linetest.bench.olt_config_settings import number_of
from linetest.bench.olt_mac import colons, groups
from linetest.bench.olt_shell import OltShell, changing, enters, rules

WORDS: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.BUSY: "System is busy, please try later",
        Fact.BAD_VALUE: "Parameter invalid",
        Fact.NO_PORT: "Parameter invalid",
        Fact.NUMBER_TAKEN: "The sequence has been bound",
        Fact.BOUND_ELSEWHERE: "The {kind} has been bound",
        Fact.PORT_FULL: "No free sequence on the port",
        Fact.NO_ONU: "The ONU is not bound",
    }
)
_VLAN = "epon onu port {eth} ctc vlan mode"


def open_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Go into the context of the port or of one of its ONUs, which must be there."""
    place, _colon, number = match["port"].partition(":")
    if place != f"{shell.plant.slot}/{shell.plant.port}" or (number and int(number) not in shell.olt.running.onus):
        return [WORDS[Fact.NO_PORT]]
    return enters("o" if number else "p")(shell, match)


def set_method(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Let in who is bound by MAC."""
    shell.change(lambda configuration: set_port(configuration, "onu-authen-method", "mac"))
    return []


def bind_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Bind an ONU; the OLT chooses the number when none is named."""

    def change(configuration: Configuration) -> Configuration:
        number = free_number(configuration) if match["onu"] is None else int(match["onu"])
        return bind(configuration, BoundOnu(number=number, identity=_identity(match)))

    shell.change(change)
    return []


def unbind_onu(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Unbind an ONU that is named by MAC or number; its interface goes with it."""

    def change(configuration: Configuration) -> Configuration:
        if match["mac"] is None:
            return unbind(configuration, int(match["onu"]), takes_services=True)
        found = [onu.number for onu in configuration.onus.values() if onu.identity == _identity(match)]
        if not found:
            raise Refused(Fact.NO_ONU)
        return unbind(configuration, found[0], takes_services=True)

    shell.change(change)
    return []


def set_vlan(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Tag what an Ethernet port of the open ONU sends."""
    tagged = {_VLAN.format(eth=match["eth"]): f"tag {vlan_number(match['vlan'])}"}
    shell.change(lambda configuration: set_onu(configuration, number_of(shell, match), tagged))
    return []


def write(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Save what is running."""
    shell.olt.save()
    return ["Saving current configuration...", "OK!"]


def show_rejected(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Print the ONUs that ask to be let in, without their LOID passwords."""
    if not shell.plant.waiting:
        return []
    rows = [
        f"ONU rejected to register on interface EPON{shell.plant.slot}/{shell.plant.port}:",
        "INDEX MAC Address    Reject Time         LOID                     PASSWORD    ",
        "----- -------------- ------------------- ------------------------ ------------",
    ]
    for index, onu in enumerate(shell.plant.waiting, start=1):
        rows.append(f"{index:<5} {groups(onu.mac, '.')} 2026-11-22 19:04:05 {onu.loid:<24} (N/A)")
    return rows


def show_running(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Print the lines that bring about the port or one of its ONUs."""
    place, _colon, number = match["port"].partition(":")
    onus = shell.olt.running.onus
    if place != f"{shell.plant.slot}/{shell.plant.port}" or (number and int(number) not in onus):
        return [WORDS[Fact.NO_PORT]]
    if number:
        settings = onus[int(number)].settings
        rows = [f" {name} {value}" for name, value in settings.items() if name.startswith("epon ")]
    else:
        method = shell.olt.running.port.get("onu-authen-method")
        rows = [f" epon onu-authen-method {method}"] if method else []
        rows += [f" epon bind-onu mac {groups(onu.identity.value, '.')} {one}" for one, onu in sorted(onus.items())]
    return ["Building configuration...", "", "Current configuration:", "!", f"interface EPON{match['port']}", *rows]


def _identity(match: re.Match[str]) -> Identity:
    return Identity("mac", colons(match["mac"]))


_MAC = r"mac (?P<mac>[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})"
MODES = rules(("c", r"interface epon ?(?P<port>\d+/\d+(?::\d+)?)", open_port))
"""The commands that open a context."""
SHOWS = rules(
    ("ecpo", "show epon rejected-onu", show_rejected),
    ("ecpo", r"show running-config interface epon ?(?P<port>\d+/\d+(?::\d+)?)", show_running),
)
"""What is asked for about the configuration."""
CHANGES = changing(
    ("p", "epon onu-authen-method mac", set_method),
    ("p", rf"epon bind-onu {_MAC}(?: (?P<onu>\d+))?", bind_onu),
    ("p", rf"no epon bind-onu (?:{_MAC}|sequence (?P<onu>\d+))", unbind_onu),
    ("o", r"epon onu port (?P<eth>\d) ctc vlan mode tag (?P<vlan>\d+)", set_vlan),
    ("ec", "write(?: all)?", write),
)
"""The commands that change or save the configuration."""
