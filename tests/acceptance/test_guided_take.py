"""One cabling of a guided measurement: what is kept of it, and what is refused before it spoils a whole binder."""

from pathlib import Path

import pytest

from linetest.acceptance.guided import take, transcripts
from linetest.bench.binder_models import Complex, Curve
from linetest.bench.cabling import Cabling
from linetest.bench.scpi_vna import ScpiVna
from linetest.bench.wire import plugged_in
from linetest.copper.two_ports import parse_combination
from linetest.devices.copper_analyser import Span
from linetest.devices.station import DeviceEntry
from linetest.errors import DeviceError

ONE = parse_combination(["PAIR1_NEAR", "PAIR1_FAR"])
BAND = Span(100_000.0, 200_000.0, 10_000.0)


class Uncalibrated(Cabling):
    """What an analyser shows that was calibrated in front of other baluns."""

    def measure(self, frequency_hz: Curve) -> Complex:
        return 3.0 * super().measure(frequency_hz)


def take_on_bench(cabling: Cabling, folder: Path) -> None:
    cabling.connect("PAIR1_NEAR", "PAIR1_FAR")
    with plugged_in(ScpiVna(cabling)) as address:
        take(DeviceEntry(name="vna", driver="scpi_vna", address=address), ONE, BAND, folder)


def test_file_and_talk_are_kept(tmp_path: Path) -> None:
    take_on_bench(Cabling(), tmp_path)
    assert (tmp_path / "PAIR1_NEAR-PAIR1_FAR.s2p").is_file()
    assert [one.name for one in transcripts(tmp_path)] == ["PAIR1_NEAR-PAIR1_FAR.jsonl"]


def test_a_cable_that_amplifies_is_an_analyser_without_calibration(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="above 1") as caught:
        take_on_bench(Uncalibrated(), tmp_path)
    assert caught.value.reason == "out-of-window"
    assert "calibrate" in caught.value.hint
    assert not list(tmp_path.glob("*.s2p"))
    assert transcripts(tmp_path), "the talk is kept all the same"
