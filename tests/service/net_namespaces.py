"""Network namespaces of Linux for the tests with real servers: a client, a router, a server, in a row."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CLIENT_IP, ROUTER_IP, ROUTER_FAR_IP, SERVER_IP = "10.71.0.2", "10.71.0.1", "10.72.0.1", "10.72.0.2"

_MEASURE = """
import json, sys
import msgspec
from linetest.service.access import Access
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.system_path import SystemPath
from linetest.service.tests import TESTS
asked = json.loads(sys.argv[1])
access = msgspec.convert(asked["access"], Access)
settings = msgspec.convert(asked["settings"], ServiceSettings)
path = SystemPath(access.address)
path.how = asked["how"]
measured = TESTS[asked["test"]](access, path, settings, Restore())
print(msgspec.json.encode(measured).decode())
"""
MEASURE_ALL = """
import json, sys
import msgspec
from linetest.service.access import Access
from linetest.service.measure import measure
from linetest.service.settings import ServiceSettings
asked = json.loads(sys.argv[1])
access = msgspec.convert(asked["access"], Access)
settings = msgspec.convert(asked["settings"], ServiceSettings)
outcome = measure(access, settings, lambda test, event: None)
print(msgspec.json.encode(outcome.measured).decode())
"""
"""Enters the line, does the tests, prints what was measured."""


def can_have_namespaces(*programs: str) -> bool:
    """Tell whether this is root on Linux with the programs of the tests."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    return all(shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") for name in ("ip", "nft", *programs))


def sh(*words: str, check: bool = True) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 or not check, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


class Row:
    """Three namespaces in a row: client (c0) - (r0) router (r1) - (s0) server."""

    def __init__(self, prefix: str) -> None:
        self.client, self.router, self.server = (f"{prefix}-{name}" for name in ("cpe", "rtr", "srv"))

    def inside(self, namespace: str, *words: str) -> list[str]:
        return ["ip", "netns", "exec", namespace, *words]

    def do(self, namespace: str, *words: str) -> str:
        return sh(*self.inside(namespace, *words))

    @contextmanager
    def running(self, namespace: str, *words: str, ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            self.inside(namespace, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_until(ready)
            yield process
        finally:
            process.kill()
            process.wait(10)

    def listens(self, namespace: str, protocol: str, port: int) -> bool:
        """Tell whether something listens at a port there."""
        return f":{port} " in sh("ip", "netns", "exec", namespace, "ss", "-Hln", f"--{protocol}", check=False)

    def resolver(self, *servers: str) -> None:
        """Let the client's system have these name servers; ``ip netns exec`` puts the file in its place."""
        folder = Path("/etc/netns", self.client)
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f"nameserver {one}\n" for one in servers)
        (folder / "resolv.conf").write_text(text, encoding="ascii")

    def measure(self, test: str, settings: dict[str, Any], servers: dict[str, str], **access: Any) -> dict[str, Any]:
        """Return what a test measures at the client, as its record holds it; `rightless` without CAP_NET_RAW.

        With `how` = ``dhcp`` television goes by frames, as over a lease of linetest's own.
        """
        done = self.start(test, settings, servers, **access)
        out, err = done.communicate(timeout=60)
        assert done.returncode == 0, err.decode()
        found: dict[str, Any] = json.loads(out)
        return found

    def start(
        self,
        test: str,
        settings: dict[str, Any],
        servers: dict[str, str],
        *,
        rightless: bool = False,
        how: str = "system",
        **access: Any,
    ) -> subprocess.Popen[bytes]:
        asked = {
            "test": test,
            "settings": settings,
            "how": how,
            "access": {"address": "c0", "servers": servers, **access},
        }
        without = (
            ["setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin"] if rightless else []
        )
        return subprocess.Popen(
            self.inside(self.client, *without, sys.executable, "-c", _MEASURE, json.dumps(asked)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )


@contextmanager
def row_of_namespaces(prefix: str) -> Iterator[Row]:
    """Yield the row, with addresses and routes; nothing of it is left behind."""
    row = Row(prefix)
    names = (row.client, row.router, row.server)
    try:
        for name in names:
            sh("ip", "netns", "add", name)
            sh("ip", "-n", name, "link", "set", "lo", "up")
        _cable(row.client, "c0", CLIENT_IP, row.router, "r0", ROUTER_IP)
        _cable(row.router, "r1", ROUTER_FAR_IP, row.server, "s0", SERVER_IP)
        sh("ip", "-n", row.client, "route", "add", "default", "via", ROUTER_IP)
        sh("ip", "-n", row.server, "route", "add", "default", "via", ROUTER_FAR_IP)
        row.do(row.router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        yield row
    finally:
        for name in names:
            sh("ip", "netns", "del", name, check=False)
            shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)


def _cable(one: str, one_port: str, one_ip: str, other: str, other_port: str, other_ip: str) -> None:
    sh("ip", "-n", one, "link", "add", one_port, "type", "veth", "peer", "name", other_port, "netns", other)
    for name, port, address in ((one, one_port, one_ip), (other, other_port, other_ip)):
        sh("ip", "-n", name, "addr", "add", f"{address}/24", "dev", port)
        sh("ip", "-n", name, "link", "set", port, "up")


def wait_until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    end_s = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end_s, "the server did not come up"
        time.sleep(0.05)


def values(measured: dict[str, Any]) -> dict[str, float | None]:
    """Return the value of each metric; the last one where there are several."""
    return {reading["metric"].removeprefix("service."): reading["value"] for reading in measured["readings"]}


def reasons(measured: dict[str, Any]) -> dict[str, str | None]:
    return {reading["metric"].removeprefix("service."): reading.get("reason") for reading in measured["readings"]}


def drop(row: Row, namespace: str, rule: Sequence[str]) -> None:
    """Drop packets that a router forwards, by a rule of nftables."""
    row.do(namespace, "nft", "add", "table", "inet", "t")
    row.do(namespace, "nft", "add", "chain", "inet", "t", "f", "{ type filter hook forward priority 0; }")
    row.do(namespace, "nft", "add", "rule", "inet", "t", "f", *rule)
