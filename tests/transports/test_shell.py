"""The command line over SSH and telnet, against a device of the test's own: pager, wrap, alarms, and what breaks."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import paramiko
import pytest

from linetest.errors import BadFile, CommandRefused, Timeout, Unreachable, UsageError
from linetest.secrets import Secret
from linetest.transports.host_keys import known_hosts_path, offered_key, trust, trusted_key
from linetest.transports.shell import ShellSession, open_shell
from linetest.transports.shell_target import ShellTarget, shell_at
from linetest.transports.shell_text import ShellDialect
from linetest.transports.transcript import Recording, ReplayWire, parse_transcript

pytestmark = pytest.mark.slow

DIALECT = ShellDialect(
    prompt=r"[\w.-]+(?:\([^)]*\))?[>#]",
    on_open=["enable"],
    pager=r"---- More \( Press 'Q' to break \) ----",
    questions={r"\{ <cr>\|\|<K> \}:": "\n", r"log out\? \(y/n\)\[n\]:": "y\n"},
    failures=[r"(?m)^\s*% Unknown command.*$", r"(?m)^\s*Failure:.*$"],
    alarm=r"\r\n  ! .*?--- END\r\n",
)
ALARM = "\r\n  ! 1 [22/11/2026]:\r\n  ALARM NAME : loss of light\r\n  --- END\r\n"
MORE = "---- More ( Press 'Q' to break ) ----"
WIPE = "\x1b[37D" + " " * 37 + "\x1b[37D"
PASSWORD, ENABLE = Secret("open sesame"), Secret("much more open")
ROWS = [f"  0/ 1/0   {number:>3}  online   -{number / 10:.1f}" for number in range(700)]
Line = Any  # a socket or a channel of paramiko: recv, sendall


class Device:
    """What the device does; each session runs `talk`."""

    def __init__(self) -> None:
        self.port = 0
        self.page = 512
        self.width = 80
        self.byte_s = 0.0
        self.enable: str | None = ENABLE.reveal()
        self.answers: dict[str, Callable[[Line], None]] = {}
        self.goodbye = True
        self.heard: list[str] = []
        self.refused = 0
        self.key = paramiko.ECDSAKey.generate()

    def say(self, line: Line, text: str) -> None:
        for data in [text.encode()] if not self.byte_s else [bytes([byte]) for byte in text.encode()]:
            line.sendall(data)
            sleep(self.byte_s)

    def hear(self, line: Line, prompt: str, *, echo: bool = True) -> str:
        """Show a prompt and return what is typed; a long line is wrapped as it is echoed."""
        self.say(line, prompt)
        typed = ""
        while not typed.endswith("\n"):
            for key in line.recv(1).decode() or self.hang_up():
                typed += key
                if echo and key not in "\r\n":
                    at_edge = (len(prompt) + len(typed)) % self.width == 0
                    self.say(line, key + (" \x1b[1D" if at_edge else ""))
        self.say(line, "\r\n")
        self.heard.append(typed.strip())
        return typed.strip()

    def hang_up(self) -> str:
        raise EOFError

    def show(self, line: Line, rows: list[str]) -> None:
        for number, row in enumerate(rows):
            if number and number % self.page == 0:
                self.say(line, MORE)
                assert line.recv(1) == b" "
                self.say(line, WIPE)
            self.say(line, row + "\r\n")

    def talk(self, line: Line) -> None:
        mode = ">"
        while True:
            command = self.hear(line, f"OLT-7{mode}")
            if command == "enable":
                if self.enable is not None and self.hear(line, "Password:", echo=False) != self.enable:
                    self.hear(line, "Password:", echo=False)
                mode = "#"
            elif command == "quit":
                if self.goodbye and self.hear(line, "  Are you sure to log out? (y/n)[n]:") == "y":
                    return
            elif command in self.answers:
                self.answers[command](line)
            else:
                self.say(line, "  % Unknown command, the error locates at '^'\r\n")


class Door(paramiko.ServerInterface):  # type: ignore[misc]
    """Lets in who knows the password."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.opened = threading.Event()

    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("tech", PASSWORD.reveal())
        self.device.refused += not good
        return int(paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED)

    def get_allowed_auths(self, _username: str) -> str:
        return "password"

    def check_channel_request(self, _kind: str, _number: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)

    def check_channel_pty_request(self, *_all: object) -> bool:
        return True

    def check_channel_shell_request(self, _channel: paramiko.Channel) -> bool:
        self.opened.set()
        return True


def serve_ssh(device: Device, connection: socket.socket) -> None:
    with closing(paramiko.Transport(connection)) as transport:
        transport.add_server_key(device.key)
        door = Door(device)
        transport.start_server(server=door)
        channel = transport.accept(5)
        if channel is not None and door.opened.wait(5):
            device.talk(channel)


def serve_telnet(device: Device, connection: socket.socket) -> None:
    connection.sendall(b"\xff\xfb\x01\xff\xfb\x03")  # will echo, will suppress go-ahead (RFC 854, 857, 858)
    while True:
        user = device.hear(connection, ">>User name:")
        if (user, device.hear(connection, ">>User password:", echo=False)) == ("tech", PASSWORD.reveal()):
            break
        device.refused += 1
        device.say(connection, "  Username or password invalid.\r\n")
    device.talk(connection)


@contextmanager
def running(device: Device, serve: Callable[[Device, socket.socket], None]) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        device.port = server.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    connection, _peer = server.accept()
                except OSError:
                    return  # the test is over
                with connection:
                    try:
                        serve(device, Stripped(connection) if serve is serve_telnet else connection)  # type: ignore[arg-type]
                    except (OSError, EOFError, paramiko.SSHException):
                        continue  # the client is gone

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


class Stripped:
    """A telnet connection whose client's answers about options are skipped."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.sendall = connection.sendall

    def recv(self, size: int) -> bytes:
        data = self._connection.recv(size)
        while data == b"\xff":
            self._connection.recv(2)
            data = self._connection.recv(size)
        return data


@pytest.fixture
def device() -> Iterator[Device]:
    """Give a device that runs with SSH and whose key is trusted."""
    device = Device()
    with running(device, serve_ssh):
        trust("127.0.0.1", device.port, offered_key("127.0.0.1", device.port, deadline_s=5))
        yield device


def target(device: Device, kind: str = "ssh", password: Secret | None = PASSWORD) -> ShellTarget:
    secrets = {"enable": ENABLE} | ({"password": password} if password else {})
    return shell_at(f"{kind}://tech@127.0.0.1:{device.port}", secrets)


def rows_of(output: str) -> list[str]:
    return output.split("\n")


def table(device: Device, rows: list[str]) -> None:
    device.answers["display ont info all"] = lambda line: device.show(line, rows)


@pytest.mark.parametrize("kind", ["ssh", "telnet"])
def test_a_table_through_the_pager(kind: str) -> None:
    device = Device()
    table(device, ROWS)
    serve = serve_ssh if kind == "ssh" else serve_telnet
    with running(device, serve):
        if kind == "ssh":
            trust("127.0.0.1", device.port, offered_key("127.0.0.1", device.port, deadline_s=5))
        with open_shell(target(device, kind), DIALECT, deadline_s=20) as session:
            assert rows_of(session.run("display ont info all")) == [row.rstrip() for row in ROWS]
            device.page = 24
            assert rows_of(session.run("display ont info all"))[699] == ROWS[699]
            assert not session.simulated
    assert device.heard[-2:] == ["quit", "y"]


def test_a_long_command_is_wrapped_in_its_echo(device: Device) -> None:
    command = "display ont optical-info summary " + "with many words " * 8 + "to the end"
    device.answers[command] = lambda line: device.show(line, ["the row"])
    device.width = 40
    with open_shell(target(device), DIALECT, deadline_s=10) as session:
        assert session.run(command) == "the row"


def test_an_alarm_in_the_middle_of_a_row(device: Device) -> None:
    half = len(ROWS[3]) // 2
    device.answers["display ont info all"] = lambda line: device.say(
        line, "\r\n".join([*ROWS[:3], ROWS[3][:half] + ALARM + ROWS[3][half:], *ROWS[4:9]]) + "\r\n"
    )
    with open_shell(target(device), DIALECT, deadline_s=10) as session:
        assert rows_of(session.run("display ont info all")) == ROWS[:9]


def test_an_alarm_at_the_prompt_does_not_shift_the_answers(device: Device) -> None:
    """The device shows an alarm and a new prompt behind each answer: the next answer must not be the empty one."""
    for number in (1, 2, 3):
        device.answers[f"display ont info {number}"] = lambda line, number=number: device.say(  # type: ignore[misc]
            line, f"ONT {number}\r\nOLT-7#{ALARM}"
        )
    with open_shell(target(device), DIALECT, deadline_s=10) as session:
        for number in (1, 2, 3, 1):
            assert session.run(f"display ont info {number}").startswith(f"ONT {number}")


def test_a_question_in_mid_command_is_answered(device: Device) -> None:
    def ask(line: Line) -> None:
        device.hear(line, "{ <cr>||<K> }:")
        device.show(line, ["the row"])

    device.answers["display version"] = ask
    with open_shell(target(device), DIALECT, deadline_s=10) as session:
        assert session.run("display version") == "the row"


def test_slow_answers_are_whole(device: Device) -> None:
    table(device, ROWS[:20])
    device.byte_s = 0.0005
    with open_shell(target(device), DIALECT, deadline_s=20) as session:
        assert rows_of(session.run("display ont info all")) == ROWS[:20]


def test_a_refused_command_has_the_devices_words(device: Device) -> None:
    table(device, ROWS[:2])
    with open_shell(target(device), DIALECT, deadline_s=10) as session:
        with pytest.raises(CommandRefused, match=r"'display foo'.*% Unknown command") as refused:
            session.run("display foo")
        assert refused.value.reason == "refused"
        assert rows_of(session.run("display ont info all")) == ROWS[:2]


def test_silence_ends_at_the_deadline_and_the_late_answer_is_nobodys(device: Device) -> None:
    release = threading.Event()

    def late(line: Line) -> None:
        device.say(line, "ONT 1 half a r")
        release.wait(10)
        device.say(line, "ow\r\n")

    device.answers |= {"display ont info 1": late, "display ont info 2": lambda line: device.say(line, "ONT 2\r\n")}
    with open_shell(target(device), DIALECT, deadline_s=10) as opened:
        session = ShellSession(opened.wire, DIALECT, "ssh://olt7", deadline_s=0.4)
        began = monotonic()
        with pytest.raises(Timeout, match="the last line is 'ONT 1 half a r'"):
            session.run("display ont info 1")
        assert 0.3 < monotonic() - began < 0.8
        release.set()
        with pytest.raises(Timeout, match="still open"):
            session.run("display ont info 2")


def test_a_session_cut_in_mid_table(device: Device) -> None:
    def cut(line: Line) -> None:
        device.say(line, "\r\n".join(ROWS[:5]))
        device.hang_up()

    device.answers["display ont info all"] = cut
    with open_shell(target(device), DIALECT, deadline_s=20) as session:
        began = monotonic()
        with pytest.raises(Unreachable, match="ended the session") as gone:
            session.run("display ont info all")
        assert monotonic() - began < 5
        assert gone.value.reason == "offline"


def test_a_device_that_says_no_goodbye_holds_us_shortly(device: Device) -> None:
    device.goodbye = False
    with open_shell(target(device), DIALECT, deadline_s=20):
        began = monotonic()
    assert monotonic() - began < 3


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


def test_nobody_listens(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ExitStack() as stack, pytest.raises(Unreachable, match="no connection"):
        stack.enter_context(open_shell(shell_at(f"telnet://127.0.0.1:{port}", {}), DIALECT, deadline_s=5))
    with pytest.raises(Unreachable):
        offered_key("127.0.0.1", port, deadline_s=5)
    assert capfd.readouterr().err == ""


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


def test_one_command_is_one_line(device: Device) -> None:
    with open_shell(target(device), DIALECT, deadline_s=10) as session:
        for command in ("display version\nreboot", "display \x1b[A", "a\rb"):
            with pytest.raises(BadFile):
                session.run(command)
    assert "reboot" not in device.heard


@pytest.mark.parametrize("address", ["http://h", "ssh://", "ssh://u:pw@h", "telnet://h:99999", "ssh://h/x"])
def test_wrong_addresses(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        shell_at(address, {})
    assert "pw" not in refused.value.what


def test_a_dialect_is_checked_when_it_is_read() -> None:
    with pytest.raises(ValueError, match="unterminated"):
        ShellDialect(prompt="[>#")


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
