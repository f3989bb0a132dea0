"""Bringing a power meter to where a reading means something: identified, in dBm, on the right wavelength."""

from collections.abc import Callable, Sequence
from math import isfinite, nan
from typing import TypeVar

from linetest.devices.command import Command
from linetest.devices.dialogue import Dialogue, OtherReply
from linetest.devices.driver import Driver, Wavelength
from linetest.errors import BadReply, DeviceError, Timeout
from linetest.model.codes import Reason
from linetest.words.text import _

_NEAR_NM = 1.0  # a meter that is set farther away than this from what was asked is on another wavelength
T = TypeVar("T")


class Setup:
    """What was set since the wire was opened.

    The first time a setting is sent and read back. From then on it is only read back, and sent again when it is not so
    any more: a meter that lost its power between two readings is brought back this way.
    """

    def __init__(self, dialogue: Dialogue, driver: Driver, pause: Callable[[float], None]) -> None:
        self.dialogue = dialogue
        self._driver = driver
        self._pause = pause
        self._was_set: set[str] = set()

    def greet(self, channel: int, end: float) -> str:
        """Say the opening commands; return what the device says that it is, empty when it cannot be asked.

        Raises `DeviceError` with the command's reason when something else is answered than the driver expects.
        """
        for command in self._driver.before_identify:
            self._say(command, channel, end)
        identity = self._say(self._driver.identify, channel, end) if self._driver.identify else ""
        for command in self._driver.on_open:
            self._say(command, channel, end)
        return identity

    def prepare(self, wavelength_nm: float, channel: int, end: float) -> None:
        """Bring the meter to dBm and to the wavelength, and read both back; raises `DeviceError` with the reason."""
        self._insist(lambda: self._to_dbm(channel, end), end)
        self._insist(lambda: self._to_wavelength(wavelength_nm, channel, end), end)

    def _say(self, command: Command, channel: int, end: float) -> str:
        if command.reply is None:
            self.dialogue.tell(command, end, channel=channel)
            return ""
        try:
            if self._driver.frames is not None:
                self._insist(lambda: self.dialogue.numbers(command, end, channel=channel), end)
                return ""
            return self._insist(lambda: self.dialogue.answer(command, end, channel=channel), end)
        except OtherReply as error:
            raise DeviceError(
                error.what,
                _("check that the device is a {make} {model}").format(make=self._driver.make, model=self._driver.model),
                reason=command.reason,
            ) from error

    def _insist(self, ask: Callable[[], T], end: float) -> T:
        """Ask once more after a garbled answer or none: meters are known to spoil one answer in some hundred."""
        try:
            return ask()
        except (Timeout, BadReply):
            self.dialogue.resynchronise(end)
            return ask()

    def _to_dbm(self, channel: int, end: float) -> None:
        if (unit := self._driver.unit) is None:
            return

        def wrong() -> str | None:
            answer = self.dialogue.answer(unit.query, end, channel=channel)
            return None if answer.upper() == unit.dbm.upper() else answer

        if (found := self._ensure([unit.set, *unit.apply], wrong, end, channel=channel)) is not None:
            raise DeviceError(
                _("the meter does not go to dBm, its unit is {unit!r}").format(unit=found),
                reason=Reason.WRONG_UNIT,
            )

    def _to_wavelength(self, wavelength_nm: float, channel: int, end: float) -> None:
        table = self._driver.wavelength
        if table is None or table.query is None:
            return

        def wrong() -> str | None:
            found_nm = self._found_nm(table, channel, end)
            return None if found_nm is not None and abs(found_nm - wavelength_nm) <= _NEAR_NM else f"{found_nm}"

        settings: dict[str, float] = {
            "value": wavelength_nm if table.set_in == "nm" else wavelength_nm * 1e-9,
            "channel": channel,
            "index": _index(table, wavelength_nm) or 0,
        }
        if (found := self._ensure([table.set] if table.set else [], wrong, end, **settings)) is not None:
            raise DeviceError(
                _("asked for {wavelength:g} nm, the meter is on {found} nm").format(
                    wavelength=wavelength_nm, found=found
                ),
                reason=Reason.WRONG_WAVELENGTH,
            )

    def _found_nm(self, table: Wavelength, channel: int, end: float) -> float | None:
        """Return the wavelength that the meter says it is on, None for a number that the driver does not know."""
        if table.query is None:
            return None
        if self._driver.frames is not None:
            found = self.dialogue.numbers(table.query, end, channel=channel)[channel - 1]
        else:
            found = as_number(self.dialogue.answer(table.query, end, channel=channel))
        if table.index:
            return next((float(name) for name, number in table.index.items() if number == found), None)
        return found if table.query_in == "nm" else found * 1e9

    def _ensure(
        self, commands: list[Command], wrong: Callable[[], str | None], end: float, **settings: float
    ) -> str | None:
        """Set what is not so, twice if needed; return what is wrong in the end, None when all is well."""
        if not commands:
            return wrong()
        key = commands[0].send.format(**settings)
        if key in self._was_set and wrong() is None:
            return None
        found: str | None = None
        for _round in range(2):
            for command in commands:
                self.dialogue.tell(command, end, **settings)
            self._pause(self._driver.timing.settle_s)
            if (found := wrong()) is None:
                self._was_set.add(key)
                return None
        self._was_set.discard(key)
        return found


def check_possible(driver: Driver, wavelength_nm: float, channels: Sequence[int]) -> None:
    """Raise `DeviceError` for a channel or a wavelength that the driver knows the meter does not have."""
    read = driver.read
    asked_for_each = read is not None and "{channel" in read.send  # then only the meter knows how many it has
    count = read.channels if read else 1
    if not asked_for_each and not all(1 <= channel <= count for channel in channels):
        raise DeviceError(
            _("the meter has the channels 1 to {count}").format(count=count), reason=Reason.NO_SUCH_OBJECT
        )
    table = driver.wavelength
    if table is None:
        return
    lowest, highest = table.range_nm or (0.0, float("inf"))
    if not lowest <= wavelength_nm <= highest or (table.index and _index(table, wavelength_nm) is None):
        known = ", ".join(table.index) or f"{lowest:g} - {highest:g}"
        raise DeviceError(
            _("the meter has no {wavelength:g} nm; it has {known} nm").format(wavelength=wavelength_nm, known=known),
            _("another meter may have it; a driver in your own folder may name more"),
            reason=Reason.WRONG_WAVELENGTH,
        )


def as_number(text: str) -> float:
    """Return the number in a reply; raises `BadReply`."""
    try:
        number = float(text)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise BadReply(_("{reply!r} is not a number").format(reply=text))
    return number


def _index(table: Wavelength, wavelength_nm: float) -> int | None:
    return next((number for name, number in table.index.items() if abs(float(name) - wavelength_nm) <= _NEAR_NM), None)
