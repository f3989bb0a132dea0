"""Which way a user frame goes. A capture does not say: it has to be concluded from who sends it.

A capture of a PON holds both directions without a mark. Mode 1 goes down. Under mode 0 the sender tells: what an ONU
sends lies in the grants of its LLID, what comes from the network lies anywhere. A sender keeps its side once known.
"""

from dataclasses import dataclass, field

import numpy as np

from linetest.epon.clock import Floats
from linetest.epon.constants import BROADCAST_LLID_10G
from linetest.epon.frames import Int8s, Int32s, Int64s
from linetest.epon.windows import INSIDE, OUTSIDE

UP, DOWN, EITHER = 1, -1, 0
NETWORK, NOBODY = -2, -3


@dataclass(slots=True)
class Sides:
    """Senders by MAC: the LLID that a customer's device is behind, or the network."""

    only: int = EITHER
    """UP or DOWN where the capture holds one direction only."""
    olts: frozenset[int] = frozenset()
    """MACs that send what only an OLT sends."""
    _mac: Int64s = field(default_factory=lambda: np.empty(0, np.int64))
    """Sorted."""
    _side: Int32s = field(default_factory=lambda: np.empty(0, np.int32))
    """An LLID, or `NETWORK`."""

    def side_of(self, mac: Int64s) -> Int32s:
        """Return the side of each MAC, `NOBODY` where nothing is known of it."""
        if not len(self._mac):
            return np.full(len(mac), NOBODY, np.int32)
        at = np.minimum(np.searchsorted(self._mac, mac), len(self._mac) - 1)
        return np.where(self._mac[at] == mac, self._side[at], NOBODY)

    def learn(self, mac: Int64s, side: Int32s) -> None:
        """Take the sides of MACs that were not known; of a MAC given twice the first counts."""
        new = self.side_of(mac) == NOBODY
        macs = np.concatenate([self._mac, mac[new]])
        sides = np.concatenate([self._side, side[new].astype(np.int32)])
        self._mac, first = np.unique(macs, return_index=True)
        self._side = sides[first]

    def directions(self, source: Int64s, llid: Int32s, mode: Int8s, judged: Int8s, duty: Floats) -> Int8s:
        """Return UP, DOWN or EITHER for user frames; `judged` says which lie in a grant (windows.py)."""
        if self.only != EITHER:
            self._learn_one_way(source, llid)
            return np.full(len(source), self.only, np.int8)
        unknown = (mode == 0) & (self.side_of(source) == NOBODY)
        if unknown.any():
            self._conclude(source[unknown], llid[unknown], judged[unknown], duty)
        side = self.side_of(source)
        customer = side >= 0
        up = (mode == 0) & customer & ((side == llid) | (llid >= BROADCAST_LLID_10G))
        return np.where(up, UP, np.where((mode == 1) | (side != NOBODY), DOWN, EITHER)).astype(np.int8)

    def _learn_one_way(self, source: Int64s, llid: Int32s) -> None:
        if self.only == DOWN:
            llid = np.full(len(source), NETWORK, np.int32)
        self.learn(source, llid)

    def _conclude(self, source: Int64s, llid: Int32s, judged: Int8s, duty: Floats) -> None:
        """Decide for new senders: nearly all frames in grants of one LLID make a customer there.

        By chance a frame from the network meets a grant as often as the LLID has one (`duty`): the bar lies half way
        between this and always. A sender that meets the bar on one LLID and is seen less on others is a customer whose
        frames leak.
        """
        pairs, inverse = np.unique(np.stack([source, llid.astype(np.int64)]), axis=1, return_inverse=True)
        inverse = inverse.reshape(-1)
        inside = np.bincount(inverse, weights=judged == INSIDE, minlength=pairs.shape[1])
        outside = np.bincount(inverse, weights=judged == OUTSIDE, minlength=pairs.shape[1])
        seen = inside + outside
        share = inside / np.maximum(seen, 1.0)
        customer = (seen > 0) & (share > (1.0 + duty[pairs[1]]) / 2.0)
        senders, of = np.unique(pairs[0], return_inverse=True)
        of = of.reshape(-1)
        homes = np.bincount(of, weights=customer)
        at_home = np.bincount(of, weights=np.where(customer, seen, 0.0))
        elsewhere = np.bincount(of, weights=np.where(customer, 0.0, seen))
        home = np.full(len(senders), NETWORK, np.int64)
        home[of[customer]] = pairs[1][customer]
        settled = np.bincount(of, weights=seen) > 0
        side = np.where((homes == 1) & (at_home >= elsewhere), home, NETWORK)
        self.learn(senders[settled], side[settled].astype(np.int32))
