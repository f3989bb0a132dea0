"""The command line of a simulated ZTE C320 with GPON.

Sources: public guides of the C300 and C320 with their screens, and netmiko's driver zte_zxros.
"""

import re
from typing import ClassVar

from linetest.bench.olt_plant import PlantOnu
from linetest.bench.olt_shell import OltShell, does_nothing, enters, leaves, rules, sets_pager
from linetest.bench.olt_shell_terminal import Pager

_STATES = {
    "online": ("enable", "operation", "working"),
    "los": ("disable", "unknown", "LOS"),
    "dying-gasp": ("disable", "unknown", "DyingGasp"),
    "offline": ("disable", "unknown", "OffLine"),
}
_NOTHING = ["%Code 40529: No related information"]


class ZteShell(OltShell):
    """A session; a user is enabled from the start, and ``terminal length 0`` switches the pager off."""

    maker = "zte_c300"
    host = "ZXAN"
    greeting = "\nWelcome to ZXAN product C320 of ZTE Corporation\n\n"
    refusal = "\n%Error 20209: No username or bad password\n"
    first_mode = "e"
    prompts: ClassVar = {"e": "{host}#", "c": "{host}(config)#"}
    pager = Pager("--More--", "\b" * 8 + " " * 8 + "\b" * 8)

    def refuse(self, command: str) -> list[str]:
        """Point below the line."""
        return [" " * len(self.prompt()) + "^", "%Error 20200: Invalid input detected at '^' marker."]

    def show_states(self, match: re.Match[str]) -> list[str]:
        """Print the states of all ONUs of a port."""
        if match["port"] != self.plant.place:
            return _NOTHING
        rows = ["OnuIndex               Admin State  OMCC State   O7 State     Phase State", "-" * 76]
        for onu in self.plant.onus:
            omcc, operation, phase = _STATES[onu.state]
            rows.append(f"{self._index(onu):<22} {'enable':<12} {omcc:<12} {operation:<12} {phase}")
        up = sum(onu.is_up for onu in self.plant.onus)
        return [*rows, f"ONU Number: {up}/{len(self.plant.onus)}"]

    def show_olt_light(self, match: re.Match[str]) -> list[str]:
        """Print what the OLT gets from each ONU of a port."""
        if match["port"] != self.plant.place:
            return _NOTHING
        rows = ["Onu                 Rx power", "-" * 36]
        for onu in self.plant.onus:
            power = f"{self.plant.olt_rx_dbm(onu):.3f}(dbm)" if onu.is_up else "N/A"
            rows.append(f"{self._index(onu):<19} {power}")
        return rows

    def show_light(self, match: re.Match[str]) -> list[str]:
        """Print light and loss of one ONU in both directions."""
        onu = self._find(match)
        if onu is None:
            return _NOTHING
        olt_tx = self.plant.olt_tx_dbm
        head = ["           OLT                  ONU              Attenuation", "-" * 74]
        if not onu.is_up:
            up = " up      Rx :N/A                Tx:N/A              N/A"
            return [*head, up, "", f" down    Tx :{olt_tx:.3f}(dbm)        Rx:N/A              N/A"]
        rx, olt_rx = self.plant.rx_dbm(onu), self.plant.olt_rx_dbm(onu)
        up = f" up      Rx :{olt_rx:.3f}(dbm)      Tx:{onu.tx_dbm:.3f}(dbm)        {onu.tx_dbm - olt_rx:.3f}(dB)"
        down = f" down    Tx :{olt_tx:.3f}(dbm)        Rx:{rx:.3f}(dbm)      {olt_tx - rx:.3f}(dB)"
        return [*head, up, "", down]

    def show_one(self, match: re.Match[str]) -> list[str]:
        """Print all about one ONU."""
        onu = self._find(match)
        if onu is None:
            return _NOTHING
        hours, rest = divmod(onu.uptime_s, 3600)
        fields = {
            "Name": onu.name,
            "Type": "F660",
            "State": "ready",
            "Admin state": "enable",
            "Phase state": _STATES[onu.state][2],
            "Authentication mode": "sn",
            "SN Bind": "enable with SN check",
            "Serial number": onu.serial,
            "Password": "",
            "Description": onu.name,
            "Vport mode": "gemport",
            "ONU Status": "enable",
            "ONU Distance": f"{onu.length_m:.0f}m" if onu.is_up else "",
            "Online Duration": f"{hours}h {rest // 60}m {rest % 60}s" if onu.is_up else "N/A",
            "FEC": "none",
        }
        return [f"ONU interface:         {self._index(onu)}"] + [
            f"  {name + ':':<20} {value}" for name, value in fields.items()
        ]

    def show_waiting(self, match: re.Match[str]) -> list[str]:
        """Print the ONUs that ask to be let in."""
        if not self.plant.waiting or match["port"] not in (None, self.plant.place):
            return _NOTHING
        rows = ["OnuIndex                 Sn                  State", "-" * 69]
        for count, onu in enumerate(self.plant.waiting, start=1):
            rows.append(f"{f'gpon-onu_{self.plant.place}:{count}':<24} {onu.serial:<19} unknown")
        return rows

    def _index(self, onu: PlantOnu) -> str:
        return f"gpon-onu_{self.plant.place}:{onu.number}"

    def _find(self, match: re.Match[str]) -> PlantOnu | None:
        return self.plant.find(int(match["onu"])) if match["port"] == self.plant.place else None

    rules = rules(
        ("e", "enable", does_nothing),
        ("e", "conf(?:igure)? t(?:erminal)?", enters("c")),
        ("ec", "exit", leaves),
        ("ec", "terminal length 0", sets_pager(0)),
        ("ec", r"show gpon onu state gpon-olt_(?P<port>\d+/\d+/\d+)", show_states),
        ("ec", r"show pon power onu-rx gpon-olt_(?P<port>\d+/\d+/\d+)", show_olt_light),
        ("ec", r"show pon power attenuation gpon-onu_(?P<port>\d+/\d+/\d+):(?P<onu>\d+)", show_light),
        ("ec", r"show gpon onu detail-info gpon-onu_(?P<port>\d+/\d+/\d+):(?P<onu>\d+)", show_one),
        ("ec", r"show gpon onu uncfg(?: gpon-olt_(?P<port>\d+/\d+/\d+))?", show_waiting),
    )
