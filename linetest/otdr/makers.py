"""What the makers of OTDRs do each in their own way: the ``[[maker]]`` tables of ``drivers/sor_file/driver.toml``."""

import re
from collections.abc import Iterable
from functools import cache

from linetest.devices.driver import Maker
from linetest.devices.driver_file import load_driver
from linetest.otdr.trace import Fixed, General

OTHER = Maker(
    name="other",
    origin=["+user_offset", "-acquisition_offset"],
    source="Telcordia SR-4731: the user offset lies before the table's zero, the acquisition offset before the samples",
)


@cache
def makers() -> list[Maker]:
    """Return the makers that the driver knows, in its order."""
    return load_driver("sor_file").maker


@cache
def _order_of_blocks() -> dict[str, int]:
    return {block: order for order, maker in reversed([*enumerate(makers())]) for block in maker.blocks}


def maker_of(block_names: Iterable[str], supplier: str) -> Maker:
    """Return who wrote a file: the first whose own block is there, else the first whose name the supplier text bears.

    The supplier text alone decides last, because many instruments leave it blank or hold their owner's name there.
    """
    order = _order_of_blocks()
    proofs = [order[name] for name in block_names if name in order]
    if proofs:
        return makers()[min(proofs)]
    for maker in makers():
        if maker.supplier is not None and re.match(maker.supplier, supplier.strip(), re.IGNORECASE):
            return maker
    return OTHER


def maker_named(name: str) -> Maker:
    """Return the maker that a `Trace` names."""
    return next((maker for maker in makers() if maker.name == name), OTHER)


def origin(maker: Maker, general: General | None, fixed: Fixed) -> int | None:
    """Return where the table's time zero lies behind the first sample, in 0.1 ns; None if its block is missing."""
    offsets = {
        "user_offset": None if general is None else general.user_offset,
        "acquisition_offset": fixed.acquisition_offset,
        "front_panel_offset": fixed.front_panel_offset,
    }
    total = 0
    for term in maker.origin:
        offset = offsets[term[1:]]
        if offset is None:
            return None
        total += -offset if term.startswith("-") else offset
    return total
