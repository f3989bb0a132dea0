"""Names of CTC's variables and alarms, by their numbers.

The standard's text was not read; the numbers are those of ONU software that is in the field (its headers of 2012 and
2014 to 2017). They differ in the counters from 0118 on, so these have no name here.
"""

from linetest.words.text import N_

STANDARD_ATTRIBUTE, STANDARD_ACTION, EXTENDED_ATTRIBUTE, EXTENDED_ACTION = 0x07, 0x09, 0xC7, 0xC9
"""Branches: the kinds of variables."""

FEC_MODE = (STANDARD_ATTRIBUTE, 0x013A)
"""Branch and leaf whose value says whether FEC is on."""

LEAVES: dict[tuple[int, int], str] = {
    (STANDARD_ATTRIBUTE, 0x0025): "aPHYAdminState",
    (STANDARD_ATTRIBUTE, 0x004F): "aAutoNegAdminState",
    (STANDARD_ATTRIBUTE, 0x0052): "aAutoNegLocalTechnologyAbility",
    (STANDARD_ATTRIBUTE, 0x0053): "aAutoNegAdvertisedTechnologyAbility",
    (STANDARD_ATTRIBUTE, 0x0139): "aFECAbility",
    FEC_MODE: "aFECmode",
    (STANDARD_ACTION, 0x0005): "acPHYAdminControl",
    (STANDARD_ACTION, 0x000B): "acAutoNegRestartAutoConfig",
    (STANDARD_ACTION, 0x000C): "acAutoNegAdminControl",
    (EXTENDED_ATTRIBUTE, 0x0001): "ONU SN",
    (EXTENDED_ATTRIBUTE, 0x0002): "FirmwareVer",
    (EXTENDED_ATTRIBUTE, 0x0003): "Chipset Id",
    (EXTENDED_ATTRIBUTE, 0x0004): "ONU capabilities",
    (EXTENDED_ATTRIBUTE, 0x0005): "Optical Transceiver Diagnosis",
    (EXTENDED_ATTRIBUTE, 0x0006): "Service SLA",
    (EXTENDED_ATTRIBUTE, 0x0007): "ONU capabilities-2",
    (EXTENDED_ATTRIBUTE, 0x0008): "HoldOverConfig",
    (EXTENDED_ATTRIBUTE, 0x0009): "MxUMngGlobalParameter",
    (EXTENDED_ATTRIBUTE, 0x000A): "MxUMngSNMPParameter",
    (EXTENDED_ATTRIBUTE, 0x000B): "Active PON_IFAdminstate",
    (EXTENDED_ATTRIBUTE, 0x000C): "ONU capabilities-3",
    (EXTENDED_ATTRIBUTE, 0x000D): "ONU power saving capabilities",
    (EXTENDED_ATTRIBUTE, 0x000E): "ONU power saving config",
    (EXTENDED_ATTRIBUTE, 0x000F): "ONU Protection Parameters",
    (EXTENDED_ATTRIBUTE, 0x0011): "EthLinkState",
    (EXTENDED_ATTRIBUTE, 0x0012): "EthPortPause",
    (EXTENDED_ATTRIBUTE, 0x0013): "EthPortUS Policing",
    (EXTENDED_ATTRIBUTE, 0x0016): "EthPortDS RateLimiting",
    (EXTENDED_ATTRIBUTE, 0x0017): "EthPortLoopDetect",
    (EXTENDED_ATTRIBUTE, 0x0019): "MACAddressAging",
    (EXTENDED_ATTRIBUTE, 0x0021): "VLAN",
    (EXTENDED_ATTRIBUTE, 0x0031): "Classification&Marking",
    (EXTENDED_ATTRIBUTE, 0x0041): "Add/Del Multicast VLAN",
    (EXTENDED_ATTRIBUTE, 0x0042): "MulticastTagOper",
    (EXTENDED_ATTRIBUTE, 0x0043): "MulticastSwitch",
    (EXTENDED_ATTRIBUTE, 0x0044): "MulticastControl",
    (EXTENDED_ATTRIBUTE, 0x0045): "Group Num Max",
    (EXTENDED_ATTRIBUTE, 0x0046): "aFastLeaveAbility",
    (EXTENDED_ATTRIBUTE, 0x0047): "aFastLeaveAdminState",
    (EXTENDED_ACTION, 0x0001): "Reset ONU",
    (EXTENDED_ACTION, 0x0048): "acFastLeaveAdminControl",
}
"""Branch and leaf of the variables that are known, and CTC's or clause 30's own name."""

OPEN_LEAVES = frozenset(LEAVES) - {(EXTENDED_ATTRIBUTE, 0x000A)}
"""Branch and leaf of the variables whose values may be seen: 000A holds an SNMP community, and some of those that are
not listed hold a voice account."""

ALARMS: dict[int, str] = {
    0x0001: N_("equipment fault"),
    0x0002: N_("power supply fault"),
    0x0003: N_("battery missing"),
    0x0004: N_("battery failure"),
    0x0005: N_("battery voltage low"),
    0x0006: N_("housing opened"),
    0x0007: N_("self-test failed"),
    0x0009: N_("ONU temperature too high"),
    0x000A: N_("ONU temperature too low"),
    0x000B: N_("voice connection failed"),
    0x000C: N_("PON interface switched over"),
    0x000D: N_("sleep state changed"),
    0x0101: N_("received power too high"),
    0x0102: N_("received power too low"),
    0x0103: N_("transmitted power too high"),
    0x0104: N_("transmitted power too low"),
    0x0105: N_("laser bias too high"),
    0x0106: N_("laser bias too low"),
    0x0107: N_("transceiver voltage too high"),
    0x0108: N_("transceiver voltage too low"),
    0x0109: N_("transceiver temperature too high"),
    0x010A: N_("transceiver temperature too low"),
    0x010B: N_("received power high (early warning)"),
    0x010C: N_("received power low (early warning)"),
    0x010D: N_("transmitted power high (early warning)"),
    0x010E: N_("transmitted power low (early warning)"),
    0x010F: N_("laser bias high (early warning)"),
    0x0110: N_("laser bias low (early warning)"),
    0x0111: N_("transceiver voltage high (early warning)"),
    0x0112: N_("transceiver voltage low (early warning)"),
    0x0113: N_("transceiver temperature high (early warning)"),
    0x0114: N_("transceiver temperature low (early warning)"),
    0x0115: N_("frames dropped downstream"),
    0x0116: N_("frames dropped upstream"),
    0x0117: N_("CRC errors downstream"),
    0x0301: N_("Ethernet port: autonegotiation failed"),
    0x0302: N_("Ethernet port: no signal"),
    0x0303: N_("Ethernet port: failure"),
    0x0304: N_("Ethernet port: loop"),
    0x0305: N_("Ethernet port: congestion"),
}
"""What an alarm number means; for `_` when it is shown."""
