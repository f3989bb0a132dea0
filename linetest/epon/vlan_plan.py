"""The VLANs that each ONU may use, as a person writes them.

::

    shared = [4000]                  # on every LLID, such as television
    untagged = false                 # frames without a tag are a leak

    1 = [101]                        # who has LLID 1
    "00:25:9e:30:00:02" = [102]      # this ONU, whatever its LLID

The keys may also stand in tables ``[llid]`` and ``[mac]``.
"""

import re
from typing import Any

import msgspec

from linetest.epon.constants import BROADCAST_LLID
from linetest.errors import BadFile
from linetest.model.toml import parse_toml
from linetest.words.text import _

_MAC = re.compile(r"[0-9a-fA-F]{2}([:-]?[0-9a-fA-F]{2}){5}")
_LARGEST_VID = 4094


class VlanPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Which VLANs belong where."""

    by_llid: dict[int, frozenset[int]] = {}
    by_mac: dict[int, frozenset[int]] = {}
    shared: frozenset[int] = frozenset()
    untagged: bool = False
    """Untagged frames are as planned."""

    def allowed(self, llid: int, macs: list[int]) -> frozenset[int] | None:
        """Return the VLANs of an LLID and of all who had it, shared ones included; None where the plan names none."""
        named = [self.by_mac[mac] for mac in macs if mac in self.by_mac]
        named += [self.by_llid[llid]] if llid in self.by_llid else []
        return frozenset[int]().union(self.shared, *named) if named else None


def read_vlan_plan(text: str, name: str) -> VlanPlan:
    """Read a plan.

    Raises:
        BadFile: naming the key that is neither an LLID nor a MAC, or the VLAN that does not exist.
    """
    document = parse_toml(text, name)
    shared = _vids(document.pop("shared", []), "shared", name)
    untagged = document.pop("untagged", False)
    if not isinstance(untagged, bool):
        raise BadFile(_("{file}: {key} is true or false").format(file=name, key="untagged"))
    for table in ("llid", "mac"):
        inside = document.pop(table, {})
        if not isinstance(inside, dict):
            raise BadFile(
                _("{file}: {key} is a table").format(file=name, key=table), _("write [{key}]").format(key=table)
            )
        document.update(inside)
    by_llid, by_mac = {}, {}
    for key, value in document.items():
        if key.isdecimal() and int(key) < BROADCAST_LLID:
            by_llid[int(key)] = _vids(value, key, name)
        elif _MAC.fullmatch(key):
            by_mac[int(re.sub("[:-]", "", key), 16)] = _vids(value, key, name)
        else:
            raise BadFile(
                _("{file}: {key!r} is neither an LLID nor a MAC").format(file=name, key=key),
                _('write 1 = [101], "00:25:9e:30:00:02" = [102] or shared = [4000]'),
            )
    return VlanPlan(by_llid=by_llid, by_mac=by_mac, shared=shared, untagged=untagged)


def _vids(value: Any, key: str, name: str) -> frozenset[int]:
    if isinstance(value, list) and all(type(one) is int and 1 <= one <= _LARGEST_VID for one in value):
        return frozenset(value)
    raise BadFile(
        _("{file}: {key}: VLANs are numbers from 1 to {most}").format(file=name, key=key, most=_LARGEST_VID),
        _('write 1 = [101], "00:25:9e:30:00:02" = [102] or shared = [4000]'),
    )
