"""What a meter's reply means: a power in dBm, or the reason why there is none."""

import re
from math import isfinite

from linetest.devices.driver import ReadPower
from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.units import dbm_from_watts

METRIC = METRICS["optical.power_dbm"]
_NOT_A_NUMBER = 9.91e37  # SCPI-1999 vol. 1, 7.2.1.5
_INFINITY = 9e36  # SCPI writes 9.9E37 for infinity, others the largest float, 3.4E38: both are above
_WATTS_BELOW = 1e-3  # no meter shows a thousandth of a dB; in watts all light up to 0 dBm is smaller


def parse_reply(read: ReadPower, reply: str) -> list[float | Reason]:
    """Return one entry for each channel of a text reply.

    Too few or too many channels, or one that cannot be understood, make all of them garbled: characters were lost, and
    nobody knows where.
    """
    parts = reply.split(read.separator) if read.separator else [reply]
    found = [_parse_part(read, part.strip()) for part in parts]
    if len(found) != read.channels or Reason.GARBLED in found:
        return [Reason.GARBLED] * read.channels
    return found


def power_dbm(value: float, unit: str) -> float | Reason:
    """Return `value` in dBm when it can be a measured power, else the reason why not.

    A value in dBm that is nearer to zero than any meter resolves comes from a meter that was left in watts: 1e-5 W
    would read as 0.00 dBm and pass every limit.
    """
    if abs(value - _NOT_A_NUMBER) < 1e34:
        return Reason.NOT_READY
    if abs(value) > _INFINITY:
        return Reason.OVER_RANGE if value > 0 else Reason.UNDER_RANGE
    if not isfinite(value):
        return Reason.GARBLED
    if unit == "W":
        converted = dbm_from_watts(value)
        if converted is None:
            return Reason.UNDER_RANGE
        value = converted
    elif 0.0 < abs(value) < _WATTS_BELOW:
        return Reason.WRONG_UNIT
    return value if METRIC.lowest <= value <= METRIC.highest else Reason.OUT_OF_WINDOW


def _parse_part(read: ReadPower, text: str) -> float | Reason:
    for absent in read.absent:
        if re.search(absent.pattern, text):
            return absent.reason
    match = re.fullmatch(read.reply or "", text, re.ASCII)
    if match is None:
        return Reason.GARBLED
    try:
        return power_dbm(float(match[1]), read.unit)
    except ValueError:  # the driver's pattern lets something through that is no number
        return Reason.GARBLED
