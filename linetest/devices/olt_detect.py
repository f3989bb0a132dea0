"""Which driver an OLT needs: by sysObjectID, then by sysDescr, then by a look at the table that only it has.

A sysObjectID alone is not enough: one maker's EPON and GPON boxes answer the same one, and some boxes answer that of
the maker of their chips.
"""

import re
from contextlib import suppress

from linetest import catalog
from linetest.devices.driver_file import load_driver
from linetest.devices.olt_driver import Detect
from linetest.devices.scale_codecs import as_text
from linetest.errors import DeviceError, LinetestError
from linetest.model.codes import Reason
from linetest.transports.snmp_replay import Tables
from linetest.words.text import _

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
_LONGEST_DESCRIPTION = 255  # SNMPv2-MIB: DisplayString (SIZE (0..255))


def describe(session: Tables) -> tuple[str, str]:
    """Return sysObjectID, without a leading dot, and sysDescr; empty texts where they are not told."""
    told = session.get([SYS_OBJECT_ID, SYS_DESCR])
    object_id = as_text(told.get(SYS_OBJECT_ID, "")).removeprefix(".")
    return object_id, as_text(told.get(SYS_DESCR, ""))[:_LONGEST_DESCRIPTION]


def detect(session: Tables) -> str:
    """Return the name of the driver for the OLT that `session` asks.

    Raises:
        DeviceError: no driver fits, reason ``no-such-object``, with what the box says that it is; or no answer came.
    """
    object_id, description = describe(session)
    known = _detects()
    named = [name for name, one in known.items() if any(_below(object_id, root) for root in one.object_ids)]
    described = [
        name for name, one in known.items() if any(re.search(pattern, description) for pattern in one.descriptions)
    ]
    both = [name for name in named if name in described]
    candidates = both or named or described
    if len(candidates) == 1:
        return candidates[0]
    probed = [name for name in candidates or known if _has(session, known[name].probe)]
    if probed or candidates:  # the maker is known, even where the box has no ONU to look at
        return (probed or candidates)[0]
    raise DeviceError(
        _("no driver knows this OLT: sysObjectID {object_id}, sysDescr {description!r}").format(
            object_id=object_id or "-", description=description
        ),
        _("`linetest driver list` shows the drivers; std_epon may read an EPON OLT of another maker"),
        reason=Reason.NO_SUCH_OBJECT,
    )


def _detects() -> dict[str, Detect]:
    """Return what each driver says of its box; the standard's driver, which fits many, comes last."""
    found: dict[str, Detect] = {}
    for name in catalog.driver_names():
        with suppress(LinetestError):  # a mistake in one of the user's own drivers hides no other
            driver = load_driver(name)
            if driver.olt is not None and driver.olt.detect != Detect():
                found[name] = driver.olt.detect
    return dict(sorted(found.items(), key=lambda item: not item[1].object_ids))


def _below(object_id: str, root: str) -> bool:
    return object_id == root or object_id.startswith(f"{root}.")


def _has(session: Tables, probe: str | None) -> bool:
    return probe is not None and bool(session.walk(probe))
