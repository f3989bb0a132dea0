"""Which ONU on the fibre answers to which row of a simulated OLT's configuration."""

from collections import defaultdict
from dataclasses import replace

from linetest.bench.olt_config import BoundOnu, Configuration, Identity
from linetest.bench.olt_plant import Plant, PlantOnu

_NOBODY = PlantOnu(
    number=0, serial="0" * 12, mac="00:00:00:00:00:00", loid="", llid=0, length_m=0.0, state="offline", name=""
)
"""What an OLT knows of an ONU that it has never heard."""


def seen(base: Plant, configuration: Configuration, up: set[int]) -> Plant:
    """Return a port as its OLT knows it: a row for every bound ONU, and who is alive and bound nowhere waits.

    Args:
        base: the port with all ONUs on its fibre.
        configuration: what is bound.
        up: the numbers that have had time to come up.
    """
    devices = base.onus + base.waiting
    answers = _matched(configuration, devices)
    rows = tuple(
        _row(bound, answers.get(number), is_late=number not in up)
        for number, bound in sorted(configuration.onus.items())
    )
    taken = {id(device) for device in answers.values()}
    waits = tuple(device for device in devices if device.is_up and id(device) not in taken)
    return replace(base, onus=rows, waiting=waits if configuration.port["autofind"] == "enable" else ())


def _matched(configuration: Configuration, devices: tuple[PlantOnu, ...]) -> dict[int, PlantOnu]:
    """Return which ONU answers to which number; one that is alive goes before one that is dark."""
    holders = defaultdict(list)
    for device in devices:
        for identity in (
            ("sn", device.serial),
            ("mac", device.mac),
            ("loid", device.loid),
            ("password", device.password),
        ):
            holders[identity].append(device)
    answers: dict[int, PlantOnu] = {}
    for number, bound in configuration.onus.items():
        own = [one for one in holders[bound.identity] if one.number == number and _is_let_in(bound, one)]
        answers |= {number: own[0]} if own else {}
    taken = {id(device) for device in answers.values()}
    loids = {device.loid for device in answers.values() if device.is_up}
    for number, bound in configuration.onus.items():
        if number in answers and answers[number].is_up:
            continue
        free = [one for one in holders[bound.identity] if id(one) not in taken and _is_let_in(bound, one)]
        # with one LOID on two ONUs, the first to come is let in and the other stays out (Huawei, EDOC1100112349)
        better = [one for one in free if one.is_up and one.loid not in loids]
        better += [] if number in answers else [one for one in free if not one.is_up]
        if better:
            answers[number] = better[0]
            taken.add(id(better[0]))
            loids |= {better[0].loid} if better[0].is_up else set()
    return answers


def _is_let_in(bound: BoundOnu, device: PlantOnu) -> bool:
    asked = ((bound.check_code, device.check_code), (bound.password, device.password))
    return all(wanted in (None, true) for wanted, true in asked)


def _row(bound: BoundOnu, device: PlantOnu | None, *, is_late: bool) -> PlantOnu:
    """Return what the OLT shows of a bound ONU."""
    if device is None:
        device = _unheard(bound.identity)
    if device.number != bound.number:
        device = replace(device, number=bound.number, llid=bound.number + 2)
    state = "offline" if is_late and device.is_up else device.state
    return replace(device, state=state, name=bound.settings.get("description", ""))


def _unheard(identity: Identity) -> PlantOnu:
    match identity.kind:
        case "sn":
            return replace(_NOBODY, number=-1, serial=identity.value)
        case "mac":
            return replace(_NOBODY, number=-1, mac=identity.value)
        case _:
            return replace(_NOBODY, number=-1)
