"""The command line of a simulated V-SOL V1600D with EPON or V1600G with GPON: ONUs are asked for in their port only.

Sources: public guides of the V1600D with their screens, and public programs that read those of the V1600G. What a dark
ONU looks like on the V1600D is not shown: it has dashes for LLID and time, and no row among the optics.
"""

import re
from typing import ClassVar

from linetest.bench.olt_config_vsol import CHANGES, MODES, SHOWS, WORDS
from linetest.bench.olt_plant import PlantOnu
from linetest.bench.olt_shell import OltShell, enters, leaves, rules
from linetest.bench.olt_shell_terminal import Pager


class VsolShell(OltShell):
    """A session; its pager moves the cursor about, and no source shows how to switch it off."""

    maker = "vsol_epon"
    host = "olt"
    login = ("Login: ", "Password: ")
    refusal = "\nBad Password\n"
    prompts: ClassVar = {
        "u": "{technology}-{host}> ",
        "e": "{technology}-{host}# ",
        "c": "{technology}-{host}(config)# ",
        "p": "{technology}-{host}(config-pon-{port})# ",
        "g": "{technology}-{host}(config-pon-{port})# ",
    }
    words = WORDS
    question = "All ONUs of the port will be deleted, continue? (y/n)[n]:"
    pager = Pager("--More--", "\r\x1b[8C\r" + " " * 8 + "\r")

    def refuse(self, command: str) -> list[str]:
        """Say so."""
        return ["% Unknown command."]

    def show_links(self, _match: re.Match[str]) -> list[str]:
        """Print LLID, state and round-trip time of the port's ONUs."""
        rows = ["ONU-ID      LLID   Status    MAC  Address         RTT(TQ) Description"]
        for onu in self._onus():
            llid, status, rtt = (onu.llid, "online", onu.rtt_tq) if onu.is_up else ("-", "offline", "-")
            rows.append(f"{self._name(onu.number):<11} {llid:<6} {status:<9} {onu.mac:<19} {rtt:<7} {onu.name}")
        return rows

    def show_light(self, _match: re.Match[str]) -> list[str]:
        """Print what the port's ONUs tell of their modules."""
        rows = [
            "",
            "ONU-ID      Temperature(C)    Supply Voltage(V)   TX Bias Current(mA)   TX Power(dBm)   RX Power(dBm)",
        ]
        rows += [
            "------      --------------    -----------------   -------------------   -------------   -------------"
        ]
        for onu in self._onus():
            if onu.is_up:
                optics = f"{onu.temperature_c:<17.2f} {onu.voltage_v:<19.2f} {onu.bias_ma:<21.2f} {onu.tx_dbm:<15.2f}"
                rows.append(f"{self._name(onu.number):<11} {optics} {self.plant.rx_dbm(onu):.2f}")
        return rows

    def show_waiting(self, _match: re.Match[str]) -> list[str]:
        """Print the MACs that ask to be let in."""
        return ["ONU-ID      MAC  Address"] + [f"{'-':<11} {onu.mac}" for onu in self.plant.waiting]

    def _onus(self) -> list[PlantOnu]:
        """Return the ONUs of the port whose context is open."""
        return list(self.plant.onus) if self.port == f"{self.plant.slot}/{self.plant.port}" else []

    def _name(self, number: int) -> str:
        return f"EPON{self.port}:{number}"

    rules = rules(
        ("u", "enable", enters("e")),
        ("e", "configure terminal", enters("c")),
        ("uecpg", "exit", leaves),
        ("p", "show onu auth-info", show_links),
        ("p", "show onu opm-diag", show_light),
        ("p", "show onu auto-find", show_waiting),
    )
    rules += MODES + SHOWS + CHANGES
