"""When a stream can be shown first: its tables PAT and PMT, and a picture that needs no other (ISO/IEC 13818-1)."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PAT, _PMT = 0x00, 0x02
_SECTION_HEAD = 8
_CRC = 4


@dataclass(slots=True)
class Tables:
    """Moments, each in ns, None until it came."""

    pat_ns: int | None = None
    pmt_ns: int | None = None
    random_access_ns: int | None = None
    """The first packet that says a decoder can begin there (random_access_indicator), of the PID with the clock."""
    _pmt_pids: set[int] = field(default_factory=set)
    _clock_pids: set[int] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Tell whether there is nothing more to wait for."""
        return self.random_access_ns is not None

    def take(self, packets: NDArray[np.uint8], pid: Any, at_ns: Any) -> None:
        """Look through packets of 188 octets, one a row, in the order they were sent."""
        starts = (packets[:, 1] & 0x40) != 0
        in_field = ((packets[:, 3] & 0x20) != 0) & (packets[:, 4] > 0)
        access = in_field & ((packets[:, 5] & 0x40) != 0)
        wanted = (pid == 0) | np.isin(pid, list(self._pmt_pids)) | access
        if self.pmt_ns is None:
            wanted |= starts
        for row in np.flatnonzero(wanted).tolist():
            self._take_one(packets[row].tobytes(), int(pid[row]), int(at_ns[row]), starts=bool(starts[row]))
            if access[row] and pid[row] in self._clock_pids and self.random_access_ns is None:
                self.random_access_ns = int(at_ns[row])

    def _take_one(self, packet: bytes, pid: int, at_ns: int, *, starts: bool) -> None:
        if not starts or (pid != 0 and pid not in self._pmt_pids):
            return
        section = _section(packet)
        if section is None:
            return
        if pid == 0 and section[0] == _PAT:
            self.pat_ns = at_ns if self.pat_ns is None else self.pat_ns
            self._pmt_pids |= _programmes(section)
        elif pid in self._pmt_pids and section[0] == _PMT:
            self.pmt_ns = at_ns if self.pmt_ns is None else self.pmt_ns
            self._clock_pids.add(int.from_bytes(section[8:10], "big") & 0x1FFF)


def _section(packet: bytes) -> bytes | None:
    """Return the section that begins in a packet, as far as it lies in it; None for what is too short for one."""
    at = 4
    if packet[3] & 0x20:
        at += 1 + packet[4]
    if not packet[3] & 0x10 or at >= len(packet):
        return None
    section = packet[at + 1 + packet[at] :]
    if len(section) < _SECTION_HEAD + _CRC:
        return None
    return section[: 3 + (int.from_bytes(section[1:3], "big") & 0x0FFF)]


def _programmes(section: bytes) -> set[int]:
    """Return the PIDs of the programme maps that a PAT names; programme 0 is the network."""
    entries = section[_SECTION_HEAD:-_CRC]
    return {
        int.from_bytes(entries[at + 2 : at + 4], "big") & 0x1FFF
        for at in range(0, len(entries) - 3, 4)
        if entries[at : at + 2] != b"\0\0"
    }
