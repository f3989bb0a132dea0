"""The metrics of an EPON capture; each is measured by one check of the audit."""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.words.text import N_

_MOST = 1e12


def _count(name: str, title: str, meaning: str, hint: str | None = None) -> Metric:
    return _metric(name, "", title, meaning, high=hint)


def _metric(
    name: str,
    unit: str,
    title: str,
    meaning: str,
    *,
    lowest: float = 0.0,
    low: str | None = None,
    high: str | None = None,
) -> Metric:
    return Metric(
        name=f"epon.{name}",
        unit=unit,
        title=title,
        meaning=meaning,
        lowest=lowest,
        highest=_MOST,
        hint_low=low,
        hint_high=high,
    )


EPON = (
    _count("sld_error_count", N_("Frames without SLD"), N_("Frames whose preamble has no start of LLID"), Hint.BAD_TAP),
    _count("crc8_error_count", N_("CRC-8 errors"), N_("Preambles whose CRC-8 is wrong"), Hint.BAD_LIGHT),
    _count(
        "security_octet_error_count",
        N_("Strange security octets"),
        N_("Preambles whose fifth octet is neither clear nor a valid mark of encryption"),
        Hint.BAD_LIGHT,
    ),
    _count("fcs_error_count", N_("FCS errors"), N_("Frames whose check sequence is wrong"), Hint.BAD_LIGHT),
    _count(
        "duplicate_llid_count",
        N_("Duplicate LLID"),
        N_("Messages of an ONU on an LLID that another ONU holds at that time"),
        Hint.SAME_LLID,
    ),
    _count("llids_of_onu_count", N_("LLIDs of one ONU"), N_("LLIDs that one ONU holds at once")),
    _count(
        "unassigned_llid_count",
        N_("Frames on unassigned LLIDs"),
        N_("Frames on an LLID that nobody holds at that time, or that is reserved"),
        Hint.ROGUE_ONU,
    ),
    _count(
        "misaddressed_control_count",
        N_("Control on a foreign LLID"),
        N_("Messages of control to one ONU's MAC on another ONU's LLID"),
        Hint.OLT_FAULT,
    ),
    _count(
        "reflected_frame_count",
        N_("Reflected frames"),
        N_("Frames with mode 1 on an ONU's own LLID, which that ONU drops"),
        Hint.REFLECTED,
    ),
    _count(
        "filtered_frame_count",
        N_("Frames that the ONU drops"),
        N_("Frames to an ONU's own MAC on an LLID that it does not accept"),
        Hint.OLT_FAULT,
    ),
    _count("upstream_mode_error_count", N_("Mode 1 upstream"), N_("Messages of ONUs with mode bit 1"), Hint.ONU_FAULT),
    _count(
        "unfinished_registration_count",
        N_("Unfinished registrations"),
        N_("Registrations that miss a message or have it out of order"),
        Hint.REGISTRATION_FAILS,
    ),
    _count(
        "request_outside_window_count",
        N_("Requests outside of a window"),
        N_("REGISTER_REQ messages outside of every discovery window"),
        Hint.ONU_FAULT,
    ),
    _count("flag_error_count", N_("Illegal flags"), N_("Messages of registration with a flag that they may not have")),
    _count(
        "echo_error_count",
        N_("Wrong echoes"),
        N_("Answers that do not repeat LLID, sync time or pending grants"),
        Hint.ONU_FAULT,
    ),
    _metric(
        "register_ack_ms",
        "ms",
        N_("Time to REGISTER_ACK"),
        N_("From REGISTER to REGISTER_ACK"),
        high=Hint.REGISTRATION_FAILS,
    ),
    _count(
        "unasked_register_count",
        N_("Unasked REGISTERs"),
        N_("REGISTER messages to a MAC that did not ask"),
        Hint.OLT_FAULT,
    ),
    _count(
        "ended_registration_count",
        N_("Refused or ended registrations"),
        N_("Refusals, deregistrations and time-outs, with who ended it"),
    ),
    _metric(
        "registrations_per_minute", "1/min", N_("Registrations a minute"), N_("How often one ONU registers in a minute")
    ),
    _count(
        "timestamp_step_back_count",
        N_("Timestamps that step back"),
        N_("Messages whose timestamp is before the one before it"),
        Hint.BAD_CLOCK,
    ),
    _metric(
        "rtt_change_tq",
        "TQ",
        N_("Change of round trip"),
        N_("Longest less shortest round trip of one registration"),
        high=Hint.BAD_CLOCK,
    ),
    _metric(
        "rtt_beyond_reach_tq",
        "TQ",
        N_("Round trip beyond the reach"),
        N_("Round trip less that of the planned reach; below zero inside of it"),
        lowest=-_MOST,
        high=Hint.TOO_FAR,
    ),
    _metric(
        "grant_overlap_tq",
        "TQ",
        N_("Overlap of grants"),
        N_("How long two grants are at the OLT at once, round trips included"),
        high=Hint.OLT_FAULT,
    ),
    _metric(
        "grant_gap_tq",
        "TQ",
        N_("Gap between grants"),
        N_("Shortest time at the OLT between grants of different LLIDs"),
        low=Hint.OLT_FAULT,
    ),
    _metric(
        "grant_notice_tq",
        "TQ",
        N_("Notice of a grant"),
        N_("Time from a GATE to the start of what it grants"),
        lowest=-_MOST,
        low=Hint.OLT_FAULT,
    ),
    _count(
        "excess_grant_count",
        N_("Grants above what is allowed"),
        N_("Grants above four in a GATE, or above what the ONU can keep pending"),
        Hint.OLT_FAULT,
    ),
    _metric(
        "grant_room_tq",
        "TQ",
        N_("Room in a grant"),
        N_("Length of the shortest grant less laser on, sync time and laser off"),
        lowest=-_MOST,
        low=Hint.OLT_FAULT,
    ),
    _count(
        "ungranted_frame_count",
        N_("Frames outside of grants"),
        N_("Frames up that lie in no grant of their LLID"),
        Hint.ROGUE_ONU,
    ),
    _metric(
        "report_gap_ms", "ms", N_("Gap between REPORTs"), N_("Longest time between two REPORTs"), high=Hint.LATE_REPORTS
    ),
    _metric("gate_gap_ms", "ms", N_("Gap between GATEs"), N_("Longest time between two GATEs"), high=Hint.OLT_FAULT),
    _metric(
        "silence_ms",
        "ms",
        N_("Silence of a registered ONU"),
        N_("Longest time without an MPCP message of an ONU while it is registered"),
        high=Hint.LOST_ONU,
    ),
    _count(
        "unanswered_report_count",
        N_("Unanswered forced reports"),
        N_("Grants that ask for a REPORT and get none"),
        Hint.LATE_REPORTS,
    ),
    _count(
        "report_error_count",
        N_("Bad REPORTs"),
        N_("REPORTs whose bitmaps and length do not agree, or with other queue sets than planned"),
        Hint.ONU_FAULT,
    ),
    _count(
        "oam_unfinished_count",
        N_("OAM discovery unfinished"),
        N_("Links whose OAM did not become stable"),
        Hint.OAM_FAILS,
    ),
    _metric(
        "oam_gap_ms",
        "ms",
        N_("Gap between OAM messages"),
        N_("Longest time between two Information OAMPDUs"),
        high=Hint.OAM_FAILS,
    ),
    _metric(
        "oam_per_second",
        "1/s",
        N_("OAM messages a second"),
        N_("Most OAMPDUs of one end within a second"),
        high=Hint.OAM_FAILS,
    ),
    _metric(
        "oam_octets",
        "octets",
        N_("Size of OAM messages"),
        N_("Octets of an OAMPDU from DA to FCS"),
        low=Hint.OAM_FAILS,
        high=Hint.OAM_FAILS,
    ),
    _count("oam_event_count", N_("OAM events"), N_("Dying gasps, link faults and critical events")),
    _count(
        "ctc_unfinished_count",
        N_("CTC discovery unfinished"),
        N_("Links whose ends agree on no version of CTC's extended OAM"),
        Hint.WRONG_DIALECT,
    ),
    _count(
        "ctc_unanswered_count",
        N_("Unanswered or refused settings"),
        N_("CTC questions without an answer, and answers that refuse"),
        Hint.SETTING_REFUSED,
    ),
    _count(
        "loid_refused_count",
        N_("LOID not accepted"),
        N_("LOID authentications that failed or were not finished"),
        Hint.NOT_ACCEPTED,
    ),
    _count(
        "key_error_count",
        N_("Key change errors"),
        N_("Requests for a key without an answer, and new keys under the old index"),
        Hint.ONU_FAULT,
    ),
    _count("alarm_count", N_("CTC alarms"), N_("Alarms that the ONU raised")),
    _count(
        "neighbour_frame_count",
        N_("A neighbour's frames"),
        N_("Frames of one customer that arrive at another who did not ask for them"),
        Hint.NOT_ISOLATED,
    ),
    _count(
        "returned_broadcast_count",
        N_("Returned broadcasts"),
        N_("Broadcasts and unknown frames of a customer that come back down"),
        Hint.NOT_ISOLATED,
    ),
    _count(
        "vlan_leak_count",
        N_("VLANs outside of the plan"),
        N_("VLANs on an LLID that the plan does not allow there, and untagged frames"),
        Hint.WRONG_VLAN,
    ),
    _count(
        "stray_multicast_count",
        N_("Multicast on unicast LLIDs"),
        N_("Multicast frames on one ONU's LLID"),
        Hint.OLT_FAULT,
    ),
    _metric(
        "clear_share_percent",
        "%",
        N_("Frames in clear"),
        N_("Share of frames in clear to an ONU that has sent a key"),
        high=Hint.NOT_ENCRYPTED,
    ),
    _count("key_change_count", N_("Key changes"), N_("Changes of the key in the preamble")),
    _count("fec_difference_count", N_("FEC other than planned"), N_("FEC is below what a capture shows")),
    _count("frame_count", N_("Frames"), N_("Frames of an LLID; all counters are in the record's details")),
)
