"""The metrics of the network layer: DHCP, DNS, latency, loss, MTU and rate."""

from linetest.model.metric import Metric

SERVICE_IP: tuple[Metric, ...] = ()
