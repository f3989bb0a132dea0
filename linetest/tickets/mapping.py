"""Which field of a ticket system carries which value of linetest: data, one TOML file for each system.

The files are in ``mappings/``, named by the system (``rt.toml``); a station names its own with ``mapping = "FILE"`` in
``[ticket]``. Such a file::

    system = "rt"

    [path]                        # of "tmf" alone: where each kind of resource lies below the station's url
    serviceTest = "/tmf-api/serviceTestManagement/v4/serviceTest"

    [[field]]
    name = "Work Type"            # as the system calls it; what a name may be, its adapter says
    carries = "order.work_type"   # a name of `values.NAMES`: sent where it is in SENT, taken where it is in TAKEN
    conflict = "theirs"           # what happens when the system has another value:
                                  #   append      added to what is there, nothing is replaced (what carries `note`)
                                  #   ours        linetest's value is set, and set again when it differs afterwards
                                  #   theirs      set only while the field is empty; another value stays and is told
                                  #   transition  only by the table of [status] (what carries `status`)
    translate = { fault = "repair" }      # linetest's word = the system's, used both ways
    values = ["install", "repair"]        # what a field of choices must offer: `ticket doctor` asks for them
    compared = "text"             # text | number | instant: how the value is compared when it is read back
    decimals = 2                  # of a number

    [status]
    closed = ["resolved"]         # no status follows by itself: a late result is added, and told to be late
    [status.verdict]              # the status after the last line's result; absent leaves it as it is
    pass = "resolved"
    [status.event]                # the status after an event of the order
    arrived = "open"
    [status.may]                  # which status may follow which; those of orders that are listed and fetched
    open = ["resolved"]

The table [status] is there when a field carries `status`. What the table of transitions does not allow is left as it is
and told; it is never forced.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from linetest import catalog
from linetest.devices.station import TicketEntry
from linetest.errors import BadFile, nearest
from linetest.model.case import EventKind
from linetest.model.codes import Verdict
from linetest.model.toml import convert, convert_tables, parse_toml
from linetest.tickets.payload import Payload
from linetest.tickets.values import NAMES, NOTE, SENT, STATUS, TAKEN, WORDS
from linetest.words.text import _

Conflict = Literal["append", "ours", "theirs", "transition"]
Compared = Literal["text", "number", "instant"]
_SHIPPED = Path(__file__).with_name("mappings")
_ONLY = {NOTE: "append", STATUS: "transition"}
"""The values that have one policy, which no other value has."""


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[field]]`` of a system."""

    name: str
    carries: str
    conflict: Conflict
    translate: dict[str, str] = {}
    values: tuple[str, ...] = ()
    compared: Compared = "text"
    decimals: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no value is, and a policy that does not fit."""
        if not self.name.strip():
            raise ValueError(_("a field needs its name"))
        if self.carries not in NAMES:
            raise ValueError(
                _("linetest has no value {name!r}; there are: {names}").format(
                    name=self.carries[:40], names=nearest(self.carries, list(NAMES))
                )
            )
        policy = _ONLY.get(self.carries)
        if policy != self.conflict and (policy is not None or self.conflict in _ONLY.values()):
            wanted = policy or "ours | theirs"
            raise ValueError(_("what carries {name} has conflict = {wanted}").format(name=self.carries, wanted=wanted))
        if self.decimals is not None and not (self.compared == "number" and 0 <= self.decimals <= 9):
            raise ValueError(_("decimals is of a number, from 0 to 9"))
        self._check_words()

    def _check_words(self) -> None:
        known = WORDS.get(self.carries)
        for word in self.translate if known is not None else ():
            if word not in (known or ()):
                raise ValueError(
                    _("{name} is never {word!r}; there are: {names}").format(
                        name=self.carries, word=word[:40], names=nearest(word, list(known or ()))
                    )
                )
        if len(set(self.translate.values())) != len(self.translate):
            raise ValueError(_("two words of translate have the same translation, so it cannot be read back"))

    @property
    def is_sent(self) -> bool:
        """Return whether linetest sends it."""
        return self.carries in SENT

    @property
    def is_taken(self) -> bool:
        """Return whether an order takes it from a ticket."""
        return self.carries in TAKEN

    def of(self, payload: Payload) -> Any:
        """Return the value to send, translated and rounded; None leaves the field as it is."""
        value = SENT[self.carries](payload) if self.is_sent else None
        if isinstance(value, str):
            return self.translate.get(value, value) or None
        if isinstance(value, float) and self.decimals is not None:
            return f"{value:.{self.decimals}f}"
        return value

    def back(self, found: str) -> str:
        """Return the system's word as linetest's."""
        return next((ours for ours, theirs in self.translate.items() if theirs == found), found)


class StatusRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[status]``."""

    closed: tuple[str, ...]
    verdict: dict[str, str] = {}
    event: dict[str, str] = {}
    may: dict[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Refuse words that linetest does not have, and statuses that the table of transitions does not know."""
        for table, words, known in (
            ("verdict", self.verdict, [verdict.value for verdict in Verdict]),
            ("event", self.event, list(get_args(EventKind))),
        ):
            for word in words:
                if word not in known:
                    raise ValueError(
                        _("[status.{table}]: there is no {word!r}; there are: {names}").format(
                            table=table, word=word[:40], names=nearest(word, known)
                        )
                    )
        statuses = [*self.verdict.values(), *self.event.values(), *(one for many in self.may.values() for one in many)]
        for status in statuses:
            if status not in self.known:
                raise ValueError(
                    _("the status {status!r} is neither closed nor in [status.may]; there are: {names}").format(
                        status=status[:40], names=nearest(status, self.known)
                    )
                )

    @property
    def known(self) -> list[str]:
        """Return all statuses."""
        return [*dict.fromkeys([*self.may, *self.closed])]

    @property
    def waiting(self) -> list[str]:
        """Return the statuses of tickets that are orders to be done."""
        return [status for status in self.may if status not in self.closed]

    def allows(self, old: str, new: str) -> bool:
        """Return whether `new` may follow `old`."""
        return new in self.may.get(old, ())


NO_RULES = StatusRules(closed=(), may={})
"""Of a system without a table of statuses: none is ever set."""


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All fields of one system."""

    system: str
    path: dict[str, str] = {}
    """Where each kind of resource lies below the station's address, of a system that has several."""
    field: tuple[Field, ...]
    status: StatusRules | None = None

    def __post_init__(self) -> None:
        """Refuse a field that stands there twice, and a status without its table or the other way round."""
        names = [field.name for field in self.field]
        if double := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(_("the field {name!r} stands there twice").format(name=double))
        if any(field.carries == STATUS for field in self.field) and self.status is None:
            raise ValueError(_("a field carries status, so the table [status] is needed"))

    @property
    def taken(self) -> tuple[Field, ...]:
        """Return the fields that tell of an order."""
        return tuple(field for field in self.field if field.is_taken)

    @property
    def shared(self) -> tuple[str, ...]:
        """Return the values that both sides set, and of which ours is the one that counts."""
        return tuple(field.carries for field in self.taken if field.is_sent and field.conflict == "ours")

    def document(self, payload: Payload) -> dict[str, Any]:
        """Return what the payload has for each field by its name, without those that it has nothing for."""
        values = {field.name: field.of(payload) for field in self.field if field.is_sent}
        return {name: value for name, value in values.items() if value is not None}


def read_mapping(text: str, name: str) -> Mapping:
    """Return the mapping that `text` holds; `name` is the file's name for errors.

    Raises:
        BadFile: with the number of the ``[[field]]``, and what was probably meant.
    """
    document = parse_toml(text, name)
    convert_tables(document, {"field": Field}, name)
    if "status" in document:
        convert(document["status"], StatusRules, f"{name}: [status]")
    return convert(document, Mapping, name)


def mapping_of(entry: TicketEntry) -> Mapping:
    """Return the mapping of a station's ticket system: the one that it names, else the shipped one.

    Raises:
        FileError: it cannot be read, or is a mapping of another system.
    """
    path = _SHIPPED / f"{entry.system}.toml" if entry.mapping is None else Path(entry.mapping)
    found = _read(path, path.stat().st_mtime_ns if path.is_file() else 0)
    if found.system != entry.system:
        raise BadFile(
            _("{file}: a mapping for {found}, and the station's ticket system is {wanted}").format(
                file=path, found=found.system[:40], wanted=entry.system
            ),
            _('name another one with mapping = "FILE" in [ticket]'),
        )
    return found


@cache
def _read(path: Path, _changed_ns: int) -> Mapping:
    return read_mapping(catalog.read_text(path), str(path))
