"""A simulated Optokon PM-212: 19200 baud, the letter ``v`` is answered with one line.

Source: the public program PM-212_Connection (jereifej).
"""

from linetest.bench.faults import Answer, Fault
from linetest.bench.light import Light
from linetest.bench.meter import Meter


class OptokonPM212(Meter):
    """The meter: dBm only, and the wavelength is set on its keys, so the computer can neither set nor ask it.

    Without light it prints ``-LL.LL``. What it prints for too much is not known: the value ends at the
    ceiling.
    """

    driver = "optokon_pm212"
    speed_baud = 19200
    floor_dbm, ceiling_dbm = -60.0, 5.0
    meter_faults = frozenset({Fault.BAD_READ})

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        super().__init__(light, fault, ready_after_s)
        self.wavelength_nm = 1490.0

    def hear(self, data: bytes) -> list[Answer]:
        """Answer each ``v``; any other letter is ignored."""
        return [Answer(self._line().encode("ascii"), b"\r\n", reads=True) for letter in data if letter == ord("v")]

    def _line(self) -> str:
        level_dbm = self.level_dbm()
        if level_dbm < self.floor_dbm:
            return "-LL.LL"
        text = f"{min(level_dbm, self.ceiling_dbm):+06.2f}"
        return text.replace(".", "?") if self.read_is_bad() else text
