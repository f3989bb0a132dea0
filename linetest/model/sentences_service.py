"""The sentences of the codes that only the service room uses; `linetest.model.sentences` joins them to the others."""

from linetest.model.codes import Hint, Reason
from linetest.words.text import N_

SERVICE_REASONS = {
    Reason.LAPTOP_LIMIT: (
        N_("the laptop or its cable was the limit: the line carries at least this"),
        N_("use a cable and a port of 1 Gbit/s, close other programs, test again"),
    ),
    Reason.SERVER_BUSY: (
        N_("the test server was busy: this says nothing about the line"),
        N_("test again in a minute, or name another server"),
    ),
    Reason.SERVER_LOST: (
        N_("the test server went away in the middle of the test"),
        N_("test again; when it happens again, name another server to tell server and line apart"),
    ),
    Reason.PROGRAM_MISSING: (
        N_("a program that does this test is missing on this computer"),
        N_("install iperf3, or name http_down and http_up in the station file"),
    ),
    Reason.NO_SERVER: (
        N_("no server to test against is named"),
        N_("name it under [device.NAME.servers] in the station file"),
    ),
    Reason.NO_TCP: (
        N_("this computer has no port for the TCP of a connection that linetest made itself"),
        N_('load the module tun; or let the system connect, then test with connect = "system"'),
    ),
    Reason.NO_CONTRACT: (
        N_("the contracted rate is not known"),
        N_("name it with --down-mbps and --up-mbps, or as rates in the order's [[line]]"),
    ),
    Reason.NO_CONCENTRATOR: (
        N_("no PPPoE concentrator answered"),
        N_("check that the ONU is online, and the VLAN of its port"),
    ),
    Reason.WRONG_TAGS: (
        N_("the answer came with other VLAN tags than the call"),
        N_("check the VLAN of the port at the OLT"),
    ),
    Reason.LOOPED: (N_("what was sent came back"), N_("look for a loop in the cabling or at the OLT")),
    Reason.NOT_AGREED: (N_("both sides did not agree on the options"), N_("tell the operator; the capture shows them")),
    Reason.SAMPLE_TOO_SMALL: (
        N_("the sample is too short to prove it"),
        N_("measure longer: without a loss, 3 packets divided by the limit are needed"),
    ),
    Reason.OWN_LOSS: (
        N_("this laptop threw packets away itself, so nothing is said of the line"),
        N_("close other programs, or use a faster laptop; test again"),
    ),
    Reason.OVER_WIRELESS: (
        N_("packets were lost over Wi-Fi, so nothing is said of the line"),
        N_("plug the laptop in by cable and test again"),
    ),
    Reason.WHOSE_ROUTER: (
        N_("a router with a private address is the customer's or the operator's: its address does not tell"),
        N_("if it is the operator's, name its network in the profile: operator_networks in [step.settings.routers]"),
    ),
    Reason.NO_IPTV_TAGS: (
        N_("no such channel came, and nobody said with which VLAN tags television comes beside the session"),
        N_('name them among the servers: iptv_vlans = "85", or "untagged"'),
    ),
    Reason.OTHER_INTERFACE: (
        N_("the system reaches this name server over another interface, so nothing is said of the line"),
        N_("name the line's own: --server dns=ADDRESS; or enter the line with --connect dhcp or pppoe"),
    ),
    Reason.SYSTEM_ONLY: (
        N_("television is tested over the system's own connection only"),
        N_('let the system have the interface of that VLAN, name it, and test with connect = "system"'),
    ),
    Reason.NO_NUMBERS: (
        N_("the stream has no RTP, so that losses cannot be counted"),
        N_("look at the continuity errors instead"),
    ),
    Reason.NOT_IN_STREAM: (
        N_("the channel did not hold it while it was counted"),
        N_("count for longer; a stream without tables or clock references never has it"),
    ),
    Reason.SENT_BEFORE: (
        N_("the channel came before it was asked for"),
        N_("look whether the network floods it, or another box at this port watches it; then test again"),
    ),
    Reason.SESSION_REFUSED: (
        N_("the concentrator gives no session"),
        N_("give its words, which are in the record, to the operator"),
    ),
    Reason.LOGIN_REFUSED: (
        N_("user and password were refused"),
        N_("check both with the customer; the server's own words are in the record"),
    ),
    Reason.SESSION_ENDED: (N_("the concentrator ended the session"), N_("dial again; tell the operator its words")),
}
"""What happened, and what to try next."""
SERVICE_HINTS = {
    Hint.WIRELESS: N_("measured over Wi-Fi, which says little about the line: test again by cable"),
    Hint.BUSY_LAPTOP: N_("the laptop's processors were busy: close other programs, or use a faster laptop"),
    Hint.ROGUE_DHCP: N_("a second DHCP server answers: find the box with the MAC named here and turn its server off"),
    Hint.DNS_FAILS: N_("name servers do not answer rightly: try another one; where that works, report this one"),
    Hint.DNS_HIJACK: N_("a name server answers for names that cannot exist: find out who runs it, and report it"),
    Hint.SLOW_DNS: N_("the name server is slow: compare with the delay to it, and with another one"),
    Hint.LOSS: N_("packets are lost: test again at the operator's end of the line to tell line and house apart"),
    Hint.SMALL_MTU: N_("packets must be smaller than expected: compare with the MTU of the session and the router"),
    Hint.MTU_BLACK_HOLE: N_("large packets vanish in silence: look for a firewall that drops ICMP, or clamp the MSS"),
    Hint.SLOW_RATE: N_(
        "slower than contracted: test at the operator's end of the line, by cable, with nothing else on"
    ),
    Hint.TWO_ROUTERS: N_("two home routers stand behind one another: set the inner one to work as a bridge"),
    Hint.SAME_ADDRESS: N_("another device has the laptop's address: find the box with the MAC named here"),
    Hint.SLOW_PORT: N_("the port or the cable is slow: try another cable with all eight wires, and another port"),
    Hint.SLOW_DIAL: N_(
        "see which phase takes longest: LCP is the concentrator's, authentication that of the server of accounts"
    ),
    Hint.TWO_CONCENTRATORS: N_(
        "unplug what else offers PPPoE in this VLAN; if it is the operator's own, tell the operator"
    ),
    Hint.LOGIN_REFUSED: N_("check user and password with the customer; the account may be barred or not open yet"),
    Hint.CHANNEL_TAGS: N_(
        "the channel came with other VLAN tags than it was asked for with: check the VLAN of television at ONU and OLT"
    ),
    Hint.NO_CHANNEL: N_("no packet of the channel came: check the VLAN of television, and IGMP at ONU and OLT"),
    Hint.CHANNEL_LOSS: N_(
        "packets of the channel are lost: test on the line itself, by cable, to tell line and house apart"
    ),
    Hint.SLOW_ZAPPING: N_("the channel comes late: look at IGMP snooping and proxy at ONU and OLT"),
    Hint.SLOW_LEAVE: N_("the channel goes late, and takes the next one's rate: look at fast leave at ONU and OLT"),
    Hint.WRONG_PASSWORD: N_("the registrar does not take the password: enter it again, or have it set anew"),
    Hint.UNKNOWN_USER: N_("the registrar does not know this user: check the number and the domain"),
    Hint.REGISTRAR_FAILS: N_("the registrar answers that it cannot: tell the operator its code"),
    Hint.WRONG_REALM: N_("another realm asked than the one expected: check the domain, and who answers there"),
    Hint.POOR_VOICE: N_("delay or loss would be heard: look at both, idle and under load"),
    Hint.SMALL_MRU: N_("large packets do not pass: tell the operator that PPPoE leaves 1492 octets"),
}
"""What to try next, beside a check."""
