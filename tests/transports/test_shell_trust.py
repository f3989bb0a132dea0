"""Who is let in over SSH and telnet: keys of hosts, passwords, and that no secret is kept."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import paramiko
import pytest

from linetest.errors import BadFile, CommandRefused, Unreachable, UsageError
from linetest.secrets import Secret
from linetest.transports.host_keys import known_hosts_path, offered_key, trust, trusted_key
from linetest.transports.shell import ShellSession, open_shell
from linetest.transports.shell_target import shell_at
from linetest.transports.transcript import Recording, ReplayWire, parse_transcript
from tests.transports.shell_device import (
    DIALECT,
    ENABLE,
    PASSWORD,
    ROWS,
    Device,
    rows_of,
    running,
    serve_ssh,
    serve_telnet,
    table,
    target,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["ssh", "telnet"])
def test_a_wrong_password_is_tried_once(kind: str) -> None:
    device = Device()
    with running(device, serve_ssh if kind == "ssh" else serve_telnet):
        if kind == "ssh":
            trust("127.0.0.1", device.port, offered_key("127.0.0.1", device.port, deadline_s=5))
        with ExitStack() as stack, pytest.raises(CommandRefused, match="refuses the user 'tech'") as refused:
            stack.enter_context(open_shell(target(device, kind, Secret("a guess")), DIALECT, deadline_s=10))
    assert refused.value.reason == "no-permission"
    assert device.refused == 1
    assert "a guess" not in str(refused.value) + refused.value.hint


def test_a_wrong_enable_password_is_tried_once(device: Device) -> None:
    device.enable = "another one"
    with ExitStack() as stack, pytest.raises(CommandRefused, match="the device asks 'Password:'"):
        stack.enter_context(open_shell(target(device), DIALECT, deadline_s=10))


def test_an_unknown_host_key_is_refused_before_the_password_is_sent() -> None:
    device = Device()
    with running(device, serve_ssh):
        with ExitStack() as stack, pytest.raises(CommandRefused, match="not trusted") as refused:
            stack.enter_context(open_shell(target(device), DIALECT, deadline_s=10))
        assert "station trust" in refused.value.hint
        assert device.refused == 0


def test_a_device_of_the_bench_is_no_stranger_and_leaves_no_key() -> None:
    device = Device()
    with running(device, serve_ssh):
        address = f"bench:ssh://tech@127.0.0.1:{device.port}"
        bench = shell_at(address, {"password": PASSWORD, "enable": ENABLE})
        with open_shell(bench, DIALECT, deadline_s=10) as session:
            assert session.simulated
    assert not known_hosts_path().exists()
    with pytest.raises(UsageError, match="not on this computer"):
        shell_at("bench:ssh://tech@192.0.2.7", {})


def test_a_changed_host_key_is_refused(device: Device) -> None:
    before = trusted_key("127.0.0.1", device.port)
    device.key = paramiko.ECDSAKey.generate()
    with ExitStack() as stack, pytest.raises(CommandRefused, match="has changed"):
        stack.enter_context(open_shell(target(device), DIALECT, deadline_s=10))
    offered = offered_key("127.0.0.1", device.port, deadline_s=5)
    assert before is not None
    assert offered.fingerprint != before.fingerprint
    trust("127.0.0.1", device.port, offered)
    assert trusted_key("127.0.0.1", device.port) == offered
    assert len(known_hosts_path().read_text().splitlines()) == 1


def test_keys_of_other_devices_stay() -> None:
    key = paramiko.ECDSAKey.generate()
    for host, port in (("192.0.2.7", 22), ("192.0.2.7", 2222), ("olt.example", 22)):
        device = Device()
        device.key = key
        with running(device, serve_ssh):
            trust(host, port, offered_key("127.0.0.1", device.port, deadline_s=5))
    assert [line.split()[0] for line in known_hosts_path().read_text().splitlines()] == [
        "192.0.2.7",
        "[192.0.2.7]:2222",
        "olt.example",
    ]
    assert trusted_key("192.0.2.8", 22) is None
    stored = trusted_key("192.0.2.7", 2222)
    assert stored is not None
    assert stored.fingerprint == key.fingerprint
    known_hosts_path().write_bytes(b"\xff\xfe")
    with pytest.raises(BadFile, match="known_hosts"):
        trusted_key("192.0.2.7", 22)


def test_what_speaks_no_ssh(capfd: pytest.CaptureFixture[str]) -> None:
    device = Device()
    with running(device, serve_telnet), pytest.raises(Unreachable, match="shows no host key"):
        offered_key("127.0.0.1", device.port, deadline_s=1)
    assert capfd.readouterr().err == ""


def test_secrets_are_neither_logged_nor_recorded(device: Device, caplog: pytest.LogCaptureFixture) -> None:
    table(device, ROWS[:3])
    recording = Recording({"driver": "x"})
    caplog.set_level(logging.DEBUG)
    with open_shell(target(device), DIALECT, deadline_s=10, recording=recording) as session:
        session.run("display ont info all")
    for secret in (PASSWORD, ENABLE):
        assert secret.reveal() not in caplog.text
        assert secret.reveal().encode() not in recording.body()
    replay = ShellSession(ReplayWire(parse_transcript(recording.body().decode(), "x")), DIALECT, "ssh://x", 5.0)
    assert rows_of(replay.run("display ont info all")) == ROWS[:3]
    assert replay.simulated


def test_station_trust(tmp_path: Path, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device()
    with running(device, serve_ssh):
        station = tmp_path / "van.toml"
        entry = 'driver = "joinwit_jw8103a"\nshell = "{}"\n'
        shells = {"olt7": f"ssh://tech@127.0.0.1:{device.port}", "old": "telnet://192.0.2.7"}
        tables = [f"[device.{name}]\n{entry.format(shell)}" for name, shell in shells.items()]
        station.write_text('name = "van"\n' + "".join(tables))
        fingerprint = device.key.fingerprint
        monkeypatch.setattr("linetest.cli.station.may_ask", lambda: False)

        def trust_it(*arguments: str) -> Any:
            return call("station", "trust", "--station", station, *arguments)

        for arguments, code, said in [
            (["olt7"], 2, "--fingerprint"),
            (["olt7", "--fingerprint", "SHA256:other"], 3, "not trusted"),
            (["olt8"], 2, "there is: olt7"),
            (["old"], 2, "no key to trust"),
        ]:
            done = trust_it(*arguments)
            assert (done.returncode, said in done.stderr) == (code, True), done
            assert trusted_key("127.0.0.1", device.port) is None
        done = trust_it("olt7", "--fingerprint", fingerprint)
        assert (done.returncode, fingerprint in done.stdout) == (0, True), done
        assert trust_it("olt7").returncode == 0
        device.key = paramiko.ECDSAKey.generate()
        assert "has changed" in trust_it("olt7").stderr
