"""Resource data that a test has shown to be wrong: what the order says of a line against what its OLT tells. Pure."""

from typing import Any

from linetest.model.case import Mismatch
from linetest.model.onu_id import OnuId, find_onu_id
from linetest.model.order import Line


def mismatches(line: Line, details: dict[str, Any]) -> list[Mismatch]:
    """Return where the OLT's ONUs contradict the line: another ONU at its place, or its ONU on another port.

    Args:
        line: names its place, and its ONU by serial or MAC; what it does not say contradicts nothing.
        details: of a record: ``onus`` and ``found`` hold what the OLT told of each ONU.
    """
    place = find_onu_id(line.onu) if line.onu else None
    if place is None or line.service is None:
        return []
    name, planned = line.service.identity
    if name == "loid":
        return []
    found = []
    rows = [row for key in ("onus", "found") for row in _rows(details.get(key))]
    for row in rows:
        there, seen = find_onu_id(str(row.get("onu") or "")), row.get(name)
        if there is None or not isinstance(seen, str):
            continue
        own = seen.casefold() == planned.casefold()
        if place.onu is not None and there == place and not own:
            found.append(Mismatch(what="serial", planned=planned, found=seen))
        elif own and there[:3] != place[:3]:
            found.append(
                Mismatch(what="port", planned=str(OnuId(*place[:3], None)), found=str(OnuId(*there[:3], None)))
            )
    return found


def _rows(rows: object) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
