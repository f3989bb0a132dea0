"""How a step of a profile is measured: the room, its device, and what to say when it could not be done."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from linetest.acceptance.reconcile import check_order_of_steps, check_reconcile
from linetest.acceptance.service import check_service, measure_service
from linetest.acceptance.traces import traces_of_line
from linetest.devices.station import DeviceEntry, Station, device_for
from linetest.errors import BadFile, DeviceError, UsageError, nearest
from linetest.model.codes import Reason
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.metrics_reconcile import MEASURED as RECONCILED
from linetest.model.order import Line, Order
from linetest.model.profile import LoadedProfile, Step
from linetest.model.reading import Measurement, Reading
from linetest.transports.address import BENCH, is_simulated
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.onu import Technology
    from linetest.model.onu_id import OnuId
    from linetest.pon.settings import PonSettings


_ON_AN_OLT = ("pon", "provision", "reconcile")


class Room(NamedTuple):
    """What acceptance has to know of a measuring room."""

    device_kind: str
    """The kind of driver that can do the step."""
    check: Callable[[Step, str], None]
    """Refuses settings that the room does not know; the text says where they stand."""
    at_the_line: bool
    """True when the instrument has to be moved from line to line."""
    measure: Callable[[DeviceEntry, Step, list[Limit], Line], Measurement] | None
    """None for provisioning, which changes a device and so needs what was agreed to, and for reconcile, which compares
    what the steps before it measured."""


def limits_of(step: Step, loaded: LoadedProfile) -> list[Limit]:
    """Return the limits whose metrics the step's room measures."""
    return [
        limit
        for limit in loaded.profile.limit
        if ("reconcile" if limit.metric in RECONCILED else limit.room) == step.room
    ]


def check_lines(step: Step, entry: DeviceEntry, order: Order) -> None:
    """Refuse an order whose lines do not say which ONU is theirs, or whose traces could be taken for one another's."""
    if step.room in _ON_AN_OLT:
        _check_onus(order, with_number=step.room == "provision")
    ids = [line.id.lower() for line in order.line]
    if step.room != "otdr" or len(ids) == 1:
        return
    folder = Path((entry.address or "").removeprefix(BENCH))
    if not folder.is_dir():
        raise UsageError(
            _("order {number} has {count} lines, and device {name} has one trace for all of them").format(
                number=order.number, count=len(ids), name=entry.name
            ),
            _("write a folder as its address, with the traces named after the lines"),
        )
    if mixed := [one for one in ids for other in ids if one.startswith(f"{other}_")]:
        raise UsageError(
            _("order {number}: the trace files of line {line} could be another line's").format(
                number=order.number, line=mixed[0]
            ),
            _("choose ids of which none begins with another and an underscore"),
        )


def _check_onus(order: Order, *, with_number: bool) -> None:
    from linetest.model.onu_id import parse_onu_id

    for line in order.line:
        if line.onu is None:
            raise UsageError(
                _("order {number}: line {line} does not say which ONU is its own").format(
                    number=order.number, line=line.id
                ),
                _('write onu = "0/1/0:5" into its [[line]]'),
            )
        if parse_onu_id(line.onu).onu is None and with_number:
            raise UsageError(
                _("order {number}: line {line} names a port, and the steps after provision need the ONU").format(
                    number=order.number, line=line.id
                ),
                _("`linetest provision plan {number}` says which number is free").format(number=order.number),
            )


def check_profile(loaded: LoadedProfile) -> None:
    """Refuse a profile that names rooms, metrics or settings that do not exist."""
    for number, step in enumerate(loaded.profile.step, start=1):
        place = f"{loaded.path}: [[step]] {number}"
        if step.room not in ROOMS:
            raise BadFile(
                _("{place}: there is no room {name!r}; nearest: {names}").format(
                    place=place, name=step.room, names=nearest(step.room, list(ROOMS))
                )
            )
        ROOMS[step.room].check(step, place)
    check_order_of_steps(loaded)
    for number, limit in enumerate(loaded.profile.limit, start=1):
        if limit.metric not in METRICS:
            raise BadFile(
                _("{place}: there is no metric {name!r}; nearest: {names}").format(
                    place=f"{loaded.path}: [[limit]] {number}",
                    name=limit.metric,
                    names=nearest(limit.metric, list(METRICS)),
                ),
                _("`linetest metrics` lists them all"),
            )


def device_of(step: Step, station: Station, line: Line | None = None) -> DeviceEntry:
    """Return the device that is to do the step; refuse before anything is measured when there is none.

    The order's line may name its OLT.
    """
    named = line.olt if line is not None and step.room in _ON_AN_OLT else None
    entry = device_for(station, ROOMS[step.room].device_kind, named or step.device)
    if not entry.addresses:
        raise UsageError(
            _("{file}: [device.{name}] has no address").format(file=station.path, name=entry.name),
            _('write address = "..." into it'),
        )
    return entry


def unmeasured(limits: list[Limit], reason: str, device: str | None, simulated: bool) -> Measurement:
    """Return what stands for a step that could not be done: a reason in the place of every wanted reading."""
    readings = [
        Reading(
            metric=limit.metric,
            value=None,
            unit=METRICS[limit.metric].unit,
            where=limit.conditions(),
            reason=reason,
            device=device,
        )
        for limit in limits
    ]
    return Measurement(readings=readings, simulated=simulated)


def _check_no_settings(step: Step, place: str) -> None:
    if step.settings:
        raise BadFile(_("{place}: the room {room} has no settings").format(place=place, room=step.room))


def _check_optical(step: Step, place: str) -> None:
    if step.settings:
        raise BadFile(
            _("{place}: the room {room} has no settings; the wavelengths are those of the limits").format(
                place=place, room=step.room
            )
        )


def _measure_optical(entry: DeviceEntry, _step: Step, limits: list[Limit], _line: Line) -> Measurement:
    from linetest.devices.power_meter import open_meter
    from linetest.optical.levels import measure, wavelengths_of

    with open_meter(entry) as meter:
        measured = measure(meter, wavelengths_of(limits))
        trouble = f"{meter.trouble.what}; {meter.trouble.hint}" if meter.trouble else ""
    return msgspec.structs.replace(measured, trouble=trouble)


def _check_copper(step: Step, place: str) -> None:
    from linetest.copper.settings import CopperSettings
    from linetest.model.toml import convert

    convert(step.settings, CopperSettings, f"{place} settings")


def _measure_copper(entry: DeviceEntry, step: Step, limits: list[Limit], line: Line) -> Measurement:
    from linetest.copper.crosstalk import measure
    from linetest.copper.manifest import load_sweep
    from linetest.copper.pair import only_pair
    from linetest.copper.settings import CopperSettings
    from linetest.copper.sweep import SweepOptions

    address = entry.address or ""
    settings = msgspec.convert(step.settings, CopperSettings)
    sweep = load_sweep(Path(address.removeprefix(BENCH)), SweepOptions(), settings)
    measured = measure(sweep, limits, settings)
    if line.pair is not None:
        try:
            measured = only_pair(measured, line.pair)
        except UsageError as error:
            raise DeviceError(error.what, error.hint, reason=Reason.NO_SUCH_OBJECT) from error
    simulated = measured.simulated or is_simulated(address)
    return msgspec.structs.replace(read_by(measured, entry.name), simulated=simulated)


def _check_otdr(step: Step, place: str) -> None:
    from linetest.model.toml import convert
    from linetest.otdr.settings import OtdrSettings

    convert(step.settings, OtdrSettings, f"{place} settings")


def _measure_otdr(entry: DeviceEntry, step: Step, _limits: list[Limit], line: Line) -> Measurement:
    from linetest.otdr.measure import measure
    from linetest.otdr.settings import OtdrSettings
    from linetest.otdr.shot import load_shots

    address = entry.address or ""
    settings = msgspec.convert(step.settings, OtdrSettings)
    paths = traces_of_line(Path(address.removeprefix(BENCH)), line)
    measured = measure([shot for path in paths for shot in load_shots(path, settings)], settings)
    simulated = measured.simulated or is_simulated(address)
    return msgspec.structs.replace(read_by(measured, entry.name), simulated=simulated)


def _check_pon(step: Step, place: str) -> None:
    from linetest.model.toml import convert
    from linetest.pon.settings import PonSettings

    convert(step.settings, PonSettings, f"{place} settings")


def _measure_pon(entry: DeviceEntry, step: Step, _limits: list[Limit], line: Line) -> Measurement:
    from linetest.model.onu_id import parse_onu_id
    from linetest.pon.settings import PonSettings

    settings = msgspec.convert(step.settings, PonSettings)
    return measured_onus(entry, parse_onu_id(line.onu or ""), settings)[0]


def measured_onus(
    entry: DeviceEntry, wanted: "OnuId | None", settings: "PonSettings"
) -> tuple[Measurement, "Technology"]:
    """Return the readings of an OLT's ONUs, with their evidence, and the technology of the first."""
    from linetest.devices.olt_open import read_olt
    from linetest.pon.checks import measure

    reading = read_olt(entry, wanted, with_others=wanted is not None)
    measured = read_by(measure(reading.table, wanted, settings, reading.others), entry.name)
    technology = reading.table.onus[0].technology if reading.table.onus else reading.technology
    details = {**measured.details, "technology": technology}
    done = msgspec.structs.replace(measured, details=details, evidence=reading.evidence, simulated=reading.simulated)
    return done, technology


def _check_epon(step: Step, place: str) -> None:
    from linetest.epon.settings import EponSettings
    from linetest.model.toml import convert

    convert(step.settings, EponSettings, f"{place} settings")


def _measure_epon(entry: DeviceEntry, step: Step, limits: list[Limit], line: Line) -> Measurement:
    from linetest.epon.measure import Asked, measure
    from linetest.epon.onu_wanted import parse_onu
    from linetest.epon.settings import EponSettings

    address = entry.address or ""
    onu = parse_onu(line.mac) if line.mac is not None else None
    asked = Asked(settings=msgspec.convert(step.settings, EponSettings), onu=onu)
    measured = measure(Path(address.removeprefix(BENCH)), limits, asked)
    return msgspec.structs.replace(read_by(measured, entry.name), simulated=is_simulated(address))


def read_by(measured: Measurement, device: str | None) -> Measurement:
    """Return the measurement with the name of the device that it came from."""
    readings = [msgspec.structs.replace(reading, device=device) for reading in measured.readings]
    return msgspec.structs.replace(measured, readings=readings)


ROOMS: dict[str, Room] = {
    "optical": Room("power-meter", _check_optical, True, _measure_optical),
    "copper": Room("sweep-file", _check_copper, False, _measure_copper),
    "otdr": Room("trace-file", _check_otdr, False, _measure_otdr),
    "epon": Room("epon-capture", _check_epon, False, _measure_epon),
    "pon": Room("olt", _check_pon, False, _measure_pon),
    "service": Room("access-port", check_service, True, measure_service),
    "provision": Room("olt", _check_no_settings, False, None),
    "reconcile": Room("olt", check_reconcile, False, None),
}
