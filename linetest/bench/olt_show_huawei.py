"""What a simulated Huawei OLT shows of its configuration.

Sources: the recorded screens of ntc-templates (huawei_smartax) for service ports and profiles; public programs that
read the VLANs of an uplink for those.
"""

import re

from linetest.bench.olt_config import Service
from linetest.bench.olt_mac import groups
from linetest.bench.olt_plant import PlantOnu
from linetest.bench.olt_shell import OltShell, rules

LINE = "  " + "-" * 77
UPLINK = "0/8/0"
"""The only port that leaves the OLT."""
_NO_SERVICE = ["  Failure: No service virtual port can be operated"]


def show_services(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Print the service ports of the OLT, of its port or of one ONT."""
    names = match.groupdict()
    if names.get("port") not in (None, shell.plant.place):
        return ["  Failure: The port does not exist"]
    found = [one for one in shell.olt.running.services if names.get("onu") in (None, str(one.onu))]
    if not found:
        return _NO_SERVICE
    up = sum(shell.olt.is_up(one.onu) for one in found)
    return [
        "  Switch-Oriented Flow List",
        LINE,
        "   INDEX VLAN VLAN     PORT F/ S/ P VPI  VCI   FLOW  FLOW       RX   TX   STATE",
        "         ID   ATTR     TYPE                    TYPE  PARA",
        LINE,
        *(_service(shell, one) for one in found),
        LINE,
        f"   Total : {len(found)}  (Up/Down :    {up}/{len(found) - up})",
        "   Note : F--Frame, S--Slot, P--Port,",
        "          VPI indicates ONT ID for PON, VCI indicates GEM index for GPON,",
        "          v/e--vlan/encap, pritag--priority-tagged,",
    ]


def show_profiles(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Print the line or service profiles with how often each is bound."""
    kind = "line" if match["kind"].lower() == "line" else "service"
    bound = [onu.settings.get(f"{kind} profile") for onu in shell.olt.running.onus.values()]
    profiles = shell.olt.running.profiles[kind]
    rows = [LINE, "  Profile-ID  Profile-name                                Binding times", LINE]
    for number, profile in sorted(profiles.items(), key=lambda item: int(item[0])):
        rows.append(f"  {number:<11} {profile.name:<43} {bound.count(number):<13}")
    return [*rows, LINE, f"  Total: {len(profiles)}"]


def show_port_vlans(shell: OltShell, match: re.Match[str]) -> list[str]:
    """Print the VLANs of the uplink."""
    if match["port"] != UPLINK:
        return ["  Failure: The port does not exist"]
    vlans = [f"{vlan:>5}" for vlan in (1, *sorted(shell.olt.running.uplink_vlans))]
    rows = ["  " + "".join(vlans[at : at + 12]) for at in range(0, len(vlans), 12)]
    return [LINE, *rows, LINE, f"  Total: {len(vlans)}", "  Native VLAN: 1"]


def identity(shell: OltShell, onu: PlantOnu) -> str:
    """Return the serial as eight octets in hexadecimal digits, on an EPON board the MAC."""
    if shell.olt.technology == "gpon":
        return (onu.serial[:4].encode("latin-1").hex() + onu.serial[4:]).upper()
    return groups(onu.mac, "-").upper()


def authentication(shell: OltShell, onu: PlantOnu) -> dict[str, str]:
    """Return what an ONT was let in by; its password and check code are not told."""
    bound = shell.olt.running.onus[onu.number]
    kind = {"sn": "SN", "mac": "MAC", "loid": "LOID", "password": "Password"}[bound.identity.kind]
    fields = {"Authentic type": f"{kind}{'+CHECKCODE' if bound.check_code else ''}-auth", **_name(shell, onu)}
    if kind == "LOID":
        fields["LOID"] = bound.identity.value
    return fields | {"Management mode": "OMCI" if shell.olt.technology == "gpon" else "OAM"}


def found_fields(shell: OltShell, onu: PlantOnu) -> dict[str, str]:
    """Return what an ONT tells of itself that asks to be let in."""
    fields = {f"Ont {name}": value for name, value in _name(shell, onu).items()}
    fields |= {"Password": "0x00000000000000000000", "Loid": onu.loid, "Checkcode": "", "VendorID": onu.serial[:4]}
    return fields | ({"Ont MAC": "-"} if shell.olt.technology == "gpon" else {})


def _name(shell: OltShell, onu: PlantOnu) -> dict[str, str]:
    if shell.olt.technology == "epon":
        return {"MAC": identity(shell, onu)}
    return {"SN": f"{identity(shell, onu)} ({onu.serial[:4]}-{onu.serial[4:]})"}


def profile_rows(shell: OltShell, onu: PlantOnu) -> list[str]:
    """Return which profiles an ONT is bound to, as the end of its page tells it."""
    bound = shell.olt.running.onus[onu.number]
    rows = []
    for kind, title in (("line", "Line"), ("service", "Service")):
        number = bound.settings[f"{kind} profile"]
        name = shell.olt.running.profiles[kind][number].name
        rows += [f"  {title + ' profile ID':<21}: {number}", f"  {title + ' profile name':<21}: {name}", LINE]
    return rows


def _service(shell: OltShell, one: Service) -> str:
    plant = shell.plant
    place = f"{plant.rack}/{plant.slot:<2}/{plant.port:<2}"
    channel = str(one.channel) if shell.olt.technology == "gpon" else "-"
    kind, value = ("vlan", one.user_vlan) if one.user_vlan.isdigit() else ("pritag", "-")
    rx, _slash, tx = one.rate.partition("/")
    state = "up" if shell.olt.is_up(one.onu) else "down"
    return (
        f"   {one.index:>5} {one.vlan:<4} common   {shell.olt.technology} {place} {one.onu:<4} {channel:<5} {kind:<5}"
        f" {value:<10} {rx or '-':<4} {tx or '-':<4} {state:<5}"
    )


_PLACE = r"(?P<port>\d+/\d+/\d+)"
SHOWS = rules(
    ("ecp", "display service-port all", show_services),
    ("ecp", rf"display service-port port {_PLACE}(?: ont (?P<onu>\d+))?", show_services),
    ("ecp", r"display ont-(?P<kind>line|srv)profile (?:gpon|epon) all", show_profiles),
    ("ecp", rf"display port vlan {_PLACE}", show_port_vlans),
)
"""What is asked for about the configuration."""
