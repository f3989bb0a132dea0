"""The steps that bring an ONU into service, with the exact line of each and of its inverse."""

from collections.abc import Iterator

import msgspec

from linetest.devices.olt_provision import Change, Mode, ProvisionStep, Risk
from linetest.devices.olt_provision_text import Line, Value, filled, used_fields
from linetest.errors import UsageError
from linetest.model.onu_id import OnuId
from linetest.model.onu_service import EthernetPort, ServicePort
from linetest.provisioning.wanted import Wanted, unknown_setting
from linetest.words.text import _


class Inverse(msgspec.Struct, frozen=True, kw_only=True):
    """What takes a step back; it names no secret, so it is kept as it is sent."""

    command: str
    change: Change
    mode: Mode


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What the OLT's list says of a service port that is there."""

    number: int | None
    vlan: int
    user_vlan: int | None
    gem_port: int | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step as it stands in a plan and in the journal; the line that is sent is kept elsewhere, and not there."""

    label: str
    """Unique in the plan, such as ``service-port 7``."""
    shown: str
    """The command with its secrets masked."""
    risk: Risk
    change: Change
    mode: Mode
    proof: str | None = None
    repeat: bool = False
    flow: Flow | None = None
    inverse: Inverse | None = None


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """All steps that the order wants, in their order, and the lines that are sent."""

    steps: list[Step]
    lines: dict[str, Line]
    """By label; in memory only."""


def build(wanted: Wanted, onu: OnuId, numbers: list[int | None]) -> Built:
    """Return the steps for an ONU at `onu`.

    Args:
        wanted: the order's line.
        onu: where the ONU is, or is to be.
        numbers: of the service ports, in the order's order; None where this OLT counts them otherwise.

    Raises:
        UsageError: a value may not stand in its field, one is missing, the OLT has no step for what the order wants, or
            no public source shows the command.
    """
    steps: list[Step] = []
    lines: dict[str, Line] = {}
    used: set[str] = set()
    for step, values, flow, label in _instances(wanted, onu, numbers):
        if not step.send:
            raise unknown_setting(wanted.driver, _("the command of step {step}").format(step=_name(step)))
        used |= used_fields(step.send, values) | set(step.when)
        line = filled(step.send, values, wanted.provision.fields)
        steps.append(_step(wanted, step, values, flow, label, line))
        lines[label] = line
    _refuse_unused(wanted, used, steps)
    return Built(steps=steps, lines=lines)


def _instances(
    wanted: Wanted, onu: OnuId, numbers: list[int | None]
) -> Iterator[tuple[ProvisionStep, dict[str, Value], Flow | None, str]]:
    """Yield each step as often as it is to be done, with its values, its flow and its label.

    Of several steps with the same name the first whose fields are all there counts.
    """
    base = {**wanted.values(), "rack": onu.rack, "slot": onu.slot, "port": onu.port, "onu": int(onu.onu or 0)}
    done: set[str] = set()
    for step in wanted.provision.step:
        for values, flow, label in _occasions(wanted, step, base, numbers):
            if label not in done and set(step.when) <= set(values):
                done.add(label)
                yield step, values, flow, label


def _occasions(
    wanted: Wanted, step: ProvisionStep, base: dict[str, Value], numbers: list[int | None]
) -> Iterator[tuple[dict[str, Value], Flow | None, str]]:
    if step.each == "ethernet":
        for ethernet in wanted.service.ethernet:
            yield {**base, **_ethernet_values(ethernet)}, None, f"{step.name} {ethernet.port}"
    elif step.each == "port":
        for count, (port, number) in enumerate(zip(wanted.service.port, numbers, strict=True), start=1):
            flow = Flow(number=number, vlan=port.vlan, user_vlan=port.user_vlan, gem_port=port.gem_port)
            name = f"{step.name} {count if number is None else number}"
            yield {**base, **_port_values(port, number)}, flow, name
    else:
        yield base, None, step.name


def _ethernet_values(ethernet: EthernetPort) -> dict[str, Value]:
    return {"eth": ethernet.port, "eth_vlan": ethernet.vlan}


def _port_values(port: ServicePort, number: int | None) -> dict[str, Value]:
    told = {name: getattr(port, name) for name in ServicePort.__struct_fields__ if name != "number"}
    told["service_port"] = number
    return {name: value for name, value in told.items() if value is not None}


def _step(
    wanted: Wanted, step: ProvisionStep, values: dict[str, Value], flow: Flow | None, label: str, line: Line
) -> Step:
    provision = wanted.provision
    inverse = None
    if step.undo is not None:
        if not step.undo.send:
            raise unknown_setting(wanted.driver, _("the inverse of step {step}").format(step=_name(step)))
        command = filled(step.undo.send, values, provision.fields).text
        inverse = Inverse(command=command, change=_bare(step.undo), mode=provision.mode[step.undo.mode])
    return Step(
        label=label,
        shown=line.shown,
        risk=step.risk,
        change=_bare(step),
        mode=provision.mode[step.mode],
        proof=step.proof,
        repeat=step.repeat,
        flow=flow,
        inverse=inverse,
    )


def _bare(change: Change) -> Change:
    return Change(**{name: getattr(change, name) for name in Change.__struct_fields__})


def _name(step: ProvisionStep) -> str:
    return f"{step.name} ({', '.join(step.when)})" if step.when else step.name


def _refuse_unused(wanted: Wanted, used: set[str], steps: list[Step]) -> None:
    """Refuse an order of which a part would silently be left out."""
    if not any(step.proof == "bound" for step in steps):
        field, _value = wanted.service.identity
        raise unknown_setting(wanted.driver, _("a step that binds an ONU by its {field}").format(field=field))
    told = set(wanted.values())
    for port in wanted.service.port:
        told |= set(_port_values(port, None))
    told |= {"eth", "eth_vlan"} if wanted.service.ethernet else set()
    if left := sorted(told - used - {"uplink"}):
        raise UsageError(
            _("drivers/{driver}: no step takes {field}, which the order wants").format(
                driver=wanted.driver.name, field=left[0]
            ),
            _("leave it out of [line.service], or write a driver of your own"),
        )
