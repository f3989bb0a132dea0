"""The simulated command lines: modes, pager, wrap, log-out, and what can be wrong with a session."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from linetest.bench.olt import OLTS
from linetest.bench.olt_shell import OltShell
from linetest.bench.olt_shell_huawei import HuaweiShell
from linetest.bench.olt_shell_terminal import ShellFault
from linetest.bench.olt_shell_zte import ZteShell
from linetest.errors import UsageError

MORE = "---- More ( Press 'Q' to break ) ----"
PASSWORD = "made-for-the-bench"


class Person:
    """Somebody at the terminal: types, and reads until a text has come."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.read = ""
        line.settimeout(5.0)

    def types(self, text: str) -> None:
        self.line.sendall(text.encode())

    def sees(self, text: str) -> str:
        """Return all up to and with `text`, from where it stopped last."""
        while text not in self.read:
            data = self.line.recv(65536)
            assert data, f"the session ended after {self.read!r}"
            self.read += data.decode()
        shown, _text, self.read = self.read.partition(text)
        return shown + text

    def sees_end(self) -> str:
        while data := self.line.recv(65536):
            self.read += data.decode()
        return self.read


@contextmanager
def seated(shell: OltShell) -> Iterator[Person]:
    """Yield a person in front of a session that asks for no password."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs:
            shell.serve(theirs)

    thread = threading.Thread(target=serve)
    thread.start()
    with ours:
        yield Person(ours)
    thread.join(5.0)
    assert not thread.is_alive()


def dialogue(person: Person, lines: list[str]) -> str:
    """Type lines, leave by as many steps as it takes, and return all that was shown."""
    ups = sum(line.startswith(("conf", "interface")) for line in lines)
    for line in [*lines, *["exit"] * (ups + 1)]:
        person.types(line + "\n")
    return person.sees_end()


def huawei(fault: ShellFault | None = None, rows: int = 0) -> OltShell:
    return HuaweiShell(OLTS["huawei-gpon"].switch_on(OLTS["huawei-gpon"].plant(rows=rows)), fault)


def at_port(person: Person) -> None:
    """Go to the port's context with questions and long pages switched off."""
    for line, prompt in (
        ("undo smart", ">"),
        ("scroll", ">"),
        ("enable", "#"),
        ("config", "(config)#"),
        ("interface gpon 0/1", "(config-if-gpon-0/1)#"),
    ):
        person.types(line + "\r")
        person.sees(f"MA5800{prompt}")


def test_a_session_from_greeting_to_log_out() -> None:
    with seated(huawei()) as person:
        person.sees("MA5800>")
        at_port(person)
        person.types("display ont optical-info 0 5\r\n")
        shown = person.sees("MA5800(config-if-gpon-0/1)#")
        assert re.search(r"^  Rx optical power\(dBm\) +: -18\.40\r$", shown, re.MULTILINE)
        person.types("quit\rquit\rquit\r")
        person.sees("Are you sure to log out? (y/n)[n]:")
        person.types("\r")
        person.sees("MA5800#")
        person.types("quit\ry\r")
        assert person.sees_end().endswith("Configuration console exit, please retry to log on\r\n\r\n")


def test_it_asks_for_the_rest_of_a_command() -> None:
    with seated(huawei()) as person:
        person.types("enable\rdisplay  ont info   summary 0/1/0\r")
        assert person.sees("{ <cr>||<K> }:").endswith("display  ont info   summary 0/1/0\r\n{ <cr>||<K> }:")
        person.types("| no-more\r")
        shown = person.sees("MA5800#")
        assert "  Command:\r\n          display ont info summary 0/1/0 | no-more\r\n" in shown
        assert "dying-gasp" in shown
        assert MORE not in shown


@pytest.mark.parametrize(("keys", "pages"), [(" ", 1), ("\r", 193), ("q", 1)])
def test_the_pager_lets_512_rows_by(keys: str, pages: int) -> None:
    with seated(huawei(rows=692)) as person:
        person.sees("MA5800>")
        at_port(person)
        person.types("display ont optical-info 0 all\r")
        shown = person.sees(MORE)
        assert shown.count("\r\n") == 1 + 512
        for _page in range(pages - 1):
            person.types(keys)
            person.sees(MORE)
        person.types(keys)
        wiped = f"\x1b[37D{' ' * 37}\x1b[37D"
        rest = person.sees("(config-if-gpon-0/1)#")
        assert rest.startswith(wiped)
        rows = re.findall(r"^ +\d+  [-0-9]", (shown + rest).replace(MORE + wiped, ""), re.MULTILINE)
        assert len(rows) == {"q": 508, " ": 700}.get(keys, len(rows))


def test_a_pipe_switches_the_pager_off() -> None:
    with seated(huawei(rows=692)) as person:
        person.sees("MA5800>")
        at_port(person)
        person.types("display ont optical-info 0 all | no-more\r")
        assert MORE not in person.sees("(config-if-gpon-0/1)#")


def test_a_long_line_is_wrapped_as_it_is_echoed() -> None:
    with seated(huawei()) as person:
        person.sees("MA5800>")
        person.types("display " + " " * 70 + "version\r")
        echo = person.sees("version\r\n")
        assert echo.index(" \x1b[1D") == 80 - len("MA5800>")
        assert "Unknown command" in person.sees("MA5800>")


def test_rubbing_out_and_keeping_alive() -> None:
    with seated(huawei()) as person:
        person.sees("MA5800>")
        person.types("\b\0enablx\x7fe\0\x01\r\0")
        assert person.sees("MA5800#").startswith("enablx\b \be\r\n")


def test_an_alarm_in_the_middle_of_a_row() -> None:
    with seated(huawei(ShellFault.ALARM)) as person:
        person.sees("MA5800>")
        at_port(person)
        person.types("display ont optical-info 0 all\r")
        shown = person.sees("(config-if-gpon-0/1)#").replace("\r", "")
    alarm = shown[shown.index("  ! 1 [") : shown.index("  --- END\n") + len("  --- END\n")]
    whole = shown.replace("\n" + alarm, "", 1)
    assert re.search(r"^  -{77}$", whole.splitlines()[4])
    assert "ALARM NAME" not in whole


def test_only_the_maker_whose_alarms_are_known_has_them() -> None:
    with pytest.raises(UsageError, match="simulated zte_c300 cannot have the fault 'alarm'"):
        ZteShell(OLTS["zte-gpon"].switch_on(OLTS["zte-gpon"].plant()), ShellFault.ALARM)


def test_a_session_that_is_cut() -> None:
    with seated(huawei(ShellFault.CUT)) as person:
        person.sees("MA5800>")
        at_port(person)
        person.types("display ont optical-info 0 all\r")
        assert person.sees_end().endswith("-")


@pytest.mark.parametrize(
    ("fault", "typed"),
    [(ShellFault.STUCK, "display ont optical-info 0 all\r"), (ShellFault.NO_GOODBYE, "return\rquit\ry\r")],
)
def test_a_session_that_says_nothing_more(fault: ShellFault, typed: str) -> None:
    with seated(huawei(fault)) as person:
        person.sees("MA5800>")
        at_port(person)
        person.types(typed)
        person.line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            person.sees_end()
        assert "Configuration console exit" not in person.read


def test_a_slow_session_loses_nothing() -> None:
    with seated(huawei(ShellFault.SLOW)) as person:
        started = time.monotonic()
        person.sees("MA5800>")
        assert time.monotonic() - started > 0.05
        person.types("enable\r")
        person.sees("MA5800#")


def test_a_user_without_rights() -> None:
    with seated(huawei(ShellFault.NO_RIGHTS)) as person:
        person.sees("MA5800>")
        person.types("enable\r")
        assert person.sees("'^'\r\n").endswith("% Unknown command, the error locates at '^'\r\n")


@pytest.mark.parametrize(
    ("olt", "lines", "shows"),
    [
        ("zte-gpon", ["terminal length 0", "show gpon onu state gpon-olt_1/1/1"], "gpon-onu_1/1/1:3 .* DyingGasp"),
        (
            "zte-gpon",
            ["show pon power attenuation gpon-onu_1/1/1:5"],
            r"up +Rx :-20\.868\(dbm\) +Tx:2\.300\(dbm\) +23\.168",
        ),
        ("zte-gpon", ["show pon power onu-rx gpon-olt_1/1/1"], r"gpon-onu_1/1/1:8 +N/A"),
        (
            "zte-gpon",
            ["conf t", "show gpon onu detail-info gpon-onu_1/1/1:5"],
            r"ZXAN\(config\)#show[^$]*ONU Distance: +2080m",
        ),
        ("zte-gpon", ["show gpon onu uncfg gpon-olt_1/1/2"], "%Code 40529: No related information"),
        (
            "bdcom-epon",
            ["enable", "show epon onu-information"],
            r"EPON0/1:10 BNCH .*02d1\.9a01\.000a .*auto-configured N/A",
        ),
        ("bdcom-epon", ["enable", "show epon optical-transceiver-diagnosis interface epon0/1:5"], r"epon0/1:5 +-20\.9"),
        (
            "bdcom-epon",
            ["enable", "show epon interface EPON0/1:5 onu ctc optical-transceiver-diagnosis"],
            r"received .*-18\.4",
        ),
        (
            "vsol-epon",
            ["enable", "configure terminal", "interface epon 0/1", "show onu auth-info"],
            "EPON0/1:5 +7 +online",
        ),
        (
            "vsol-epon",
            ["enable", "configure terminal", "interface epon 0/1", "show onu opm-diag"],
            r"EPON0/1:5 +41\.00 .*-18\.40",
        ),
    ],
)
def test_what_the_others_show(olt: str, lines: list[str], shows: str) -> None:
    model = OLTS[olt]
    with seated(model.shell(model.switch_on(model.plant()))) as person:
        assert re.search(shows, dialogue(person, lines))


@pytest.mark.parametrize(
    ("olt", "lines", "says"),
    [
        ("zte-gpon", ["show onu auth-info"], "%Error 20200"),
        ("bdcom-epon", ["show epon onu-information"], "Unknown command"),
        ("bdcom-epon", ["enable", "terminal length 0"], "Unknown command"),
        ("vsol-epon", ["enable", "show onu auth-info"], "% Unknown command."),
    ],
)
def test_what_no_source_shows_is_refused(olt: str, lines: list[str], says: str) -> None:
    model = OLTS[olt]
    with seated(model.shell(model.switch_on(model.plant()))) as person:
        assert says in dialogue(person, lines)


@pytest.mark.parametrize("olt", ["bdcom-epon", "vsol-epon", "zte-gpon"])
def test_a_name_that_fills_its_column_runs_into_the_next(olt: str) -> None:
    """As real tables do; the row is complete all the same."""
    model = OLTS[olt]
    shell = model.shell(model.switch_on(model.plant(rows=1)))
    shell.page_rows = 0
    with seated(shell) as person:
        asked = {
            "bdcom-epon": ["enable", "show epon onu-information"],
            "vsol-epon": ["enable", "configure terminal", "interface epon 0/1", "show onu opm-diag"],
            "zte-gpon": ["show pon power onu-rx gpon-olt_1/1/1"],
        }
        shown = dialogue(person, asked[olt])
    assert re.search(r"0/1:100BNCH|0/1:100 41\.00|1/1/1:100  -", shown)
