"""The command line of a simulated BDCOM P3310 with EPON; its columns run together where a text fills its own.

Sources: the screens in NOC's scripts for BDCOM.xPON, and public guides and programs that read the P3310.
"""

import re
from typing import ClassVar

from linetest.bench.olt_config_bdcom import CHANGES, MODES, SHOWS, WORDS
from linetest.bench.olt_mac import groups
from linetest.bench.olt_shell import OltShell, enters, leaves, rules
from linetest.bench.olt_shell_terminal import Pager

_STATES = {
    "online": ("auto-configured", "N/A"),
    "los": ("lost", "LOS"),
    "dying-gasp": ("lost", "Power Off"),
    "offline": ("deregistered", "N/A"),
}


class BdcomShell(OltShell):
    """A session; no source shows how to switch its pager off."""

    maker = "bdcom_epon"
    host = "Switch"
    login = ("Username: ", "Password: ")
    refusal = "\nAuthentication failed!\n"
    prompts: ClassVar = {
        "u": "{host}>",
        "e": "{host}#",
        "c": "{host}_config#",
        "p": "{host}_config_epon{port}#",
        "o": "{host}_config_epon{port}#",
    }
    words = WORDS
    question = "All ONUs of the port will be unbound, continue?(y/n)[n]:"
    pager = Pager(" --More-- ", "\b" * 10 + " " * 10 + "\b" * 10)

    def refuse(self, command: str) -> list[str]:
        """Say so."""
        return ["Unknown command"]

    def show_onus(self, match: re.Match[str]) -> list[str]:
        """Print the ONUs with state and the reason of the last deregistration."""
        if match["port"] not in (None, self._port()):
            return ["Parameter invalid"]
        rows = [
            "IntfName   VendorID  ModelID    MAC Address    Description                     BindType  Status          "
            "Dereg Reason",
            "---------- --------- ---------- -------------- ------------------------------- --------- --------------- "
            "-----------------",
        ]
        for onu in self.plant.onus:
            status, reason = _STATES[onu.state]
            name = f"EPON{self._port()}:{onu.number}"
            who = f"{name:<11}{'BNCH':<10}{'T100':<11}{groups(onu.mac, '.'):<15}{onu.name:<32}"
            rows.append(f"{who}{'static':<10}{status:<16}{reason}")
        return rows

    def show_olt_light(self, match: re.Match[str]) -> list[str]:
        """Print what the OLT gets from the ONUs of a port, or from one of them; dark ones are left out."""
        if match["port"] != self._port():
            return ["Parameter invalid"]
        wanted = [onu for onu in self.plant.onus if onu.is_up and match["onu"] in (None, str(onu.number))]
        rows = [" interface      RxPower(DBm)", " -------------- ------------"]
        for onu in wanted:
            name = f"epon{self._port()}:{onu.number}"
            rows.append(f" {name:<14} {self.plant.olt_rx_dbm(onu):.1f}")
        return rows

    def show_light(self, match: re.Match[str]) -> list[str]:
        """Print what one ONU tells of its module."""
        onu = self.plant.find(int(match["onu"]))
        if match["port"] != self._port() or onu is None:
            return ["Parameter invalid"]
        if not onu.is_up:
            return ["ONU is offline"]
        return [
            f" operating temperature(degree): {onu.temperature_c:.0f}",
            f" supply voltage(V): {onu.voltage_v:.1f}",
            f" bias current(mA): {onu.bias_ma:.1f}",
            f" transmitted power(DBm): {onu.tx_dbm:.1f}",
            f" received power(DBm): {self.plant.rx_dbm(onu):.1f}",
        ]

    def _port(self) -> str:
        return f"{self.plant.slot}/{self.plant.port}"

    rules = rules(
        ("u", "enable", enters("e")),
        ("e", "config", enters("c")),
        ("uecpo", "exit", leaves),
        ("ecpo", r"show epon onu-information(?: interface epon ?(?P<port>\d+/\d+))?", show_onus),
        (
            "ec",
            r"show epon optical-transceiver-diagnosis interface epon ?(?P<port>\d+/\d+)(?::(?P<onu>\d+))?",
            show_olt_light,
        ),
        (
            "ec",
            r"show epon interface epon ?(?P<port>\d+/\d+):(?P<onu>\d+) onu ctc optical-transceiver-diagnosis",
            show_light,
        ),
    )
    rules += MODES + SHOWS + CHANGES
