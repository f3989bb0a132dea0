"""What the samples of one direction say: the rate and its share, and the three numbers of RFC 6349 (section 4)."""

from collections.abc import Iterator
from statistics import fmean
from typing import Any

import msgspec

from linetest.model.codes import Hint, Reason
from linetest.model.reading import Reading
from linetest.service.laptop import Port, limit_of_laptop
from linetest.service.rate_samples import Taken
from linetest.service.rate_settings import RateSettings
from linetest.service.readings import reading


def rate_readings(
    taken: Taken, where: dict[str, Any], contracted_mbps: float | None, port: Port | None, settings: RateSettings
) -> Iterator[Reading]:
    """Yield the readings of one direction.

    Args:
        taken: its samples.
        where: server and method; layer, family and number of samples come in here.
        contracted_mbps: None where it is not known.
        port: of this laptop; None where the test did not go through one.
        settings: at which layer the rate is told, and when the laptop is the limit.
    """
    mean_mbps, reason = mean(taken, settings)
    share = None if mean_mbps is None or contracted_mbps is None else 100.0 * mean_mbps / contracted_mbps
    whole = {
        **where,
        "layer": settings.layer,
        **_family(taken),
        "samples": sum(one.reason is None for one in taken.samples),
    }
    limit = None if mean_mbps is None else _limit_of_laptop(taken, port, settings)
    for what, value, why in (("mbps", mean_mbps, reason), ("share_percent", share, reason or Reason.NO_CONTRACT)):
        told = reading(f"service.{taken.direction}stream_{what}", value, whole, why)
        bound = "at-least" if limit is not None and value is not None else None
        yield msgspec.structs.replace(told, bound=bound, hint=limit)
    direction = {"direction": taken.direction}
    yield reading("service.host_cpu_percent", taken.host_cpu_percent, direction, reason or Reason.NO_READING)
    yield from _delays(taken, direction, reason or Reason.TIMEOUT)
    if (efficiency := _efficiency(taken)) is not None:
        yield reading("service.tcp_efficiency_percent", efficiency, direction)
    if share:
        yield reading("service.transfer_time_ratio", 100.0 / share, direction)


def port_readings(port: Port | None) -> list[Reading]:
    """Return what the laptop's port agreed on; nothing where there is no cable."""
    if port is None or port.wireless:
        return []
    where = {"interface": port.interface}
    half = None if port.full_duplex is None else float(not port.full_duplex)
    return [
        reading("service.link_speed_mbps", port.speed_mbps, where, Reason.NO_READING),
        reading("service.half_duplex_count", half, where, Reason.NO_READING),
    ]


def mean(taken: Taken, settings: RateSettings) -> tuple[float | None, str | None]:
    """Return the mean of all samples; None with the reason where one of them could not be taken."""
    rates = [one.mbps(settings.layer) for one in taken.samples]
    measured = [rate for rate in rates if rate is not None]
    if rates and len(measured) == len(rates):
        return fmean(measured), None
    return None, next((one.reason for one in taken.samples if one.reason), Reason.NOT_DECIDABLE)


def shown(taken: Taken, contracted_mbps: float | None, settings: RateSettings) -> dict[str, Any]:
    """Return every sample and all echo requests, for a record."""
    return {
        "direction": taken.direction,
        "contracted_mbps": contracted_mbps,
        "mean_mbps": mean(taken, settings)[0],
        "samples": [
            {**msgspec.to_builtins(one), "mbps": one.mbps(settings.layer), "ip_mbps": one.mbps("ip")}
            for one in taken.samples
        ],
        "idle": taken.idle.shown(),
        "loaded": taken.loaded.shown(),
        "host_cpu_percent": taken.host_cpu_percent,
        "pump_cpu_percent": taken.pump_cpu_percent,
        "pump_dropped": taken.pump_dropped,
    }


def _delays(taken: Taken, where: dict[str, Any], silent: str) -> Iterator[Reading]:
    idle_ms, loaded_ms = taken.idle.mean_ms, taken.loaded.mean_ms
    # A line without a queue can be a little faster under load, by chance: there is no delay below none.
    delay = max(100.0 * (loaded_ms - idle_ms) / idle_ms, 0.0) if idle_ms and loaded_ms is not None else None
    yield reading("service.loaded_latency_ms", loaded_ms, where, silent)
    yield reading("service.loaded_loss_percent", taken.loaded.loss_percent, where, silent)
    yield reading("service.buffer_delay_percent", delay, where, silent)


def _efficiency(taken: Taken) -> float | None:
    """Return the share of octets that TCP did not have to send again; None where the sender does not tell."""
    sent = sum(one.sent_octets or 0 for one in taken.samples)
    if not sent or any(one.resent_segments is None or one.segment_octets is None for one in taken.samples):
        return None
    resent = sum((one.resent_segments or 0) * (one.segment_octets or 0) for one in taken.samples)
    return 100.0 * sent / (sent + resent)


def _limit_of_laptop(taken: Taken, port: Port | None, settings: RateSettings) -> str | None:
    if port is None:  # the bench on this computer: the load is its own
        return None
    highest_mbps = max((one.mbps("ip") or one.tcp_mbps or 0.0 for one in taken.samples), default=0.0)
    if taken.pump_dropped:
        return Hint.BUSY_LAPTOP
    loads = [taken.host_cpu_percent, taken.pump_cpu_percent, *(one.program_cpu_percent for one in taken.samples)]
    load = max((one for one in loads if one is not None), default=None)
    return limit_of_laptop(port, highest_mbps, load, settings)


def _family(taken: Taken) -> dict[str, str]:
    """Return the family that the connections themselves prove; nothing without any."""
    peers = {one.peer for one in taken.samples if one.peer}
    if not peers:
        return {}
    return {"family": "IPv6" if any(":" in peer for peer in peers) else "IPv4"}
