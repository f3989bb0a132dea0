"""``[analyser]`` of a ``driver.toml``: how a network analyser of two ports is made to sweep, and how it is read.

In `send`, ``{start_hz}``, ``{stop_hz}`` and ``{points}`` stand for the sweep that is wanted. A value of S takes two
numbers, real and imaginary part.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from linetest.devices.command import Command, ReadNumbers

Parameter = Literal["S11", "S21", "S12", "S22"]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[analyser.fault]``: how the analyser is asked whether it took the commands."""

    query: Command
    none: str
    """A pattern of the answers that are no fault. What is swept is read back: a frequency that was cut is none."""

    def __post_init__(self) -> None:
        """Refuse a pattern that cannot be one."""
        try:
            re.compile(self.none)
        except re.error as error:
            raise ValueError(f"none: {error}") from error

    def is_none(self, said: str) -> bool:
        """Tell whether an answer says that all is well."""
        return re.fullmatch(self.none, said, re.ASCII) is not None


class AnalyserDriver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table."""

    lowest_hz: float
    highest_hz: float
    most_points: int
    """Of one sweep; more are taken in several."""
    reference_ohm: float = 100.0
    """Of the pairs' side of the baluns, where the analyser has to be calibrated."""
    steady: bool = False
    """The analyser sweeps by itself and does not say when: it is read until two readings are the same."""
    setup: list[Command] = []
    """Sent once before the sweeps."""
    sweep: list[Command]
    """Chooses the frequencies and starts a sweep."""
    done: Command | None = None
    """Answered when the sweep has ended; None for an analyser that only time can tell of (`timing.settle_s`)."""
    fault: Fault | None = None
    frequencies: ReadNumbers
    parameter: dict[Parameter, ReadNumbers]
    """S11 and S21 at least. Without S12 and S22 the analyser sends from its port 1 only."""
    finish: list[Command] = []
    """Sent after the last sweep, to leave the analyser as a person likes to find it."""

    def __post_init__(self) -> None:
        """Refuse numbers and sets of parameters that no analyser has."""
        if not 0.0 < self.lowest_hz < self.highest_hz or self.most_points < 2 or self.reference_ohm <= 0.0:
            raise ValueError("lowest_hz, highest_hz, most_points or reference_ohm cannot be meant")
        if set(self.parameter) not in ({"S11", "S21"}, {"S11", "S21", "S12", "S22"}):
            raise ValueError("parameter needs S11 and S21, or all four")
        if not self.sweep:
            raise ValueError("sweep needs at least one command")

    def commands(self) -> Iterator[tuple[str, Command]]:
        """Yield every command with the table it stands in."""
        for table in ("setup", "sweep", "finish"):
            for number, command in enumerate(getattr(self, table), start=1):
                yield f"[[analyser.{table}]] {number}", command
        if self.done is not None:
            yield "[analyser.done]", self.done
        if self.fault is not None:
            yield "[analyser.fault.query]", self.fault.query
        yield "[analyser.frequencies]", self.frequencies
        for name, command in self.parameter.items():
            yield f"[analyser.parameter.{name}]", command
