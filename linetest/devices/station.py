"""The station file: which devices a van carries and which ticket system takes the results."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from linetest import catalog
from linetest.devices.driver_file import load_driver
from linetest.errors import FileError, UsageError, nearest
from linetest.model.toml import convert, parse_toml
from linetest.transports.address import BENCH, REPLAY, is_simulated
from linetest.words.text import _

_FILE = "file:"
"""Where a secret lies in a file; see `linetest.secrets`."""
_FILE_KINDS = ("sweep-file", "trace-file", "epon-capture")
"""The kinds of driver whose address is a file, or a folder of such files."""


class DeviceEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[device.NAME]``: a box at an address."""

    driver: str
    address: str | None = None
    channel: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """The channel of a meter that has several; 1 when absent."""
    snmp: str | None = None
    """Of an OLT or a DSL modem: ``udp://HOST:161``, ``udp://USER@HOST`` for version 3, or ``replay:FILE``."""
    shell: str | None = None
    """Of an OLT or a DSL modem: ``ssh://USER@HOST`` or ``telnet://USER@HOST``."""
    vlans: list[str] = []
    """Of an access port: the tags of its frames, the outer one first, as in ``802.1ad:10`` or ``41``."""
    user: str | None = None
    """Of an access port: the name to dial in with where the order names no account."""
    servers: dict[str, str] = {}
    """Of an access port: what to test against, such as ``iperf3 = "192.0.2.1"``; see `linetest.service.access`."""
    in_flight: Annotated[int, msgspec.Meta(ge=1, le=8)] | None = None
    """Of an OLT: how many questions may be on their way to it at a time in a sweep; else as its driver says."""
    secrets: dict[str, str] = {}
    """What each secret is for, and where it lies, as in ``file:PATH``; see `linetest.secrets`."""
    name: str = ""
    """Taken from the table's name."""

    @property
    def addresses(self) -> list[str]:
        """Return all addresses that it has."""
        return [one for one in (self.address, self.snmp, self.shell) if one]

    @property
    def simulated(self) -> bool:
        """Tell whether what is read there comes from the bench or from a replay."""
        return any(is_simulated(one) for one in self.addresses)


class StatusTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[ticket.status]``: the state that a ticket gets for each verdict; ``unchanged`` leaves it alone."""

    pass_: str | None = msgspec.field(default=None, name="pass")
    fail: str | None = None
    inconclusive: str | None = None


class TicketEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[ticket]``: where results go."""

    system: Literal["rt", "tmf", "webhook", "folder"]
    name: str | None = None
    """What the outbox calls it; system, address and queue when absent. A ticket system that moves keeps its name."""
    url: str | None = None
    queue: str | None = None
    token: str | None = None
    """Where the token lies, never the token itself."""
    path: str | None = None
    """The folder of ``system = "folder"``."""
    ca_file: str | None = None
    technician: str | None = None
    """Of ``system = "tmf"``: the id by which a work order names its technician, when it is us."""
    mapping: str | None = None
    """A file that says which field carries what; that of the system when absent: see `linetest.tickets.mapping`."""
    connections: Annotated[int, msgspec.Meta(ge=1, le=16)] = 4
    """How many requests are under way at once; a server gains nothing above the number of its workers."""
    status: StatusTable = StatusTable()


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A whole station file."""

    name: str
    device: dict[str, DeviceEntry] = {}
    ticket: TicketEntry | None = None
    path: str = ""


class _StationFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    device: dict[str, DeviceEntry] = {}
    ticket: TicketEntry | None = None


def default_station_path() -> Path:
    """Return ``station.toml`` in the user's configuration folder; it need not exist."""
    return catalog.user_folder() / "station.toml"


def load_station(path: Path) -> Station:
    """Return the station in the file `path`; addresses that are files are relative to it.

    Raises `FileError` when it cannot be read, `BadFile` with the table that is wrong, `UsageError` for an unknown
    driver.
    """
    if not path.is_file():
        raise FileError(
            _("{file}: there is no such station file").format(file=path),
            _("name one with --station FILE; `linetest bench up` makes one with simulated devices"),
        )
    document = parse_toml(catalog.read_text(path), str(path))
    tables = document.get("device")
    for name, table in tables.items() if isinstance(tables, dict) else ():
        convert(table, DeviceEntry, f"{path}: [device.{name}]")
    if "ticket" in document:
        convert(document["ticket"], TicketEntry, f"{path}: [ticket]")
    found = convert(document, _StationFile, str(path))
    devices = {name: _complete(entry, name, path) for name, entry in found.device.items()}
    return Station(name=found.name, device=devices, ticket=_ticket(found.ticket, path), path=str(path))


def device_for(station: Station, kind: str, name: str | None = None) -> DeviceEntry:
    """Return the device called `name`, or else the only one whose driver is of that kind.

    Raises `UsageError` that says which devices there are.
    """
    fitting = {key: entry for key, entry in station.device.items() if load_driver(entry.driver).kind == kind}
    if name is not None:
        if name in fitting:
            return fitting[name]
        raise UsageError(
            _("{file}: there is no {kind} {name!r}; there is: {names}").format(
                file=station.path, kind=kind, name=name, names=nearest(name, list(fitting)) or _("none")
            )
        )
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if not fitting:
        raise UsageError(
            _("{file}: there is no device of kind {kind}").format(file=station.path, kind=kind),
            _("add a table [device.NAME] with driver and address; `linetest driver list` shows the drivers"),
        )
    raise UsageError(
        _("{file}: several devices are of kind {kind}: {names}").format(
            file=station.path, kind=kind, names=", ".join(sorted(fitting))
        ),
        _("name one of them"),
    )


def _complete(entry: DeviceEntry, name: str, path: Path) -> DeviceEntry:
    """Return `entry` with its name, and with its file found from where the station file lies."""
    if entry.name:
        raise UsageError(_("{file}: [device.{name}]: the table's name is the name").format(file=path, name=name))
    address = _replay_found(entry.address, path)
    if address is not None and not address.startswith(REPLAY) and load_driver(entry.driver).kind in _FILE_KINDS:
        prefix = BENCH if address.startswith(BENCH) else ""
        address = prefix + str(path.parent / address.removeprefix(BENCH))
    secrets = {what: _secret_found(source, path) for what, source in entry.secrets.items()}
    snmp = _replay_found(entry.snmp, path)
    return msgspec.structs.replace(entry, name=name, address=address, snmp=snmp, secrets=secrets)


def _replay_found(address: str | None, path: Path) -> str | None:
    """Return the address with the file of a replay found from where the station file lies."""
    if address is None or not address.startswith(REPLAY):
        return address
    return REPLAY + str(path.parent / address.removeprefix(REPLAY))


def _secret_found(source: str, path: Path) -> str:
    if not source.startswith(_FILE):
        return source
    return _FILE + str(path.parent / Path(source.removeprefix(_FILE)).expanduser())


def _ticket(entry: TicketEntry | None, path: Path) -> TicketEntry | None:
    """Return `entry` with its files found from where the station file lies."""
    if entry is None:
        return None
    files = {"path": entry.path, "ca_file": entry.ca_file, "mapping": entry.mapping}
    found = {name: str(path.parent / Path(file).expanduser()) for name, file in files.items() if file is not None}
    if entry.token is not None and entry.token.startswith(_FILE):
        found["token"] = _secret_found(entry.token, path)
    return msgspec.structs.replace(entry, **found)
