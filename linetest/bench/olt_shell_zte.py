"""The command line of a simulated ZTE C320 with a GPON or an EPON board.

Sources: public guides of the C300 and C320 with their screens, netmiko's driver zte_zxros, and for EPON what public
programs read of the ONUs that were let in or kept out.
"""

import re
from typing import ClassVar

from linetest.bench.olt_config_zte import CHANGES, MODES, WORDS
from linetest.bench.olt_mac import groups
from linetest.bench.olt_plant import PlantOnu
from linetest.bench.olt_shell import OltShell, does_nothing, enters, leaves, rules, sets_pager
from linetest.bench.olt_shell_terminal import Pager
from linetest.bench.olt_show_zte import SHOWS

_STATES = {
    "online": ("enable", "operation", "working"),
    "los": ("disable", "unknown", "LOS"),
    "dying-gasp": ("disable", "unknown", "DyingGasp"),
    "offline": ("disable", "unknown", "OffLine"),
}
_PLACE = r"(?P<port>\d+/\d+/\d+)"
_ONU = rf"(?P<technology>gpon|epon)-onu_{_PLACE}:(?P<onu>\d+)"
_NOTHING = ["%Code 40529: No related information"]


class ZteShell(OltShell):
    """A session; a user is enabled from the start, and ``terminal length 0`` switches the pager off."""

    maker = "zte_c300"
    host = "ZXAN"
    greeting = "\nWelcome to ZXAN product C320 of ZTE Corporation\n\n"
    refusal = "\n%Error 20209: No username or bad password\n"
    first_mode = "e"
    prompts: ClassVar = {
        "e": "{host}#",
        "c": "{host}(config)#",
        "p": "{host}(config-if)#",
        "o": "{host}(config-if)#",
        "m": "{host}({technology}-onu-mng {port})#",
    }
    words = WORDS
    question = "The configuration of the port will be deleted. Are you sure to continue? [yes/no]:"
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
        settings = self.olt.running.onus[onu.number].settings
        fields = {
            "Name": settings.get("name", onu.name),
            "Type": settings["type"],
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

    def show_denied(self, match: re.Match[str]) -> list[str]:
        """Print the EPON ONUs that ask to be let in."""
        if not self.plant.waiting or match["port"] not in (None, self.plant.place):
            return _NOTHING
        rows = []
        for count, onu in enumerate(self.plant.waiting, start=1):
            fields = {
                "Onu interface": f"epon-onu_{self.plant.place}:{count}",
                "Onu Model": "F400",
                "MAC address": groups(onu.mac, "."),
                "SN": "",
                "Online State": "authentication deny",
            }
            rows += [*(f"{name:<18}: {value}" for name, value in fields.items()), ""]
        return rows

    def show_passed(self, match: re.Match[str]) -> list[str]:
        """Print the EPON ONUs that have been let in and are up."""
        up = [onu for onu in self.plant.onus if onu.is_up]
        if not up or match["port"] != self.plant.place:
            return _NOTHING
        rows = []
        for onu in up:
            fields = {
                "Onu interface": self._index(onu),
                "Onu type": self.olt.running.onus[onu.number].settings["type"],
                "MAC address": groups(onu.mac, "."),
                "Online State": "authentication pass",
            }
            rows += [*(f"{name:<18}: {value}" for name, value in fields.items()), ""]
        return rows

    def _index(self, onu: PlantOnu) -> str:
        return f"{self.olt.technology}-onu_{self.plant.place}:{onu.number}"

    def _find(self, match: re.Match[str]) -> PlantOnu | None:
        is_here = (match["technology"].lower(), match["port"]) == (self.olt.technology, self.plant.place)
        return self.plant.find(int(match["onu"])) if is_here else None

    rules = rules(
        ("e", "enable", does_nothing),
        ("e", "conf(?:igure)? t(?:erminal)?", enters("c")),
        ("ecpom", "exit", leaves),
        ("ec", "terminal length 0", sets_pager(0)),
        ("ecp", rf"show gpon onu state gpon-olt_{_PLACE}", show_states),
        ("ecp", rf"show pon power onu-rx gpon-olt_{_PLACE}", show_olt_light),
        ("ecp", rf"show pon power attenuation {_ONU}", show_light),
        ("ecp", rf"show gpon onu detail-info {_ONU}", show_one),
        ("ecp", rf"show gpon onu uncfg(?: gpon-olt_{_PLACE})?", show_waiting),
        ("ecp", rf"show onu unauthentication(?: epon-olt_{_PLACE})?", show_denied),
        ("ecp", rf"show onu authentication epon-olt_{_PLACE}", show_passed),
    )
    rules += SHOWS + MODES + CHANGES
