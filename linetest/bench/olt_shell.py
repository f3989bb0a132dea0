"""The command line of a simulated OLT: modes, commands, pager and log-out; the makers' own are in its neighbours.

Only lines that a public source shows are taken; every other is refused in the maker's words. What a command changes is
changed on the OLT, which all its sessions share.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from linetest.bench.olt_config import Change, Configuration, Fact, Refused
from linetest.bench.olt_config_faults import suffer
from linetest.bench.olt_plant import Plant
from linetest.bench.olt_shell_terminal import Hangup, Line, Pager, ShellFault, Terminal
from linetest.bench.olt_state import Olt
from linetest.errors import UsageError, nearest
from linetest.words.text import _

WIDTH = 80
_MOST_ATTEMPTS = 3
_ABOVE = {"p": "c", "g": "c", "l": "c", "s": "c", "o": "c", "m": "c", "c": "e"}
"""The mode that one goes up to."""


class Rule(NamedTuple):
    """A command: in which modes it is taken, its pattern, and what it does and prints."""

    modes: str
    """The letters of the modes, such as ``"ec"`` for enabled and configuring."""
    pattern: re.Pattern[str]
    act: Callable[[Any, re.Match[str]], list[str]]
    changes: bool = False
    """It changes or saves the configuration: a `ConfigFault` may hit it."""


class OltShell:
    """One session on one maker's OLT.

    A mode is a letter: u(ser), e(nabled), c(onfiguring); within that p(ort), g(PON port where that differs), o(ne
    ONU), m(anagement of one ONU), l(ine profile) and s(ervice profile).
    """

    maker: ClassVar[str]
    host: ClassVar[str]
    greeting: ClassVar[str] = "\n"
    login: ClassVar[tuple[str, str]] = ("Username:", "Password:")
    """The two questions of a log-in by telnet."""
    refusal: ClassVar[str] = "\n% Login failed\n"
    first_mode: ClassVar[str] = "u"
    prompts: ClassVar[Mapping[str, str]]
    """The prompt of each mode; ``{host}`` and ``{port}`` are filled in."""
    rules: ClassVar[tuple[Rule, ...]]
    pager: ClassVar[Pager]
    wrap: ClassVar[str] = "\n"
    """What is sent when the echo of a line has reached the edge of the screen."""
    alarm: ClassVar[str] = ""
    """How an alarm looks where a source shows it."""
    question: ClassVar[str] = "This will delete all ONUs of the port. Continue? (y/n)[n]:"
    """A question that nobody has reason to answer with yes."""
    words: ClassVar[Mapping[Fact, str]] = {}
    """What is printed when a change is refused; a name in braces is told by the refusal."""

    def __init__(self, olt: Olt, fault: ShellFault | None = None) -> None:
        if fault is ShellFault.ALARM and not self.alarm:
            possible = [str(one) for one in ShellFault if one is not ShellFault.ALARM]
            raise UsageError(
                _("the simulated {driver} cannot have the fault {fault!r}; nearest: {names}").format(
                    driver=self.maker, fault=str(fault), names=nearest(fault, possible)
                )
            )
        self.olt = olt
        self.mode = self.first_mode
        self.port = ""
        """The port whose context is open, as the prompt shows it."""
        self.page_rows = self.pager.rows
        """0 for no pager."""
        self.is_open = True
        self._boots = olt.boots
        self._fault = fault
        self._terminal: Terminal | None = None

    @property
    def plant(self) -> Plant:
        """Return the OLT's port as it is now."""
        return self.olt.plant

    def serve(self, line: Line, knows: Callable[[str, str], bool] | None = None) -> None:
        """Hold one session until either side ends it.

        Args:
            line: the connection.
            knows: tells whether user and password are right; None when the connection has asked already.
        """
        terminal = Terminal(line, width=WIDTH, wrap=self.wrap, fault=self._fault, alarm=self.alarm)
        self._terminal = terminal
        try:
            if self.olt.is_away() or (knows is not None and not self._let_in(terminal, knows)):
                return
            terminal.heard = []
            self.olt.received.append(terminal.heard)
            terminal.write(self.greeting)
            while self.is_open:
                command = " ".join(terminal.read_line(self.prompt()).split())
                if self.olt.boots != self._boots:
                    return  # the reboot has taken this session with it
                rows, is_paged = self.answer(command) if command else ([], False)
                pager = self.pager._replace(rows=self.page_rows) if is_paged and self.page_rows else None
                terminal.show(rows, pager)
        except Hangup:
            return

    def prompt(self) -> str:
        """Return the prompt of the mode."""
        return self.prompts[self.mode].format(host=self.host, port=self.port, technology=self.olt.technology)

    def ask(self, question: str) -> str:
        """Return what the person answers."""
        if self._terminal is None:
            raise Hangup
        return self._terminal.read_line(question)

    def answer(self, command: str) -> tuple[list[str], bool]:
        """Carry a command out; return what is printed and whether the pager may stop it."""
        found = self.find(command)
        if found is None:
            return self.refuse(command), False
        rule, match = found
        if not rule.changes:
            return rule.act(self, match), True
        fault = self.olt.next_fault()
        try:
            rows = rule.act(self, match) if fault is None else suffer(self, fault, lambda: rule.act(self, match))
        except Refused as refused:
            rows = self.words[refused.fact].format(**refused.names).split("\n")
        return rows, True

    def change(self, change: Change) -> Configuration:
        """Change the OLT's configuration and return what it was."""
        return self.olt.change(change)

    def reboot(self) -> None:
        """Reboot the OLT; the session ends with its next line."""
        self.olt.reboot()

    def hang(self) -> None:
        """Say nothing until the client is gone."""
        while self._terminal is not None:
            self._terminal.read_key()

    def find(self, command: str) -> tuple[Rule, re.Match[str]] | None:
        """Return the rule that takes the command in this mode."""
        if self._fault is ShellFault.NO_RIGHTS:
            return None
        for rule in self.rules:
            if self.mode in rule.modes and (match := rule.pattern.fullmatch(command)):
                return rule, match
        return None

    def refuse(self, command: str) -> list[str]:
        """Return what the maker prints for a line that it does not know."""
        raise NotImplementedError

    def close(self, goodbye: str) -> list[str]:
        """End the session, unless the fault keeps it open without a word."""
        if self._fault is ShellFault.NO_GOODBYE:
            self.hang()
        self.is_open = False
        return [goodbye] if goodbye else []

    def _let_in(self, terminal: Terminal, knows: Callable[[str, str], bool]) -> bool:
        for _attempt in range(_MOST_ATTEMPTS):
            user = terminal.read_line(self.login[0])
            if knows(user, terminal.read_line(self.login[1], echo=False)):
                return True
            terminal.write(self.refusal)
        return False


def rules(*table: tuple[str, str, Callable[[Any, re.Match[str]], list[str]]]) -> tuple[Rule, ...]:
    """Return the rules of a table; case does not matter in commands."""
    return tuple(Rule(modes, re.compile(pattern, re.IGNORECASE), act) for modes, pattern, act in table)


def changing(*table: tuple[str, str, Callable[[Any, re.Match[str]], list[str]]]) -> tuple[Rule, ...]:
    """Return the rules of a table of commands that change or save the configuration."""
    return tuple(rule._replace(changes=True) for rule in rules(*table))


def enters(mode: str) -> Callable[[OltShell, re.Match[str]], list[str]]:
    """Return the action that goes into a mode, with the port that the command names in its group ``port``."""

    def enter(shell: OltShell, match: re.Match[str]) -> list[str]:
        shell.mode = mode
        shell.port = match.groupdict().get("port") or ""
        return []

    return enter


def leaves(shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Go up one mode, or end the session without a word."""
    if shell.mode not in _ABOVE:
        return shell.close("")
    shell.mode = _ABOVE[shell.mode]
    return []


def sets_pager(rows: int) -> Callable[[OltShell, re.Match[str]], list[str]]:
    """Return the action that gives the pager so many rows; 0 switches it off."""

    def set_rows(shell: OltShell, _match: re.Match[str]) -> list[str]:
        shell.page_rows = rows
        return []

    return set_rows


def does_nothing(_shell: OltShell, _match: re.Match[str]) -> list[str]:
    """Take a command that changes nothing here."""
    return []
