"""A simulated OLT that can be configured, an order for the ONU that waits on it, and where both are found."""

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from linetest import catalog
from linetest.bench.olt import EVERY_OLT, running
from linetest.bench.olt_state import Olt
from linetest.devices import olt_provision_shell
from linetest.store import journal
from linetest.transports import shell
from tests.provisioning.desk import CHANGES, ORDERS, Desk, mortal


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
    monkeypatch.setenv("OLT_COMMUNITY", "bench-1")
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
                f'snmp = "{at.snmp}"\nsecrets = {{ password = "env:OLT_PASSWORD", community = "env:OLT_COMMUNITY" }}\n',
                encoding="utf-8",
            )
            path.write_text(order or ORDERS[model_name], encoding="utf-8")
            return Site(model_name, at.olt, station, path, [str(path), "--station", str(station)])

        yield build


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast_drivers: Callable[[str], None]) -> Callable[..., Desk]:
    """Return what puts an order for one of the bench's OLTs on a desk."""
    monkeypatch.setattr(shell, "_QUIET_S", 0.004)
    monkeypatch.setattr(shell, "_QUESTION_S", 0.05)
    monkeypatch.setattr(olt_provision_shell, "_BUSY_EVERY_S", 0.02)
    monkeypatch.setattr(olt_provision_shell, "_BUSY_S", 0.1)

    def build(model_name: str = "huawei-gpon", order: str | None = None, **changes: Any) -> Desk:
        fast_drivers(EVERY_OLT[model_name].driver)
        one = Desk(model_name, tmp_path, order or ORDERS[model_name], **changes)
        monkeypatch.setattr(olt_provision_shell, "shell_session", one.session)
        for name in ("note", "set_state", "begin"):
            monkeypatch.setattr(journal, name, mortal(one, getattr(journal, name)))
        return one

    return build
