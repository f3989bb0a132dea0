"""What a ticket of the simulated system holds, and what its custom fields take: as Request Tracker 5.0.3 does."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple


class CustomField(NamedTuple):
    """One custom field of the queue."""

    id: str
    kind: str
    values: tuple[str, ...] = ()
    pattern: str = ""
    many: bool = False
    """It holds several values; they are kept with a line each."""


FIELDS = {
    "Result Id": CustomField("2", "Freeform"),
    "Work Order": CustomField("3", "Freeform"),
    "Line Id": CustomField("4", "Freeform"),
    "Work Type": CustomField("5", "Select", ("install", "move", "repair", "remove")),
    "Access": CustomField("6", "Select", ("adsl", "vdsl", "epon", "gpon", "xgspon", "p2p", "lan")),
    "Verdict": CustomField("7", "Select", ("pass", "fail", "inconclusive", "skipped")),
    "Rx Power dBm": CustomField("8", "Freeform", (), r"-?\d+(\.\d+)?"),
    "Tested At": CustomField("9", "DateTime"),
    "Appointment": CustomField("10", "Freeform"),
    "Arrived At": CustomField("11", "DateTime"),
    "Done At": CustomField("12", "DateTime"),
    "Return Reason": CustomField("13", "Freeform"),
    "Line": CustomField("14", "Freeform", many=True),
    "Address": CustomField("15", "Freeform"),
    "Contact": CustomField("16", "Freeform"),
    "Region": CustomField("17", "Select", ("urban", "rural")),
    "OLT": CustomField("18", "Freeform"),
    "ONU": CustomField("19", "Freeform"),
    "MAC": CustomField("20", "Freeform"),
    "Pair": CustomField("21", "Freeform"),
    "Rates": CustomField("22", "Freeform"),
    "Cabinet": CustomField("23", "Freeform"),
    "Splitter": CustomField("24", "Freeform"),
}


class Attachment(NamedTuple):
    """One file in a ticket."""

    id: int
    name: str
    kind: str
    content: bytes
    transaction: int


@dataclass
class Ticket:
    """One ticket."""

    id: int
    subject: str
    queue: str
    status: str = "new"
    owner: str = "Nobody"
    created: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    fields: dict[str, str] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    transaction: int = 0

    def count(self, name: str) -> int:
        """Return how many attachments have that name."""
        return sum(attachment.name == name for attachment in self.attachments)


def stored(known: CustomField, value: str) -> str | None:
    """Return what is kept of a value; None when it is refused."""
    if known.values:
        return value if value in known.values else None
    if known.pattern:
        return value if re.fullmatch(known.pattern, value) else None
    if known.kind != "DateTime":
        return value
    try:
        moment = datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError:
        return "1970-01-01T00:00:00Z"
    if value.endswith("Z"):  # the real one loses the time of day here
        moment = moment.replace(hour=0, minute=0, second=0)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
