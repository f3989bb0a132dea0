"""A process that pushes and, when it is told to, ends itself at a named step as a power cut would.

Arguments: data folder, the ticket system's name in the outbox and its address, name of the token's variable, settling
time, the step or "-" (``sent:3`` is the third time), and the kind of ticket system where it is no Request Tracker.
"""

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

import msgspec

from linetest.devices.station import TicketEntry
from linetest.store.database import connect
from linetest.store.outbox import Item
from linetest.tickets import outbox, systems
from linetest.tickets.pace import Pace


def main(home: str, name: str, url: str, token: str, settle_s: str, last_step: str, system: str = "rt") -> None:
    """Push once."""
    step, _colon, count = last_step.partition(":")
    left = int(count or 1)

    def tell(stage: str, _item: Item) -> None:
        nonlocal left
        left -= stage == step
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    table = {"system": system, "name": name, "url": url, "queue": "Field", "token": f"env:{token}"}
    entry = msgspec.convert(table, TicketEntry)
    pace = Pace(settle_s=float(settle_s), gap_s=0.05, base_s=0.01)
    with closing(connect(Path(home))) as database:
        outbox.push(database, systems.connect(entry), deadline_s=900, tell=tell, pace=pace)


main(*sys.argv[1:])
