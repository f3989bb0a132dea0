"""The settings of a ``[[step]]`` with ``room = "service"``: which tests, in which order, and how each is done."""

from typing import Literal

import msgspec

from linetest.service.access import Point
from linetest.service.dhcp_settings import DhcpSettings
from linetest.service.dns_settings import DnsSettings
from linetest.service.iptv_settings import IptvSettings
from linetest.service.latency_settings import LatencySettings
from linetest.service.mtu_settings import MtuSettings
from linetest.service.neighbours_settings import NeighboursSettings
from linetest.service.path import How
from linetest.service.pppoe_settings import PppoeSettings
from linetest.service.rate_settings import RateSettings
from linetest.service.routers_settings import RoutersSettings
from linetest.service.voip_settings import VoipSettings
from linetest.words.text import _

TestName = Literal["neighbours", "routers", "dns", "latency", "mtu", "rate", "iptv", "voip"]


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[step.settings]``."""

    point: Point = "direct"
    """Where the laptop is plugged in."""
    connect: How = "system"
    """How the line is entered: by the system's own connection, by a DHCP lease, or by a PPPoE session of our own."""
    tests: list[TestName] = []
    """What is tested over that connection, in this order."""
    pppoe: PppoeSettings = PppoeSettings()
    dhcp: DhcpSettings = DhcpSettings()
    neighbours: NeighboursSettings = NeighboursSettings()
    routers: RoutersSettings = RoutersSettings()
    dns: DnsSettings = DnsSettings()
    latency: LatencySettings = LatencySettings()
    mtu: MtuSettings = MtuSettings()
    rate: RateSettings = RateSettings()
    iptv: IptvSettings = IptvSettings()
    voip: VoipSettings = VoipSettings()

    def __post_init__(self) -> None:
        """Refuse a test that is named twice: its readings could not be told apart."""
        if len(set(self.tests)) != len(self.tests):
            raise ValueError(_("a test is named twice"))
