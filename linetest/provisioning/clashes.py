"""What stands in the way of an order, found before anything is changed: each refusal says where it is."""

from linetest.devices.olt_provision_read import OltNow, ServicePortRow
from linetest.devices.olt_rows import OnuRow
from linetest.errors import Clash
from linetest.model.onu import mask_loid
from linetest.model.onu_id import OnuId, parse_onu_id
from linetest.model.onu_service import ServicePort
from linetest.provisioning.wanted import Wanted
from linetest.words.text import _


def is_wanted(row: OnuRow, wanted: Wanted) -> bool:
    """Tell whether a row is the order's ONU; a LOID is compared whole, before it is masked."""
    field, value = wanted.service.identity
    if field == "loid":
        return row.loid is not None and row.loid.reveal() == value
    return bool(getattr(row.state, field) == value)


def who(wanted: Wanted) -> str:
    """Return the name of the order's ONU that may be shown."""
    field, value = wanted.service.identity
    return mask_loid(value) if field == "loid" else value


def onu_for(wanted: Wanted, now: OltNow) -> tuple[OnuId, bool]:
    """Return where the ONU is to be, and whether it is bound there already.

    Raises:
        Clash: it is bound elsewhere, its number is another's, the port is full, or it does not wait on that port.
    """
    at = _bound_at(wanted, now)
    if at is not None:
        return at, True
    _refuse_absent(wanted, now)
    taken = {parse_onu_id(row.state.onu): row for row in now.bound if row.state.onu}
    if wanted.place.onu is not None:
        if (row := taken.get(wanted.place)) is not None:
            raise Clash(
                _("{onu} is bound to {other}").format(onu=wanted.place, other=_name(row)),
                _("let the order name the port alone: then the next free number is taken"),
            )
        return wanted.place, False
    first, last = wanted.provision.onus
    for number in range(first, last + 1):
        if (free := wanted.place._replace(onu=number)) not in taken:
            return free, False
    raise Clash(
        _("port {port} is full: the numbers {first} to {last} are all taken").format(
            port=wanted.place.port_text, first=first, last=last
        ),
        _("`linetest pon list` shows the ONUs of the port; free a number, or use another port"),
    )


def numbers_for(wanted: Wanted, onu: OnuId, now: OltNow) -> list[int | None]:
    """Return the numbers of the order's service ports, free ones where it names none and the ONU has none such.

    Raises:
        Clash: a number is another's, or none is free.
    """
    if wanted.provision.service_ports is None:
        return [None] * len(wanted.service.port)
    taken = {row.number: row for row in now.service_ports}
    chosen: list[int | None] = []
    for port in wanted.service.port:
        there = [row.number for row in now.service_ports if row.onu == onu and carries(row, port)]
        number = port.number if port.number is not None else (there or [_free(wanted, {*taken, *chosen})])[0]
        row = taken.get(number)
        if row is not None and not (row.onu == onu and carries(row, port)):
            raise Clash(
                _("service port {number} is in use: VLAN {vlan} of {onu}").format(
                    number=number, vlan=row.vlan, onu=row.onu
                ),
                _("leave number out of the order: then the next free one is taken"),
            )
        if there and number not in there:
            raise Clash(
                _("{onu} has this service already, as service port {number}").format(onu=onu, number=there[0]),
                _("write number = {number} into the order").format(number=there[0]),
            )
        chosen.append(number)
    return chosen


def carries(row: ServicePortRow, port: ServicePort) -> bool:
    """Tell whether a service port is the wanted one; what the OLT's list does not tell is not compared."""
    pairs = ((row.vlan, port.vlan), (row.user_vlan, port.user_vlan), (row.gem_port, port.gem_port))
    return all(not told.isdecimal() or asked is None or int(told) == asked for told, asked in pairs)


def _bound_at(wanted: Wanted, now: OltNow) -> OnuId | None:
    """Return where the ONU is bound, None when it is nowhere; refuse another place than the order's."""
    places = [parse_onu_id(row.state.onu) for row in now.bound if is_wanted(row, wanted)]
    fitting = [place for place in places if wanted.place.covers(place)]
    if fitting:
        return fitting[0]
    if places:
        raise Clash(
            _("{onu} is bound already, as {place}").format(onu=who(wanted), place=places[0]),
            _("correct the order, or free it there first"),
        )
    return None


def _refuse_absent(wanted: Wanted, now: OltNow) -> None:
    """Refuse an ONU that the OLT does not see on the port, where the OLT tells whom it sees."""
    if now.waiting is None:
        return
    seen = [row for row in now.waiting if is_wanted(row, wanted)]
    if any(parse_onu_id(row.state.onu)[:3] == wanted.place[:3] for row in seen):
        return
    if seen:
        raise Clash(
            _("{onu} waits on port {port}, not on {wanted}").format(
                onu=who(wanted), port=seen[0].state.onu, wanted=wanted.place.port_text
            ),
            _("correct the port in the order, or the patch"),
        )
    others = ", ".join(_name(row) for row in now.waiting[:5]) or _("none")
    raise Clash(
        _("{onu} does not wait on port {port}; waiting: {others}").format(
            onu=who(wanted), port=wanted.place.port_text, others=others
        ),
        _("check its fibre and its power, and the name in the order"),
    )


def _free(wanted: Wanted, taken: set[int | None]) -> int:
    first, last = wanted.provision.service_ports or (0, -1)
    for number in range(first, last + 1):
        if number not in taken:
            return number
    raise Clash(_("no number of a service port is free from {first} to {last}").format(first=first, last=last))


def _name(row: OnuRow) -> str:
    return row.state.serial or row.state.mac or row.state.loid or row.state.onu
