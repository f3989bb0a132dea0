"""What guards the shape of the project: the tree at the top, the size of files, and where numbers may stand."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*ROOT.glob("linetest/**/*.py"), *ROOT.glob("drivers/**/*.py")])
AT_THE_TOP = {"linetest", "drivers", "profiles", "tests", "pyproject.toml", "README.md"}
LONGEST_FILE = 300  # lines: above it there is a second room inside
HEAVY = (
    "numpy",
    "scapy",
    "netmiko",
    "paramiko",
    "textfsm",
    "pysnmp",
    "matplotlib",
    "httpx",
    "jinja2",
    "serial",
    "keyring",
    "msgspec",
)

in_checkout = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout")


@in_checkout
def test_nothing_else_lies_at_the_top() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    top = {name.split("/")[0] for name in tracked}
    assert {name for name in top if not name.startswith(".")} <= AT_THE_TOP


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_two(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_a_rooms_init_holds_a_docstring_and_nothing_else() -> None:
    for path in ROOT.glob("linetest/**/__init__.py"):
        (only,) = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(only, ast.Expr), path


def test_no_limit_stands_in_a_measuring_room() -> None:
    """A verdict is made in model.judge only: the rooms that measure do not even know the word."""
    for room in ("copper", "epon", "optical", "otdr", "pon", "service", "devices", "transports"):
        for path in ROOT.glob(f"linetest/{room}/*.py"):
            if path.name == "isolation.py":  # it compares the verdicts of checks that are judged
                continue
            assert "Verdict" not in path.read_text(encoding="utf-8"), path


def test_no_files_import_each_other_in_a_circle() -> None:
    """Imports inside of functions and for types count too: who reads one file of a circle has to read all."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.glob("linetest/**/*.py")}
    TopologicalSorter({name: _imported(path) & modules.keys() for name, path in modules.items()}).prepare()


def _imported(path: Path) -> set[str]:
    """Return the modules that a file imports, and what is taken out of a package that may be one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    return found


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom linetest.cli.main import main\ntry:\n    main(['--help'])\n"
        f"except SystemExit:\n    print('LOADED', *[m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout.splitlines()[-1] == "LOADED"
