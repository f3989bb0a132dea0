"""VISA resources through PyVISA's pure Python back end, against a server on the loopback."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from linetest.devices.power_meter import open_meter
from linetest.devices.station import DeviceEntry
from linetest.errors import Unreachable, UsageError
from linetest.transports.address import open_wire
from linetest.transports.visa import is_resource
from linetest.transports.wire import Link

REPLIES = {
    "*IDN?": "Keysight Technologies,N7744A,MY12345678,1.20",
    "sens1:chan1:pow:unit?": "+0",
    "sens1:chan1:pow:wav?": "+1.49000000E-06",
    "fetc1:chan1:pow?": "-1.82300000E+001",
}


def serve(server: socket.socket) -> None:
    """Answer one client as a Keysight multimeter does."""
    try:
        client, _peer = server.accept()
    except OSError:
        return
    with client, client.makefile("r", encoding="ascii", newline="\n") as lines:
        for line in lines:
            if reply := REPLIES.get(line.strip()):
                client.sendall(reply.encode() + b"\n")


@pytest.fixture
def resource() -> Iterator[str]:
    """Give the name of a VISA resource that answers."""
    pytest.importorskip("pyvisa", reason="the extra visa is not installed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=[server], daemon=True)
        thread.start()
        yield f"TCPIP0::127.0.0.1::{server.getsockname()[1]}::SOCKET"
    thread.join(5.0)


def test_bytes_go_both_ways(resource: str) -> None:
    with closing(open_wire(resource, Link())) as wire:
        assert wire.read(64, 0.0) == b""
        wire.write(b"*IDN?\n")
        assert wire.read(256, 2.0) == REPLIES["*IDN?"].encode() + b"\n"
        assert wire.read(256, 0.2) == b""
        assert not wire.simulated


def test_a_resource_that_refuses_a_setting_is_let_go() -> None:
    pytest.importorskip("pyvisa", reason="the extra visa is not installed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)
        name = f"TCPIP0::127.0.0.1::{server.getsockname()[1]}::SOCKET"
        with pytest.raises(Unreachable) as held:  # as long as the error is held, nothing is closed by itself
            open_wire(name, Link(reply_end="\n\n"))  # a doubled character cannot end a message there
        client, _peer = server.accept()
        with client:
            client.settimeout(5.0)
            assert client.recv(1) == b"", held.value.what


def test_meter_is_read_through_visa(resource: str) -> None:
    entry = DeviceEntry(name="lab", driver="keysight_816x", address=f"bench:{resource}")
    with open_meter(entry) as meter:
        reading = meter.read(1490)
        assert (reading.value, reading.reason) == (-18.23, None)
        assert meter.simulated
        assert "N7744A" in meter.identity


def test_resource_that_cannot_be_reached() -> None:
    pytest.importorskip("pyvisa", reason="the extra visa is not installed")
    with pytest.raises(Unreachable):
        open_wire("GPIB0::5::INSTR", Link())


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvisa", None)
    with pytest.raises(UsageError, match="needs an extra") as caught:
        open_wire("USB0::0x1313::0x8078::P0000001::INSTR", Link())
    assert caught.value.hint == "pip install 'linetest[visa]'"


@pytest.mark.parametrize(
    "name",
    [
        "USB0::0x1313::0x8078::P0000001::INSTR",
        "GPIB0::5::INSTR",
        "TCPIP0::192.0.2.7::inst0::INSTR",
        "TCPIP::192.0.2.7::5025::SOCKET",
        "ASRL/dev/ttyUSB0::INSTR",
        "asrl3::instr",
    ],
)
def test_names_of_resources(name: str) -> None:
    assert is_resource(name)


@pytest.mark.parametrize("name", ["/dev/ttyUSB0", "COM3", "socket://[::1]:5000", "GPIB0", "USB0:", "replay:GPIB::x"])
def test_other_names(name: str) -> None:
    assert not is_resource(name)
