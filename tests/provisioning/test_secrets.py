"""A canary in the secret fields is found nowhere but on the OLT."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind
from linetest.errors import LinetestError
from linetest.secrets import read_secret
from tests.provisioning.desk import ORDERS, Desk

CODE, LOID = "chk000240", "2026BENCH000240"
"""Of the ONU that waits on the bench."""
ORDER = ORDERS["huawei-gpon"].replace('serial = "BNCH0B1E00F0"', f'loid = "{LOID}"\ncheckcode = "env:LOID_CODE"')


PASSWORD = "pw000240"
ZTE = ORDERS["zte-gpon"].replace('description = "WO-7"', 'password = "env:ONU_PASSWORD"')


@pytest.mark.slow
@pytest.mark.parametrize("fault", [None, ConfigFaultKind.REFUSED, ConfigFaultKind.CUT_AFTER, ConfigFaultKind.QUESTION])
def test_the_password_of_an_onu(
    desk: Callable[..., Desk], fault: ConfigFaultKind | None, monkeypatch: pytest.MonkeyPatch, private_home: Path
) -> None:
    monkeypatch.setenv("ONU_PASSWORD", PASSWORD)
    one = desk("zte-gpon", ZTE)
    one.olt.fault = ConfigFault(fault, at=1) if fault else None
    done = [one.do(), one.do()]
    assert any(line.endswith(f"pw {PASSWORD}") for line in one.changing)
    assert done[1].outcome.result in ("verified", None), done
    assert PASSWORD not in f"{done} {one.told} {one.plans} {one.past()}"
    for path in private_home.rglob("*"):
        assert path.is_dir() or PASSWORD.encode() not in path.read_bytes(), path


def check_home(home: Path) -> None:
    """Look into the data base, its log and all evidence."""
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite3" for path in files)
    for path in files:
        body = path.read_bytes()
        assert CODE.encode() not in body, path
        assert LOID.encode() not in body, path


SLOW = [kind for kind in ConfigFaultKind if "silent" not in kind and kind is not ConfigFaultKind.QUESTION]


@pytest.mark.parametrize(
    "fault", [ConfigFaultKind.QUESTION, *(pytest.param(kind, marks=pytest.mark.slow) for kind in [None, *SLOW])]
)
def test_canaries(
    desk: Callable[..., Desk],
    fault: ConfigFaultKind | None,
    monkeypatch: pytest.MonkeyPatch,
    private_home: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("LOID_CODE", CODE)
    caplog.set_level(logging.DEBUG)
    one = desk(order=ORDER)
    one.olt.fault = ConfigFault(fault, at=1, seconds=0.05) if fault else None
    said: list[Any] = []
    for action in ("apply", "apply", "undo", "undo"):
        try:
            done = one.do(action)
            said += [done.outcome, done.record]
        except LinetestError as error:
            said += [repr(error), error.what, error.hint, error.__cause__, error.__context__]
    assert any(f"loid-auth {LOID} checkcode-auth {CODE} always-on" in line for line in one.changing)
    assert one.olt.configuration == one.before, said
    everything = f"{said} {one.told} {one.plans} {caplog.text} {one.past()}"
    assert CODE not in everything
    assert LOID not in everything
    assert "«secret»" in everything
    assert "20…40" in everything
    check_home(private_home)


@pytest.mark.slow
def test_no_canary_on_the_screen_or_in_the_process(
    site: Callable[..., Any], run: Callable[..., Any], private_home: Path, tmp_path: Path
) -> None:
    one = site(order=ORDER.replace("env:LOID_CODE", f"file:{tmp_path}/code"))
    (tmp_path / "code").write_text(CODE)
    (tmp_path / "code").chmod(0o644)
    refused = run("provision", "plan", *one.arguments, "-vv")
    assert (refused.returncode, one.olt.received) == (2, []), "a file that others can read"
    (tmp_path / "code").chmod(0o600)
    asked = run("provision", "apply", *one.arguments, "-vv")
    agreed = asked.stderr.split("Hash of this plan: ")[1].split()[0]
    one.olt.fault = ConfigFault(ConfigFaultKind.QUESTION)
    failed = run("provision", "apply", *one.arguments, "--yes", agreed, "-vv")
    done = run("provision", "apply", *one.arguments, "--yes", agreed, "--json")
    assert (failed.returncode, done.returncode) == (1, 0), (failed.stderr, done.stderr)
    (tmp_path / "code").unlink()
    verified = run("provision", "verify", *one.arguments)
    assert verified.returncode == 0, "to look at it takes no secret"
    for text in (refused, asked, failed, done, verified):
        assert CODE not in text.stdout + text.stderr
        assert LOID not in text.stdout + text.stderr
        assert not any(CODE in str(word) for word in text.args)
    assert CODE not in str(os.environ)
    check_home(private_home)


def test_a_descriptor_gives_its_secret_once_and_it_is_kept() -> None:
    """A session that is lost in the middle of a run is opened again with the same secret."""
    reading, writing = os.pipe()
    os.write(writing, b"bench-2\n")
    os.close(writing)
    given = [read_secret(f"fd:{reading}", "device olt7 of this test: password").reveal() for _time in range(2)]
    assert given == ["bench-2", "bench-2"]
