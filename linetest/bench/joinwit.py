"""A simulated Joinwit JW8103A: binary frames with a checksum at 115200 baud, four channels.

Source: the public program JW8103A (MPL-2.0), which quotes the maker's protocol V23.05.06. A frame is ``7B FF
LEN CMD CMD DATA CHK 7D``; LEN is 5 and the length of the data, CHK the two's complement of the sum before it.
That an answer carries the command plus one is read in the same author's program for the maker's attenuator
JW8507.
"""

import struct

from linetest.bench.faults import Answer, Fault
from linetest.bench.light import Light, watts
from linetest.bench.meter import Meter

_HEAD, _ADDRESS, _TAIL = 0x7B, 0xFF, 0x7D
_CONNECT, _SCREEN, _SET_WAVELENGTH, _READ_DBM, _READ_MW = 0x0140, 0x014A, 0x0160, 0x0162, 0x0164
_LIST_WAVELENGTHS, _SET_LIST = 0x0730, 0x0732
_BUILT_IN_NM = (850, 1300, 1310, 1490, 1550, 1625)
_MOST_WAVELENGTHS = 32
_CHANNELS = (1, 2, 3, 4)
_DARK_DBM = -95.0  # the channels without a fibre


class JoinwitJW8103A(Meter):
    """The meter with light on channel 1 only.

    The protocol has no sign for too little or too much light: the value ends at the bounds of the range. A
    frame that is damaged, unknown or asks for what is not there gets no answer.
    """

    driver = "joinwit_jw8103a"
    speed_baud = 115200
    floor_dbm, ceiling_dbm = -70.0, 10.0
    meter_faults = frozenset({Fault.WRONG_WAVELENGTH, Fault.WRONG_CHECKSUM, Fault.BAD_READ})

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        super().__init__(light, fault, ready_after_s)
        self._known_nm: list[int] = list(_BUILT_IN_NM)
        start = _BUILT_IN_NM.index(int(self.wavelength_nm)) + 1
        self._index = dict.fromkeys(_CHANNELS, start)
        self._heard = b""

    def hear(self, data: bytes) -> list[Answer]:
        """Cut what arrived into frames and answer each."""
        self._heard += data
        answers = []
        while (frame := self._next_frame()) is not None:
            command = int.from_bytes(frame[3:5], "big")
            body = self._body(command, frame[5:-2])
            if body is not None:
                answers.append(self._answer(command, body))
        return answers

    def _next_frame(self) -> bytes | None:
        """Take the next whole frame with a right checksum out of what was heard; skip what starts none."""
        while (start := self._heard.find(_HEAD)) >= 0:
            self._heard = self._heard[start:]
            if len(self._heard) < 3:
                return None
            whole = self._heard[2] + 2
            if len(self._heard) < whole and self._heard[1] == _ADDRESS:
                return None
            frame = self._heard[:whole]
            if len(frame) >= 7 and frame[1] == _ADDRESS and frame[-1] == _TAIL and sum(frame[:-1]) % 256 == 0:
                self._heard = self._heard[whole:]
                return frame
            self._heard = self._heard[1:]
        self._heard = b""
        return None

    def _body(self, command: int, data: bytes) -> bytes | None:
        """Return the data of the answer, None for no answer."""
        if command == _SET_WAVELENGTH:
            return self._set_wavelength(data)
        if command == _SET_LIST:
            return self._set_list(data)
        queries = {
            _CONNECT: self._model,
            _SCREEN: self._screen,
            _READ_DBM: self._powers_dbm,
            _READ_MW: self._powers_mw,
            _LIST_WAVELENGTHS: self._list,
        }
        return queries[command]() if command in queries and not data else None

    def _model(self) -> bytes:
        return struct.pack("<HH", 8103, len(_CHANNELS))

    def _screen(self) -> bytes:
        """Return for each channel its wavelength's place in the list, its level and its reference."""
        levels = zip(_CHANNELS, self._levels_mdbm(), strict=True)
        return b"".join(struct.pack("<Bii", self._index[channel], level, 0) for channel, level in levels)

    def _powers_dbm(self) -> bytes:
        return struct.pack("<4i", *self._levels_mdbm())

    def _powers_mw(self) -> bytes:
        return struct.pack("<4f", *(watts(level / 1000.0) / 1e-3 for level in self._levels_mdbm()))

    def _list(self) -> bytes:
        return struct.pack(f"<B{len(self._known_nm)}H", len(self._known_nm), *self._known_nm)

    def _set_wavelength(self, data: bytes) -> bytes | None:
        if len(data) != 2 or data[0] not in _CHANNELS or not 1 <= data[1] <= len(self._known_nm):
            return None
        channel, index = data
        if self.fault is not Fault.WRONG_WAVELENGTH:  # with the fault it says yes all the same
            self._index[channel] = index
        return b""

    def _set_list(self, data: bytes) -> bytes | None:
        """Take the list of wavelengths: count, then two bytes each; the six built in ones come first."""
        if not data or data[0] > _MOST_WAVELENGTHS or len(data) != 1 + 2 * data[0]:
            return None
        wavelengths_nm = struct.unpack(f"<{data[0]}H", data[1:])
        if wavelengths_nm[:6] != _BUILT_IN_NM or not all(850 <= one <= 1625 for one in wavelengths_nm):
            return None
        self._known_nm = list(wavelengths_nm)
        return b""

    def _levels_mdbm(self) -> list[int]:
        """Return the levels of the four channels in thousandths of a dBm."""
        self.wavelength_nm = float(self._known_nm[self._index[1] - 1])
        levels_dbm = [self.level_dbm(), _DARK_DBM, _DARK_DBM, _DARK_DBM]
        return [round(1000.0 * min(max(level, self.floor_dbm), self.ceiling_dbm)) for level in levels_dbm]

    def _answer(self, command: int, body: bytes) -> Answer:
        """Return the frame; a bad read flips bits of the level, which only the checksum shows."""
        reads = command == _READ_DBM
        frame = bytearray(struct.pack(">BBBH", _HEAD, _ADDRESS, len(body) + 5, command + 1) + body)
        frame.append(-sum(frame) % 256)
        if self.fault is Fault.WRONG_CHECKSUM:
            frame[-1] ^= 0x55
        if reads and self.read_is_bad():
            frame[6] ^= 0x18
        return Answer(bytes(frame) + bytes([_TAIL]), reads=reads)
