"""Is the checksum of a SOR file right? Each maker computes it differently, and some not at all.

Which maker uses which rule stands in ``drivers/sor_file/driver.toml``. All are 16-bit CRCs with the polynomial 0x1021:
CRC-16/CCITT-FALSE (start 0xFFFF), CRC-16/XMODEM (start 0) and CRC-16/GENIBUS (the first one inverted), named as in the
Catalogue of parametrised CRC algorithms (https://reveng.sourceforge.io/crc-catalogue/16.htm).
"""

from binascii import crc_hqx
from collections.abc import Callable
from typing import Literal

from linetest.devices.driver import ChecksumRule
from linetest.otdr.makers import maker_named
from linetest.otdr.trace import Trace

Outcome = Literal["ok", "mismatch", "not-verifiable"]
VALUE_BYTES = 2
_START = 0xFFFF

_RULES: dict[ChecksumRule, Callable[[memoryview, int, int], int]] = {
    "crc-before-value": lambda body, _block, value: crc_hqx(body[:value], _START),
    "crc-around-value": lambda body, _block, value: crc_hqx(
        body[value + VALUE_BYTES :], crc_hqx(bytes(VALUE_BYTES), crc_hqx(body[:value], _START))
    ),
    "crc-before-block": lambda body, block, _value: crc_hqx(body[:block], _START),
    "xmodem-before-value": lambda body, _block, value: crc_hqx(body[:value], 0),
    "genibus-before-value": lambda body, _block, value: crc_hqx(body[:value], _START) ^ 0xFFFF,
}


def verify(body: bytes, trace: Trace) -> Outcome:
    """Return what the checksum says about the file `body` that `trace` was read from.

    ``not-verifiable`` is no sign of damage: nobody published how the maker computes it, or it always writes 0, or
    there is no checksum.
    """
    rules = maker_named(trace.maker).checksum
    if trace.checksum is None or not rules:
        return "not-verifiable"
    return "ok" if any(computed(rule, body, trace) == trace.checksum for rule in rules) else "mismatch"


def computed(rule: ChecksumRule, body: bytes, trace: Trace) -> int:
    """Return the checksum of a file that holds one (`Trace.checksum` is not None) by one maker's rule."""
    block, value = places(trace)
    return _RULES[rule](memoryview(body), block, value)


def places(trace: Trace) -> tuple[int, int]:
    """Return at which bytes the block ``Cksum`` and the value in it begin."""
    block = next(block for block in trace.blocks if block.name == "Cksum")
    name = b"Cksum\0"
    return block.offset, block.offset + (len(name) if bytes(block.body[: len(name)]) == name else 0)
