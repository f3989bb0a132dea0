"""The samples of a test of the rate in one direction, with the echo requests before and meanwhile."""

import random
import time
from collections.abc import Callable
from functools import partial

import msgspec

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.service.echoes import Echoes, send_echoes
from linetest.service.laptop import Processors
from linetest.service.path import IpPath
from linetest.service.rate_settings import RateSettings
from linetest.service.readings import error_words
from linetest.service.resolve import resolve
from linetest.service.restore import Restore
from linetest.service.sample import Direction, Meter, Sample
from linetest.service.tcp_way import TcpWay, tcp_way

Send = Callable[[Callable[[int], bool]], Echoes]
"""Sends echo requests while the other, asked with the number sent, says so."""

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
    pump_cpu_percent: float | None = None
    """What moving packets between the system's port and our own connection took of one processor, at most."""
    pump_dropped: int = 0
    """Frames that came faster than they were moved."""


def take_samples(
    path: IpPath, meter: Meter, direction: Direction, ping: str | None, settings: RateSettings, restore: Restore
) -> Taken:
    """Return all samples; after one that could not be taken there is no other.

    Args:
        path: the way to the server.
        meter: what measures.
        direction: towards the customer, or from there.
        ping: the host that echo requests go to; the server itself when None.
        settings: how many samples, and how long.
        restore: where the end of what the test needs is noted.
    """
    taken = Taken(direction=direction)
    try:
        server = meter.address(path, direction)
        send = partial(_echoes, path, server if ping is None else resolve(path, ping))
        with tcp_way(path, server, restore) as way:
            taken.idle = send(lambda sent: sent < _IDLE_ECHOES)
            while len(taken.samples) < settings.samples and all(one.reason is None for one in taken.samples):
                taken.samples.append(_patient_sample(way, meter, send, taken, settings))
    except DeviceError as error:
        taken.samples.append(Sample(direction=direction, reason=error.reason, said=error_words(error)))
    return taken


def _patient_sample(way: TcpWay, meter: Meter, send: Send, taken: Taken, settings: RateSettings) -> Sample:
    """Return one sample; a busy server is asked again, after a wait that chance has a part in."""
    wait_s = settings.busy_wait_s
    sample = _sample(way, meter, send, taken, settings)
    for _try in range(1, settings.busy_tries):
        if sample.reason != Reason.SERVER_BUSY:
            break
        time.sleep(wait_s * random.uniform(0.5, 1.0))
        wait_s *= 2.0
        sample = _sample(way, meter, send, taken, settings)
    return sample


def _sample(way: TcpWay, meter: Meter, send: Send, taken: Taken, settings: RateSettings) -> Sample:
    with meter.start(way, taken.direction, settings) as run:
        run.wait_for_start()
        processors = Processors()
        way.pump_percent()
        echoes = send(lambda _sent: run.is_running())
        way.check()
        busy_percent, pump_percent = processors.busy_percent(), way.pump_percent()
        sample = run.result()
    if sample.reason is None:
        taken.loaded = Echoes(rtts_s=[*taken.loaded.rtts_s, *echoes.rtts_s])
        taken.host_cpu_percent = _higher(taken.host_cpu_percent, busy_percent)
        taken.pump_cpu_percent = _higher(taken.pump_cpu_percent, pump_percent)
        taken.pump_dropped = way.pump_dropped()
    return sample


def _higher(one: float | None, other: float | None) -> float | None:
    return max((load for load in (one, other) if load is not None), default=None)


def _echoes(path: IpPath, host: str, goes_on: Callable[[int], bool]) -> Echoes:
    try:
        return send_echoes(path, host, _ECHO_OCTETS, _ECHO_S, _ECHO_INTERVAL_S, goes_on)
    except DeviceError:  # without the right to send them, or without an answer, the rate can still be tested
        return Echoes(rtts_s=[])
