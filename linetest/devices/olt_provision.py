"""``[provision.gpon]`` and ``[provision.epon]`` of a ``driver.toml``: how an ONU comes into service, as data.

A driver's author writes what a person would type: the modes of the command line, the steps in their order with the
inverse of each, and which of the driver's commands tell what the OLT has now. A command is a template: ``{serial}`` is
a field of `linetest.model.onu_fields`, ``{serial:hex}`` the same in another spelling, and a part in brackets is left
out when one of its fields is not wanted. An empty `send` says that no public source shows the command: who needs it is
refused with its name.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from linetest.devices.olt_provision_text import fields_of
from linetest.model.onu_fields import FIELDS, PERSONAL_FIELDS, SECRET_FIELDS
from linetest.model.toml import convert, convert_tables

Risk = Literal["changes", "drops-service"]
_SAYS_NOTHING = r"\A\s*\Z"
_KEPT_NOWHERE = SECRET_FIELDS | PERSONAL_FIELDS


class Mode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[provision.gpon.mode.NAME]``: where commands are taken, and the way there and back."""

    enter: list[str] = []
    leave: list[str] = []
    prompt: str = ""
    """A regular expression for the whole prompt there; its ``{slot}`` and so on are filled in."""


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command that changes something, and how its reply is understood."""

    send: str = ""
    mode: str = "enabled"
    risk: Risk = "changes"
    success: str = _SAYS_NOTHING
    """Is found in the reply when it was done. A reply without it is a surprise, and the work stops."""
    taken: str = ""
    """Is found in a refusal when somebody else has the number or the ONU."""
    busy: str = ""
    """Is found in a refusal that only asks for patience."""
    answers: dict[str, str] = {}
    """Questions that may be asked, each with what is typed. Any other question is not answered."""
    example: str = ""
    """A reply that `success` understands."""


class ProvisionStep(Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[provision.gpon.step]]``: one step, in the order in which they are done."""

    name: str
    when: list[str] = []
    """The step is wanted when the order has all of these fields; of steps of the same name the first counts."""
    each: Literal["", "ethernet", "port"] = ""
    """Done once for each of the order's ``[[line.service.ethernet]]`` or ``[[line.service.port]]``."""
    proof: Literal["bound", "service-port", "line"] | None = None
    """What shows whether it is done: a list of the OLT, or the line itself in its configuration; None for nothing."""
    repeat: bool = False
    """Doing it twice does no harm: it sets what it sets."""
    undo: Change | None = None
    """None when the inverse of an earlier step takes it away too."""
    source: str


class Reads(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[provision.gpon.read]``: names of ``[olt.command]`` that tell what the OLT has now."""

    bound: list[str]
    """Who is bound, on the port and elsewhere; the first has to be answered."""
    found: str = ""
    """Who waits and is not bound."""
    service_ports: str = ""
    vlans: str = ""
    """Which VLANs an uplink has."""
    state: list[str]
    """What tells of one ONU: its state first, then its light."""
    lines: list[str] = []
    """Commands that print the lines which bring one ONU about; the numbers of its place are filled in."""


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[provision.gpon.verify]``: when an ONU is in service."""

    states: dict[str, str] = {}
    """Cells of the first `Reads.state` beside ``run_state``, and what they have to say."""
    deadline_s: float = 120.0
    every_s: float = 5.0


class Provision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of ``[provision.gpon]`` and ``[provision.epon]``."""

    source: str
    note: str = ""
    onus: tuple[Annotated[int, msgspec.Meta(ge=0)], int]
    """The first and the last number of an ONU on its port."""
    service_ports: tuple[Annotated[int, msgspec.Meta(ge=0)], int] | None = None
    """The first and the last number of a service port; None where they are not counted over the whole OLT."""
    fields: dict[str, str] = {}
    """What this maker takes in a field, where it is less than `linetest.model.onu_fields` lets through."""
    mode: dict[str, Mode] = {}
    read: Reads
    step: list[ProvisionStep]
    verify: Proof = Proof()
    save: Change
    unknown: dict[str, str] = {}
    """Settings that no public source shows, each with what is missing; while there is one, nothing is done."""

    def changes(self) -> Iterator[tuple[str, Change]]:
        """Yield every command that changes something, with its place."""
        for step in self.step:
            yield f"step {step.name}", step
            if step.undo is not None:
                yield f"step {step.name} undo", step.undo
        yield "save", self.save


def check_provision(provision: Any, place: str) -> None:
    """Refuse what is wrong in ``[provision]``, naming the table it stands in; raises `BadFile`."""
    for technology, table in provision.items() if isinstance(provision, dict) else ():
        if isinstance(table, dict):
            where = f"{place}: provision.{technology}"
            convert_tables(table, {"step": ProvisionStep}, where)
            parts: dict[str, type[Any]] = {"read": Reads, "verify": Proof, "save": Change}
            for name, part in parts.items():
                if name in table:
                    convert(table[name], part, f"{where}.{name}")


def provision_faults(provision: Provision, commands: set[str]) -> Iterator[str]:
    """Yield what the types do not see: names that do not exist, and patterns that are none or miss their example."""
    read = provision.read
    for name in (*read.bound, read.found, read.service_ports, read.vlans, *read.state):
        if name and name not in commands:
            yield f"read: there is no [olt.command.{name}]"
    if not read.bound or not read.state:
        yield "read: bound and state have to be known"
    for name in provision.fields:
        if name not in FIELDS:
            yield f"fields: there is no field {name!r}"
    for place, change in provision.changes():
        yield from _change_faults(provision, place, change)
    yield from _step_faults(provision)


def _step_faults(provision: Provision) -> Iterator[str]:
    if not any(step.proof == "bound" for step in provision.step):
        yield 'no step has proof = "bound": nothing would show that the ONU is bound'
    for step in provision.step:
        if not step.source.strip():
            yield f"step {step.name}: source is empty"
        if wrong := sorted(set(step.when) - FIELDS):
            yield f"step {step.name}: when: there is no field {wrong[0]!r}"
        if step.undo is not None and (told := fields_of(step.undo.send) & _KEPT_NOWHERE):
            yield f"step {step.name} undo: {sorted(told)[0]} is kept nowhere, so no inverse can name it"


def _change_faults(provision: Provision, place: str, change: Change) -> Iterator[str]:
    if change.mode not in provision.mode:
        yield f"{place}: there is no mode {change.mode!r}"
    if wrong := sorted(fields_of(change.send) - FIELDS):
        yield f"{place}: there is no field {wrong[0]!r}"
    for pattern in (change.success, change.taken, change.busy, *change.answers):
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"{place}: {pattern!r}: {error}"
            return
    if change.send and not re.search(change.success, change.example):
        yield f"{place}: success does not match its example"
