"""What an order wants on its OLT, complete before anything is asked of the OLT."""

from typing import NamedTuple

from linetest.devices.driver import Driver
from linetest.devices.driver_file import load_driver
from linetest.devices.olt_masks import Masks
from linetest.devices.olt_provision import Provision
from linetest.devices.olt_provision_text import Value
from linetest.devices.station import DeviceEntry, Station, device_for
from linetest.errors import UsageError
from linetest.model.onu import Technology
from linetest.model.onu_fields import SECRET_FIELDS, check_field
from linetest.model.onu_id import OnuId, parse_onu_id
from linetest.model.onu_service import OnuService
from linetest.model.order import Line, Order
from linetest.secrets import Secret, read_secret
from linetest.words.text import _

_TECHNOLOGY: dict[str, Technology] = {"ftth-gpon": "gpon", "ftth-epon": "epon"}


class Wanted(NamedTuple):
    """One line of an order, and the OLT that it is on."""

    order: str
    line: str
    entry: DeviceEntry
    driver: Driver
    provision: Provision
    place: OnuId
    """The ONU that the order names, or the port where it leaves the number to the plan."""
    service: OnuService
    secrets: dict[str, Secret]
    """Empty where nothing is to be bound."""

    @property
    def masks(self) -> Masks:
        """Return what has to be taken out of everything that is kept or shown."""
        loids = [self.service.loid] if self.service.loid is not None else []
        return Masks([secret.reveal() for secret in self.secrets.values()], loids)

    @property
    def has_loid(self) -> bool:
        """Tell whether the ONU is known by its LOID, which few lists of an OLT tell."""
        return self.service.loid is not None

    def values(self) -> dict[str, Value]:
        """Return the fields that stand in the order itself and in its secrets, without those of its ports."""
        plain = {
            name: value
            for name in OnuService.__struct_fields__
            if name not in SECRET_FIELDS and isinstance(value := getattr(self.service, name), str)
        }
        return {**plain, **self.secrets}


def wanted_of(order: Order, line: Line, station: Station, *, with_secrets: bool) -> Wanted:
    """Return what the line is to have.

    Raises:
        UsageError: the order does not say it, the station has no such OLT or no way to its command line, the driver
            knows no way, or a secret is not where the order says.
    """
    service = _service(order, line)
    entry = device_for(station, "olt", line.olt)
    if not entry.shell:
        raise UsageError(
            _("{file}: [device.{name}] has no command line").format(file=station.path, name=entry.name),
            _('write shell = "ssh://USER@HOST" into it'),
        )
    place = parse_onu_id(line.onu or "")
    if isinstance(place.onu, str):
        raise UsageError(
            _("order {number}: {onu} names an ONU without a number").format(number=order.number, onu=line.onu),
            _('write onu = "0/1/0" or onu = "0/1/0:5"; the serial belongs into [line.service]'),
        )
    driver = load_driver(entry.driver)
    if driver.shell is None:
        raise UsageError(
            _("{file}: [device.{name}]: driver {driver} does not know the OLT's command line").format(
                file=station.path, name=entry.name, driver=driver.name
            ),
            _("`linetest station check` says which driver fits: write that one"),
        )
    return Wanted(
        order=order.number,
        line=line.id,
        entry=entry,
        driver=driver,
        provision=_provision(driver, order),
        place=place,
        service=service,
        secrets=_secrets(service) if with_secrets else {},
    )


def _service(order: Order, line: Line) -> OnuService:
    if line.service is None:
        raise UsageError(
            _("order {number}: line {line} does not say what it is to have").format(number=order.number, line=line.id),
            _("write [line.service] below its [[line]]: `linetest provision plan --help` shows one"),
        )
    if line.onu is None:
        raise UsageError(
            _("order {number}: line {line} names no port of an OLT").format(number=order.number, line=line.id),
            _('write onu = "0/1/0" into its [[line]], or onu = "0/1/0:5" with the number that the ONU is to have'),
        )
    return line.service


def _provision(driver: Driver, order: Order) -> Provision:
    technology = _TECHNOLOGY.get(order.access)
    if technology is None:
        raise UsageError(
            _("order {number}: a line of kind {access} has no ONU").format(number=order.number, access=order.access),
            _("provision is for ftth-gpon and ftth-epon"),
        )
    if technology not in driver.provision:
        raise unknown_setting(driver, f"[provision.{technology}]")
    found = driver.provision[technology]
    for setting in found.unknown:
        raise unknown_setting(driver, f"[provision.{technology}] {setting}")
    return found


def unknown_setting(driver: Driver, setting: str) -> UsageError:
    """Return the refusal of what no public source of this maker shows."""
    return UsageError(
        _("drivers/{driver}: {setting} is not known: no public source shows it").format(
            driver=driver.name, setting=setting
        ),
        _("write it into a driver of your own, from the maker's manual"),
    )


def _secrets(service: OnuService) -> dict[str, Secret]:
    found: dict[str, Secret] = {}
    for name in sorted(SECRET_FIELDS):
        source = getattr(service, name)
        if source is not None:
            found[name] = read_secret(source, f"[line.service] {name}")
            _check_secret(name, found[name])
    return found


def _check_secret(name: str, secret: Secret) -> None:
    try:
        check_field(name, secret.reveal())
    except ValueError as error:
        raise UsageError(str(error), _("the secret is not shown; look at where it lies")) from None
