"""Commands that set one setting of one ONU of a simulated OLT, as most of the makers have them."""

import re
from collections.abc import Callable

from linetest.bench.olt_config import (
    BoundOnu,
    Configuration,
    Fact,
    Refused,
    find_onu,
    find_profile,
    need_vlan,
    set_onu,
    vlan_number,
)
from linetest.bench.olt_shell import OltShell


def sets(name: str, value: str = "{value}", **needs: str) -> Callable[[OltShell, re.Match[str]], list[str]]:
    """Return the action that sets a setting of an ONU.

    Args:
        name: its name, with the groups of the command in braces.
        value: its value, likewise.
        needs: a group, and of which kind the profile is that it must name, or ``vlan`` for a VLAN, or the beginning of
            a setting which must be there with that number.
    """

    def set_it(shell: OltShell, match: re.Match[str]) -> list[str]:
        words = match.groupdict()

        def change(configuration: Configuration) -> Configuration:
            onu = find_onu(configuration, number_of(shell, match))
            for group, kind in needs.items():
                need(configuration, onu, kind, words[group])
            return set_onu(configuration, onu.number, {name.format(**words): value.format(**words)})

        shell.change(change)
        return []

    return set_it


def unsets(name: str) -> Callable[[OltShell, re.Match[str]], list[str]]:
    """Return the action that removes a setting of an ONU."""

    def unset(shell: OltShell, match: re.Match[str]) -> list[str]:
        wanted = name.format(**match.groupdict())

        def change(configuration: Configuration) -> Configuration:
            if wanted not in find_onu(configuration, number_of(shell, match)).settings:
                raise Refused(Fact.NO_CHANNEL)
            return set_onu(configuration, number_of(shell, match), {wanted: None})

        shell.change(change)
        return []

    return unset


def number_of(shell: OltShell, match: re.Match[str]) -> int:
    """Return the number of the ONU that the command names, or whose context is open."""
    named = match.groupdict().get("onu")
    return int(shell.port.partition(":")[2] if named is None else named)


def need(configuration: Configuration, onu: BoundOnu, kind: str, wanted: str) -> None:
    """Refuse when what a command refers to is not there; for `kind` see `sets`."""
    if kind == "vlan":
        need_vlan(configuration, vlan_number(wanted))
    elif kind in configuration.profiles:
        find_profile(configuration, kind, wanted)
    elif f"{kind} {wanted}" not in onu.settings:
        raise Refused(Fact.NO_CHANNEL)
