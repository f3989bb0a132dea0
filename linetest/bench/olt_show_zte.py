"""What a simulated ZTE OLT shows of its configuration: the lines that would bring it about.

Sources: public programs that read ``show running-config interface`` of a port and of an ONU, and ``show onu running
config``. Passwords are left out.
"""

import re

from linetest.bench.olt_config import BoundOnu
from linetest.bench.olt_mac import groups
from linetest.bench.olt_shell import OltShell, rules

_NOTHING = ["%Code 40529: No related information"]
_MANAGEMENT = "mng "
"""How the settings begin that are made in the management of an ONU."""


def show_port(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Print the lines that bind the ONUs of the port."""
    if (match["technology"].lower(), match["port"]) != (shell.olt.technology, shell.plant.place):
        return _NOTHING
    onus = sorted(shell.olt.running.onus.values(), key=lambda onu: onu.number)
    return _section(f"interface {match['technology']}-olt_{match['port']}", [_bound(onu) for onu in onus])


def show_interface(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Print the lines of the interface of an ONU."""
    onu = _find(shell, match)
    if onu is None:
        return _NOTHING
    rows = [_line(name, onu.settings[name]) for name in onu.settings if not name.startswith((_MANAGEMENT, "type"))]
    word = "vlan" if shell.olt.technology == "gpon" else "svlan"
    for one in shell.olt.running.services:
        if one.onu == onu.number:
            user = one.user_vlan if word == "vlan" else f"{one.user_vlan} to {one.user_vlan}"
            rows.append(f"service-port {one.index} vport {one.channel} user-vlan {user} {word} {one.vlan}")
    return _section(f"interface {match['technology']}-onu_{match['port']}:{match['onu']}", rows)


def show_management(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Print the lines with which an ONU is managed."""
    onu = _find(shell, match)
    if onu is None:
        return _NOTHING
    managed = {name.removeprefix(_MANAGEMENT): name for name in onu.settings if name.startswith(_MANAGEMENT)}
    rows = [f"{name} {onu.settings[whole]}".strip() for name, whole in managed.items()]
    return _section(f"pon-onu-mng {match['technology']}-onu_{match['port']}:{match['onu']}", rows)


def _find(shell: OltShell, match: re.Match[str]) -> BoundOnu | None:
    is_here = (match["technology"].lower(), match["port"]) == (shell.olt.technology, shell.plant.place)
    return shell.olt.running.onus.get(int(match["onu"])) if is_here else None


def _bound(onu: BoundOnu) -> str:
    value = onu.identity.value if onu.identity.kind == "sn" else groups(onu.identity.value, ".")
    return f"onu {onu.number} type {onu.settings['type']} {onu.identity.kind} {value}"


def _line(name: str, value: str) -> str:
    """Return a setting as the line that set it."""
    for head in ("switchport mode", "switchport vlan", "encrypt direction"):
        if name.startswith(head):
            begin, _vport, vport = name.rpartition(" vport ")
            return f"{begin} {value} vport {vport}"
    return f"{name} {value}"


def _section(head: str, rows: list[str]) -> list[str]:
    return ["Building configuration...", head, *(f"  {row}" for row in rows), "!", "end"]


_PLACE = r"(?P<port>\d+/\d+/\d+)"
_ONU = rf"(?P<technology>gpon|epon)-onu_{_PLACE}:(?P<onu>\d+)"
SHOWS = rules(
    ("ecp", rf"show running-config interface (?P<technology>gpon|epon)-olt_{_PLACE}", show_port),
    ("ecp", f"show running-config interface {_ONU}", show_interface),
    ("ecp", f"show onu running config {_ONU}", show_management),
)
"""What is asked for about the configuration."""
