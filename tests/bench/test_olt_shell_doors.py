"""The doors to the simulated command lines: telnet and SSH, from plain sockets, OpenSSH and netmiko."""

import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.olt import OLTS, running
from linetest.bench.olt_shell import OltShell
from linetest.bench.olt_shell_huawei import HuaweiShell
from linetest.bench.olt_shell_server import TelnetLine, reached_by_ssh, reached_by_telnet

PASSWORD = "made-for-the-bench"


def huawei() -> OltShell:
    return HuaweiShell(OLTS["huawei-gpon"].switch_on(OLTS["huawei-gpon"].plant()))


def read_until(line: socket.socket, text: str) -> str:
    """Return what comes up to and with `text`; all that comes when it is empty."""
    shown = ""
    while not text or text not in shown:
        data = line.recv(4096)
        if not data:
            return shown
        shown += data.decode()
    return shown


def connected(address: str) -> socket.socket:
    host, _colon, port = address.rpartition("@")[2].rpartition(":")
    return socket.create_connection((host, int(port)), timeout=5.0)


def test_telnet_lets_the_right_one_in() -> None:
    model = OLTS["vsol-epon"]
    with (
        reached_by_telnet(lambda: model.shell(model.switch_on(model.plant())), PASSWORD) as address,
        connected(address) as line,
    ):
        assert address.startswith("bench:telnet://tech@127.0.0.1:")
        heard = line.recv(6, socket.MSG_WAITALL)
        assert heard == b"\xff\xfb\x01\xff\xfb\x03"
        line.sendall(b"\xff\xfd\x01\xff\xfa\x1f\x01\xf4\x002\xff\xf0tech\r\0")
        assert read_until(line, "Password: ").endswith("Password: ")
        line.sendall(f"{PASSWORD}\r\n".encode())
        shown = read_until(line, "epon-olt> ")
        assert shown.endswith("epon-olt> ")
        assert PASSWORD not in shown, "a password is not echoed"


def test_what_is_typed_at_the_log_in_is_not_among_the_lines() -> None:
    model = OLTS["vsol-epon"]
    with (
        running(model, model.plant(), community="c", password=PASSWORD) as at,
        connected(at.shell) as line,
    ):
        line.recv(6, socket.MSG_WAITALL)
        for typed, shown in (("tech", "Password: "), (PASSWORD, "> "), ("enable", "# "), ("show onu", "# ")):
            line.sendall(f"{typed}\r\n".encode())
            read_until(line, shown)
        assert at.olt.received == [["enable", "show onu"]]


def test_telnet_sends_others_away() -> None:
    model = OLTS["vsol-epon"]
    with (
        reached_by_telnet(lambda: model.shell(model.switch_on(model.plant())), PASSWORD) as address,
        connected(address) as line,
    ):
        line.recv(6, socket.MSG_WAITALL)
        for user, password in (("tech", "guess"), ("admin", PASSWORD), ("", "")):
            line.sendall(f"{user}\r\n{password}\r\n".encode())
        assert read_until(line, "").count("Bad Password") == 3


def test_telnet_commands_may_come_in_pieces() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line = TelnetLine(theirs)
        for piece in (b"a\xff", b"\xfd", b"\x01b", b"\xff\xfa\x1f\x00", b"\xff\xf0c\xff\xffd"):
            ours.sendall(piece)
            time.sleep(0.01)
        ours.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: line.recv(3), b"")) == b"abc\xffd"
        line.sendall(b"\xff")
        assert ours.recv(10) == b"\xff\xff"


def test_the_doors_close_at_once_and_leave_nothing() -> None:
    before = threading.active_count()
    started = time.monotonic()
    with reached_by_ssh(huawei, PASSWORD) as one, reached_by_telnet(huawei, PASSWORD) as other:
        lines = [connected(one), connected(other)]
    for line in lines:
        with line, suppress(ConnectionResetError):
            line.settimeout(1.0)
            while line.recv(4096):
                pass
    assert time.monotonic() - started < 2.0
    deadline = time.monotonic() + 2.0
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def openssh(address: str, folder: Path, password: str, typed: str) -> subprocess.CompletedProcess[str]:
    """Run the OpenSSH client; it asks a program for the password, because nobody sits there."""
    answer = folder / "answer"
    answer.write_text(f"#!/bin/sh\necho {password}\n", encoding="ascii")
    answer.chmod(0o700)
    place, _colon, port = address.removeprefix("bench:ssh://").rpartition(":")
    options = [
        f"UserKnownHostsFile={folder / 'known'}",
        "StrictHostKeyChecking=accept-new",
        "NumberOfPasswordPrompts=1",
    ]
    return subprocess.run(
        ["ssh", "-tt", "-F", "none", *(word for option in options for word in ("-o", option)), "-p", port, place],
        input=typed,
        capture_output=True,
        check=False,
        timeout=30,
        text=True,
        env={**os.environ, "SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ""},
    )


@pytest.mark.peer
def test_the_openssh_client_logs_in(tmp_path: Path, need: Any) -> None:
    need(shutil.which("ssh") is not None, "the OpenSSH client is not installed")
    typed = "undo smart\rscroll\renable\rdisplay ont info 0 1 0 5\rquit\ry\r"
    with reached_by_ssh(huawei, PASSWORD) as address:
        done = openssh(address, tmp_path, PASSWORD, typed)
        assert "Run state               : online" in done.stdout, done.stderr
        assert "Configuration console exit" in done.stdout
        refused = openssh(address, tmp_path, "guess", typed)
        assert "Permission denied" in refused.stderr
        assert "MA5800>" not in refused.stdout


def test_netmiko_logs_in_reads_and_logs_out() -> None:
    netmiko = pytest.importorskip("netmiko")
    with reached_by_ssh(huawei, PASSWORD) as address:
        host, _colon, port = address.rpartition("@")[2].rpartition(":")
        session = netmiko.ConnectHandler(
            device_type="huawei_smartax", host=host, port=int(port), username="tech", password=PASSWORD
        )
        session.enable()
        assert "Last down cause         : LOSi/LOBi" in session.send_command("display ont info 0 1 0 4")
        started = time.monotonic()
        session.disconnect()
        assert time.monotonic() - started < 2.0, "it waits for the OLT's last line"
