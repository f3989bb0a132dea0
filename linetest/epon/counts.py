"""Frames and octets by LLID and direction, and the counters of RFC 4837 that follow from them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from linetest.epon.constants import BROADCAST_LLID, Opcode
from linetest.epon.frames import Block, Bools, Int8s, Int64s
from linetest.epon.sides import DOWN, UP

_LLIDS = BROADCAST_LLID + 1
_MPCP_NAMES = {
    Opcode.GATE: "dot3MpcpTxGate",
    Opcode.REPORT: "dot3MpcpRxReport",
    Opcode.REGISTER_REQ: "dot3MpcpRxRegRequest",
    Opcode.REGISTER: "dot3MpcpTxRegister",
    Opcode.REGISTER_ACK: "dot3MpcpRxRegAck",
}
"""As the OLT names them, in whose log messages up are received ones."""


_UP, _DOWN, _CAST, _UNKNOWN = range(4)


@dataclass(slots=True)
class Counts:
    """What the capture holds, by LLID; frames without a good preamble are counted apart."""

    sld_errors: int = 0
    crc8_errors: int = 0
    frames: int = 0
    cut: int = 0
    """Frames of which the capture holds only the begin."""
    mpcp: dict[tuple[int, int], int] = field(default_factory=dict)
    """Messages by LLID and opcode."""
    _frames: Int64s = field(default_factory=lambda: np.zeros((4, _LLIDS), np.int64))
    _octets: Int64s = field(default_factory=lambda: np.zeros((4, _LLIDS), np.int64))

    @property
    def up(self) -> Int64s:
        """Return the frames up of each LLID."""
        return self._way(_UP)

    @property
    def down(self) -> Int64s:
        """Return the frames down with mode 0."""
        return self._way(_DOWN)

    @property
    def cast(self) -> Int64s:
        """Return the frames down with mode 1."""
        return self._way(_CAST)

    @property
    def unknown(self) -> Int64s:
        """Return the frames of which nobody can tell which way they went."""
        return self._way(_UNKNOWN)

    def _way(self, way: int) -> Int64s:
        rows: Int64s = self._frames[way]
        return rows

    def take(self, block: Block, trusted: Bools, direction: Int8s) -> None:
        """Take a block; `direction` and `trusted` (a good preamble) have a value for each of its frames."""
        frames = block.frames
        self.frames += len(frames.number)
        self.cut += int((frames.captured < frames.length).sum())
        self.sld_errors += int((frames.lead < 0).sum())
        self.crc8_errors += int((frames.crc8_good == 0).sum())
        way = np.where(direction == UP, _UP, np.where(direction == DOWN, _DOWN + (frames.mode == 1), _UNKNOWN))
        key = (way * _LLIDS + frames.llid)[trusted]
        octets = (frames.length - frames.lead)[trusted]
        self._frames += np.bincount(key, minlength=self._frames.size).reshape(self._frames.shape)
        sizes = np.bincount(key, weights=octets, minlength=self._octets.size)
        self._octets += sizes.astype(np.int64).reshape(self._octets.shape)
        keys, counts = np.unique(frames.llid[block.mpcp.row] * 8 + block.mpcp.opcode, return_counts=True)
        for number, count in zip(keys.tolist(), counts.tolist(), strict=True):
            self.mpcp[divmod(number, 8)] = self.mpcp.get(divmod(number, 8), 0) + count

    def llids(self) -> list[int]:
        """Return the LLIDs that were seen."""
        return np.flatnonzero(self._frames.any(axis=0)).tolist()

    def of_llid(self, llid: int) -> dict[str, Any]:
        """Return the counters of an LLID under the names of RFC 4837 and the sums that it has no name for.

        The first four are what the ONU of that LLID counts; they see everything that goes down.
        """
        down, cast = int(self.down[llid]), int(self.cast[llid])
        return {
            "dot3OmpEmulationOnuLLIDNotBroadcast": down,
            "dot3OmpEmulationNotBroadcastBitNotOnuLlid": int(self.down.sum()) - down,
            "dot3OmpEmulationBroadcastBitNotOnuLlid": int(self.cast.sum()) - cast,
            "dot3OmpEmulationBroadcastBitPlusOnuLlid": cast,
            "dot3OmpEmulationGoodLLID": int(self.up[llid]),
            **{name: self.mpcp.get((llid, opcode), 0) for opcode, name in _MPCP_NAMES.items()},
            "up_frames": int(self.up[llid]),
            "up_octets": int(self._octets[_UP, llid]),
            "down_frames": down,
            "down_octets": int(self._octets[_DOWN, llid]),
            "undirected_frames": int(self.unknown[llid]),
        }

    def of_pon(self) -> dict[str, int]:
        """Return the counters that belong to no LLID."""
        return {
            "dot3OmpEmulationSLDErrors": self.sld_errors,
            "dot3OmpEmulationCRC8Errors": self.crc8_errors,
            "frames": self.frames,
            "cut_frames": self.cut,
        }
