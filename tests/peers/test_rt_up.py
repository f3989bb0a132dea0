"""The script that starts a real Request Tracker, beside one that may be running."""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

RT_UP = Path(__file__).with_name("rt-up")


def rt_up(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RT_UP, command], env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.peer
@pytest.mark.slow
def test_up_fresh_and_down(tmp_path: Path, need: Callable[[bool, str], None]) -> None:
    required = os.environ.get("LINETEST_PEERS") == "required"
    need(required, "installing and starting a Request Tracker takes half a minute: set LINETEST_PEERS=required")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = {"RT_HOME": str(tmp_path / "rt"), "RT_PORT": str(free.getsockname()[1])}
    try:
        up = rt_up("up", **own)
        assert up.returncode == 0, up.stderr
        values = dict(line.split("=", 1) for line in up.stdout.split())
        ask = httpx.Client(
            base_url=values["RT_REST2"],
            headers={"Authorization": f"token {values['RT_TOKEN']}"},
            trust_env=False,
            timeout=30,
        )
        assert ask.post("/ticket", json={"Queue": "Field", "Subject": "x"}).json()["id"] == "1"
        assert rt_up("status", **own).returncode == 0
        assert rt_up("up", **own).stdout == up.stdout
        assert rt_up("fresh", **own).returncode == 0
        assert ask.get("/ticket/1").status_code == 404
        assert ask.post("/ticket", json={"Queue": "Closed-to-technicians", "Subject": "x"}).status_code == 403
        ask.close()
    finally:
        assert rt_up("down", **own).returncode == 0
    assert rt_up("status", **own).returncode == 1


def test_an_unknown_command_explains_itself(tmp_path: Path) -> None:
    answer = rt_up("explode", RT_HOME=str(tmp_path))
    assert answer.returncode == 2
    assert "rt-up fresh" in answer.stderr
