"""Simulated traces as files, for the commands about traces."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.fibres import FIBRES
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import Texts, write

NAMES = Texts(cable_id="CABLE-77", fibre_id="F12", location_a="Harbour", location_b="Hotel", operator="zhang")


@pytest.fixture
def write_trace(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the trace of one of the bench's fibres and returns its path."""

    def write_one(
        name: str, plant: str = "ftth-drop", wavelength_nm: float = 1550.0, seed: int = 1, **changes: Any
    ) -> Path:
        fibre, instrument = FIBRES[plant](wavelength_nm)
        if changes.pop("reverse", False):
            fibre = type(fibre)(
                sections=fibre.sections[::-1],
                joints=fibre.joints[::-1],
                launch=fibre.receive,
                receive=fibre.launch,
            )
        counts = shoot(fibre, instrument, seed)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write([(counts, instrument)], truth_of(fibre, instrument), texts=NAMES, **changes))
        return path

    return write_one
