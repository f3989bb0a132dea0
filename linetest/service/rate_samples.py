"""The samples of a test of the rate in one direction, with the echo requests before and meanwhile."""

import random
import time
from collections.abc import Callable

import msgspec

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.service.echoes import Echoes, send_echoes
from linetest.service.laptop import Processors
from linetest.service.path import IpPath
from linetest.service.rate_settings import RateSettings
from linetest.service.readings import error_words
from linetest.service.resolve import resolve
from linetest.service.sample import Direction, Meter, Sample

_IDLE_ECHOES = 10
_ECHO_OCTETS = 84
_ECHO_S = 1.0
_ECHO_INTERVAL_S = 0.1


class Taken(msgspec.Struct, kw_only=True):
    """All samples of one direction."""

    direction: Direction
    samples: list[Sample] = []
    idle: Echoes = Echoes(rtts_s=[])
    """Echo requests before the first sample."""
    loaded: Echoes = Echoes(rtts_s=[])
    """Echo requests while the samples were taken."""
    host_cpu_percent: float | None = None
    """The highest load of the laptop in any sample."""


def take_samples(path: IpPath, meter: Meter, direction: Direction, ping: str | None, settings: RateSettings) -> Taken:
    """Return all samples; after one that could not be taken there is no other.

    Args:
        path: the way to the server.
        meter: what measures.
        direction: towards the customer, or from there.
        ping: the host that echo requests go to; the server itself when None.
        settings: how many samples, and how long.
    """
    taken = Taken(direction=direction)
    try:
        host = meter.address(path, direction) if ping is None else resolve(path, ping)
        taken.idle = _echoes(path, host, lambda sent: sent < _IDLE_ECHOES)
        while len(taken.samples) < settings.samples and all(one.reason is None for one in taken.samples):
            taken.samples.append(_patient_sample(path, meter, host, taken, settings))
    except DeviceError as error:
        taken.samples.append(Sample(direction=direction, reason=error.reason, said=error_words(error)))
    return taken


def _patient_sample(path: IpPath, meter: Meter, host: str, taken: Taken, settings: RateSettings) -> Sample:
    """Return one sample; a busy server is asked again, after a wait that chance has a part in."""
    wait_s = settings.busy_wait_s
    sample = _sample(path, meter, host, taken, settings)
    for _try in range(1, settings.busy_tries):
        if sample.reason != Reason.SERVER_BUSY:
            break
        time.sleep(wait_s * random.uniform(0.5, 1.0))
        wait_s *= 2.0
        sample = _sample(path, meter, host, taken, settings)
    return sample


def _sample(path: IpPath, meter: Meter, host: str, taken: Taken, settings: RateSettings) -> Sample:
    with meter.start(path, taken.direction, settings) as run:
        run.wait_for_start()
        processors = Processors()
        echoes = _echoes(path, host, lambda _sent: run.is_running())
        busy_percent = processors.busy_percent()
        sample = run.result()
    if sample.reason is None:
        taken.loaded = Echoes(rtts_s=[*taken.loaded.rtts_s, *echoes.rtts_s])
        known = [load for load in (taken.host_cpu_percent, busy_percent) if load is not None]
        taken.host_cpu_percent = max(known, default=None)
    return sample


def _echoes(path: IpPath, host: str, goes_on: Callable[[int], bool]) -> Echoes:
    try:
        return send_echoes(path, host, _ECHO_OCTETS, _ECHO_S, _ECHO_INTERVAL_S, goes_on)
    except DeviceError:  # without the right to send them, or without an answer, the rate can still be tested
        return Echoes(rtts_s=[])
