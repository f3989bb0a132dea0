"""What an OLT has now, read with its driver's commands: who is bound, who waits, which service ports there are."""

import re
from typing import NamedTuple

import msgspec

from linetest import catalog
from linetest.devices.driver import Driver
from linetest.devices.olt_driver import OltCommand, OltDriver
from linetest.devices.olt_provision import Provision
from linetest.devices.olt_rows import Cell, OnuRow, onu_row
from linetest.devices.olt_shell import Shell, ask_rows, placed_rows
from linetest.devices.olt_text import TextRow, TextRows
from linetest.devices.scale_codecs import as_text
from linetest.errors import BadReply, CommandRefused
from linetest.model.codes import Reason
from linetest.model.onu import mask_loid
from linetest.model.onu_id import OnuId, parse_onu_id
from linetest.secrets import Secret
from linetest.words.text import _


class ServicePortRow(msgspec.Struct, frozen=True, kw_only=True):
    """One service port; a cell that is no number stays as text."""

    number: int
    onu: OnuId
    vlan: str
    user_vlan: str
    gem_port: str


class OltNow(msgspec.Struct, frozen=True, kw_only=True):
    """All that is compared with an order."""

    bound: list[OnuRow]
    waiting: list[OnuRow] | None = None
    """None where the OLT did not tell whom it sees."""
    service_ports: list[ServicePortRow] = []
    lines: frozenset[str] = frozenset()
    """The lines that bring the ONU about, where the OLT prints them; of no ONU when none was named."""
    unanswered: list[str] = []
    """Sentences: what could not be read, so that nobody takes it for checked."""


class OnuNow(NamedTuple):
    """One ONU."""

    row: OnuRow | None
    """None where the OLT tells nothing of it."""
    cells: dict[str, str]
    """All that its state command prints, by the names of the template."""


def read_now(driver: Driver, provision: Provision, session: Shell, place: OnuId, *, with_loids: bool) -> OltNow:
    """Read all that says who is where.

    Args:
        driver: has the commands.
        provision: says which of them.
        session: sends them.
        place: the ONU or the port that the order names; of a port alone no lines are read.
        with_loids: ask each ONU of the port for its LOID where the list does not tell it.

    Raises:
        BadReply: a row of the port's list was not understood: it may be the ONU that is looked for.
        DeviceError: the session broke, or the port's list was refused.
    """
    reader = _Reader(driver, session, place._replace(onu=None))
    read = provision.read
    bound = _as_onus(reader, read.bound[0], strict=True)
    if with_loids:
        bound = [row if row.loid else _with_loid(driver, provision, session, row) for row in bound]
    for name in read.bound[1:]:
        known = {row.state.onu for row in bound}
        others = reader.tried(name, _("the ONUs of other ports")) or []
        bound += [row for row in others if row.state.onu not in known]
    waiting = reader.tried(read.found, _("the ONUs that wait")) if read.found else None
    service_ports: list[ServicePortRow] = []
    if read.service_ports:
        rows = reader.rows(read.service_ports)
        _refuse_unread(rows)
        service_ports = [one for row in rows.rows if (one := _service_port(row)) is not None]
    if all(reader.command(name).scope != "olt" for name in read.bound):
        what = _("not checked: whether it is bound on another port; drivers/{driver}: read.bound lists one port only")
        reader.unanswered.append(what.format(driver=driver.name))
    return OltNow(
        bound=bound,
        waiting=waiting,
        service_ports=service_ports,
        lines=read_lines(provision, session, place),
        unanswered=reader.unanswered,
    )


def read_lines(provision: Provision, session: Shell, onu: OnuId) -> frozenset[str]:
    """Return the lines that bring an ONU about; none for one that is not there."""
    found: set[str] = set()
    if not isinstance(onu.onu, int):
        return frozenset()
    for command in provision.read.lines:
        try:
            text = session.run(command.format(rack=onu.rack, slot=onu.slot, port=onu.port, onu=onu.onu))
        except CommandRefused:  # it is not bound, so it has no lines
            continue
        found |= {" ".join(line.split()) for line in text.splitlines()}
    return frozenset(found)


def _with_loid(driver: Driver, provision: Provision, session: Shell, row: OnuRow) -> OnuRow:
    """Return the row with the LOID that the ONU's own page tells; as it was where it tells none."""
    onu = parse_onu_id(row.state.onu)
    reader = _Reader(driver, session, onu)
    rows = reader.rows(provision.read.state[0])
    _refuse_unread(rows)  # the LOID may stand in what was not understood
    for place, told in placed_rows(rows, onu):
        if onu.covers(place) and "loid" in told.cells:
            loid = as_text(told.cells["loid"].raw)
            state = msgspec.structs.replace(row.state, loid=mask_loid(loid))
            return msgspec.structs.replace(row, state=state, loid=Secret(loid))
    return row


def read_bound(driver: Driver, provision: Provision, session: Shell, place: OnuId) -> list[OnuRow]:
    """Return who is bound on the port of `place`, read anew; raises as `read_now`."""
    return _as_onus(_Reader(driver, session, place._replace(onu=None)), provision.read.bound[0], strict=True)


def read_onu(driver: Driver, provision: Provision, session: Shell, onu: OnuId) -> OnuNow:
    """Return state and light of one ONU; a refusal says that there is nothing to tell yet."""
    reader = _Reader(driver, session, onu)
    cells: dict[str, Cell] = {}
    printed: dict[str, str] = {}
    for number, name in enumerate(provision.read.state):
        try:
            rows = reader.rows(name)
        except CommandRefused:  # not there yet, or not up: it has no light to tell of
            continue
        for place, row in placed_rows(rows, onu):
            if onu.covers(place):
                cells = {**row.cells, **cells}
                printed |= {} if number else {field: as_text(cell.raw) for field, cell in row.cells.items()}
    row_of_it = onu_row(str(onu), reader.command(provision.read.state[0]).technology, cells) if cells else None
    return OnuNow(row_of_it, printed)


def read_vlans(driver: Driver, provision: Provision, session: Shell, uplink: OnuId) -> set[int]:
    """Return the VLANs of an uplink port; raises `DeviceError`."""
    rows = _Reader(driver, session, uplink).rows(provision.read.vlans)
    texts = [as_text(row.cells["vlan"].raw) for row in rows.rows if "vlan" in row.cells]
    return {int(word) for text in texts for word in text.split() if word.isdecimal()}


class _Reader:
    """The commands of one driver on one session about one place."""

    def __init__(self, driver: Driver, session: Shell, place: OnuId) -> None:
        self._olt = driver.olt or OltDriver()
        self._folder = catalog.driver_folder(driver.name)
        self._session = session
        self.place = place
        self.unanswered: list[str] = []

    def command(self, name: str) -> OltCommand:
        """Return a command by its name."""
        return self._olt.command[name]

    def rows(self, name: str) -> TextRows:
        """Return what a command tells; no rows where the OLT says that there are none."""
        command = self.command(name)
        try:
            return ask_rows(command, self._folder, self._session, self.place, lambda _sent, _text: None)
        except CommandRefused as error:
            if command.nothing and re.search(command.nothing, error.what):
                return TextRows()
            raise

    def tried(self, name: str, what: str) -> list[OnuRow] | None:
        """Return the ONUs of a command, None and a note where the OLT does not answer that one."""
        try:
            return _as_onus(self, name, strict=False)
        except CommandRefused as error:
            self.unanswered.append(_("{what}: not read: {fault}").format(what=what, fault=error.what))
            return None


def _as_onus(reader: _Reader, name: str, *, strict: bool) -> list[OnuRow]:
    rows = reader.rows(name)
    if strict:
        _refuse_unread(rows)
    command = reader.command(name)
    wanted = None if command.scope == "olt" else reader.place
    return [
        onu_row(onu.port_text if command.rows == "found" else str(onu), command.technology, row.cells)
        for onu, row in placed_rows(rows, wanted)
        if command.rows == "found" or onu.onu is not None
    ]


def _refuse_unread(rows: TextRows) -> None:
    if rows.unread:
        raise BadReply(
            _("a row of the OLT's list is not understood: {row!r}").format(row=rows.unread[0][:80]),
            _("nothing was changed: whether this row is the one that matters is not known"),
            reason=Reason.NOT_DECIDABLE,
        )


def _service_port(row: TextRow) -> ServicePortRow | None:
    cells = {field: as_text(cell.raw) for field, cell in row.cells.items()}
    number = cells.get("service_port", "")
    if row.onu is None or not number.isdecimal():
        return None
    vlan, user_vlan, gem_port = (cells.get(field, "") for field in ("vlan", "user_vlan", "gem_port"))
    return ServicePortRow(number=int(number), onu=row.onu, vlan=vlan, user_vlan=user_vlan, gem_port=gem_port)
