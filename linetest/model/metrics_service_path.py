"""The metrics of what stands between the laptop and the network: routers, and others with the same address."""

from linetest.model.codes import Hint, Reason
from linetest.model.metric import Metric
from linetest.words.text import N_

SERVICE_PATH: tuple[Metric, ...] = (
    Metric(
        name="service.home_router_count",
        unit="",
        title=N_("Home routers on the way"),
        meaning=N_("Routers in a row, from the laptop on, that are the customer's by place and address"),
        lowest=0.0,
        highest=255.0,
        beyond=Reason.WHOSE_ROUTER,
        hint_high=Hint.TWO_ROUTERS,
    ),
    Metric(
        name="service.duplicate_address_count",
        unit="",
        title=N_("Others with the same address"),
        meaning=N_("Devices that say, asked by ARP, that they have the laptop's own address"),
        lowest=0.0,
        highest=1e6,
        hint_high=Hint.SAME_ADDRESS,
    ),
)
