"""The command line over SSH and telnet, against a device of the tests' own: pager, wrap, alarms, and what breaks."""

import socket
import threading
from contextlib import ExitStack
from time import monotonic

import pytest

from linetest.errors import BadFile, CommandRefused, Timeout, Unreachable, UsageError
from linetest.transports.host_keys import offered_key, trust
from linetest.transports.shell import ShellSession, open_shell
from linetest.transports.shell_target import shell_at
from linetest.transports.shell_text import ShellDialect
from tests.transports.shell_device import (
    ALARM,
    DIALECT,
    ROWS,
    Device,
    Line,
    rows_of,
    running,
    serve_ssh,
    serve_telnet,
    table,
    target,
)

pytestmark = pytest.mark.slow


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


def test_nobody_listens(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ExitStack() as stack, pytest.raises(Unreachable, match="no connection"):
        stack.enter_context(open_shell(shell_at(f"telnet://127.0.0.1:{port}", {}), DIALECT, deadline_s=5))
    with pytest.raises(Unreachable):
        offered_key("127.0.0.1", port, deadline_s=5)
    assert capfd.readouterr().err == ""


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
