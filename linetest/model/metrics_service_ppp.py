"""The metrics of dialling in: discovery, LCP, authentication, IPCP."""

from linetest.model.metric import Metric

SERVICE_PPP: tuple[Metric, ...] = ()
