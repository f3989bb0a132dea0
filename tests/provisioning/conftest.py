"""A simulated OLT that can be configured, an order for the ONU that waits on it, and where both are found."""

import re
import socket
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from linetest import catalog
from linetest.bench.olt import EVERY_OLT, running
from linetest.acceptance.plan import load_order
from linetest.acceptance.provision import Hands, Provisioned, provision_line
from linetest.bench.olt_state import Olt
from linetest.catalog import load_profile
from linetest.devices import olt_provision_shell
from linetest.devices.driver import Driver
from linetest.devices.station import DeviceEntry, load_station
from linetest.errors import Unreachable
from linetest.model.order import Order
from linetest.provisioning.past import Past, past_runs
from linetest.provisioning.plan import Plan
from linetest.store.opened import open_store
from linetest.transports import shell
from linetest.transports.shell import ShellSession

ORDERS = {
    "huawei-gpon": """
        number = "WO-7"
        access = "ftth-gpon"
        [[line]]
        id = "LINE-1"
        olt = "olt7"
        onu = "0/1/0"
        [line.service]
        serial = "BNCH0B1E00F0"
        line_profile = "10"
        service_profile = "10"
        description = "WO-7"
        uplink = "0/8/0"
        [[line.service.ethernet]]
        port = 1
        vlan = 35
        [[line.service.port]]
        vlan = 2000
        user_vlan = 35
        gem_port = 10
        rate_up = "10"
        rate_down = "10"
        """,
}
"""For each OLT the whole order that its public sequence brings in."""


CHANGES = ("ont ", "service-port ", "undo service-port ", "save")
"""How the lines begin that change an OLT of the bench."""


@dataclass
class Site:
    """One OLT, its station file and the order."""

    model: str
    olt: Olt
    station: Path
    order: Path
    arguments: list[str] = field(default_factory=list)

    @property
    def changing(self) -> list[str]:
        """Return the lines that the OLT received and that change something, over all sessions."""
        return [line for session in self.olt.received for line in session if line.startswith(CHANGES)]


@pytest.fixture
def fast_drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what puts a copy of a driver before the real one that waits less: for an answer, and for the light."""

    def hasten(name: str) -> None:
        folder = catalog.user_folder() / "drivers" / name
        folder.mkdir(parents=True, exist_ok=True)
        source = catalog.driver_folder(name)
        for path in source.iterdir():
            text = path.read_text(encoding="utf-8")
            if path.name == "driver.toml":
                text = _hastened(text)
            (folder / path.name).write_text(text, encoding="utf-8")

    return hasten


def _hastened(text: str) -> str:
    text = re.sub(r"(?m)^deadline_s = 30\.0.*$", "deadline_s = 2.0", text)
    text = re.sub(r"(?m)^deadline_s = 120\.0.*$", "deadline_s = 4.0", text)
    text = re.sub(r"(?m)^every_s = 5\.0.*$", "every_s = 0.1", text)
    tomllib.loads(text)
    return text


@pytest.fixture
def site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast_drivers: Callable[[str], None]
) -> Iterator[Callable[..., Site]]:
    """Return what switches an OLT on and writes station and order."""
    monkeypatch.setenv("OLT_PASSWORD", "bench-2")
    with ExitStack() as stack:

        def build(model_name: str = "huawei-gpon", order: str | None = None, **changes: Any) -> Site:
            model = EVERY_OLT[model_name]
            fast_drivers(model.driver)
            at = stack.enter_context(
                running(
                    model,
                    model.plant(),
                    community="bench-1",
                    password="bench-2",
                    online_after_s=changes.pop("online_after_s", 0.05),
                )
            )
            station, path = tmp_path / "station.toml", tmp_path / "WO-7.toml"
            station.write_text(
                f'name = "van"\n[device.olt7]\ndriver = "{model.driver}"\nshell = "{at.shell}"\n'
                'secrets = { password = "env:OLT_PASSWORD" }\n',
                encoding="utf-8",
            )
            path.write_text(order or ORDERS[model_name], encoding="utf-8")
            return Site(model_name, at.olt, station, path, [str(path), "--station", str(station)])

        yield build


class PairWire:
    """One end of a pair of sockets as a wire; the other end is the OLT's."""

    simulated = True

    def __init__(self, line: socket.socket) -> None:
        self.warnings: list[str] = []
        self._line = line

    def write(self, data: bytes) -> None:
        try:
            self._line.sendall(data)
        except OSError as error:
            raise Unreachable("the device ended the session") from error

    def read(self, limit: int, timeout_s: float) -> bytes:
        self._line.settimeout(max(timeout_s, 0.0005))
        try:
            data = self._line.recv(limit)
        except TimeoutError:
            return b""
        except OSError as error:
            raise Unreachable("the device ended the session") from error
        if not data:
            raise Unreachable("the device ended the session")
        return data

    def close(self) -> None:
        self._line.close()


class Desk:
    """A simulated OLT, and provisioning in this process: the real session on it, without SSH around."""

    def __init__(self, model_name: str, folder: Path, order: str, **changes: Any) -> None:
        self.model = EVERY_OLT[model_name]
        self.olt = self.model.switch_on(self.model.plant(), online_after_s=changes.pop("online_after_s", 0.02))
        self.before = self.olt.configuration
        self.told: list[str] = []
        self.plans: list[Plan] = []
        self.saved_while_down: list[int] = []
        path = folder / "WO-7.toml"
        path.write_text(order, encoding="utf-8")
        station = folder / "station.toml"
        address = "bench:telnet://127.0.0.1:1"
        station.write_text(f'name = "v"\n[device.olt7]\ndriver = "{self.model.driver}"\nshell = "{address}"\n')
        self.order: Order = load_order(path)
        self.station = load_station(station)
        self.loaded = load_profile(f"provision-{self.model.technology}")
        self._watch_saving()

    def do(self, action: str = "apply", agree: Callable[[Plan, str | None], None] | None = None) -> Provisioned:
        """Apply or undo the order; the person agrees to everything unless a test says otherwise."""
        hands = Hands(self.told.append, agree or (lambda plan, _earlier: self.plans.append(plan)))
        with open_store() as store:
            return provision_line(store, self.order, self.order.line[0], self.station, self.loaded, action, hands)

    def past(self) -> list[Past]:
        """Return what the journal says, the newest run first."""
        with open_store() as store:
            return past_runs(store, self.order.number, self.order.line[0].id)

    @property
    def changing(self) -> list[str]:
        """Return the lines that the OLT received and that change something."""
        return [line for session in self.olt.received for line in session if line.startswith(CHANGES)]

    @contextmanager
    def session(self, _entry: DeviceEntry, driver: Driver) -> Iterator[ShellSession]:
        """Stand for `shell_session`."""
        ours, theirs = socket.socketpair()
        assert driver.shell is not None

        def serve() -> None:
            with theirs:
                self.model.shell(self.olt).serve(theirs)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            session = ShellSession(PairWire(ours), driver.shell, "telnet://olt7", driver.timing.deadline_s)
            session.log_in("tech", None, None, shell.monotonic() + driver.timing.deadline_s)
            yield session
            session.log_out()
        finally:
            ours.close()
            thread.join(5.0)

    def _watch_saving(self) -> None:
        save = self.olt.save

        def watched() -> None:
            new = set(self.olt.configuration["onus"]) - set(self.before["onus"])
            self.saved_while_down += [number for number in new if not self.olt.is_up(number)]
            save()

        self.olt.save = watched  # type: ignore[method-assign]


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast_drivers: Callable[[str], None]
) -> Callable[..., Desk]:
    """Return what puts an order for one of the bench's OLTs on a desk."""
    monkeypatch.setattr(shell, "_QUIET_S", 0.004)
    monkeypatch.setattr(shell, "_QUESTION_S", 0.05)
    monkeypatch.setattr(olt_provision_shell, "_BUSY_EVERY_S", 0.02)
    monkeypatch.setattr(olt_provision_shell, "_BUSY_S", 0.1)

    def build(model_name: str = "huawei-gpon", order: str | None = None, **changes: Any) -> Desk:
        fast_drivers(EVERY_OLT[model_name].driver)
        one = Desk(model_name, tmp_path, order or ORDERS[model_name], **changes)
        monkeypatch.setattr(olt_provision_shell, "shell_session", one.session)
        return one

    return build
