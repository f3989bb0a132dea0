"""What every test shares: a private home, the command line as a person runs it, and the shared recordings."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from linetest.cli.main import main
from linetest.reports import pictures
from linetest.words.text import use_language

# A job in the background has Ctrl-C ignored, and so would all that the tests start: they test it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Byte code is kept, whatever the environment says: else each worker would rewrite the asserts of every file of tests,
# and each process that a test starts would compile the program.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says more about what else the machine does than about the code.
# Some generated inputs each time, all of them for tests/run --full.
settings.register_profile("linetest", deadline=None, max_examples=40)
settings.register_profile("whole", deadline=None)
settings.load_profile("linetest")

ROOT = Path(__file__).resolve().parents[1]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own data and configuration folders, and English words."""
    home = tmp_path / "home"
    monkeypatch.setenv("LINETEST_HOME", str(home))
    monkeypatch.setenv("LINETEST_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("LINETEST_STATION", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "en")
    use_language("en")
    return home


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the command line in a process of its own, as a person does."""

    def run_linetest(
        *arguments: str | Path,
        timeout: float = 60,
        env: dict[str, str] | None = None,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "linetest", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL if stdin is None else None,
            input=stdin,
            check=False,
        )

    return run_linetest


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Return a function that runs the command line in this process: as `run`, without the start of a process."""

    def call_linetest(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        with pytest.raises(SystemExit) as ended, chdir(tmp_path):
            main(words)
        said = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, said.out, said.err)

    return call_linetest


_DRAWN: dict[str, str] = {}


@pytest.fixture
def drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the picture drawn before where the same one is wanted again, for tests of what stands beside pictures."""

    def once(draw: Callable[[Any], str]) -> Callable[[Any], str]:
        def drawn(of: Any) -> str:
            key = f"{draw.__name__} {of!r}"
            if key not in _DRAWN:
                _DRAWN[key] = draw(of)
            return _DRAWN[key]

        return drawn

    for name in ("draw_family", "draw_heat_map", "draw_windows"):
        monkeypatch.setattr(pictures, name, once(getattr(pictures, name)))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function that finds a folder of real recordings, or skips the test with the reason."""

    def find(name: str) -> Path:
        folder = Path(os.environ.get("LINETEST_SHARED", ROOT.parent / "shared")) / "data" / name
        if not folder.is_dir():
            pytest.skip(f"the shared recordings are not here: no folder shared/data/{name} beside the project")
        return folder

    return find


@pytest.fixture
def need() -> Callable[[bool, str], None]:
    """Return a function that skips a test whose peer is missing; where peers are required, it fails instead."""

    def check(present: bool, reason: str) -> None:
        if present:
            return
        if os.environ.get("LINETEST_PEERS") == "required":
            pytest.fail(f"a peer that must be here is missing: {reason}")
        pytest.skip(reason)

    return check


def pytest_xdist_auto_num_workers() -> int | None:
    """Start more workers than cores: many tests wait for a device or a server; xdist's own variable goes first."""
    return None if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") else 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow tests to `tests/run`: somebody who just types pytest wants to know soon."""
    if config.option.markexpr or any("::" in argument for argument in config.args):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
