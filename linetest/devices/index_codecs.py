"""Where a row of an SNMP table belongs: every way of counting ONUs in an OID has a name, both ways round.

`decode` takes the numbers behind a column's OID and returns the ONU or port, the MAC where a table joins the others
only by it, or None for a row that is not understood. `encode` returns the numbers for one ONU, or of a port the numbers
that all its rows begin with; None where they cannot be known without reading the table, and `NOWHERE` where the table
cannot have it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from linetest.model.onu_id import OnuId, find_onu_id

Suffix = tuple[int, ...]
Names = Mapping[int, str]
"""ifIndex to interface name."""
Place = OnuId | str
NOWHERE: Suffix = ()

IndexName = Literal[
    "huawei-gpon",
    "huawei-gpon-port",
    "interface-onu",
    "interface",
    "interface-port",
    "zte-1012",
    "zte-1012-1",
    "zte-1082",
    "zte-1082-1",
    "pon-onu",
    "cdata",
    "fiberhome",
    "serial",
    "calix",
    "bdcom-llid",
    "number-port",
]


class IndexCodec(NamedTuple):
    """One way of counting."""

    decode: Callable[[Suffix, Names], Place | None]
    encode: Callable[[OnuId, Names], Suffix | None]
    needs_names: bool = False
    """It reads interface names."""


def _behind(base: Suffix, onu: OnuId, tail: Suffix = ()) -> Suffix | None:
    """Return the numbers of a port, with the ONU's and `tail` behind them where it is an ONU."""
    if onu.onu is None:
        return base
    return (*base, onu.onu, *tail) if isinstance(onu.onu, int) else None


# Huawei: 0xFA000000 + slot * 8192 + port * 256; 4194312192 is GPON 0/1/0.
_HUAWEI_GPON = 0xFA00_0000


def _huawei_port(number: int) -> OnuId | None:
    slot, rest = divmod(number - _HUAWEI_GPON, 8_192)
    port, below = divmod(rest, 256)
    return OnuId(0, slot, port) if 0 <= slot < 64 and below == 0 else None


def _huawei_number(onu: OnuId) -> Suffix:
    return (_HUAWEI_GPON + onu.slot * 8_192 + onu.port * 256,)


# ZTE, tables under 1012: 0x10000000 + slot * 65536 + port * 256; under 1082: 0x11010000 + slot * 256 + port. The rack
# of the first is not in the number: these boxes call it 1.
def _zte_1012(number: int) -> OnuId | None:
    slot, rest = divmod(number - 0x1000_0000, 65_536)
    port, below = divmod(rest, 256)
    return OnuId(1, slot, port) if 0 < slot < 256 and port > 0 and below == 0 else None


def _zte_1012_number(onu: OnuId) -> Suffix:
    return (0x1000_0000 + onu.slot * 65_536 + onu.port * 256,)


def _zte_1082(number: int) -> OnuId | None:
    slot, port = divmod(number - 0x1101_0000, 256)
    return OnuId(1, slot, port) if 0 < slot < 256 and port > 0 else None


def _zte_1082_number(onu: OnuId) -> Suffix:
    return (0x1101_0000 + onu.slot * 256 + onu.port,)


def _on_port(
    port_of: Callable[[int], OnuId | None], number_of: Callable[[OnuId], Suffix], tail: Suffix = ()
) -> IndexCodec:
    """Return the codec of (port's number, ONU's number, `tail`)."""

    def decode(suffix: Suffix, _names: Names) -> OnuId | None:
        if len(suffix) != 2 + len(tail) or suffix[2:] != tail:
            return None
        port = port_of(suffix[0])
        return port._replace(onu=suffix[1]) if port else None

    return IndexCodec(decode, lambda onu, _names: _behind(number_of(onu), onu, tail))


def _one_number(read: Callable[[int], OnuId | None], write: Callable[[OnuId], Suffix | None]) -> IndexCodec:
    """Return the codec of rows whose first number says all; what follows is the port inside the ONU or the like."""

    def decode(suffix: Suffix, _names: Names) -> OnuId | None:
        return read(suffix[0]) if suffix else None

    return IndexCodec(decode, lambda onu, _names: write(onu))


def _pon_onu(suffix: Suffix, _names: Names) -> OnuId | None:
    return OnuId(0, 0, suffix[0], suffix[1]) if len(suffix) == 2 else None


# C-Data: card * 2^24 + 0x480000 + (port - 1) * 4096 + ONU.
def _cdata(number: int) -> OnuId | None:
    card, rest = divmod(number, 1 << 24)
    port, onu = divmod(rest - 0x48_0000, 4_096)
    return OnuId(0, card, port + 1, onu) if 0 <= port < 64 and onu > 0 else None


# FiberHome: slot * 2^25 + port * 2^19 + ONU * 2^8.
def _fiberhome(number: int) -> OnuId | None:
    slot, rest = divmod(number, 1 << 25)
    port, rest = divmod(rest, 1 << 19)
    onu = rest >> 8
    return OnuId(0, slot, port, onu) if slot and port and onu else None


def _fiberhome_number(onu: OnuId) -> Suffix | None:
    return ((onu.slot << 25) + (onu.port << 19) + (onu.onu << 8),) if isinstance(onu.onu, int) else None


# UFiber counts by serial: its length, then its characters. The port stands in a column, and is 0 until that is read.
def _serial(suffix: Suffix, _names: Names) -> OnuId | None:
    text = bytes(number for number in suffix[1:] if 0x20 < number < 0x7F).decode("ascii")
    return OnuId(0, 0, 0, text) if suffix and len(text) == suffix[0] == len(suffix) - 1 else None


def _serial_numbers(onu: OnuId, _names: Names) -> Suffix | None:
    return (len(onu.onu), *onu.onu.encode()) if isinstance(onu.onu, str) else None


def _calix(number: int) -> OnuId | None:
    """Return the ONT's provisioned number: AXOS knows ONTs by it, wherever they are connected."""
    return OnuId(0, 0, 0, number) if number > 0 else None


def _number(onu: OnuId, _names: Names) -> Suffix | None:
    return (onu.onu,) if isinstance(onu.onu, int) else None


# Interface names: the ONU is an interface of its own, or a number on an interface that is the port.
def _interface(suffix: Suffix, names: Names) -> OnuId | None:
    """Return the ONU that is an interface; of an interface that is a port, the port."""
    return find_onu_id(names.get(suffix[0], "")) if len(suffix) == 1 else None


def _interface_port(suffix: Suffix, names: Names) -> OnuId | str | None:
    if len(suffix) != 1:
        return None
    found = find_onu_id(names.get(suffix[0], ""))
    return found if found and found.onu is None else names.get(suffix[0], str(suffix[0]))


def _interface_onu(suffix: Suffix, names: Names) -> OnuId | None:
    found = find_onu_id(names.get(suffix[0], "")) if len(suffix) == 2 else None
    return found._replace(onu=suffix[1]) if found and found.onu is None else None


def _named(wanted: OnuId, names: Names) -> Suffix:
    return next(((number,) for number, name in names.items() if find_onu_id(name) == wanted), NOWHERE)


def _named_onu(onu: OnuId, names: Names) -> Suffix | None:
    # Other boards have ports of the same numbers, so only names of a PON are looked at.
    pons = {number: name for number, name in names.items() if re.match(r"[xeg\d-]*pon", name, re.IGNORECASE)}
    port = _named(onu._replace(onu=None), pons)
    return _behind(port, onu) if port else NOWHERE


def _bdcom_llid(suffix: Suffix, _names: Names) -> str | None:
    """Return the MAC of (port, six octets of the MAC)."""
    mac = suffix[1:]
    return ":".join(f"{octet:02x}" for octet in mac) if len(mac) == 6 and max(mac) < 256 else None


def _unknown(_onu: OnuId, _names: Names) -> None:
    return None


INDEXES: dict[IndexName, IndexCodec] = {
    "huawei-gpon": _on_port(_huawei_port, _huawei_number),
    "huawei-gpon-port": _one_number(_huawei_port, _huawei_number),
    "interface-onu": IndexCodec(_interface_onu, _named_onu, True),
    "interface": IndexCodec(_interface, lambda onu, names: None if onu.onu is None else _named(onu, names), True),
    "interface-port": IndexCodec(_interface_port, _unknown, True),
    "zte-1012": _on_port(_zte_1012, _zte_1012_number),
    "zte-1012-1": _on_port(_zte_1012, _zte_1012_number, (1,)),
    "zte-1082": _on_port(_zte_1082, _zte_1082_number),
    "zte-1082-1": _on_port(_zte_1082, _zte_1082_number, (1,)),
    "pon-onu": IndexCodec(_pon_onu, lambda onu, _names: _behind((onu.port,), onu)),
    "cdata": _one_number(_cdata, lambda _onu: None),
    "fiberhome": _one_number(_fiberhome, _fiberhome_number),
    "serial": IndexCodec(_serial, _serial_numbers),
    "calix": IndexCodec(lambda suffix, _names: _calix(suffix[0]) if len(suffix) == 1 else None, _number),
    "bdcom-llid": IndexCodec(_bdcom_llid, _unknown),
    "number-port": IndexCodec(lambda suffix, _names: str(suffix[0]) if len(suffix) == 1 else None, _unknown),
}
