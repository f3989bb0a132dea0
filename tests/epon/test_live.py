"""Captures from a network interface: a pair of virtual cards, as root; the refusals without."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from linetest.epon.capture import open_capture_bytes
from linetest.epon.layers import Ethernet
from linetest.epon.layers_mpcp import Gate, Grant, MacControl, Report
from linetest.epon.live import capture
from linetest.errors import DeviceError, Unreachable
from linetest.model.codes import Reason

Need = Callable[[bool, str], None]
OnceOpen = Callable[..., None]
NEAR = "ltnear0"  # conftest.py makes it
GATE = bytes(Ethernet(src="00:25:9e:00:00:01") / MacControl() / Gate(timestamp=7, grants=[Grant(start=1, length=99)]))
REPORT = bytes(Ethernet(src="00:25:9e:00:00:02") / MacControl(opcode=3) / Report(timestamp=8))
TAGGED = bytes.fromhex("00259e000002 00259e000001 8100 0064 0800").ljust(60, b"\0")


def test_a_wrong_name_is_answered_with_the_right_ones() -> None:
    with pytest.raises(DeviceError) as refused:
        capture("no-such-card", 1)
    assert refused.value.reason == Reason.NO_SUCH_OBJECT
    assert "no-such-card: there is no such interface; here are: " in refused.value.what
    assert any(name in refused.value.what for _number, name in socket.if_nameindex())


@pytest.mark.peer
def test_frames_are_captured_as_they_come(once_open: OnceOpen) -> None:
    once_open(GATE, REPORT, TAGGED)
    begin_ns = time.time_ns()
    found = capture(NEAR, 1.5)
    assert (found.frames, found.ended_by) == (3, "time")
    read = open_capture_bytes("live", found.body)
    assert (read.source.has_preamble, read.source.is_nanosecond) == (False, False)
    (block,) = read.blocks()
    assert block.mpcp.opcode.tolist() == [2, 3]
    assert block.mpcp.start[0].tolist() == [1, -1, -1, -1]
    assert block.frames.vid.tolist() == [-1, -1, 100]
    assert begin_ns - 1000 <= block.frames.time_ns[0] <= time.time_ns()


@pytest.mark.peer
def test_ctrl_c_ends_it_and_keeps_what_came(once_open: OnceOpen) -> None:
    once_open(GATE, then=lambda: os.kill(os.getpid(), signal.SIGINT))
    found = capture(NEAR, None)
    assert (found.frames, found.ended_by) == (1, "person")
    assert GATE in found.body


@pytest.mark.peer
def test_it_ends_by_size(once_open: OnceOpen) -> None:
    once_open(*[GATE] * 5)
    found = capture(NEAR, 20.0, most_octets=24 + 2 * 76)
    assert (found.frames, found.ended_by, len(found.body)) == (2, "size", 24 + 2 * 76)


@pytest.mark.peer
def test_no_frame_is_no_capture(cards: socket.socket) -> None:
    with pytest.raises(DeviceError) as refused:
        capture(NEAR, 0.3)
    assert refused.value.reason == Reason.NO_READING


@pytest.mark.peer
def test_a_card_that_goes_down(once_open: OnceOpen) -> None:
    def down() -> None:
        subprocess.run(["ip", "link", "set", NEAR, "down"], check=True)

    once_open(GATE, then=down)
    found = capture(NEAR, 20.0)
    assert (found.frames, found.ended_by) == (1, "interface")
    with pytest.raises(Unreachable) as refused:
        capture(NEAR, 1.0)
    assert refused.value.what == f"{NEAR}: the interface is down"


@pytest.mark.peer
def test_without_the_right_it_says_which_one(need: Need) -> None:
    drop = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]
    may = shutil.which("setpriv") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    need(may, "taking a right away needs root and setpriv")
    code = (
        "from linetest.epon.live import capture\nfrom linetest.errors import DeviceError\n"
        "try:\n    capture('lo', 1)\nexcept DeviceError as error:\n    print(error.reason, error.what, error.hint)\n"
    )
    done = subprocess.run([*drop, sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("no-permission lo: this user may not capture: the capability CAP_NET_RAW is missing")
    assert "setcap cap_net_raw+ep" in done.stdout
