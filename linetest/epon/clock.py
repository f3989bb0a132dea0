"""The OLT's clock, recovered from the timestamps that it sends, and the round-trip times that follow from it.

An ONU sets its clock to every timestamp it receives, so its own messages carry the OLT's time as it was one way ago.
At the OLT's end of the fibre, clock at arrival less timestamp is the round trip (IEEE 802.3 clause 64.2.1.1).
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from linetest.epon.constants import TQ_NS
from linetest.epon.frames import Int64s, Ticks

Floats = npt.NDArray[np.float64]

WRAP = 2.0**32
_NEAR_LEAST = 0.1
"""A tap delays frames and never hurries them: the least offset is the true one; a tenth leaves room for a liar."""
_BIN_NS = 250_000_000


def wrapped(ticks: Floats) -> Floats:
    """Return differences of 32-bit clocks as the nearest signed ones."""
    return (ticks + WRAP / 2) % WRAP - WRAP / 2


@dataclass(slots=True, kw_only=True)
class OltClock:
    """How the capture's clock and the OLT's hang together; it learns from block to block.

    `offset` is capture time in TQ since `origin_ns`, less the OLT's timestamp, and may move by some TQ in a second when
    the tap's clock is a cheap one.
    """

    origin_ns: int
    times_ns: list[int] = field(default_factory=list)
    offsets: list[float] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Tell whether the OLT was heard at all."""
        return bool(self.offsets)

    def learn(self, time_ns: Int64s, timestamp: Ticks) -> None:
        """Take the timestamps of the OLT's messages, in the order of the capture."""
        if not len(time_ns):
            return
        since = time_ns - self.origin_ns
        raw = since / TQ_NS - timestamp
        near = self.offsets[-1] if self.offsets else float(raw[0])
        offset = near + wrapped(raw - near)
        bins = since // _BIN_NS
        for one in np.unique(bins):
            inside = bins == one
            self.times_ns.append(int(since[inside].mean()))
            self.offsets.append(float(np.quantile(offset[inside], _NEAR_LEAST)))

    def at(self, time_ns: Int64s) -> Floats:
        """Return the OLT's clock, in TQ without wraps, at times of the capture."""
        since = time_ns - self.origin_ns
        moved: Floats = since / TQ_NS - np.interp(since, self.times_ns, self.offsets)
        return moved

    def issued(self, time_ns: Int64s, timestamp: Ticks) -> Floats:
        """Return the OLT's clock when it stamped a message: exact in TQ, without wraps."""
        stamped = timestamp.astype(np.float64)
        return stamped + WRAP * np.round((self.at(time_ns) - stamped) / WRAP)

    def rtt_tq(self, time_ns: Int64s, timestamp: Ticks) -> Floats:
        """Return the round trip of messages from ONUs."""
        return wrapped(self.at(time_ns) - timestamp)
