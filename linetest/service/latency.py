"""Delay, jitter and loss of an idle line; under load, `linetest.service.rate` measures them."""

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.reading import Measurement
from linetest.service.access import Access
from linetest.service.echoes import send_echoes
from linetest.service.path import IpPath
from linetest.service.readings import not_measured, reading
from linetest.service.resolve import resolve
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings

_METRICS = ("service.latency_ms", "service.latency_p95_ms", "service.jitter_ms", "service.loss_percent")


def measure(access: Access, path: IpPath, settings: ServiceSettings, _restore: Restore) -> Measurement:
    """Return delay and loss to the station's ``ping`` server, or to the gateway where it names none."""
    host = access.server("ping") or path.gateway
    if host is None:
        return not_measured(_METRICS, Reason.NO_SERVER, {}, path)
    where = {"server": host}
    try:
        address = resolve(path, host)
        wanted = settings.latency
        echoes = send_echoes(
            path, address, wanted.octets, wanted.timeout_s, wanted.interval_s, lambda sent: sent < wanted.requests
        )
    except DeviceError as error:
        return not_measured(_METRICS, error.reason, where, path, error)
    values = (echoes.mean_ms, echoes.p95_ms, echoes.jitter_ms, echoes.loss_percent)
    return Measurement(
        readings=[reading(name, value, where, Reason.TIMEOUT) for name, value in zip(_METRICS, values, strict=True)],
        details={"latency": {"server": host, "address": address, "octets": settings.latency.octets, **echoes.shown()}},
        simulated=path.simulated,
    )
