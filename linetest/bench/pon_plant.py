"""The ONUs of a simulated PON as they truly are, and the clock that all of its times are in.

All times are whole TQ of 16 ns since the story began. The OLT's clock is `CLOCK_START_TQ` ahead of them and wraps
after 32 bits; an ONU's clock lags behind it by the ONU's round-trip time, as seen from the OLT (IEEE 802.3, 64.2.2.1).
"""

from dataclasses import dataclass
from random import Random

from linetest.bench.olt_plant import ANSWER_TQ, METRES_PER_TQ

TQ_NS = 16
TQ_PER_S = 62_500_000
CLOCK_START_TQ = 2**32 - 110_000_000
"""The OLT's clock when the story begins: it wraps 1.76 s later."""
BEGAN_AT_NS = 1_795_305_600_000_000_000
"""The capture's time when the story begins: one day in 2026."""

OLT = bytes.fromhex("00e0fc101112")
ROUTER = bytes.fromhex("3c15fb200001")
VIDEO = bytes.fromhex("3c15fb200002")
"""Who sends from behind the OLT."""
SHARED_VID = 4000
FIRST_VID = 101

LASER_ON_TQ = LASER_OFF_TQ = 32
SYNC_TQ = 52
OVERHEAD_TQ = LASER_ON_TQ + SYNC_TQ + LASER_OFF_TQ
"""What a grant loses to the laser and to the receiver's start."""
PENDING_GRANTS = 4
_NEAREST_M, _FARTHEST_M = 300.0, 19_000.0


def olt_clock(at_tq: int) -> int:
    """Return what the OLT's clock shows."""
    return (CLOCK_START_TQ + at_tq) & 0xFFFFFFFF


@dataclass(frozen=True, kw_only=True)
class PonOnu:
    """One ONU with the one computer behind it."""

    number: int
    """From 1."""
    mac: bytes
    host: bytes
    """The MAC of the computer."""
    llid: int
    vid: int
    loid: str
    password: str
    distance_m: float

    @property
    def rtt_tq(self) -> int:
        """Return its round-trip time, as the OLT measures it."""
        return round(self.distance_m / METRES_PER_TQ) + ANSWER_TQ

    @property
    def churns(self) -> bool:
        """Tell whether its downstream frames are encrypted in the end; it is the second one's."""
        return self.number == 2

    @property
    def raises_alarm(self) -> bool:
        """Tell whether it has an alarm in the course of the story; it is the first one."""
        return self.number == 1


def plant(count: int, seed: int) -> tuple[PonOnu, ...]:
    """Return so many ONUs, with distances that the seed decides."""
    random = Random(seed)
    return tuple(
        PonOnu(
            number=number,
            mac=bytes.fromhex("00259e") + (0x300000 + number).to_bytes(3, "big"),
            host=bytes.fromhex("f44d30") + (0x500000 + number).to_bytes(3, "big"),
            llid=number,
            vid=FIRST_VID + number - 1,
            loid=f"BENCH{number:05d}",
            password=f"pw{random.randrange(10**6):06d}",
            distance_m=round(random.uniform(_NEAREST_M, _FARTHEST_M), 1),
        )
        for number in range(1, count + 1)
    )
