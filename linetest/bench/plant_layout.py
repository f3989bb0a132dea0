"""The glass of a made plant: OLTs, cards, ports, three stages of splitters, and the drops to thousands of ONUs.

A port's fibre is split 1:2 in the exchange, 1:4 in each cabinet and 1:8 in each box; the last legs are the drops. Fibre
loses 0.22 dB/km at 1490 nm and 0.35 dB/km at 1310 nm (ITU-T G.652, appendix I). Arrays have one place for each ONU.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CABINETS, BOXES, DROPS = 2, 4, 8
"""Ways of the splitter in the exchange, in a cabinet, in a box."""
_DOWN_DB_PER_KM, _UP_DB_PER_KM = 0.22, 0.35
_SPLITTERS_DB = 3.4 + 7.0 + 10.3  # typical of planar splitters with 2, 4 and 8 ways: 10 log N and some excess
_CONNECTORS_DB = 1.2


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where each ONU hangs, and what its way lost on the day that it was built."""

    olts: tuple[str, ...]
    olt: Ints
    """Of each ONU the place of its OLT in `olts`."""
    slot: Ints
    port: Ints
    number: Ints
    card_id: Ints
    """Card, port, cabinet and box, counted over the whole plant."""
    port_id: Ints
    cabinet_id: Ints
    box_id: Ints
    length_m: Floats
    down_db: Floats
    """Loss from the OLT's port to the ONU at 1490 nm."""
    up_db: Floats
    """Loss from the ONU to the OLT's port at 1310 nm."""
    olt_tx_dbm: Floats
    """What the port sends, the same for all ONUs of a port."""

    @property
    def count(self) -> int:
        """Return how many ONUs there are."""
        return len(self.olt)

    def port_place(self, onu: int) -> str:
        """Return the port of an ONU as ``rack/slot/port``."""
        return f"0/{self.slot[onu]}/{self.port[onu]}"

    def place(self, onu: int) -> str:
        """Return the ONU as ``rack/slot/port:onu``."""
        return f"{self.port_place(onu)}:{self.number[onu]}"


def made_layout(seed: int, *, olts: int = 4, cards: int = 2, ports: int = 8, filled: float = 0.7) -> Layout:
    """Return a plant of which the share `filled` of the legs has an ONU; ONUs are in the order of their places.

    Args:
        seed: The same one gives the same plant.
        olts: How many OLTs, named ``olt-1`` upwards.
        cards: Cards in an OLT, in the slots 1 upwards.
        ports: Ports on a card, 0 upwards; each has 64 legs.
        filled: Share of the legs in use.
    """
    random = np.random.default_rng([seed, 1])
    all_ports = olts * cards * ports
    legs = CABINETS * BOXES * DROPS
    used = np.flatnonzero(random.random(all_ports * legs) < filled)
    port_id, leg = used // legs, used % legs
    cabinet_id, box_id = used // (BOXES * DROPS), used // DROPS
    # Fibre: feeder to the exchange's splitter, from there to the cabinet, to the box, to the home.
    length_m = (
        random.uniform(300.0, 6_000.0, all_ports)[port_id]
        + random.uniform(100.0, 1_500.0, all_ports * CABINETS)[cabinet_id]
        + random.uniform(30.0, 400.0, all_ports * CABINETS * BOXES)[box_id]
        + random.uniform(10.0, 150.0, len(used))
    )
    uneven_db = random.normal(0.0, 0.3, all_ports * CABINETS * BOXES)[box_id] + random.normal(0.0, 0.4, len(used))
    fixed_db = _SPLITTERS_DB + _CONNECTORS_DB + uneven_db
    return Layout(
        olts=tuple(f"olt-{number}" for number in range(1, olts + 1)),
        olt=port_id // (cards * ports),
        slot=port_id // ports % cards + 1,
        port=port_id % ports,
        number=leg + 1,
        card_id=port_id // ports,
        port_id=port_id,
        cabinet_id=cabinet_id,
        box_id=box_id,
        length_m=length_m,
        down_db=fixed_db + length_m / 1000.0 * _DOWN_DB_PER_KM,
        up_db=fixed_db + length_m / 1000.0 * _UP_DB_PER_KM,
        olt_tx_dbm=random.uniform(3.0, 4.8, all_ports)[port_id],
    )
