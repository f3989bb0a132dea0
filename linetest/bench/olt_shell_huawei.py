"""The command line of a simulated Huawei MA5800 with a GPON or an EPON board.

Sources: the recorded screens of ntc-templates (huawei_smartax), the sessions in netmiko's issues 609, 1620 and 3559
and its driver huawei_smartax, and public guides of the MA5608T and MA5800.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from linetest.bench.olt_config_huawei import CHANGES, MODES, WORDS
from linetest.bench.olt_plant import PlantOnu
from linetest.bench.olt_shell import OltShell, does_nothing, enters, leaves, rules, sets_pager
from linetest.bench.olt_shell_terminal import Pager
from linetest.bench.olt_show_huawei import LINE, SHOWS, authentication, found_fields, identity, profile_rows

_NO_MORE = re.compile(r" ?\| ?no-more$", re.IGNORECASE)
_CAUSES = {"los": "LOSi/LOBi", "dying-gasp": "dying-gasp"}
_HOUR_AGO_S = 3600
_RESTS = {
    "display": "{ <cr>||<K> }:",
    "ont add": "{ <cr>|ont-type<K> }:",
    "service-port": "{ <cr>|bundle<K>|inbound<K>|rx-cttr<K>|tag-transform<K> }:",
    "save": "{ <cr>|configuration<K>|data<K> }:",
}
"""What is asked for after a command whose line could go on."""


class HuaweiShell(OltShell):
    """A session; it asks what else belongs to a command until ``undo smart``, and lets at most 512 rows by."""

    maker = "huawei_smartax"
    host = "MA5800"
    greeting = "\n  Huawei Integrated Access Software (MA5800).\n\n"
    login = (">>User name:", ">>User password:")
    refusal = "\n  Username or password invalid.\n"
    prompts: ClassVar = {
        "u": "{host}>",
        "e": "{host}#",
        "c": "{host}(config)#",
        "p": "{host}(config-if-{technology}-{port})#",
        "l": "{host}(config-epon-lineprofile-{port})#",
        "s": "{host}(config-epon-srvprofile-{port})#",
    }
    pager = Pager("---- More ( Press 'Q' to break ) ----", "\x1b[37D" + " " * 37 + "\x1b[37D")
    wrap = " \x1b[1D"
    alarm = (
        "  ! 1 [22/11/2026 19:04:05+08:00]:\n\n"
        "  ALARM 4711 FAULT WARNING 0x2e112007 SERVICE QUALITY 22/11/2026 19:04:05+08:00\n"
        "  ALARM NAME  : The OLT no longer hears an ONT(LOSi/LOBi)\n"
        "  PARAMETERS  : FrameID: 0, SlotID: 1, PortID: 0, ONT ID: 4\n"
        "  --- END\n"
    )
    question = "  All ONTs of the port will be deleted, are you sure to continue? (y/n)[n]:"
    words = WORDS
    is_smart = True

    def answer(self, command: str) -> tuple[list[str], bool]:
        """Ask for the rest of a ``display``, and take the pipe that switches the pager off."""
        head = []
        rest = next((rest for start, rest in _RESTS.items() if command.startswith(start)), "")
        if self.is_smart and rest and self.find(_NO_MORE.sub("", command)):
            command = f"{command} {self.ask(rest)}".strip()
            head = ["", "  Command:", f"          {command}"]
        bare = _NO_MORE.sub("", command)
        rows, is_paged = super().answer(bare)
        return head + rows, is_paged and bare == command

    def refuse(self, command: str) -> list[str]:
        """Point below the line; what the rights forbid is called unknown too."""
        return [" " * len(self.prompt()) + "^", "  % Unknown command, the error locates at '^'"]

    def leave(self, match: re.Match[str]) -> list[str]:
        """Go up one mode, or log out after a question."""
        if self.mode in "cpls":
            return leaves(self, match)
        question = "  Check whether system data has been changed. Please save data before logout.\n"
        if self.ask(question + "Are you sure to log out? (y/n)[n]:").lower() != "y":
            return []
        return self.close("\n  Configuration console exit, please retry to log on\n")

    def open_board(self, match: re.Match[str]) -> list[str]:
        """Go into the context of the board, which is there for one technology only."""
        if (match["technology"].lower(), match["port"]) != (self.olt.technology, self.plant.place.rpartition("/")[0]):
            return ["  Failure: The board does not exist or is of another type"]
        return enters("p")(self, match)

    def stop_smart(self, _match: re.Match[str]) -> list[str]:
        """No longer ask for the rest of commands."""
        self.is_smart = False
        return []

    def show_table(self, match: re.Match[str]) -> list[str]:
        """Print the ONTs of a port: states, then descriptions."""
        if not f"{self.plant.place}/".startswith("/".join(match.groups()) + "/"):
            return ["  Failure: The port does not exist"]
        place = f"{self.plant.rack}/ {self.plant.slot}/{self.plant.port}"
        rows = [LINE, "  F/S/P   ONT         SN         Control     Run      Config   Match    Protect"]
        rows += ["          ID                     flag        state    state    state    side", LINE]
        for onu in self.plant.onus:
            run, config, match_ = ("online", "normal", "match") if onu.is_up else ("offline", "initial", "initial")
            state = f"{'active':<11} {run:<8} {config:<8} {match_:<8} no     "
            rows.append(f"  {place:<7} {onu.number:>3}  {identity(self, onu)}  {state}")
        rows += [LINE, "  F/S/P   ONT-ID   Description", LINE]
        rows += [f"  {place:<7} {onu.number:>6}   {onu.name}" for onu in self.plant.onus]
        up = sum(onu.is_up for onu in self.plant.onus)
        count = len(self.plant.onus)
        total = f"the total number of ONTs is: {count}, online: {up}, offline: {count - up}"
        return [*rows, LINE, f"  In port {place}, {total}", LINE]

    def show_summary(self, match: re.Match[str]) -> list[str]:
        """Print the ONTs of a port: since when and why, then distance and light."""
        if match["port"] != self.plant.place:
            return ["  Failure: The port does not exist"]
        up = sum(onu.is_up for onu in self.plant.onus)
        rows = [
            LINE,
            f"  In port {self.plant.place}, the total of ONTs are: {len(self.plant.onus)}, online: {up}",
            LINE,
        ]
        rows += ["  ONT  Run     Last                Last                Last"]
        rows += ["  ID   State   UpTime              DownTime            DownCause", LINE]
        for onu in self.plant.onus:
            run, down = ("online", "-") if onu.is_up else ("offline", _time(_HOUR_AGO_S)[:19])
            times = f"{_time(onu.uptime_s)[:19]:<19} {down:<19}"
            rows.append(f"  {onu.number:<4} {run:<7} {times} {_CAUSES.get(onu.state, '-'):<20}")
        rows += [LINE, "  ONT        SN        Type          Distance Rx/Tx power  Description"]
        rows += ["  ID                                    (m)      (dBm)", LINE]
        for onu in self.plant.onus:
            power = f"{self.plant.rx_dbm(onu):.2f}/{onu.tx_dbm:.2f}" if onu.is_up else "-/-"
            distance = f"{onu.length_m:.0f}" if onu.is_up else "-"
            rows.append(f"  {onu.number:<3} {identity(self, onu)} {'HG8245':<14} {distance:<8} {power:<12} {onu.name}")
        return [*rows, LINE]

    def show_one(self, match: re.Match[str]) -> list[str]:
        """Print all about the ONT of a number; no password and no check code."""
        onu = self.plant.find(int(match["onu"]))
        if match["port"].replace(" ", "/") != self.plant.place or onu is None:
            return ["  Failure: The ONT does not exist"]
        return self._page(onu)

    def show_by_serial(self, match: re.Match[str]) -> list[str]:
        """Print all about the ONT of a serial."""
        wanted = match["sn"].upper()
        found = [onu for onu in self.plant.onus if wanted in (onu.serial, identity(self, onu))]
        return self._page(found[0]) if found else ["  The required ONT does not exist"]

    def _page(self, onu: PlantOnu) -> list[str]:
        fields = {
            "F/S/P": f"{self.plant.rack}/ {self.plant.slot}/{self.plant.port}",
            "ONT-ID": str(onu.number),
            "Control flag": "active",
            "Run state": "online" if onu.is_up else "offline",
            "Config state": "normal" if onu.is_up else "initial",
            "Match state": "match" if onu.is_up else "initial",
            "ONT LLID": f"{onu.llid}" if onu.is_up and self.olt.technology == "epon" else "-",
            "ONT distance(m)": f"{onu.length_m:.0f}" if onu.is_up else "-",
            "ONT last distance(m)": f"{onu.length_m:.0f}",
            "ONT RTT(TQ)": f"{onu.rtt_tq}" if onu.is_up and self.olt.technology == "epon" else "-",
            "Temperature": f"{onu.temperature_c:.0f}(C)" if onu.is_up else "-",
            **authentication(self, onu),
            "Description": onu.name,
            "Last down cause": _CAUSES.get(onu.state, "-"),
            "Last up time": _time(onu.uptime_s),
            "Last down time": "-" if onu.is_up else _time(_HOUR_AGO_S),
            "Last dying gasp time": _time(_HOUR_AGO_S) if onu.state == "dying-gasp" else "-",
            "ONT online duration": _duration(onu.uptime_s) if onu.is_up else "-",
        }
        return [LINE, *(f"  {name:<24}: {value}" for name, value in fields.items()), LINE, *profile_rows(self, onu)]

    def show_all_light(self, match: re.Match[str]) -> list[str]:
        """Print the light of all ONTs of a port; a dark one is a row of dashes."""
        if not self._is_here(match["port"]):
            return ["  Failure: The port does not exist"]
        rows = [LINE, "  ONT  Rx power  Tx power  OLT Rx ONT  Temperature  Voltage  Current  Distance"]
        rows += ["  ID   (dBm)     (dBm)     power(dBm)  (C)          (V)      (mA)     (m)", LINE]
        for onu in self.plant.onus:
            optics = self._light(onu)
            widths = zip((8, 8, 10, 11, 7, 7, 8), optics, strict=True)
            rows.append(f"  {onu.number:>3}  " + "  ".join(f"{text:<{width}}" for width, text in widths))
        return [*rows, LINE]

    def show_light(self, match: re.Match[str]) -> list[str]:
        """Print the light of one ONT."""
        onu = self.plant.find(int(match["onu"]))
        if not self._is_here(match["port"]) or onu is None:
            return ["  Failure: The ONT does not exist"]
        if not onu.is_up:
            return ["  Failure: The ONT is not online"]
        rx, tx, olt_rx, temperature, voltage, bias, _distance = self._light(onu)
        fields = {
            "ONU NNI port ID": "0",
            "Module type": "GPON",
            "Rx optical power(dBm)": rx,
            "Rx power current alarm threshold(dBm)": "[-29.0,-7.0]",
            "Tx optical power(dBm)": tx,
            "Tx power current alarm threshold(dBm)": "[0.0,5.0]",
            "Laser bias current(mA)": bias,
            "Temperature(C)": temperature,
            "Voltage(V)": voltage,
            "OLT Rx ONT optical power(dBm)": olt_rx,
            "CATV Rx optical power(dBm)": "-",
        }
        return [LINE, *(f"  {name:<39}: {value}" for name, value in fields.items()), LINE]

    def show_waiting(self, match: re.Match[str]) -> list[str]:
        """Print the ONTs that ask to be let in."""
        number = match.groupdict().get("port")
        if not self.plant.waiting or (number is not None and not self._is_here(number)):
            return ["  Failure: The automatically found ONTs do not exist"]
        rows = [LINE]
        for count, onu in enumerate(self.plant.waiting, start=1):
            fields = {"Number": str(count), "F/S/P": self.plant.place}
            fields |= found_fields(self, onu) | {"Ont autofind time": _time(_HOUR_AGO_S)}
            rows += [*(f"   {name:<20}: {value}" for name, value in fields.items()), LINE]
        return rows

    def _is_here(self, port: str) -> bool:
        """Tell whether the number of a port, in the open context, is that of the plant."""
        return f"{self.port}/{port}" == self.plant.place

    def _light(self, onu: PlantOnu) -> list[str]:
        if not onu.is_up:
            return ["-"] * 7
        powers = [f"{power:.2f}" for power in (self.plant.rx_dbm(onu), onu.tx_dbm, self.plant.olt_rx_dbm(onu))]
        return [
            *powers,
            f"{onu.temperature_c:.0f}",
            f"{onu.voltage_v:.3f}",
            f"{onu.bias_ma:.0f}",
            f"{onu.length_m:.0f}",
        ]

    rules = rules(
        ("u", "enable", enters("e")),
        ("e", "disable", enters("u")),
        ("e", "config", enters("c")),
        ("c", r"interface (?P<technology>gpon|epon) (?P<port>\d+/\d+)", open_board),
        ("cpls", "return", enters("e")),
        ("uecpls", "quit", leave),
        ("uecp", "undo smart", stop_smart),
        ("uecp", r"scroll(?: 512)?", sets_pager(512)),
        ("ecp", "infoswitch cli OFF", does_nothing),
        ("ecp", r"display ont info (\d+) (\d+) (\d+)(?: all)?", show_table),
        ("ecp", r"display ont info (\d+) all", show_table),
        ("ecp", r"display ont info (?P<port>\d+ \d+ \d+) (?P<onu>\d+)", show_one),
        ("ecp", r"display ont info by-sn (?P<sn>\w+)", show_by_serial),
        ("ecp", r"display ont info summary (?P<port>\d+/\d+/\d+)", show_summary),
        ("ecp", "display ont autofind all", show_waiting),
        ("p", r"display ont autofind (?P<port>\d+)", show_waiting),
        ("p", r"display ont optical-info (?P<port>\d+) all", show_all_light),
        ("p", r"display ont optical-info (?P<port>\d+) (?P<onu>\d+)", show_light),
    )
    rules += SHOWS + MODES + CHANGES


def _time(ago_s: int) -> str:
    return (datetime.now(UTC) - timedelta(seconds=ago_s)).strftime("%Y-%m-%d %H:%M:%S+00:00")


def _duration(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"{days} day(s), {rest // 3600} hour(s), {rest % 3600 // 60} minute(s), {rest % 60} second(s)"
