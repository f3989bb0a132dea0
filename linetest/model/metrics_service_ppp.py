"""The metrics of dialling in: discovery, LCP, authentication, IPCP."""

from linetest.model.codes import Hint
from linetest.model.metric import Metric
from linetest.words.text import N_

_MOST_S = 600.0


def _time(name: str, title: str, meaning: str, hint: str) -> Metric:
    return Metric(name=name, unit="s", title=title, meaning=meaning, lowest=0.0, highest=_MOST_S, hint_high=hint)


def _count(name: str, title: str, meaning: str, hint: str | None = None) -> Metric:
    return Metric(name=name, unit="", title=title, meaning=meaning, lowest=0.0, highest=10_000.0, hint_high=hint)


SERVICE_PPP: tuple[Metric, ...] = (
    _time(
        "service.access_s",
        N_("Access time"),
        N_("Time of one dial by PPPoE, from the first PADI to the address"),
        Hint.SLOW_DIAL,
    ),
    _time(
        "service.access_mean_s",
        N_("Access time, mean"),
        N_("Mean time of all dials by PPPoE, from the first PADI to the address"),
        Hint.SLOW_DIAL,
    ),
    Metric(
        name="service.phase_ms",
        unit="ms",
        title=N_("Time of a phase"),
        meaning=N_("Time of one phase of a dial by PPPoE, from the end of the phase before"),
        lowest=0.0,
        highest=_MOST_S * 1000.0,
    ),
    _count(
        "service.retransmission_count",
        N_("Asked again"),
        N_("How often one phase of a dial by PPPoE had to ask again"),
    ),
    _count(
        "service.concentrator_count",
        N_("Concentrators"),
        N_("How many PPPoE concentrators answer a call"),
    ),
    _count(
        "service.extra_concentrator_count",
        N_("Concentrators too many"),
        N_("How many PPPoE concentrators answer beside the one that may"),
        Hint.TWO_CONCENTRATORS,
    ),
    _count(
        "service.session_refused_count",
        N_("Sessions refused"),
        N_("How many dials ended with a concentrator that offers a session and then refuses it"),
    ),
    _count(
        "service.login_refused_count",
        N_("Log-ins refused"),
        N_("How many dials ended with user and password refused"),
        Hint.LOGIN_REFUSED,
    ),
    _count(
        "service.wrong_tags_count",
        N_("Answers with wrong tags"),
        N_("How many answers to a call by PPPoE came with other VLAN tags than the call"),
        Hint.WRONG_VLAN,
    ),
    Metric(
        name="service.mru_octets",
        unit="octets",
        title=N_("Largest packet (MRU)"),
        meaning=N_("Size of the largest IP packet that the concentrator takes from us, as LCP agreed it"),
        lowest=0.0,
        highest=65_535.0,
        hint_low=Hint.SMALL_MRU,
    ),
    Metric(
        name="service.lcp_echo_rtt_ms",
        unit="ms",
        title=N_("LCP echo"),
        meaning=N_("Mean time of an LCP echo to the concentrator and back"),
        lowest=0.0,
        highest=60_000.0,
    ),
)
