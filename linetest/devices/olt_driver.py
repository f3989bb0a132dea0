"""``[olt]`` of a ``driver.toml``: the tables and commands that tell of ONUs, as data that is read strictly.

A table is a walk of its columns; each column becomes one field of `OnuState` or `PortState`. A command is text whose
rows a TextFSM template reads; what the template calls ``SERIAL`` becomes the field ``serial``. `absent` and `states`
go by the raw value as text.
"""

from typing import Annotated, Literal

import msgspec

from linetest.devices.index_codecs import IndexName
from linetest.devices.scale_codecs import ScaleName
from linetest.model.codes import Reason
from linetest.model.onu import OnuState, PortState, Technology

Rows = Literal["onu", "found", "port"]
"""ONUs that are configured; ONUs that the OLT found and that wait; ports of the OLT."""

FIELDS: dict[Rows, frozenset[str]] = {
    "onu": frozenset(OnuState.__struct_fields__) - {"onu", "reasons"} | {"port"},
    "found": frozenset({"serial", "mac", "loid"}),
    "port": frozenset(PortState.__struct_fields__) - {"port", "reasons"},
}
"""What columns can be called. ``port`` is the place of an ONU whose index does not say it."""


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column: where its value is and how it is understood."""

    oid: str = ""
    """Below the table's root; in a command it has none."""
    scale: ScaleName = "number"
    absent: dict[str, Reason] = {}
    """Raw values that stand for no value, each with its reason."""
    states: dict[str, str] = {}
    """Raw values of a state, each with ours; compared without capitals. A raw value that is not here is unknown."""


class OltTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[olt.table]]``: columns that are counted alike."""

    name: str
    rows: Rows = "onu"
    technology: Technology
    root: str
    """The OID in front of every column's."""
    index: IndexName
    column_last: bool = False
    """The index stands in front of the column's number, not behind it."""
    column: dict[str, Column]
    source: str
    """MIB, or public driver, that the columns were read in."""

    def __post_init__(self) -> None:
        """Refuse columns that are no fields, and OIDs that are none."""
        wrong = sorted(set(self.column) - FIELDS[self.rows])
        if wrong:
            raise ValueError(f"{self.name}: no field is called {wrong[0]!r}")
        for text in (self.root, *(column.oid for column in self.column.values())):
            if not all(part.isdecimal() for part in text.split(".")):
                raise ValueError(f"{self.name}: {text!r} is no OID without a leading dot")


class CounterTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[olt.counters]]``: what the OLT counts of each link; read only for a comparison."""

    name: str
    root: str
    """The OID in front of every column's."""
    index: IndexName
    column: dict[str, str]
    """By the name of the counter, as its MIB has it: its OID below the root."""
    source: str

    def __post_init__(self) -> None:
        """Refuse OIDs that are none."""
        for text in (self.root, *self.column.values()):
            if not all(part.isdecimal() for part in text.split(".")):
                raise ValueError(f"{self.name}: {text!r} is no OID without a leading dot")


class OltCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[olt.command.NAME]``: a command of the shell and the template for what it prints."""

    send: str
    """``{rack}``, ``{slot}``, ``{port}`` and ``{onu}`` are filled in."""
    enter: list[str] = []
    """What is sent before it, to come to where it works."""
    leave: list[str] = []
    """What is sent after it, to come back."""
    scope: Literal["onu", "port", "olt"]
    """What one call tells of."""
    rows: Literal["onu", "found", "service-port", "vlan"] = "onu"
    technology: Technology
    template: str
    """The TextFSM template's file, beside the driver."""
    column: dict[str, Column] = {}
    risk: Literal["read"] = "read"
    listing: bool = False
    """`pon list` uses it; the others serve `pon show`."""
    provision_only: bool = False
    """Only provisioning asks it: `pon show` does not know the ONU's technology."""
    nothing: str = ""
    """A regular expression that is found in a refusal which only says that there are no rows."""
    example: str
    """A reply of made-up values that the template reads whole."""
    source: str


class Detect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[olt.detect]``: how the box is known."""

    object_ids: list[str] = []
    """What its sysObjectID begins with."""
    descriptions: list[str] = []
    """Regular expressions, one of which is found in its sysDescr."""
    probe: str | None = None
    """An OID under which it alone has something."""


class SweepManners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[olt.sweep]``: how much an OLT can be asked when all of its ONUs are read."""

    in_flight: Annotated[int, msgspec.Meta(ge=1, le=8)] = 1
    """Questions on their way to it at a time."""
    optics_are_cheap: bool = False
    """It tells its ONUs' light from memory. Most ask each ONU by OMCI or OAM, which loads a full OLT."""
    source: str = "own choice: maintainers of LibreNMS warn against reading the optics of 1,000 and more ONUs"


class OltDriver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[olt]``: all that is special to an OLT."""

    detect: Detect = Detect()
    table: list[OltTable] = []
    counters: list[CounterTable] = []
    command: dict[str, OltCommand] = {}
    sweep: SweepManners = SweepManners()
    not_read: dict[str, str] = {}
    """Fields that no source gives a column for, each with why."""

    def __post_init__(self) -> None:
        """Refuse reasons for fields that do not exist."""
        wrong = sorted(set(self.not_read) - FIELDS["onu"])
        if wrong:
            raise ValueError(f"not_read: no field is called {wrong[0]!r}")
