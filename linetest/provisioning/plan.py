"""The plan: what an order wants against what the OLT has, as numbered steps, and a hash by which it is agreed."""

import hashlib
from typing import Literal, NamedTuple

import msgspec

from linetest.devices.olt_open import read_olt
from linetest.devices.olt_provision_read import (
    OltNow,
    OnuNow,
    ServicePortRow,
    read_lines,
    read_now,
    read_onu,
    read_vlans,
)
from linetest.devices.olt_provision_shell import ProvisionShell
from linetest.devices.olt_provision_text import Line, filled
from linetest.errors import Clash, DeviceError
from linetest.model.onu_id import OnuId, parse_onu_id
from linetest.model.onu_service import ServicePort
from linetest.provisioning.clashes import carries, is_wanted, numbers_for, onu_for, who
from linetest.provisioning.steps import Built, Step, build
from linetest.provisioning.wanted import Wanted
from linetest.words.text import _

HASH_DIGITS = 12
_TOLD_TWICE = ("line_profile", "service_profile")
"""Fields that an OLT tells of a bound ONU under the same name as the order."""

StepState = Literal["done", "open", "unproven"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is going to happen on one OLT; nothing in it is secret."""

    kind: Literal["provision"] = "provision"
    action: Literal["apply", "undo"] = "apply"
    order: str
    line: str
    olt: str
    address: str
    """Of its command line: the same OLT may have two names."""
    driver: str
    onu: str
    who: str
    """The ONU's serial, MAC or masked LOID."""
    steps: list[Step]
    """All that the order wants, done or not."""
    todo: list[str]
    """The labels of what is to be done; of a plan to undo, of what is to be taken back."""
    save: str
    notes: list[str] = []
    """What could not be checked, in the words of the person who planned."""
    hash: str = ""

    @property
    def place(self) -> OnuId:
        """Return where the ONU is, or is to be."""
        return parse_onu_id(self.onu)


class Planned(NamedTuple):
    """A plan with what is kept in memory only."""

    plan: Plan
    lines: dict[str, Line]


def plan_for(wanted: Wanted, shell: ProvisionShell) -> Planned:
    """Read the OLT and return what is to be done; nothing is changed.

    Raises:
        Clash: what the order wants is another's, or is not to be had.
        UsageError: the order and the driver do not fit.
        DeviceError: the OLT could not be read.
    """
    build(
        wanted, wanted.place._replace(onu=0), list(range(len(wanted.service.port)))
    )  # refuses before anything is sent
    now = _with_snmp(wanted, read_now(wanted.driver, wanted.provision, shell, wanted.place, with_loids=wanted.has_loid))
    onu, is_bound = onu_for(wanted, now)
    built = build(wanted, onu, numbers_for(wanted, onu, now))
    notes = list(now.unanswered)
    if wanted.has_loid and not wanted.entry.snmp:
        notes.append(_("not checked: the LOIDs of other ports; with snmp in the station file they are"))
    if is_bound:
        now = msgspec.structs.replace(now, lines=read_lines(wanted.provision, shell, onu))
        _refuse_other_profiles(wanted, read_onu(wanted.driver, wanted.provision, shell, onu))
    states = {step.label: state_of(step, wanted, onu, now) for step in built.steps}
    todo = [label for label, state in states.items() if state == "open" or (state == "unproven" and not is_bound)]
    if not_seen := [label for label, state in states.items() if state == "unproven" and is_bound]:
        notes.append(_("the OLT does not show whether this is so: {steps}").format(steps=", ".join(not_seen)))
    notes += _vlan_notes(wanted, shell)
    return Planned(_hashed(_plan(wanted, onu, built, todo, notes), wanted), built.lines)


def _with_snmp(wanted: Wanted, now: OltNow) -> OltNow:
    """Return what the OLT has with the LOIDs of all its ports, where the station knows a way to ask for them."""
    if not (wanted.has_loid and wanted.entry.snmp):
        return now
    try:
        rows = read_olt(wanted.entry, wanted.place, with_others=True).others.onus
    except DeviceError as error:
        return msgspec.structs.replace(now, unanswered=[*now.unanswered, error.what])
    known = {row.state.onu for row in now.bound if row.loid is not None}
    more = [row for row in rows if row.loid is not None and row.state.onu not in known]
    told = {row.state.onu for row in more}
    return msgspec.structs.replace(now, bound=[*(row for row in now.bound if row.state.onu not in told), *more])


def state_of(step: Step, wanted: Wanted, onu: OnuId, now: OltNow) -> StepState:
    """Return whether the OLT shows a step as done."""
    match step.proof:
        case "bound":
            is_there = any(is_wanted(row, wanted) and parse_onu_id(row.state.onu) == onu for row in now.bound)
        case "line":
            is_there = step.shown in now.lines
        case "service-port":
            is_there = any(_is_flow(row, step, onu) for row in now.service_ports)
        case _:
            return "unproven"
    return "done" if is_there else "open"


def undo_plan(done: Plan, wanted: Wanted, now: OltNow, own: list[str]) -> Plan:
    """Return the plan that takes back the steps `own` of a plan, as far as they are still there.

    Raises:
        Clash: the ONU has service ports that the plan has not made.
    """
    states = {step.label: state_of(step, wanted, done.place, now) for step in done.steps}
    is_there = any(states[label] == "done" for label in own)
    todo = [label for label in own if states[label] == "done" or (states[label] == "unproven" and is_there)]
    numbers = {step.flow.number for step in done.steps if step.flow is not None}
    foreign = [row.number for row in now.service_ports if row.onu == done.place and row.number not in numbers]
    if foreign and any(step.proof == "bound" and step.label in todo for step in done.steps):
        raise Clash(
            _("{onu} has service port {number}, which is not of this order").format(onu=done.onu, number=foreign[0]),
            _("take that one away first: with the ONU it would be lost"),
        )
    return _hashed(msgspec.structs.replace(done, action="undo", todo=todo, notes=[], hash=""), wanted)


def undo_of_nothing(wanted: Wanted) -> Plan:
    """Return the plan to undo a line of which nothing is on the OLT and nothing is to be taken back."""
    plan = _plan(wanted, wanted.place, Built(steps=[], lines={}), [], [])
    return _hashed(msgspec.structs.replace(plan, action="undo"), wanted)


def with_todo(plan: Plan, todo: list[str], wanted: Wanted) -> Plan:
    """Return the plan with other steps to do, and the hash of that."""
    return _hashed(msgspec.structs.replace(plan, todo=todo, hash=""), wanted)


def _plan(wanted: Wanted, onu: OnuId, built: Built, todo: list[str], notes: list[str]) -> Plan:
    return Plan(
        order=wanted.order,
        line=wanted.line,
        olt=wanted.entry.name,
        address=address_of(wanted),
        driver=wanted.driver.name,
        onu=str(onu),
        who=who(wanted),
        steps=built.steps,
        todo=todo,
        save=filled(wanted.provision.save.send, {}).text,
        notes=notes,
    )


def address_of(wanted: Wanted) -> str:
    """Return the address of the OLT's command line without the user."""
    return (wanted.entry.shell or "").rpartition("@")[2].rpartition("/")[2]


def _hashed(plan: Plan, wanted: Wanted) -> Plan:
    """Return the plan with its hash: over what is typed where, and over the identity."""
    by_label = {step.label: step for step in plan.steps}
    done = [(label, by_label[label].shown, by_label[label].mode, by_label[label].inverse) for label in plan.todo]
    salt = hashlib.sha256(f"{plan.order}/{plan.line}".encode()).digest()
    identity = hashlib.scrypt(wanted.service.identity[1].encode(), salt=salt, n=1 << 12, r=8, p=1)
    told = msgspec.json.encode([plan.action, plan.order, plan.line, plan.address, plan.onu, done, plan.save])
    return msgspec.structs.replace(plan, hash=hashlib.sha256(told + identity).hexdigest()[:HASH_DIGITS])


def _is_flow(row: ServicePortRow, step: Step, onu: OnuId) -> bool:
    flow = step.flow
    if flow is None or row.onu != onu or flow.number not in (None, row.number):
        return False
    return carries(row, ServicePort(vlan=flow.vlan, user_vlan=flow.user_vlan, gem_port=flow.gem_port))


def _refuse_other_profiles(wanted: Wanted, onu: OnuNow) -> None:
    """Refuse an ONU that is bound in another way than the order says: it is not changed behind anybody's back."""
    for field in _TOLD_TWICE:
        told, asked = onu.cells.get(field), getattr(wanted.service, field)
        if told is not None and asked is not None and told != asked:
            raise Clash(
                _("{onu} is bound with {field} {told}, the order wants {asked}").format(
                    onu=who(wanted), field=field, told=told, asked=asked
                ),
                _("correct the order, or unbind the ONU first"),
            )


def _vlan_notes(wanted: Wanted, shell: ProvisionShell) -> list[str]:
    """Refuse a VLAN that does not leave the OLT; return what to say where nobody can tell."""
    vlans = sorted({port.vlan for port in wanted.service.port})
    if not vlans:
        return []
    if not wanted.provision.read.vlans or wanted.service.uplink is None:
        listed = ", ".join(map(str, vlans))
        if not wanted.provision.read.vlans:
            return [
                _("not checked: VLAN {vlans} on the uplink; drivers/{driver}: read.vlans is not known").format(
                    vlans=listed, driver=wanted.driver.name
                )
            ]
        return [_("not checked: VLAN {vlans} on the uplink; the order names no uplink").format(vlans=listed)]
    there = read_vlans(wanted.driver, wanted.provision, shell, parse_onu_id(wanted.service.uplink))
    if missing := [vlan for vlan in vlans if vlan not in there]:
        raise Clash(
            _("VLAN {vlan} is not on the uplink {uplink}").format(vlan=missing[0], uplink=wanted.service.uplink),
            _("put it there first, or correct the order"),
        )
    return []
