"""Delay, jitter and loss of an idle line; under load, `linetest.service.rate` measures them."""

from typing import Any

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading
from linetest.service.access import Access
from linetest.service.echoes import Echoes, send_echoes
from linetest.service.path import IpPath
from linetest.service.resolve import resolve
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings

_METRICS = ("service.latency_ms", "service.latency_p95_ms", "service.jitter_ms", "service.loss_percent")


def measure(access: Access, path: IpPath, settings: ServiceSettings, _restore: Restore) -> Measurement:
    """Return delay and loss to the station's ``ping`` server, or to the gateway where it names none."""
    host = access.server("ping") or path.gateway
    if host is None:
        return _without(Reason.NO_SERVER, {}, path)
    where = {"server": host}
    try:
        address = resolve(path, host)
        wanted = settings.latency
        echoes = send_echoes(
            path, address, wanted.octets, wanted.timeout_s, wanted.interval_s, lambda sent: sent < wanted.requests
        )
    except DeviceError as error:
        return _without(error.reason, where, path, error.what)
    values = (echoes.mean_ms, echoes.p95_ms, echoes.jitter_ms, echoes.loss_percent)
    return Measurement(
        readings=[_reading(name, value, where) for name, value in zip(_METRICS, values, strict=True)],
        details={"latency": {"server": host, "address": address, "octets": settings.latency.octets, **echoes.shown()}},
        simulated=path.simulated,
    )


def _reading(metric: str, value: float | None, where: dict[str, Any]) -> Reading:
    reason = Reason.TIMEOUT if value is None else None
    return Reading(metric=metric, value=value, unit=METRICS[metric].unit, where=where, reason=reason)


def _without(reason: str, where: dict[str, Any], path: IpPath, trouble: str = "") -> Measurement:
    return Measurement(
        readings=[
            Reading(metric=name, value=None, unit=METRICS[name].unit, where=where, reason=reason) for name in _METRICS
        ],
        details={"latency": {"server": where.get("server"), **Echoes(rtts_s=[]).shown()}},
        simulated=path.simulated,
        trouble=trouble,
    )
