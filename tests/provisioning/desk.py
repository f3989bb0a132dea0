"""An order on a desk beside a simulated OLT: provisioning in this process, over a pair of sockets instead of SSH."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from linetest.acceptance.plan import load_order
from linetest.acceptance.provision import Hands, Provisioned, provision_line
from linetest.bench.olt import EVERY_OLT
from linetest.catalog import load_profile
from linetest.devices.driver import Driver
from linetest.devices.station import DeviceEntry, load_station
from linetest.errors import Unreachable
from linetest.model.order import Order
from linetest.provisioning.past import Past, past_runs
from linetest.provisioning.plan import Plan
from linetest.store.opened import open_store
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
    "zte-gpon": """
        number = "WO-7"
        access = "ftth-gpon"
        [[line]]
        id = "LINE-1"
        olt = "olt7"
        onu = "1/1/1"
        [line.service]
        serial = "BNCH0B1E00F0"
        onu_type = "ZTE-F609"
        description = "WO-7"
        [[line.service.ethernet]]
        port = 1
        vlan = 100
        [[line.service.port]]
        vlan = 100
        user_vlan = 100
        gem_port = 1
        rate_up = "P"
        rate_down = "P"
        """,
    "huawei-epon": """
        number = "WO-7"
        access = "ftth-epon"
        [[line]]
        id = "LINE-1"
        olt = "olt7"
        onu = "0/1/0"
        [line.service]
        mac = "02:d1:9a:01:00:f0"
        line_profile = "500"
        service_profile = "500"
        [[line.service.ethernet]]
        port = 1
        vlan = 500
        [[line.service.port]]
        vlan = 500
        user_vlan = 500
        """,
    "bdcom-epon": """
        number = "WO-7"
        access = "ftth-epon"
        [[line]]
        id = "LINE-1"
        olt = "olt7"
        onu = "0/0/1"
        [line.service]
        mac = "02:d1:9a:01:00:f0"
        [[line.service.ethernet]]
        port = 1
        vlan = 100
        """,
}
VSOL_GPON = """
    number = "WO-7"
    access = "ftth-gpon"
    [[line]]
    id = "LINE-1"
    olt = "olt7"
    onu = "0/0/1"
    [line.service]
    serial = "BNCH0B1E00F0"
    line_profile = "default"
    description = "WO-7"
    [[line.service.port]]
    vlan = 100
    user_vlan = 100
    gem_port = 1
    rate_up = "D"
    """
"""For each OLT the whole order that its public sequence brings in."""


LINES = {
    "huawei-gpon": [
        "ont add 0 0 sn-auth 424E43480B1E00F0 omci ont-lineprofile-id 10 ont-srvprofile-id 10 desc WO-7",
        "ont port native-vlan 0 0 eth 1 vlan 35",
        "service-port 0 vlan 2000 gpon 0/1/0 ont 0 gemport 10 multi-service user-vlan 35 rx-cttr 10 tx-cttr 10",
        "save",
    ],
    "zte-gpon": [
        "onu 7 type ZTE-F609 sn BNCH0B1E00F0",
        "description WO-7",
        "sn-bind enable sn",
        "tcont 1 profile P",
        "gemport 1 tcont 1",
        "gemport 1 traffic-limit downstream P",
        "service-port 1 vport 1 user-vlan 100 vlan 100",
        "service 1 gemport 1 vlan 100",
        "vlan port eth_0/1 mode tag vlan 100",
        "write",
    ],
    "huawei-epon": [
        "ont add 0 0 mac-auth 02D1-9A01-00F0 oam ont-lineprofile-id 500 ont-srvprofile-id 500",
        "ont port native-vlan 0 0 eth 1 vlan 500",
        "service-port 0 vlan 500 epon 0/1/0 ont 0 multi-service user-vlan 500",
        "save",
    ],
    "bdcom-epon": ["epon bind-onu mac 02d1.9a01.00f0 7", "epon onu port 1 ctc vlan mode tag 100", "write all"],
}
"""What the OLT has to receive, and nothing else that changes it."""
BACK = {
    "huawei-gpon": ["undo service-port 0", "ont delete 0 0", "save"],
    "zte-gpon": ["no onu 7", "write"],
    "huawei-epon": ["undo service-port 0", "ont delete 0 0", "save"],
    "bdcom-epon": ["no epon bind-onu mac 02d1.9a01.00f0", "write all"],
}


CHANGES = (
    "ont ",
    "service-port ",
    "undo service-port ",
    "save",
    "onu ",
    "no ",
    "description ",
    "sn-bind ",
    "tcont ",
    "gemport ",
    "service ",
    "vlan port ",
    "write",
    "epon ",
    "confirm ",
)
"""How the lines begin that change an OLT of the bench."""


class Killed(BaseException):
    """Stands for kill -9: nothing of the program runs after it."""


class PairWire:
    """One end of a pair of sockets as a wire; the other end is the OLT's."""

    simulated = True

    def __init__(self, line: socket.socket, before_write: Callable[[], None]) -> None:
        self.warnings: list[str] = []
        self._line = line
        self._before_write = before_write

    def write(self, data: bytes) -> None:
        self._before_write()
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


def mortal(one: "Desk", write: Callable[..., Any]) -> Callable[..., Any]:
    def written(*arguments: Any) -> Any:
        one.check_alive()
        return write(*arguments)

    return written


class Desk:
    """A simulated OLT, and provisioning in this process: the real session on it, without SSH around."""

    def __init__(self, model_name: str, folder: Path, order: str, **changes: Any) -> None:
        self.model = EVERY_OLT[model_name]
        self.olt = self.model.switch_on(self.model.plant(), online_after_s=changes.pop("online_after_s", 0.02))
        self.before = self.olt.configuration
        self.told: list[str] = []
        self.plans: list[Plan] = []
        self.saved_while_down: list[int] = []
        self.writes_left: int | None = None
        """After so many more lines to the OLT the program is killed; None for never."""
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

    def count_write(self) -> None:
        """Be killed when it is time."""
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left < 0:
                raise Killed

    def check_alive(self) -> None:
        """Let nothing be written after the kill."""
        if self.writes_left is not None and self.writes_left < 0:
            raise Killed

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
            session = ShellSession(
                PairWire(ours, self.count_write), driver.shell, "telnet://olt7", driver.timing.deadline_s
            )
            session.log_in("tech", None, None, monotonic() + driver.timing.deadline_s)
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
