"""`linetest epon audit --olt`: the capture's counters beside those that the OLT shows."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from linetest.cli.options import say
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.olt_counters import CounterReading
    from linetest.model.reading import Measurement


def read_olt_counters(name: str, station_file: Path | None) -> "CounterReading":
    """Read the counters of an OLT of the station file."""
    from linetest.devices.olt_counters import read_counters
    from linetest.devices.station import default_station_path, device_for, load_station

    return read_counters(device_for(load_station(station_file or default_station_path()), "olt", name))


def with_olt(measured: "Measurement", name: str, reading: "CounterReading") -> "Measurement":
    """Return the measurement with both counters side by side, and the OLT's answers as evidence."""
    from linetest.epon.compare import Shown, beside_olt

    shown = [Shown(one.onu, one.llid, one.mac, one.rtt_tq, one.counters) for one in reading.links]
    links = beside_olt(measured.details, shown)
    if not links:
        say(_("Note: {olt} shows none of the capture's ONUs: is it the right PON?").format(olt=safe_text(name)))
    return msgspec.structs.replace(
        measured,
        details={**measured.details, "olt": {"name": name, "driver": reading.driver, "links": links}},
        evidence=[*measured.evidence, *reading.evidence],
        simulated=measured.simulated or reading.simulated,
    )
