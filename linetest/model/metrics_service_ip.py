"""The metrics of the network layer: DHCP, DNS, latency, loss, MTU and rate."""

from linetest.model.codes import Hint, Reason
from linetest.model.metric import Metric
from linetest.model.metric_shapes import count, time_ms
from linetest.words.text import N_

_MOST_MBPS = 1e6


def _percent(
    name: str, title: str, meaning: str, *, highest: float = 100.0, low: str | None = None, high: str | None = None
) -> Metric:
    return Metric(
        name=f"service.{name}_percent",
        unit="%",
        title=title,
        meaning=meaning,
        lowest=0.0,
        highest=highest,
        hint_low=low,
        hint_high=high,
        beyond=Reason.LAPTOP_LIMIT,
    )


def _rate(name: str, title: str, meaning: str) -> Metric:
    return Metric(
        name=f"service.{name}_mbps",
        unit="Mbit/s",
        title=title,
        meaning=meaning,
        lowest=0.0,
        highest=_MOST_MBPS,
        hint_low=Hint.SLOW_RATE,
        beyond=Reason.LAPTOP_LIMIT,
    )


SERVICE_IP = (
    time_ms(
        "dhcp_offer", N_("DHCP: time to the offer"), N_("From the first DISCOVER to the first OFFER, resends in it")
    ),
    time_ms("dhcp_ack", N_("DHCP: time to the lease"), N_("From the first REQUEST to the ACK, resends in it")),
    time_ms(
        "dhcp", N_("DHCP: time in all"), N_("From the first DISCOVER to the ACK, without the wait for more servers")
    ),
    count(
        "dhcp_resend",
        N_("DHCP: messages sent again"),
        N_("DISCOVER and REQUEST that were sent again for want of an answer"),
    ),
    count(
        "dhcp_server", N_("DHCP servers that offer"), N_("Servers that offered an address, told apart by id and MAC")
    ),
    count(
        "rogue_dhcp",
        N_("Rogue DHCP servers"),
        N_("Servers that offered an address beside those that may"),
        high=Hint.ROGUE_DHCP,
    ),
    time_ms(
        "dns", N_("DNS: time to the answer"), N_("Median time of one name server to a right answer"), Hint.SLOW_DNS
    ),
    _percent(
        "dns_failed",
        N_("DNS: failed questions"),
        N_("Questions for a name that exists which one name server did not answer rightly"),
        high=Hint.DNS_FAILS,
    ),
    count(
        "dns_working",
        N_("Name servers that work"),
        N_("Name servers that answered a question for a name that exists"),
        low=Hint.DNS_FAILS,
    ),
    count(
        "dns_hijack",
        N_("DNS: answers for a name that cannot exist"),
        N_("1 when a name server gives an address for a name that cannot exist"),
        high=Hint.DNS_HIJACK,
    ),
    time_ms("latency", N_("Delay"), N_("Mean round trip of echo requests on an idle line")),
    time_ms("latency_p95", N_("Delay, 95 of 100"), N_("Round trip that 95 of 100 echo requests kept, on an idle line")),
    time_ms(
        "jitter", N_("Jitter"), N_("Mean difference of the round trips of two echo requests that follow each other")
    ),
    _percent("loss", N_("Packet loss"), N_("Echo requests without an answer, on an idle line"), high=Hint.LOSS),
    time_ms("loaded_latency", N_("Delay under load"), N_("Mean round trip of echo requests while the rate is tested")),
    _percent("loaded_loss", N_("Loss under load"), N_("Echo requests without an answer while the rate is tested")),
    _percent(
        "buffer_delay",
        N_("Buffer delay"),
        N_("Mean round trip under load above that of the idle line, in percent of it (RFC 6349)"),
        highest=1e6,
    ),
    Metric(
        name="service.mtu_octets",
        unit="octets",
        title=N_("MTU of the path"),
        meaning=N_("Largest IPv4 packet that goes through in one piece"),
        lowest=68.0,
        highest=65_535.0,
        hint_low=Hint.SMALL_MTU,
    ),
    count(
        "mtu_black_hole",
        N_("MTU black hole"),
        N_("1 when packets that are too large vanish and no router says so"),
        high=Hint.MTU_BLACK_HOLE,
    ),
    _rate(
        "downstream",
        N_("Rate downstream"),
        N_("Mean rate towards the customer over all samples, at the layer that is named"),
    ),
    _rate(
        "upstream", N_("Rate upstream"), N_("Mean rate from the customer over all samples, at the layer that is named")
    ),
    _percent(
        "downstream_share",
        N_("Share of the contracted rate, downstream"),
        N_("Mean rate towards the customer, in percent of the contracted one"),
        highest=1e6,
        low=Hint.SLOW_RATE,
    ),
    _percent(
        "upstream_share",
        N_("Share of the contracted rate, upstream"),
        N_("Mean rate from the customer, in percent of the contracted one"),
        highest=1e6,
        low=Hint.SLOW_RATE,
    ),
    _percent(
        "tcp_efficiency",
        N_("TCP efficiency"),
        N_("Octets sent once, in percent of all that were sent (RFC 6349)"),
    ),
    Metric(
        name="service.transfer_time_ratio",
        unit="",
        title=N_("TCP transfer time ratio"),
        meaning=N_("Time of a transfer over its time at the contracted rate (RFC 6349)"),
        lowest=0.0,
        highest=1e6,
    ),
    Metric(
        name="service.link_speed_mbps",
        unit="Mbit/s",
        title=N_("Speed of the laptop's port"),
        meaning=N_("What the network card and the other end of the cable have agreed on"),
        lowest=0.0,
        highest=_MOST_MBPS,
        hint_low=Hint.SLOW_PORT,
    ),
    count(
        "half_duplex",
        N_("Half duplex"),
        N_("1 when the laptop's port sends and receives in turns only"),
        high=Hint.SLOW_PORT,
    ),
    _percent(
        "host_cpu", N_("Load of the laptop"), N_("Largest share of its processors' time while the rate was tested")
    ),
)
