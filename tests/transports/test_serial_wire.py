"""Serial ports and their network kin, over pseudo-terminals and loopback sockets."""

import os
import pty
import socket
import sys
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from linetest.errors import Unreachable, UsageError
from linetest.transports.address import is_simulated, open_wire
from linetest.transports.wire import Link, Wire


def read_all(wire: Wire, count: int) -> bytes:
    received = b""
    while len(received) < count and (data := wire.read(64, 2.0)):
        received += data
    return received


@pytest.fixture
def ends() -> Iterator[tuple[int, str]]:
    """Give the near end of a pseudo-terminal and the path of its far one."""
    near, far = pty.openpty()
    tty.setraw(far)
    yield near, os.ttyname(far)
    for descriptor in (near, far):
        try:
            os.close(descriptor)
        except OSError:
            continue  # the test unplugged it


def test_bytes_go_both_ways(ends: tuple[int, str]) -> None:
    near, path = ends
    with closing(open_wire(path, Link(baud=19200))) as wire:
        wire.write(b"\x7b\xff\x00\n")
        assert os.read(near, 64) == b"\x7b\xff\x00\n"
        os.write(near, b"\xff\x00\x11\x13\r\n")
        assert read_all(wire, 6) == b"\xff\x00\x11\x13\r\n"
        assert wire.warnings == ["pseudo-terminal"]
        assert not wire.simulated


def test_silence_is_an_empty_read(ends: tuple[int, str]) -> None:
    with closing(open_wire(ends[1], Link())) as wire:
        began = time.monotonic()
        assert wire.read(64, 0.0) == b""
        assert time.monotonic() - began < 0.1
        assert wire.read(64, 0.3) == b""
        assert 0.25 < time.monotonic() - began < 1.0


def test_second_program_is_told_that_the_port_is_busy(ends: tuple[int, str]) -> None:
    with closing(open_wire(ends[1], Link())), pytest.raises(Unreachable, match="the port is busy") as caught:
        open_wire(ends[1], Link())
    assert caught.value.reason == "offline"
    assert "another program" in caught.value.hint


def test_missing_port_names_the_ports_there_are() -> None:
    with pytest.raises(Unreachable, match="/dev/ttyUSB99: there is no such port; here are: "):
        open_wire("/dev/ttyUSB99", Link())


def test_unplugged_in_the_middle_of_a_read(ends: tuple[int, str]) -> None:
    near, path = ends
    wire = open_wire(path, Link())
    threading.Timer(0.2, os.close, [near]).start()
    began = time.monotonic()
    with pytest.raises(Unreachable, match="the device is gone"):
        wire.read(64, 5.0)
    assert time.monotonic() - began < 1.2
    wire.close()


def test_serial_port_behind_a_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)
        address = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with closing(open_wire(f"bench:{address}", Link())) as wire:
            far, _peer = server.accept()
            wire.write(b"READ?\n")
            assert far.recv(64) == b"READ?\n"
            far.sendall(b"-20.123\r\n")
            assert read_all(wire, 9) == b"-20.123\r\n"
            assert wire.simulated
            far.close()
            with pytest.raises(Unreachable):
                wire.read(64, 5.0)


class _Port:
    """What the server of a serial port with line settings (RFC 2217) needs of its port: here one that echoes."""

    def __init__(self) -> None:
        self.baudrate, self.bytesize, self.parity, self.stopbits = 9600, 8, "N", 1
        self.xonxoff = self.rtscts = self.dsrdtr = False
        self.rts = self.dtr = self.break_condition = True
        self.cts = self.dsr = self.ri = self.cd = False

    def reset_input_buffer(self) -> None: ...

    def reset_output_buffer(self) -> None: ...


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial 3.5 itself
def test_serial_port_with_its_settings_behind_a_network() -> None:
    from serial import rfc2217

    port: Any = _Port()

    def serve(server: socket.socket) -> None:
        client, _peer = server.accept()

        class Connection:
            def write(self, data: bytes) -> None:
                client.sendall(data)

        connection: Any = Connection()
        manager = rfc2217.PortManager(port, connection)
        with client:
            while data := client.recv(1024):
                if plain := b"".join(manager.filter(data)):
                    client.sendall(b"".join(manager.escape(plain)))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=[server], daemon=True)
        thread.start()
        with closing(open_wire(f"rfc2217://127.0.0.1:{server.getsockname()[1]}", Link(baud=19200))) as wire:
            wire.write(b"\xff\x00v\n")
            assert read_all(wire, 4) == b"\xff\x00v\n"
            assert port.baudrate == 19200
        thread.join(5.0)


def test_refused_connection_is_offline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be opened"):
        open_wire(f"socket://127.0.0.1:{port}", Link())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse at once when the queue is full")
def test_a_far_end_that_takes_no_connection_ends_within_pyserials_five_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as stack:
        for _client in range(4):  # fill the queue: the next one's request is never answered
            full = stack.enter_context(socket.socket())
            full.setblocking(False)
            full.connect_ex(server.getsockname())
        began = time.monotonic()
        with pytest.raises(Unreachable):
            open_wire(f"socket://127.0.0.1:{server.getsockname()[1]}", Link())
        assert time.monotonic() - began < 6.0


@pytest.mark.parametrize("address", ["", "http://192.0.2.1", "loop://", "spy:///dev/ttyUSB0"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is not an address"):
        open_wire(address, Link())


def test_what_is_simulated() -> None:
    assert is_simulated("bench:/dev/pts/5")
    assert is_simulated("replay:talk.jsonl")
    assert not is_simulated("/dev/pts/5")
