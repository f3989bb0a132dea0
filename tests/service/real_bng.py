"""Real concentrators for the tests: pppd and rp-pppoe in a second kernel (tests/peers/bng-up)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BNG_UP = ROOT / "tests" / "peers" / "bng-up"
QINQ = ("802.1ad:10", "802.1Q:41")
_DIAL = """
import json, sys, time
from linetest.errors import DeviceError
from linetest.service.access import Access
from linetest.service.pppoe import joined
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings, PppoeSettings
asked = json.loads(sys.argv[1])
access = Access(address=asked["interface"], tags=tuple(asked["tags"]), user=asked["user"],
                secrets={"ppp": "env:PPP_PASSWORD"}, device="port", servers=asked["servers"])
settings = ServiceSettings(pppoe=PppoeSettings(dials=1, phase_timeout_s=asked["phase_timeout_s"]))
restore, told = Restore(), {"echoes": [], "ended": None}
with joined(access, settings, restore) as found:
    if found.path is not None:
        told |= {"address": found.path.address, "mtu": found.path.mtu, "dns": found.path.dns_servers}
        for octets in asked["echoes"]:
            echo = found.path.echo(found.path.gateway, octets, 2.0, dont_fragment=True)
            told["echoes"].append({"rtt_s": echo.rtt_s, "too_big_for": echo.too_big_for})
        print("open", flush=True)
        try:
            end = time.monotonic() + asked["stays_s"]
            while time.monotonic() < end:
                found.path.echo(found.path.gateway, 64, 0.1)
        except DeviceError as error:
            told["ended"] = [error.reason, error.what]
readings = [[one.metric, one.value, one.reason, one.where] for one in found.measured.readings]
told |= {"readings": readings, "trouble": found.measured.trouble, "warnings": found.measured.warnings}
told |= {"details": found.measured.details["pppoe"], "steps": [[step.name, step.state] for step in restore.steps]}
print(json.dumps(told))
"""


class Concentrators(NamedTuple):
    """The name space, and who may dial in."""

    home: Path
    space: str
    user: str
    password: str

    def hang_up(self) -> None:
        """Let the concentrators end all sessions."""
        env = {**os.environ, "BNG_HOME": str(self.home), "BNG_NS": self.space}
        subprocess.run([BNG_UP, "hang-up"], env=env, check=True, timeout=10)

    def start(self, interface: str, tags: tuple[str, ...] = (), **more: Any) -> "subprocess.Popen[str]":
        """Start a dial in the name space."""
        asked = {
            "interface": interface,
            "tags": tags,
            "user": self.user,
            "servers": {},
            "phase_timeout_s": 10.0,
            "echoes": [],
            "stays_s": 0.0,
            **{key: value for key, value in more.items() if key != "password"},
        }
        return subprocess.Popen(
            ["ip", "netns", "exec", self.space, sys.executable, "-c", _DIAL, json.dumps(asked)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PPP_PASSWORD": more.get("password", self.password)},
        )

    def dial(self, interface: str, tags: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
        """Dial in and return what was told."""
        return told_by(self.start(interface, tags, **more))


def told_by(process: "subprocess.Popen[str]") -> dict[str, Any]:
    said, _nothing = process.communicate(timeout=60)
    assert process.returncode == 0
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


@contextmanager
def concentrators(home: Path) -> Iterator[Concentrators | str]:
    """Start them; yield why not where they cannot be had."""
    if os.geteuid() != 0:
        yield "the real concentrators (tests/peers/bng-up) need root"
        return
    if not all(map(which, ("linux.uml", "pppd", "pppoe-server", "ip"))):
        yield "the packages user-mode-linux, ppp, pppoe and iproute2 are missing"
        return
    env = {**os.environ, "BNG_HOME": str(home), "BNG_NS": f"linetest-bng-{os.getpid()}"}
    done = subprocess.run([BNG_UP, "up"], env=env, capture_output=True, text=True, timeout=120)
    try:
        if done.returncode != 0:
            yield f"the second kernel does not start: {done.stderr}"
            return
        told = dict(line.split("=", 1) for line in done.stdout.splitlines())
        yield Concentrators(home, told["BNG_NS"], told["BNG_USER"], told["BNG_PASSWORD"])
    finally:
        subprocess.run([BNG_UP, "down"], env=env, check=True, timeout=60)
