"""A day's work on simulated devices: two orders, a meter, a binder and a ticket system, in this process."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from types import MappingProxyType
from typing import NamedTuple

from linetest.bench.access_network import CONTRACTED_MBPS, PASSWORD, USER, access_network, shortened
from linetest.bench.binder import binder_file
from linetest.bench.day import DayOrder, Line, copper_order, fibre_order
from linetest.bench.light import Light
from linetest.bench.meters import METERS
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.pon_capture import make_capture
from linetest.bench.scenario import GOOD_CAPTURE, GOOD_LINE, Scenario
from linetest.bench.scenarios import find_scenario
from linetest.bench.sor_bytes import write
from linetest.bench.ticket_server import TicketServer
from linetest.bench.tmf_server import TmfServer
from linetest.bench.wire import plugged_in

_QUEUE = "Field"
_TECHNICIAN = "tech1"
_STATION = """\
# A station of simulated devices, scenario {scenario}; it works while the bench runs.
name = "bench-{scenario}"

[device.meter]
driver = "{driver}"
address = "{meter}"

[device.sweep]
driver = "sweep_file"
address = "bench:{sweep}"
{otdr}{pon}
[ticket]
system = "{system}"
name = "bench"
url = "{url}"
{ours}token = {token}
"""

_OTDR = """
[device.otdr]
driver = "sor_file"
address = "bench:traces"
"""
_TAP = """
[device.tap]
driver = "epon_capture"
address = "bench:pon.pcap"
"""
_OLT = """
[device.olt7]
driver = "{driver}"
snmp = "{snmp}"
shell = "{shell}"
secrets = {{ community = {community}, password = {password} }}
"""
_PORT = """
[device.{name}]
driver = "access_port"
address = "{address}"
servers = {{ {servers} }}
"""
_DIALS_IN = 'user = "{user}"\nsecrets = {{ ppp = {password} }}\n'
_SERVICE_PROFILE = "ftth-service-accept"
_PON_PROFILES = {"gpon": "ftth-gpon-accept", "epon": "ftth-epon-accept"}
_TRACE_PROFILE = "ftth-accept"
_CAPTURE_PROFILE = "epon-ctc"
_TRACE_WAVELENGTHS_NM = (1310.0, 1550.0)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a person needs to work on the bench."""

    scenario: Scenario
    station: Path
    orders: list[Path]
    ticket_url: str
    profile: str | None = None
    """What the orders are to be judged by; None for the profile of their kind of line."""
    shorten: Callable[[str], str] = str
    """Makes the tests of that profile's text as short as the bench allows."""


@contextmanager
def start(scenario: str, folder: Path) -> Iterator[Bench]:
    """Start the bench of that scenario and write its files into `folder`; the devices end with the context.

    Args:
        scenario: a name from `scenarios.SCENARIOS`.
        folder: an existing folder; gets the station file, the orders, the ticket token and what was measured before:
            the sweep, the traces, the capture.

    Raises:
        UsageError: there is no such scenario.
    """
    wanted = find_scenario(scenario)
    ending, sweep = binder_file(fault=wanted.binder_fault)
    (folder / f"binder.{ending}").write_text(sweep, encoding="ascii")
    _write_traces(wanted, folder / "traces")
    meter = METERS[wanted.driver](Light(wanted.levels_dbm), wanted.fault, wanted.ready_after_s)
    with ExitStack() as stack:
        address = stack.enter_context(plugged_in(meter))
        pon = stack.enter_context(_line(wanted, folder))
        day = _day(wanted, pon)
        tickets = stack.enter_context(_ticket_system(wanted, day))
        token_file = folder / "ticket-token"
        _write_secret(token_file, tickets.token)
        station = folder / "station.toml"
        station.write_text(
            _STATION.format(
                scenario=wanted.name,
                driver=wanted.driver,
                meter=address,
                sweep=f"binder.{ending}",
                otdr=_OTDR if wanted.traced else "",
                pon=pon.station,
                url=tickets.url,
                system="tmf" if wanted.tmf else "rt",
                ours=f'technician = "{_TECHNICIAN}"\n' if wanted.tmf else f'queue = "{_QUEUE}"\n',
                token=_at(token_file),
            ),
            encoding="utf-8",
        )
        orders = []
        for order, ticket in zip(day, tickets.numbers, strict=True):
            orders.append(folder / f"{order.number}.toml")
            orders[-1].write_text(order.file(ticket), encoding="utf-8")
        profile = _TRACE_PROFILE if wanted.traced else pon.profile
        yield Bench(
            scenario=wanted,
            station=station,
            orders=orders,
            ticket_url=tickets.url,
            profile=profile,
            shorten=shortened if wanted.access else str,
        )


def _day(scenario: Scenario, pon: "_Pon") -> list[DayOrder]:
    """Return the orders of the day: the fibre's only, where its profile asks for an OTDR, an OLT or a tap."""
    fibre = fibre_order(f"ftth-{pon.technology}", pon.line)
    return [fibre] if scenario.is_one_line else [fibre, copper_order()]


def _write_traces(scenario: Scenario, folder: Path) -> None:
    """Write the traces of line B1, as an OTDR would save them: one file for each wavelength."""
    if scenario.traced is None:
        return
    folder.mkdir(exist_ok=True)
    for wavelength_nm in _TRACE_WAVELENGTHS_NM:
        setup = scenario.traced(wavelength_nm)
        traces = [(shoot(*setup), setup.instrument)]
        (folder / f"B1_{wavelength_nm:.0f}.sor").write_bytes(write(traces, truth_of(*setup)))


class _Pon(NamedTuple):
    """What the OLT of the line, or a tap on its PON, adds to the files; nothing when the scenario has neither."""

    station: str = ""
    line: Line = MappingProxyType({})
    technology: str = "gpon"
    profile: str | None = None


def _write_capture(fault: str, file: Path) -> _Pon:
    """Write the capture of the line's PON; the line's ONU is the one that the fault is about."""
    capture = make_capture(None if fault == GOOD_CAPTURE else fault)
    file.write_bytes(capture.body)
    expected = capture.truth.expected
    mac = expected.culprits[0].mac if expected else capture.truth.onus[0].mac
    return _Pon(_TAP, {"mac": mac} if mac else {}, "epon", _CAPTURE_PROFILE)


@contextmanager
def _line(scenario: Scenario, folder: Path) -> Iterator[_Pon]:
    """Run what the fibre's line ends at: an OLT, a tap, the customer's access, or nothing of these."""
    if scenario.access is None:
        with _pon(scenario, folder) as pon:
            yield pon
        return
    password = folder / "line-password"
    _write_secret(password, PASSWORD)
    with access_network(None if scenario.access == GOOD_LINE else scenario.access) as network:
        ports = [
            _PORT.format(
                name=name,
                address=point.address,
                servers=", ".join(f'{key} = "{value}"' for key, value in point.servers.items()),
            )
            for name, point in (("line", network.line), ("router", network.router))
        ]
        ports[0] += _DIALS_IN.format(user=USER, password=_at(password))
        rates: Line = {f"{way}_mbps": rate for way, rate in CONTRACTED_MBPS.items()}
        yield _Pon("".join(ports), rates, profile=_SERVICE_PROFILE)


@contextmanager
def _pon(scenario: Scenario, folder: Path) -> Iterator[_Pon]:
    """Run the OLT of the line, with secrets that are new each time, or write the capture of its PON."""
    if scenario.captured is not None:
        yield _write_capture(scenario.captured, folder / "pon.pcap")
        return
    if scenario.olt is None:
        yield _Pon()
        return
    from linetest.bench.olt import OLTS, running  # brings SSH: only for who needs it

    model = OLTS[scenario.olt]
    community, password = token_urlsafe(12), token_urlsafe(12)
    files = folder / "olt7-community", folder / "olt7-password"
    for file, secret in zip(files, (community, password), strict=True):
        _write_secret(file, secret)
    with running(model, model.plant(scenario.pon), community=community, password=password) as addresses:
        station = _OLT.format(
            driver=model.driver,
            snmp=addresses.snmp,
            shell=addresses.shell,
            community=_at(files[0]),
            password=_at(files[1]),
        )
        line: Line = {"olt": "olt7", "onu": model.customer}
        yield _Pon(station, line, model.technology, _PON_PROFILES[model.technology])


class _Tickets(NamedTuple):
    url: str
    token: str
    numbers: list[str]


@contextmanager
def _ticket_system(scenario: Scenario, day: list[DayOrder]) -> Iterator[_Tickets]:
    """Run the ticket system with a ticket of nobody for each order; when down, a port is taken and nobody listens."""
    if scenario.ticket_down:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            numbers = [str(number) for number, _order in enumerate(day, start=1)]
            yield _Tickets(f"http://127.0.0.1:{taken.getsockname()[1]}", "nobody-asks", numbers)
        return
    if scenario.tmf:
        with TmfServer() as forum:
            forum.fail("drop-reply", times=scenario.lost_answers, path="/serviceTest")
            numbers = [f"workOrder/{forum.new_work_order(order.work_order())}" for order in day]
            yield _Tickets(forum.url, forum.token, numbers)
        return
    with TicketServer(queue=_QUEUE) as server:
        numbers = [server.new_ticket(order.summary, fields=order.tracker_fields()) for order in day]
        yield _Tickets(server.url, server.token, numbers)


def _at(file: Path) -> str:
    """Return where a secret lies, as the station file spells it."""
    return json.dumps(f"file:{file.resolve().as_posix()}", ensure_ascii=False)


def _write_secret(path: Path, secret: str) -> None:
    """Write a file that only this user may read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(secret + "\n")
