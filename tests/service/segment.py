"""One Ethernet segment with a laptop and real DHCP servers, in network name spaces."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.service.net_namespaces import MEASURE_ALL, ROOT, sh, wait_until


class Segment:
    """One segment: the laptop, and any number of servers at its bridge, each in a namespace of its own."""

    def __init__(self, prefix: str, folder: Path, stack: ExitStack) -> None:
        self._prefix = prefix
        self._folder = folder
        self._stack = stack
        self.laptop = self._namespace("pc")
        self._hub = self._namespace("hub")
        sh("ip", "-n", self._hub, "link", "add", "br0", "type", "bridge")
        sh("ip", "-n", self._hub, "link", "set", "br0", "up")
        self._plug(self.laptop, "p0")

    def server(self, name: str, address: str, *options: str) -> Path:
        """Start a dnsmasq with an address; return its log."""
        space = self._namespace(name)
        self._plug(space, f"{name}0", address)
        log = self._folder / f"{name}.log"
        words = [
            "dnsmasq",
            "--no-daemon",
            "--user=root",
            "--conf-file=/dev/null",
            "--port=0",
            "--no-ping",
            "--no-hosts",
        ]
        words += ["--log-dhcp", f"--log-facility={log}", f"--dhcp-leasefile={self._folder / name}", "--no-resolv"]
        process = subprocess.Popen(
            ["ip", "netns", "exec", space, *words, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._stack.callback(process.wait, 10)
        self._stack.callback(process.kill)
        wait_until(lambda: ":67 " in sh("ip", "netns", "exec", space, "ss", "-Hlnu"))
        return log

    def behind(self, name: str, address: str, far_address: str, mtu: int) -> str:
        """Let a server be the router to another, whose packets may be longer than what this one passes; name that."""
        space = self._namespace(f"{name}-far")
        router = self.space(name)
        sh("ip", "-n", router, "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", space)
        sh("ip", "-n", router, "address", "add", f"{address}/24", "dev", "near")
        sh("ip", "-n", space, "address", "add", f"{far_address}/24", "dev", "far")
        sh("ip", "-n", router, "link", "set", "near", "up", "mtu", str(mtu))
        sh("ip", "-n", space, "link", "set", "far", "up")
        sh("ip", "-n", space, "route", "add", "default", "via", address)
        sh("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        return f"{name}-far"

    def measure(self, settings: dict[str, Any], servers: dict[str, str], *tests: str) -> dict[str, Any]:
        """Return what is measured with settings of DHCP, as a record holds it."""
        asked = {"connect": "dhcp", "tests": list(tests), "dhcp": settings}
        return told_by(self.start({"address": "p0", "servers": servers}, asked))

    def start(
        self, access: dict[str, Any], settings: dict[str, Any], rights: str | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a measurement at the laptop, with `rights` only: capabilities, by commas."""
        only = [f"+{right}" for right in (rights or "").split(",")]
        less = [] if rights is None else ["setpriv", f"--bounding-set=-all,{','.join(only)}", "--inh-caps=-all"]
        asked = json.dumps({"access": access, "settings": settings})
        return subprocess.Popen(
            ["ip", "netns", "exec", self.laptop, *less, sys.executable, "-c", MEASURE_ALL, asked],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )

    def mac(self, name: str) -> str:
        told = json.loads(sh("ip", "-n", f"{self._prefix}-{name}", "-j", "link", "show", f"{name}0"))
        return str(told[0]["address"])

    def space(self, name: str) -> str:
        """Return the name of the name space of the laptop, or of a server."""
        return f"{self._prefix}-{name}"

    @contextmanager
    def running(self, name: str, *words: str, port: int) -> Iterator[None]:
        """Let a program listen at a TCP port of a server."""
        inside = ["ip", "netns", "exec", self.space(name)]
        process = subprocess.Popen([*inside, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: f":{port} " in sh(*inside, "ss", "-Hlnt"))
            yield
        finally:
            process.kill()
            process.wait(10)

    def _namespace(self, name: str) -> str:
        space = self.space(name)
        sh("ip", "netns", "add", space)
        self._stack.callback(sh, "ip", "netns", "del", space, check=False)
        sh("ip", "-n", space, "link", "set", "lo", "up")
        return space

    def _plug(self, space: str, port: str, address: str | None = None) -> None:
        sh("ip", "-n", self._hub, "link", "add", f"h-{port}", "type", "veth", "peer", "name", port, "netns", space)
        sh("ip", "-n", self._hub, "link", "set", f"h-{port}", "master", "br0", "up")
        if address is not None:
            sh("ip", "-n", space, "addr", "add", f"{address}/24", "dev", port)
        sh("ip", "-n", space, "link", "set", port, "up")


def told_by(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Return what a measurement told."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err.decode()
    found: dict[str, Any] = json.loads(out)
    return found
