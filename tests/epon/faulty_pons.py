"""Which faults of a simulated PON go through what takes seconds for each: with LINETEST_FULL all of them."""

import os

from linetest.bench.pon_faults import PON_FAULTS

_ODD_OCTETS = (
    "bad-security-octet", "crc8-errors", "ctc-other-dialect", "fcs-errors", "five-grants", "garbled-report",
    "loid-refused", "no-sld",
)  # fmt: skip
"""Those that show in a single frame."""
FAULTS = sorted(PON_FAULTS) if os.environ.get("LINETEST_FULL") else list(_ODD_OCTETS)
