"""A limit of 0 dB is a limit."""

from collections.abc import Callable

import msgspec

from linetest.model.record import Record
from linetest.reports.curves import curve_families

Make = Callable[..., Record]


def test_a_limit_of_zero_is_drawn(copper_record: Make) -> None:
    record = copper_record()
    checks = [
        msgspec.structs.replace(check, limit={"max": 0.0, "min": -90.0, "source": "a test"}) for check in record.checks
    ]
    curves = [{**curve, "limit": None} for curve in record.details["curves"]]
    families = curve_families(msgspec.structs.replace(record, checks=checks, details={"curves": curves}))
    drawn = [family.limit for family in families if family.worst is not None]
    assert drawn
    assert all(y == 0.0 for points in drawn for _x, y in points)
    assert all(drawn)
