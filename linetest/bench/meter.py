"""What all simulated power meters share, and the engine for those that speak in lines of text."""

import re
import time
from collections.abc import Callable
from typing import Any, ClassVar

from linetest.bench.faults import BAD_READ_EVERY, WIRE_FAULTS, Answer, Fault
from linetest.bench.light import Light
from linetest.errors import UsageError, nearest
from linetest.words.text import _

_LONGEST_COMMAND = 4096

Reply = str | Callable[[Any, re.Match[str]], str | None]
Rule = tuple[re.Pattern[str], Reply]


class Meter:
    """A power meter of one maker; `hear` takes bytes as they come and gives the answers."""

    driver: ClassVar[str]
    """The name of the driver that is made for this meter."""
    speed_baud: ClassVar[int | None] = None
    """The speed of its serial port; None where any goes, as over USB or a network."""
    lowest_nm: ClassVar[float] = 800.0
    highest_nm: ClassVar[float] = 1700.0
    floor_dbm: ClassVar[float] = -70.0
    ceiling_dbm: ClassVar[float] = 10.0
    meter_faults: ClassVar[frozenset[Fault]] = frozenset()
    """The faults of its own that this maker's protocol has a place for, beside those of the wire."""

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        """Switch the meter on; `ready_after_s` counts from now and matters only for the fault "not-ready"."""
        if fault is not None and fault not in self.possible_faults():
            possible = sorted(str(one) for one in self.possible_faults())
            raise UsageError(
                _("the simulated {driver} cannot have the fault {fault!r}; nearest: {names}").format(
                    driver=self.driver, fault=str(fault), names=nearest(fault, possible)
                )
            )
        self.fault = fault
        # A meter that ignores the computer's wavelength stands on one where it shows something plausible.
        self.wavelength_nm = 1550.0 if fault is Fault.WRONG_WAVELENGTH else 1310.0
        self._light = light
        self._ready_at = time.monotonic() + (ready_after_s if fault is Fault.NOT_READY else 0.0)
        self._reads = 0

    @classmethod
    def possible_faults(cls) -> frozenset[Fault]:
        """Return the faults that this meter can have."""
        return WIRE_FAULTS | cls.meter_faults

    def hear(self, data: bytes) -> list[Answer]:
        """Take bytes from the computer, in pieces of any size, and return the answers they lead to."""
        raise NotImplementedError

    def level_dbm(self, wavelength_nm: float | None = None) -> float:
        """Return the level at the input, as calibrated for the wavelength the meter is on."""
        return self._light.power_dbm(self.wavelength_nm if wavelength_nm is None else wavelength_nm)

    def is_ready(self) -> bool:
        """Tell whether the meter has finished starting."""
        return time.monotonic() >= self._ready_at

    def takes_wavelength(self, wavelength_nm: float) -> bool:
        """Tell whether a command to set this wavelength has its effect."""
        return self.fault is not Fault.WRONG_WAVELENGTH and self.lowest_nm <= wavelength_nm <= self.highest_nm

    def read_is_bad(self) -> bool:
        """Count one read and tell whether it is the one in so many that goes wrong."""
        self._reads += 1
        return self.fault is Fault.BAD_READ and self._reads % BAD_READ_EVERY == 0


class TextMeter(Meter):
    """A meter that speaks in lines; its dialogue is the table `rules`."""

    ends: ClassVar[bytes] = b"\n"
    """Ends every command and every answer."""
    rules: ClassVar[tuple[Rule, ...]] = ()
    """Pattern of a whole command, and the answer: fixed text, or a method giving text or None for silence."""
    reading: ClassVar[str]
    """Pattern of the commands that are answered with the power."""

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        super().__init__(light, fault, ready_after_s)
        self.in_watts = True  # as the makers deliver them; a driver that does not set the unit is found out
        self._heard = b""

    def hear(self, data: bytes) -> list[Answer]:
        """Cut what arrived into commands and answer each."""
        self._heard = (self._heard + data)[-_LONGEST_COMMAND:]
        *lines, self._heard = self._heard.split(self.ends)
        return [answer for line in lines for answer in self.answers(line.decode("ascii", "replace").strip())]

    def answers(self, command: str) -> list[Answer]:
        """Return what the meter says to one command."""
        text = self.reply(command)
        if text is None:
            return []
        reads = re.fullmatch(self.reading, command, re.IGNORECASE) is not None
        if reads and self.read_is_bad():
            middle = len(text) // 2
            text = f"{text[: middle - 1]}?{text[middle:]}"
        return [Answer(text.encode("ascii"), self.ends, reads)]

    def reply(self, command: str) -> str | None:
        """Find the rule for `command` and return its text; None for no answer."""
        for pattern, reply in self.rules:
            if match := pattern.fullmatch(command):
                return reply if isinstance(reply, str) else reply(self, match)
        self.refuse(command)
        return None

    def refuse(self, command: str) -> None:
        """Do what this maker's meters do with a command they do not know: none of them answers."""
        raise NotImplementedError

    def set_unit(self, in_watts: bool) -> None:
        """Change the unit, unless the front panel keeps it."""
        if self.fault is not Fault.IN_WATTS:
            self.in_watts = in_watts


def dialogue(*table: tuple[str, Reply]) -> tuple[Rule, ...]:
    """Return a dialogue from patterns as text; case does not matter."""
    return tuple((re.compile(pattern, re.IGNORECASE), reply) for pattern, reply in table)


def scpi(header: str) -> str:
    """Return the pattern of a SCPI header such as ``SENSe1:[CHANnel1:]POWer``.

    Small letters, numbers and what stands in brackets may be left out, and a colon may come first.
    """

    def node(match: re.Match[str]) -> str:
        short, rest, number = match.groups()
        return short + (f"(?:{rest})?" if rest else "") + (f"(?:{number})?" if number else "")

    return ":?" + re.sub(r"([A-Z]+)([a-z]*)(\d*)", node, header.replace("[", "(?:").replace("]", ")?"))
