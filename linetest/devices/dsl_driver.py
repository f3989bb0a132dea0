"""``[dsl]`` of a ``driver.toml``: what a DSL modem or DSLAM prints or answers, as data that is read strictly.

All patterns are regular expressions for one line or more of a text (``^`` and ``$`` are those of a line); each has an
`example` that it finds. A number in a text is multiplied with `scale`: that is where a tenth of a dB is told.
"""

import re
from typing import Literal, get_args

import msgspec

from linetest.devices.dsl_codings import Coding
from linetest.model.dsl import NUMBERS, Direction, Quantity

COUNT, GROUP = "count.", "group."
"""Fields of counters (``count.CRC``) and of the size of a tone group (``group.snr_db``)."""


def _check_field(field: str, places: tuple[str, ...]) -> None:
    known = field in places or (field.startswith(COUNT) and len(field) > len(COUNT))
    if not known:
        raise ValueError(f"no field is called {field!r}; there are: {', '.join(places)}, {COUNT}NAME")


class DslValue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[dsl.value]]``: one number of one direction or of both; of several with the same field the first that is told.

    The pattern's groups are called ``down`` and ``up``.
    """

    field: str
    pattern: str
    after: str | None = None
    """The pattern is looked for behind this one only."""
    scale: float = 1.0
    since: Literal["link", "start"] | None = None
    """Of a counter: since when it counts."""
    example: str

    def __post_init__(self) -> None:
        """Refuse a field that does not exist."""
        _check_field(self.field, NUMBERS)


class DslWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[dsl.word]]``: what the line is, or does; the first group of the pattern."""

    field: Literal["standard", "profile", "status"]
    pattern: str
    example: str


class DslTones(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[dsl.tones]]``: a table over the tones; it ends with the first line that is no row and not empty.

    `start` ends where the rows begin. The groups of `row`: ``values``, separated by spaces, and where the row tells it
    ``tone``, the number of its first tone, and ``last``, that of its last one.
    """

    quantity: Quantity
    direction: Direction | None = None
    """None where the table holds both."""
    start: str
    row: str
    form: Literal["decimal", "hex-digits"] = "decimal"
    """``hex-digits``: each hexadecimal digit is a tone's value."""
    first_tone: int = 0
    """Of a table whose rows do not tell it."""
    absent: list[float] = []
    """Values that stand for no measurement."""
    coded_range: tuple[float, float] | None = None
    """What the coding can hold; values outside of it stand for no measurement too."""
    example: str


class DslBands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[dsl.bands]``: which tones belong to which direction, where one table holds both."""

    down: str
    """The first group holds pairs of numbers; the last place that is found counts."""
    up: str
    example: str


class UsualBands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[dsl.usual_bands]]``: the bands of a standard, where the device does not tell them."""

    standard: str
    """A pattern that is found in the line's standard."""
    down: list[tuple[int, int]]
    up: list[tuple[int, int]]
    source: str


class DslList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[dsl.json.curve]]``: a list over the tones in a JSON document."""

    quantity: Quantity
    values: str
    group: str
    """The key of the number of tones in a group."""
    scale: float = 1.0
    absent: list[float] = []


class DslJson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[dsl.json]``: lists of both directions in one JSON object, somewhere in the document."""

    curve: list[DslList]
    up_bands: list[str]
    """Keys of the list of bands that belong to upstream; the first that is there counts."""
    first: str
    last: str
    """The keys of a band's first and last entry."""


class DslColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[dsl.table.column]]``: one column of a MIB's table."""

    oid: str
    field: str
    """A number of a side, ``count.NAME``, a quantity over tones, ``group.QUANTITY``, ``standard``, ``oper_status``."""
    direction: Direction | None = None
    """None where the index tells it."""
    scale: float = 1.0
    absent: list[int] = []
    coding: Coding | None = None
    """Of a quantity over tones."""
    bits: dict[str, str] = {}
    """Of ``standard`` as BITS: the word for each bit, the first one being 0; the last that is set counts."""

    def __post_init__(self) -> None:
        """Refuse a field that does not exist, and a quantity without its coding."""
        quantities = get_args(Quantity)
        groups = tuple(f"{GROUP}{quantity}" for quantity in quantities)
        _check_field(self.field, (*NUMBERS, *quantities, *groups, "standard", "oper_status"))
        if (self.field in quantities) is not (self.coding is not None):
            raise ValueError(f"{self.field}: a quantity over tones needs its coding, and nothing else has one")


class DslTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[dsl.table]]``: columns with one index. Its first number is the line's ifIndex."""

    name: str
    root: str
    directions: dict[str, Direction] = {}
    """What the second number of the index stands for; rows with another one are passed over."""
    column: list[DslColumn]
    source: str

    def __post_init__(self) -> None:
        """Refuse what is no OID."""
        for text in (self.root, *(column.oid for column in self.column)):
            if not re.fullmatch(r"\d+(\.\d+)*", text):
                raise ValueError(f"{self.name}: {text!r} is no OID without a leading dot")


class DslDriver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[dsl]``: all that is special to a DSL modem."""

    detect: list[str] = []
    """One of these is found in every text of it."""
    in_sync: str | None = None
    """What the status is when the line runs."""
    standard: str | None = None
    """Of a device that has only this one."""
    command: list[str] = []
    """What is sent to its shell; nothing of it changes anything."""
    value: list[DslValue] = []
    word: list[DslWord] = []
    tones: list[DslTones] = []
    bands: DslBands | None = None
    usual_bands: list[UsualBands] = []
    json: DslJson | None = None
    table: list[DslTable] = []
