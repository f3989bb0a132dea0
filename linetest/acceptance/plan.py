"""What an acceptance run is going to do, complete before it begins, so that it can be resumed as it was."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from linetest.catalog import load_profile, profile_for_access, read_profile, read_text, user_folder
from linetest.errors import UsageError, nearest
from linetest.model.order import Line, Order
from linetest.model.profile import LoadedProfile
from linetest.store.opened import open_store
from linetest.store.orders import ending_in, find_case
from linetest.words.text import _
from linetest.workorders.files import load_orders


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One order and the profile that is to judge it, whole."""

    order: Order
    profile_path: str
    profile_text: str

    def loaded(self) -> LoadedProfile:
        """Return the profile as it was when the run began."""
        return read_profile(self.profile_text, self.profile_path)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that a resumed run needs."""

    jobs: list[Job]
    station: str
    """Path of the station file; empty on the bench, whose devices are made anew."""
    scenario: str | None = None
    """The bench scenario; None for real devices."""
    line: str | None = None
    """The only line that is to be tested; None for all lines of the orders."""
    agreed: dict[str, str] = {}
    """The hashes of the plans for OLTs that were agreed to, by order and line."""
    push: bool = True
    reports: list[str] = []


def lines_of(plan: Plan, job: Job) -> list[Line]:
    """Return the lines of an order that are to be tested."""
    if plan.line is None:
        return job.order.line
    chosen = [line for line in job.order.line if line.id == plan.line]
    if not chosen:
        raise UsageError(
            _("order {number} has no line {line!r}").format(number=job.order.number, line=plan.line),
            _("there are: {names}").format(names=nearest(plan.line, [line.id for line in job.order.line])),
        )
    return chosen


def only_line(order: Order, line_id: str | None) -> Line:
    """Return the line of that id, or the only one; refuse to guess among many."""
    names = [line.id for line in order.line]
    for line in order.line:
        if line.id == line_id or (line_id is None and len(names) == 1):
            return line
    if line_id is None:
        raise UsageError(
            _("order {number} has {count} lines").format(number=order.number, count=len(names)),
            _("name one: --line {line}").format(line=names[0]),
        )
    raise UsageError(
        _("order {number} has no line {line!r}").format(number=order.number, line=line_id),
        _("there are: {names}").format(names=", ".join(names)),
    )


def job_for(order: Order, profile_name: str | None, change: Callable[[str], str] = str) -> Job:
    """Return the order with the named profile, else with the one for its kind of line.

    `change` is what the bench does to the profile's text, whose long tests would only be waited for.
    """
    loaded = load_profile(profile_name) if profile_name else profile_for_access(order.access)
    if not loaded.profile.step:
        raise UsageError(
            _("{file}: the profile has no [[step]], so there is nothing to do").format(file=loaded.path),
            _("`linetest profile list` shows all profiles"),
        )
    return Job(order=order, profile_path=loaded.path, profile_text=change(loaded.text))


def load_order(path: Path) -> Order:
    """Return the only order in that file."""
    orders = load_orders(path)
    if len(orders) != 1:
        raise UsageError(
            _("{file}: {count} orders, and one is wanted").format(file=path, count=len(orders)),
            _("keep them with `linetest order add`, and name one by its number"),
        )
    return orders[0]


def find_order(wanted: str, station: Path) -> Order:
    """Return the order of that file or number: in a file here, beside the station file or among the user's orders.

    Else it is one that `linetest order add` has kept, which the end of its number names too.
    """
    if wanted.endswith((".toml", ".json", ".csv")) or Path(wanted).is_file():
        return load_order(Path(wanted))
    folders = [Path(), station.parent, user_folder() / "orders"]
    for folder in folders:
        path = folder / f"{wanted}.toml"
        if path.is_file() and path.resolve().parent == folder.resolve():
            return load_order(path)
    with open_store() as store:
        kept = ending_in(store.database, wanted)
        if len(kept) == 1:
            return find_case(store.database, kept[0]).order
    files = [path for folder in folders for path in folder.glob("*.toml")]
    known = {path.stem for path in files if path.is_file() and "[[line]]" in read_text(path)} | set(kept)
    raise UsageError(
        _("there is no order {number!r}; nearest: {names}").format(
            number=wanted, names=nearest(wanted, sorted(known)) or _("none")
        ),
        _("name its file, or put {number}.toml into {folder}").format(number=wanted, folder=user_folder() / "orders"),
    )
