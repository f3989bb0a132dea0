"""What every part of a provisioning run needs: the OLT, the journal, the person, and one run at a time on an OLT."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from filelock import FileLock
from filelock import Timeout as LockTimeout

from linetest.devices.olt_provision import Mode
from linetest.devices.olt_provision_read import OltNow, read_now
from linetest.devices.olt_provision_shell import ProvisionShell, with_places
from linetest.devices.olt_provision_text import filled
from linetest.errors import Clash, DeviceError, StoreError
from linetest.model.onu_id import OnuId
from linetest.model.profile import LoadedProfile
from linetest.model.reading import Measurement
from linetest.provisioning.past import SAVE, Past, Result
from linetest.provisioning.plan import Plan, address_of
from linetest.provisioning.wanted import Wanted
from linetest.safe import safe_file_name
from linetest.store import journal
from linetest.store.opened import Store
from linetest.words.text import _

_TRIES = 3  # of reading an OLT again after its session was lost


class Work(NamedTuple):
    """One line of an order, on its OLT."""

    store: Store
    wanted: Wanted
    shell: ProvisionShell
    loaded: LoadedProfile
    """The profile whose limits the light has to keep."""
    tell: Callable[[str], None]
    """Hears what happens, in sentences."""
    agree: Callable[[Plan, str | None], None]
    """Shows a plan and returns when it is agreed to; raises otherwise. The text is the hash under which a run that was
    cut off had been agreed."""


class Outcome(NamedTuple):
    """How it ended."""

    result: Result | None
    """None when there was nothing to do."""
    plan: Plan
    run: str | None = None
    """The run in the journal; None when none was begun."""
    why: str = ""
    """What went wrong, in a sentence."""
    look_at: tuple[str, ...] = ()
    """What a person has to look at, and the commands that would take it back, where the state is not known."""
    measurement: Measurement | None = None


@contextmanager
def only_one(work: Work) -> Iterator[None]:
    """Hold the OLT for this process, as far as this computer's other processes go.

    Raises:
        StoreError: another process changes the same OLT.
    """
    folder = work.store.home / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"olt-{safe_file_name(address_of(work.wanted))}.lock", timeout=0):
            yield
    except LockTimeout as error:
        raise StoreError(
            _("another linetest is changing {olt} now").format(olt=work.wanted.entry.name),
            _("wait until it has ended"),
        ) from error


def refuse_other_olt(work: Work, past: Past | None) -> None:
    """Refuse an order that has moved to another OLT since a run that is still to be finished or taken back."""
    here = address_of(work.wanted)
    if past is not None and past.plan.address != here:
        raise Clash(
            _("run {run} of this line is on {olt} at {address}, and the order names {here} now").format(
                run=past.run[:8], olt=past.plan.olt, address=past.plan.address, here=here
            ),
            _("take it back there first: linetest provision undo, with the order and the station as they were"),
        )


def refuse_moved(agreed: Plan, now: Plan) -> None:
    """Refuse to go on when the OLT was changed between the plan and the answer: a question may stand for an hour."""
    if agreed.hash != now.hash:
        raise Clash(
            _("{olt} was changed by somebody while the question stood there: nothing was sent since").format(
                olt=now.olt
            ),
            _("start again, and look at the new plan"),
        )


def note(work: Work, run: str, label: str, event: str, body: bytes | None = None) -> None:
    """Write into the journal, durable when this returns."""
    journal.note(work.store.database, run, label, event, body)


def read(work: Work, onu: OnuId) -> OltNow:
    """Read who is where on the OLT, and all of one ONU; raises `DeviceError`."""
    return read_now(work.wanted.driver, work.wanted.provision, work.shell, onu, with_loids=work.wanted.has_loid)


def read_again(work: Work, onu: OnuId) -> OltNow | None:
    """Read the OLT in a new session, as `read`; None when it does not answer."""
    for count in range(_TRIES):
        if count:
            time.sleep(work.wanted.provision.verify.every_s)
        work.shell.close()
        try:
            return read(work, onu)
        except DeviceError as error:
            work.tell(error.what)
    return None


def places_of(onu: OnuId) -> dict[str, int]:
    """Return the numbers of an ONU's place as a driver's modes and patterns name them."""
    return {"rack": onu.rack, "slot": onu.slot, "port": onu.port, "onu": int(onu.onu or 0)}


def typed(mode: Mode, command: str, onu: OnuId) -> str:
    """Return what a person types to do it by hand: the way to where the command is taken, and the command."""
    return "; ".join([*(with_places(enter, places_of(onu)) for enter in mode.enter), command])


def apply_save(work: Work, run: str, onu: OnuId) -> None:
    """Save the OLT's configuration; raises `DeviceError`."""
    provision = work.wanted.provision
    save = provision.save
    note(work, run, SAVE, "started")
    work.shell.apply_change(save, provision.mode[save.mode], filled(save.send, {}), places_of(onu))
    note(work, run, SAVE, "done")
