"""The metrics of television and telephone."""

from linetest.model.metric import Metric

SERVICE_MEDIA: tuple[Metric, ...] = ()
