"""Dialling in over interfaces of the kernel, at the simulated concentrator: tags go both ways."""

import os
import subprocess
import sys
from collections.abc import Callable
from shutil import which

import pytest

_BOTH_ENDS = """
from linetest.bench.bng import Bng
from linetest.bench.bng_settings import BngSettings
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import open_wire
from linetest.service.access import Access
from linetest.service.pppoe import joined
from linetest.service.pppoe_settings import PppoeSettings
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
with open_wire("b0") as wire:
    bng = Bng(wire, BngSettings(tags=((0x88A8, 10), (0x8100, 41))), Inside())
    wire.stations.append(bng)
    access = Access(address="a0", tags=("802.1ad:10", "41"), user="line1@isp", secrets={"ppp": "env:PW"}, device="port")
    with joined(access, ServiceSettings(pppoe=PppoeSettings(dials=1)), Restore()) as found:
        print(found.path.address, found.path.echo("10.64.0.1", 64, 1.0).rtt_s is not None, len(bng.sessions))
    print(len(bng.sessions), [r.value for r in found.measured.readings if r.metric == "service.wrong_tags_count"])
"""


@pytest.mark.peer
def test_a_dial_between_two_interfaces(need: Callable[[bool, str], None]) -> None:
    may = which("ip") is not None and which("unshare") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    need(may, "name spaces of the network need root and iproute2")
    wires = "ip link add a0 type veth peer name b0; ip link set a0 up; ip link set b0 up"
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", f'{wires}; exec "$0" -c "$1"', sys.executable, _BOTH_ENDS],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PW": "correct horse"},
    )
    assert done.stdout.splitlines() == ["10.64.0.2 True 1", "0 [0.0]"], done.stderr
