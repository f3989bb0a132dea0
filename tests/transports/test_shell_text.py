"""What a terminal shows, as plain lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.transports.shell_text import ShellDialect, after_echo, last_line, output_of, rendered

DIALECT = ShellDialect(prompt=r"\w+#", pager=r"--More--", alarm=r"\r\n! .*?--- END\r\n")
words = st.text(alphabet="abc 0123/-", min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain\r\ntwo", "plain\ntwo"),
        ("\x1b[37D     \x1b[37Drow", "row  "),
        ("--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\brow", "row     "),
        ("a\x1b[8Cb", "a        b"),
        ("abc\x1b[2Dx", "axc"),
        ("abc\r\x1b[Kx", "x"),
        ("\x1b[2J\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[99999999999Cx", " " * 4096 + "x"),
        ("lone \x1b", "lone "),
        ("\b\bx", "x"),
    ],
)
def test_a_screen_is_rendered(raw: str, shown: str) -> None:
    assert rendered(raw) == shown


@given(st.text(max_size=200))
def test_any_text_is_rendered(raw: str) -> None:
    shown = rendered(raw)
    assert "\r" not in shown
    assert "\b" not in shown
    assert shown.count("\n") == raw.count("\n")


@given(words.filter(str.strip), st.integers(3, 30), st.sampled_from(["\r\n", " \r", " \x1b[1D", " \b"]))
def test_an_echo_is_found_however_it_is_wrapped(command: str, width: int, wrap: str) -> None:
    echo = wrap.join(command[start : start + width] for start in range(0, len(command), width))
    assert after_echo(f"OLT#{echo}\r\nthe row", command) in ("\r\nthe row", " \r\nthe row") or command.endswith(" ")
    half = echo[: len(echo) // 2]
    assert after_echo(half, command) is None or "".join(command.split())[-24:] in "".join(half.split())


def test_a_command_that_is_scrolled_sideways_shows_its_end() -> None:
    command = "show onu optical-transceiver-diagnosis interface epon 0/1:1"
    raw = "OLT#show onu opt" + "\b" * 12 + "$ransceiver-diagnosis interface epon 0/1:1\r\nrow\r\nOLT#"
    assert after_echo(raw, command) == "\r\nrow\r\nOLT#"


@given(st.lists(words.map(str.rstrip).filter(bool), min_size=1, max_size=30), st.integers(1, 9), st.integers(0, 60))
def test_pager_and_alarm_leave_the_rows_as_they_were(rows: list[str], page: int, cut: int) -> None:
    pieces = []
    for number, row in enumerate(rows):
        wipe = "--More--\r        \r" if number and number % page == 0 else ""
        alarm = "\r\n! late\r\n--- END\r\n" if number == cut % len(rows) else ""
        half = cut % (len(row) + 1)
        pieces.append(f"{wipe}{row[:half]}{alarm}{row[half:]}\r\n")
    output = output_of("\r\n" + "".join(pieces) + "OLT#", DIALECT)
    assert output == "\n".join(rows)


def test_the_last_line_is_seen_behind_an_alarm() -> None:
    assert last_line("row\r\nOLT#\r\n! late\r\n--- END\r\n", DIALECT) == "OLT#"
    assert last_line("row\r\nOL", DIALECT) == "OL"
