"""OLTs over SNMP: one engine that reads the tables of every maker's driver into the same rows.

A value is taken only under the OID that was asked for, and each OID says of which ONU it is: no answer can come to the
wrong one. A column that cannot be read is missing with its reason, a row that is not understood is named, and the
others are read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from linetest.devices.index_codecs import INDEXES, NOWHERE, Names, Place, Suffix
from linetest.devices.olt_driver import OltDriver, OltTable
from linetest.devices.olt_rows import Cell, Known, OnuRow, onu_row, port_state
from linetest.devices.scale_codecs import Raw, as_text, scale
from linetest.errors import Timeout
from linetest.model.codes import Reason
from linetest.model.onu import PortState
from linetest.model.onu_id import OnuId
from linetest.transports.snmp_replay import Tables
from linetest.transports.snmp_walk import suffix_key

IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
_MOST_SILENCES = 2
"""After so many columns without an answer in time no more are asked: each would take its whole deadline."""
_MOST_ROWS = 20_000  # sixteen cards with sixteen ports of 64 ONUs each have fewer


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not understood."""

    where: str
    """Table and index, or the line of text."""
    reason: str


class OnuTable(msgspec.Struct, frozen=True, kw_only=True):
    """All that one reading of an OLT gave."""

    onus: list[OnuRow] = []
    found: list[OnuRow] = []
    """ONUs that the OLT sees but that are not configured; their `onu` is the port."""
    ports: list[PortState] = []
    unread: list[Unread] = []


class _Gathered:
    """The cells of one kind of row while the tables are read."""

    def __init__(self) -> None:
        self.cells: dict[Place, dict[str, Cell]] = {}
        self.table: dict[Place, OltTable] = {}
        self.troubles: dict[str, str] = {}

    def add(self, table: OltTable, field: str, told: Iterable[tuple[Place, Raw]]) -> None:
        """Keep cells of a column; of several tables with the same field the first that has it counts."""
        column = table.column[field]
        for place, raw in told:
            cells = self.cells.get(place)
            if cells is None:
                if len(self.cells) >= _MOST_ROWS:
                    continue
                cells = self.cells[place] = {}
                self.table[place] = table
            if field not in cells:
                cells[field] = Cell(column, raw)


def read_onus(
    olt: OltDriver, session: Tables, wanted: OnuId | None = None, fields: frozenset[str] | None = None
) -> OnuTable:
    """Read the OLT's tables.

    Args:
        olt: Says what to ask and how to understand it.
        session: Asks.
        wanted: Only this ONU, or the ONUs of this port; all when None. The values of one ONU are asked for in one
            question, its state beside its power.
        fields: Only these; all when None.

    Raises:
        DeviceError: nothing at all could be read.
    """
    kinds = {"onu": _Gathered(), "found": _Gathered(), "port": _Gathered()}
    unread: list[Unread] = []
    names = LazyNames(session)
    places: dict[str, dict[Suffix, Place | None]] = {}  # each index stands in every column
    for table, field, cells in _columns(olt, session, _Ask(wanted, fields), names, kinds):
        known = places.setdefault(table.index, {})
        told = []
        for suffix, raw in cells:
            if suffix not in known:
                known[suffix] = INDEXES[table.index].decode(suffix, names)
            place = known[suffix]
            if place is None:
                _note(unread, table, suffix)
            elif wanted is None or _is_wanted(table, place, wanted):
                told.append((place, raw))
        kinds[table.rows].add(table, field, told)
    lost = _join_by_mac(kinds["onu"])
    return OnuTable(
        onus=_rows(kinds["onu"], wanted),
        found=_rows(kinds["found"], wanted),
        ports=[port_state(str(place), cells, kinds["port"].troubles) for place, cells in kinds["port"].cells.items()],
        unread=unread + (lost if wanted is None else []),  # else they are of ONUs that were not asked for
    )


class _Ask(NamedTuple):
    """What is asked for."""

    wanted: OnuId | None
    fields: frozenset[str] | None

    def columns(self, table: OltTable) -> dict[str, str]:
        """Return field by OID of the columns that are asked for; the port is needed to know whose row it is."""
        fields = self.fields
        return {one.oid: name for name, one in table.column.items() if fields is None or name in fields | {"port"}}

    def numbers(self, table: OltTable, names: Names) -> Suffix | None:
        """Return the numbers that all rows asked for begin with; None where that is not known."""
        if self.wanted is None or table.column_last:
            return None
        place = self.wanted if table.rows == "onu" else self.wanted._replace(onu=None)
        return INDEXES[table.index].encode(place, names)

    def is_whole(self, table: OltTable) -> bool:
        """Tell whether the index names one row, not the rows of a port."""
        return table.rows == "port" or (table.rows == "onu" and self.wanted is not None and self.wanted.onu is not None)


def _columns(
    olt: OltDriver, session: Tables, ask: _Ask, names: Names, kinds: Mapping[str, _Gathered]
) -> Iterator[tuple[OltTable, str, list[tuple[Suffix, Raw]]]]:
    """Yield table, field, and the index and raw value of cells: first, in one question, those whose OID is known."""
    named: dict[str, tuple[OltTable, Suffix, str]] = {}
    walked: list[tuple[OltTable, dict[str, str], Suffix]] = []
    for table in olt.table:
        columns = ask.columns(table)
        index = ask.numbers(table, names) if columns else None
        if index == NOWHERE:
            continue
        if index is not None and ask.is_whole(table):
            tail = ".".join(map(str, index))
            named |= {f"{table.root}.{oid}.{tail}": (table, index, field) for oid, field in columns.items()}
        elif columns:
            walked.append((table, columns, index or ()))
    answers = session.get(list(named)) if named else {}
    for oid, (table, index, field) in named.items():
        if oid in answers:
            yield table, field, [(index, answers[oid])]
    for table, columns, index in walked:
        for field, cells in _walked(table, columns, index, session, kinds):
            yield table, field, cells


def _walked(
    table: OltTable, columns: dict[str, str], index: Suffix, session: Tables, kinds: Mapping[str, _Gathered]
) -> Iterator[tuple[str, list[tuple[Suffix, Raw]]]]:
    """Yield the cells of a table column by column; a column that is not told in time is missing with that reason."""
    if table.column_last:
        for suffix, raw in _walk(session, table.root, ()):
            if suffix and str(suffix[-1]) in columns:
                yield columns[str(suffix[-1])], [(suffix[:-1], raw)]
        return
    for oid, field in columns.items():
        if sum(len(one_kind.troubles) for one_kind in kinds.values()) >= _MOST_SILENCES:
            kinds[table.rows].troubles.setdefault(field, str(Reason.TIMEOUT))
            continue
        try:
            cells = _walk(session, f"{table.root}.{oid}", index)
        except Timeout as error:
            if not any(one_kind.cells for one_kind in kinds.values()):
                raise  # nothing has been heard at all
            kinds[table.rows].troubles.setdefault(field, error.reason)
            continue
        yield field, cells


def _walk(session: Tables, root: str, index: Suffix) -> list[tuple[Suffix, Raw]]:
    below, above = ".".join([root, *map(str, index)]), f"{root}."
    start = len(above)
    return [(suffix_key(oid[start:]), raw) for oid, raw in session.walk(below) if oid.startswith(above)]


def _is_wanted(table: OltTable, place: Place, wanted: OnuId) -> bool:
    """Tell whether a row is asked for; where only a column or another table can say it, it is kept for later."""
    if isinstance(place, str) or "port" in table.column:
        return True
    return wanted.covers(place) if table.rows == "onu" else wanted[:3] == place[:3]


def _note(unread: list[Unread], table: OltTable, suffix: Suffix) -> None:
    where = f"{table.name} {'.'.join(map(str, suffix))}"
    if all(one.where != where for one in unread[-8:]) and len(unread) < _MOST_ROWS:
        unread.append(Unread(where=where, reason=str(Reason.GARBLED)))


def _join_by_mac(gathered: _Gathered) -> list[Unread]:
    """Give the cells of rows that are known by a MAC only to the ONU that has it; return those that found none."""
    lost: list[Unread] = []
    macs = {place: cells for place, cells in gathered.cells.items() if isinstance(place, str)}
    owners: dict[str, list[Place]] = {}
    for place, cells in gathered.cells.items():
        if isinstance(place, OnuId) and "mac" in cells:
            owners.setdefault(as_text(_mac_of(cells["mac"])), []).append(place)
    for mac, cells in macs.items():
        del gathered.cells[mac]
        found = owners.get(str(mac), [])
        if len(found) == 1:
            for field, cell in cells.items():
                gathered.cells[found[0]].setdefault(field, cell)
        else:  # nobody has it, or two do: then nobody knows whose values these are
            lost.append(Unread(where=f"{gathered.table[mac].name} {mac}", reason=str(Reason.NOT_DECIDABLE)))
    return lost


def _mac_of(cell: Cell) -> Raw:
    return str(scale("mac", cell.raw))


def _rows(gathered: _Gathered, wanted: OnuId | None) -> list[OnuRow]:
    rows = []
    known: Known = {}
    for place, cells in gathered.cells.items():
        if not isinstance(place, OnuId) or place.onu is None:
            continue  # a port has a row of its own in some tables
        table = gathered.table[place]
        told = _on_its_port(place, cells)
        if wanted is not None and not (wanted.covers(told) or (wanted[:3] == told[:3] and table.rows == "found")):
            continue
        if table.rows == "found":
            told = told._replace(onu=None)
        number = told.onu if isinstance(told.onu, int) else -1
        row = onu_row(str(told), table.technology, cells, gathered.troubles, known)
        rows.append(((*told[:3], number, str(told.onu or "")), row))
    rows.sort(key=lambda found: found[0])
    return [row for _place, row in rows]


def _on_its_port(place: OnuId, cells: dict[str, Cell]) -> OnuId:
    """Return the place with the port that a column tells, where the index does not."""
    cell = cells.pop("port", None)
    text = as_text(cell.raw) if cell else ""
    return place._replace(port=int(text)) if text.isdecimal() and len(text) <= 5 else place


class LazyNames(Mapping[int, str]):
    """The interface names, walked when the first is asked for: only some makers' indexes need them."""

    def __init__(self, session: Tables) -> None:
        self._session = session
        self._names: dict[int, str] | None = None

    def _all(self) -> dict[int, str]:
        if self._names is None:
            rows = self._session.walk(IF_NAME) or self._session.walk(IF_DESCR)
            self._names = {int(last): as_text(raw) for oid, raw in rows if (last := oid.rpartition(".")[2]).isdecimal()}
        return self._names

    def __getitem__(self, number: int) -> str:
        return self._all()[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
