"""What the OLT tells against what the order says of a line."""

from typing import Any

import pytest

from linetest.model.onu_service import OnuService
from linetest.model.order import Line
from linetest.workorders.resources import mismatches

SERIAL, OTHER = "HWTCA1B2C3D4", "HWTC0000FFFF"
LINE = Line(id="L1", olt="olt7", onu="0/1/0:5", service=OnuService(serial=SERIAL))


@pytest.mark.parametrize(
    ("details", "wanted"),
    [
        ({"onus": [{"onu": "0/1/0:5", "serial": SERIAL.lower()}]}, []),
        ({"onus": [{"onu": "0/1/0:5", "serial": OTHER}]}, [("serial", SERIAL, OTHER)]),
        ({"onus": [{"onu": "0/1/0:5", "serial": None}]}, []),
        ({"found": [{"onu": "0/1/3", "serial": SERIAL}]}, [("port", "0/1/0", "0/1/3")]),
        ({"found": [{"onu": "0/1/0", "serial": SERIAL}]}, []),
        ({"onus": [{"onu": "0/1/0:6", "serial": OTHER}]}, []),
        ({"onus": "none", "found": [3]}, []),
        ({}, []),
    ],
)
def test_only_what_contradicts_is_told(details: dict[str, Any], wanted: list[tuple[str, str, str]]) -> None:
    assert [(one.what, one.planned, one.found) for one in mismatches(LINE, details)] == wanted


def test_a_line_that_names_no_onu_contradicts_nothing() -> None:
    told = {"onus": [{"onu": "0/1/0:5", "serial": OTHER}]}
    assert mismatches(Line(id="L1", onu="0/1/0:5"), told) == []
    assert mismatches(Line(id="L1", service=OnuService(serial=SERIAL)), told) == []
