"""Optical levels: the power at each wavelength that is asked for, at the place where the meter is plugged in."""

from linetest.devices.power_meter import PowerMeter
from linetest.model.limit import Limit
from linetest.model.reading import Measurement


def measure(meter: PowerMeter, wavelengths_nm: list[float]) -> Measurement:
    """Read the meter's chosen channel once at each wavelength.

    ``details["levels"]`` repeats wavelength and power as a table for reports; the talk with the meter is the evidence.
    """
    readings = [meter.read(wavelength_nm) for wavelength_nm in wavelengths_nm]
    levels = [
        {**reading.where, "power_dbm": reading.value, "reason": reading.reason, "at": reading.at}
        for reading in readings
    ]
    return Measurement(
        readings=readings,
        details={"levels": levels, "meter": meter.identity, "driver": meter.driver.name},
        evidence=[meter.transcript()],
        warnings=list(meter.warnings),
        simulated=meter.simulated,
    )


def wavelengths_of(limits: list[Limit]) -> list[float]:
    """Return the wavelengths at which the limits want the power, each once, in their order."""
    wanted = [
        limit.wavelength_nm
        for limit in limits
        if limit.metric == "optical.power_dbm" and limit.wavelength_nm is not None
    ]
    return list(dict.fromkeys(wanted))
