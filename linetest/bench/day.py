"""The orders of a day on the bench: each as a file, as a ticket of Request Tracker, and as a work order of TM Forum."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Line = Mapping[str, str | float]
"""What the resource data says of a line beside its id: olt, onu, mac, pair, down_mbps, up_mbps."""
_TRACKER_FIELDS = {"olt": "OLT", "onu": "ONU", "mac": "MAC", "pair": "Pair"}
_RATES = ("down_mbps", "up_mbps")
_ACTIONS = {"install": "add", "fault": "noChange"}


class DayOrder(NamedTuple):
    """One order, as a dispatcher knows it."""

    number: str
    work_type: str
    access: str
    summary: str
    address: str
    contact: str
    line_id: str
    line: Line

    def file(self, ticket: str) -> str:
        """Return it as an order file."""
        told = [f'{key} = "{value}"' for key, value in self.line.items() if key not in _RATES]
        if self._rates:
            told.append("rates = {{ down_mbps = {}, up_mbps = {} }}".format(*self._rates))
        return (
            f'number = "{self.number}"\nticket = "{ticket}"\nwork_type = "{self.work_type}"\naccess = "{self.access}"\n'
            f'summary = "{self.summary}"\naddress = "{self.address}"\ncontact = "{self.contact}"\n'
            f'customer = {{ region = "urban" }}\n\n[[line]]\nid = "{self.line_id}"\n'
        ) + "".join(f"{line}\n" for line in told)

    def tracker_fields(self) -> dict[str, str]:
        """Return the custom fields of its ticket in Request Tracker, as a dispatcher fills them in."""
        fields = {
            "Work Order": self.number,
            "Work Type": "repair" if self.work_type == "fault" else self.work_type,
            "Access": self.access.removeprefix("ftth-"),
            "Line": self.line_id,
            "Address": self.address,
            "Contact": self.contact,
            "Region": "urban",
        }
        fields |= {_TRACKER_FIELDS[key]: str(value) for key, value in self.line.items() if key not in _RATES}
        return fields | ({"Rates": "{:g}/{:g}".format(*self._rates)} if self._rates else {})

    def work_order(self) -> dict[str, Any]:
        """Return it as a work order of TMF697."""
        told = {"access": self.access, "line": self.line_id, "region": "urban"}
        told |= {key: str(value) for key, value in self.line.items() if key not in _RATES}
        told |= {"rates": "{:g}/{:g}".format(*self._rates)} if self._rates else {}
        characteristics = [{"name": name, "valueType": "string", "value": value} for name, value in told.items()]
        return {
            "externalId": self.number,
            "description": self.summary,
            "place": {"name": self.address},
            "notificationContact": self.contact,
            "workOrderItem": [
                {"id": "1", "action": _ACTIONS[self.work_type], "work": {"workCharacteristic": characteristics}}
            ],
        }

    @property
    def _rates(self) -> list[float]:
        return [float(self.line[key]) for key in _RATES if key in self.line]


def fibre_order(access: str, line: Line) -> DayOrder:
    """Return the order of the day's fibre, whose line may end at an OLT, a tap or a customer's port."""
    return DayOrder("WO-B1", "install", access, "New line", "Harbour Street 5", "13900000001", "B1", line)


def copper_order() -> DayOrder:
    """Return the order of the day's copper pair."""
    summary = "Drops out in the evening"
    return DayOrder("WO-B2", "fault", "adsl", summary, "Mill Lane 12", "13900000002", "B2", {"pair": "1"})
