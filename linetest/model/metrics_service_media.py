"""The metrics of television and telephone."""

from functools import partial

from linetest.model.codes import Hint, Reason
from linetest.model.metric import Metric
from linetest.model.metric_shapes import count, time_ms
from linetest.words.text import N_

_time_ms = partial(time_ms, beyond=Reason.TIMEOUT)

_IPTV = (
    count(
        "channel",
        N_("Channel came"),
        N_("1 when packets of the group came after the join, else 0"),
        low=Hint.NO_CHANNEL,
    ),
    _time_ms(
        "iptv_join",
        N_("Join delay"),
        N_("From sending the join to the first packet of the group: the network's part of changing channels"),
        Hint.SLOW_ZAPPING,
    ),
    _time_ms(
        "iptv_leave", N_("Leave delay"), N_("From sending the leave to the last packet of the group"), Hint.SLOW_LEAVE
    ),
    _time_ms(
        "iptv_change",
        N_("Channel change, network part"),
        N_("From leaving one group and joining the next to the first packet of the next"),
        Hint.SLOW_ZAPPING,
    ),
    count(
        "iptv_overlap",
        N_("Overlap of channels"),
        N_("Packets of the old group after the first packet of the new one"),
        high=Hint.SLOW_LEAVE,
    ),
    _time_ms("iptv_pat", N_("Join to PAT"), N_("From sending the join to the first programme association table")),
    _time_ms("iptv_pmt", N_("Join to PMT"), N_("From sending the join to the first programme map table")),
    _time_ms(
        "iptv_random_access",
        N_("Join to random access point"),
        N_("From sending the join to the first picture that needs no other, as the stream marks it"),
    ),
    Metric(
        name="service.iptv_loss_ppm",
        unit="ppm",
        title=N_("RTP loss"),
        meaning=N_("RTP packets of a million that never came, and what the sample proves of it at 95 %"),
        lowest=0.0,
        highest=1e6,
        hint_high=Hint.CHANNEL_LOSS,
        beyond=Reason.SAMPLE_TOO_SMALL,
    ),
    count("iptv_expected", N_("RTP packets expected"), N_("From the first to the highest sequence number: the sample")),
    count("iptv_lost", N_("RTP packets lost"), N_("Sequence numbers that never came"), high=Hint.CHANNEL_LOSS),
    count("iptv_reordered", N_("RTP packets reordered"), N_("Packets that came after a later one")),
    count("iptv_duplicate", N_("RTP packets twice"), N_("Packets that came once more")),
    count("iptv_ssrc_change", N_("RTP sender changed"), N_("How often another sender (SSRC) took over")),
    count(
        "iptv_continuity_error",
        N_("Continuity errors"),
        N_("Jumps of a continuity counter of the transport stream, in the order of sending"),
        high=Hint.CHANNEL_LOSS,
    ),
    _time_ms("iptv_pcr_jitter", N_("PCR jitter"), N_("How much clock references came early or late, peak to peak")),
    _time_ms("iptv_delay_factor", N_("MDI delay factor"), N_("Largest delay factor of one second (RFC 4445)")),
    Metric(
        name="service.iptv_media_loss_rate",
        unit="1/s",
        title=N_("MDI media loss rate"),
        meaning=N_("Largest number of transport packets lost or late in one second (RFC 4445)"),
        lowest=0.0,
        highest=1e6,
        hint_high=Hint.CHANNEL_LOSS,
    ),
    count("iptv_own_drop", N_("Packets that the laptop dropped"), N_("Packets that came and were not read in time")),
)
_VOIP = (
    count(
        "sip_registered",
        N_("Telephone registered"),
        N_("1 when the registrar took the registration, 0 when it refused"),
    ),
    _time_ms("sip_challenge", N_("Time to the challenge"), N_("From the first REGISTER to the registrar's 401")),
    _time_ms(
        "sip_register",
        N_("Time to the registration"),
        N_("From the first REGISTER to the registrar's 200"),
        Hint.REGISTRAR_FAILS,
    ),
    Metric(
        name="service.sip_expires_s",
        unit="s",
        title=N_("Registration granted"),
        meaning=N_("For how long the registrar keeps the registration"),
        lowest=0.0,
        highest=1e9,
    ),
    Metric(
        name="service.voip_mos",
        unit="",
        title=N_("Estimated MOS (E-model, network part only)"),
        meaning=N_("From delay, variation and loss of echoes of the size and pace of G.711, by ITU-T G.107"),
        lowest=1.0,
        highest=4.5,
        hint_low=Hint.POOR_VOICE,
    ),
)
SERVICE_MEDIA: tuple[Metric, ...] = (*_IPTV, *_VOIP)
