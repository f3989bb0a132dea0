"""``driver.toml``: how to talk to one model, as data that is read strictly.

A text command is sent with ``link.send_end`` behind it. In `send`, ``{value}`` is the wavelength in the unit
that ``[wavelength]`` names, ``{index}`` its number in ``[wavelength.index]`` and ``{channel}`` the channel.
`reply` is a regular expression for the whole reply whose first group is the answer; on a frame protocol it is the
layout of the numbers as in Python's `struct`. Each command says what it does to the device (`risk`) and each
reply has an `example`.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from linetest.devices.analyser_driver import AnalyserDriver
from linetest.devices.command import Command
from linetest.devices.dsl_driver import DslDriver
from linetest.devices.frames import Frames
from linetest.devices.olt_driver import OltDriver
from linetest.devices.olt_provision import Provision
from linetest.devices.tester_driver import LineTester
from linetest.model.codes import Reason
from linetest.model.onu import Technology
from linetest.transports.shell_text import ShellDialect
from linetest.transports.wire import Link

Kind = Literal[
    "power-meter",
    "copper-analyser",
    "sweep-file",
    "trace-file",
    "epon-capture",
    "olt",
    "dsl-modem",
    "line-tester",
    "access-port",
]
OriginTerm = Literal["+user_offset", "-acquisition_offset", "+front_panel_offset", "-front_panel_offset"]
ChecksumRule = Literal[
    "crc-before-value", "crc-around-value", "crc-before-block", "xmodem-before-value", "genibus-before-value"
]
Length = Literal["nm", "m"]


class SeenOn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An instrument that this driver was used with."""

    model: str
    firmware: str
    date: str


class Timing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait."""

    reply_s: float = 2.0
    """For one reply."""
    deadline_s: float = 15.0
    """For a whole reading, with opening, settings and retries."""
    settle_s: float = 0.0
    """After unit or wavelength was changed, before reading."""
    tries: int = 5
    """How often a device that is not ready is asked."""
    retry_after_s: float = 0.2


class Wavelength(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[wavelength]``: how the calibration point is chosen and read back."""

    by_person: bool = False
    """It is set at the device and cannot be read: the person's word is taken, and the reading says so."""
    range_nm: tuple[float, float] | None = None
    index: dict[str, int] = {}
    """Wavelength in nm to the number that the device knows it by."""
    set_in: Length = "nm"
    query_in: Length = "nm"
    set: Command | None = None
    query: Command | None = None

    def __post_init__(self) -> None:
        """Refuse a device whose wavelength nobody knows."""
        if self.by_person is (self.query is not None):
            raise ValueError("needs either query, to read the wavelength back, or by_person = true")
        if self.set is not None and self.query is None:
            raise ValueError("set without query: what was set has to be read back")
        for name in self.index:
            float(name)


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[unit]``: how the meter is brought to dBm; absent when the read command itself says the unit."""

    set: Command
    apply: list[Command] = []
    """Commands without which the setting has no effect."""
    query: Command
    dbm: str
    """What `query` answers for dBm."""


class StatusBit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[status.bit]]``: a bit of the status word that means there is no value."""

    mask: int
    reason: Reason


class Status(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[status]``: a status word that is asked before each reading; the first bit that is set counts."""

    query: Command
    bit: list[StatusBit]
    ready_mask: int = 0
    """Set when a new reading is there. Not busy and no new reading: the meter would repeat an old one (`stale`)."""


class Absent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[read.absent]]``: a reply that stands for no value."""

    pattern: str
    """A regular expression that is searched in one channel's reply."""
    reason: Reason
    example: str


class ReadPower(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[read]``: the command that gives the power, and how its answer is understood."""

    unit: Literal["dBm", "W"] = "dBm"
    channels: int = 1
    """How many channels one reply holds."""
    separator: str | None = None
    """What stands between the channels of a text reply; `reply` is then for each of them."""
    absent: tuple[Absent, ...] = ()


class Maker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[maker]]`` of a trace file: what one maker of OTDRs does in its own way."""

    name: str
    blocks: list[str] = []
    """Blocks of the maker's own: one of them proves who wrote the file. Earlier makers of the driver come first."""
    supplier: str | None = None
    """A regular expression for the start of the supplier text, for files without any maker's block."""
    origin: list[OriginTerm] = []
    """The sum that leads from the time of an event to its place in the samples."""
    checksum: list[ChecksumRule] = []
    """How its instruments compute the checksum, the most frequent first; empty where nobody knows."""
    source: str


class Driver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``driver.toml``."""

    name: str
    kind: Kind
    make: str
    model: str
    source: str
    """Manual with page, or public driver, that the commands were read in."""
    seen_on: list[SeenOn] = []
    note: str = ""
    protocol: Literal["text", "frames"] = "text"
    link: Link = Link()
    frames: Frames | None = None
    timing: Timing = Timing()
    on_open: list[Command] = []
    """Sent after the connection is there and the device is known to be the right one."""
    before_identify: list[Command] = []
    """Sent first of all, where the device would not answer cleanly otherwise."""
    identify: Command | None = None
    wavelength: Wavelength | None = None
    unit: Unit | None = None
    status: Status | None = None
    read: ReadPower | None = None
    maker: list[Maker] = []
    analyser: AnalyserDriver | None = None
    olt: OltDriver | None = None
    dsl: DslDriver | None = None
    tester: LineTester | None = None
    shell: ShellDialect | None = None
    provision: dict[Technology, Provision] = {}
    """How ONUs come into service on it."""

    def commands(self) -> Iterator[tuple[str, Command]]:
        """Yield every command with the table it stands in."""
        for table in ("before_identify", "on_open"):
            for number, command in enumerate(getattr(self, table), start=1):
                yield f"[[{table}]] {number}", command
        yield from self._settings()
        for name, command in (("[identify]", self.identify), ("[read]", self.read)):
            if command is not None:
                yield name, command
        yield from self.analyser.commands() if self.analyser is not None else ()

    def _settings(self) -> Iterator[tuple[str, Command]]:
        """Yield what brings a meter to where a reading means something."""
        if self.unit is not None:
            for number, command in enumerate(self.unit.apply, start=1):
                yield f"[[unit.apply]] {number}", command
        groups: dict[str, Any] = {"wavelength": self.wavelength, "unit": self.unit, "status": self.status}
        for name, group in groups.items():
            for part in ("set", "query"):
                if (found := getattr(group, part, None)) is not None:
                    yield f"[{name}.{part}]", found
