"""Named fibres and the settings a technician would choose for them: one for each thing an OTDR has to get right."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from linetest.bench.fibre import Fibre, Instrument, Joint, Section

# Plausible values of a G.652 fibre, no limits. Backscatter of a 1 ns pulse: Corning SMF-28 product information.
_DB_PER_KM = {1310.0: 0.33, 1490.0: 0.21, 1550.0: 0.19, 1625.0: 0.21}
_BACKSCATTER_DB = {1310.0: -77.0, 1490.0: -81.0, 1550.0: -82.0, 1625.0: -83.0}
_GROUP_INDEX = {1310.0: 1.4676, 1490.0: 1.4680, 1550.0: 1.4682, 1625.0: 1.4685}
# How much more than at 1310 nm a bend of one turn loses: it grows steeply with the wavelength.
_BEND_DB = {1310.0: 0.05, 1490.0: 0.4, 1550.0: 0.7, 1625.0: 1.6}

SPLITTER_32_DB = 17.0


class Setup(NamedTuple):
    """A line at one wavelength, and the instrument that looks at it."""

    fibre: Fibre
    instrument: Instrument


def glass(length_m: float, wavelength_nm: float, backscatter_db: float = 0.0) -> Section:
    """Return that much of an ordinary fibre."""
    return Section(length_m, _DB_PER_KM[wavelength_nm], backscatter_db)


def otdr(wavelength_nm: float, pulse_width_ns: float, step_m: float, samples: int) -> Instrument:
    """Return an instrument set to an ordinary fibre."""
    return Instrument(
        wavelength_nm=wavelength_nm,
        pulse_width_ns=pulse_width_ns,
        step_m=step_m,
        samples=samples,
        group_index=_GROUP_INDEX[wavelength_nm],
        backscatter_db=_BACKSCATTER_DB[wavelength_nm],
    )


def ftth_drop(wavelength_nm: float = 1550.0, *, splice_db: float = 0.08, broken_at_m: float | None = None) -> Setup:
    """A launch reel, the subscriber's socket, 400 m of cable with a splice in it, the plug in the splitter.

    Args:
        wavelength_nm: 1310, 1490, 1550 or 1625.
        splice_db: of the splice, 120 m behind the socket.
        broken_at_m: behind the socket; the rest of the fibre is not there then.
    """
    sections = (glass(500.0, wavelength_nm), glass(120.0, wavelength_nm), glass(280.0, wavelength_nm))
    joints = (Joint(0.25, -55.0), Joint(splice_db))
    whole = Fibre(sections=sections, joints=joints, launch=True, end_reflectance_db=-50.0)
    fibre = whole if broken_at_m is None else broken(whole, broken_at_m)
    # Averaged for a minute: sections so short need a clean trace.
    return Setup(fibre, replace(otdr(wavelength_nm, 10.0, 0.16, 15_680), averages=1_048_576))


def feeder_splitter(wavelength_nm: float = 1550.0) -> Setup:
    """From the subscriber: drop, 1:32 splitter, feeder of 6 km with two splices, the plug in the exchange."""
    lengths_m = (150.0, 800.0, 2000.0, 2600.0, 1400.0)
    joints = (Joint(0.3, -50.0), Joint(SPLITTER_32_DB, -55.0, "splitter"), Joint(0.06), Joint(0.12))
    sections = tuple(glass(length_m, wavelength_nm) for length_m in lengths_m)
    fibre = Fibre(sections=sections, joints=joints, launch=True, end_reflectance_db=-40.0)
    return Setup(fibre, otdr(wavelength_nm, 275.0, 0.64, 31_250))


def point_to_point(wavelength_nm: float = 1550.0) -> Setup:
    """50 km between two exchanges with a splice every 4 to 6 km, and a reel at both ends."""
    lengths_m = (1000.0, 4200.0, 5100.0, 4800.0, 5500.0, 6100.0, 4400.0, 4900.0, 5000.0, 5600.0, 4400.0, 1000.0)
    losses_db = (0.03, 0.08, 0.15, 0.05, 0.02, 0.11, 0.07, 0.04, 0.21)
    joints = (Joint(0.3, -50.0), *(Joint(loss_db) for loss_db in losses_db), Joint(0.35, -45.0))
    sections = tuple(glass(length_m, wavelength_nm) for length_m in lengths_m)
    fibre = Fibre(sections=sections, joints=joints, launch=True, receive=True)
    return Setup(fibre, otdr(wavelength_nm, 1000.0, 2.55, 31_360))


def gainer(wavelength_nm: float = 1550.0) -> Setup:
    """Two good splices into a piece of glass that scatters more, and out of it: one looks like gain."""
    sections = (glass(5000.0, wavelength_nm), glass(4000.0, wavelength_nm, 0.5), glass(6000.0, wavelength_nm))
    return Setup(Fibre(sections=sections, joints=(Joint(0.05), Joint(0.07))), otdr(wavelength_nm, 100.0, 0.64, 31_250))


def ghost(wavelength_nm: float = 1550.0) -> Setup:
    """Dirty connectors: their echoes stand on the fibre and behind its end."""
    sections = (glass(700.0, wavelength_nm), glass(1900.0, wavelength_nm), glass(3300.0, wavelength_nm))
    fibre = Fibre(sections=sections, joints=(Joint(0.5, -20.0), Joint(0.4, -19.0)), launch=True)
    return Setup(fibre, otdr(wavelength_nm, 100.0, 0.64, 31_250))


def macrobend(wavelength_nm: float = 1550.0) -> Setup:
    """A fibre bent too tightly at 3.1 km: a loss that 1310 nm hardly shows."""
    sections = (glass(3100.0, wavelength_nm), glass(2400.0, wavelength_nm), glass(3500.0, wavelength_nm))
    joints = (Joint(_BEND_DB[wavelength_nm], made="macrobend"), Joint(0.1))
    return Setup(Fibre(sections=sections, joints=joints), otdr(wavelength_nm, 100.0, 0.64, 31_250))


def break_without_reflection(wavelength_nm: float = 1550.0) -> Setup:
    """The 50 km line, crushed at 17.3 km: no reflection, only noise behind it."""
    whole, shown = point_to_point(wavelength_nm)
    return Setup(broken(whole, 17_300.0), shown)


def range_too_short(wavelength_nm: float = 1550.0) -> Setup:
    """The 50 km line with the instrument set to 30 km."""
    whole, _shown = point_to_point(wavelength_nm)
    return Setup(whole, otdr(wavelength_nm, 1000.0, 2.55, 11_760))


def receive_reel(wavelength_nm: float = 1550.0) -> Setup:
    """A short line between two reels of 1 km, so that both of its connectors can be measured."""
    sections = tuple(glass(length_m, wavelength_nm) for length_m in (1000.0, 1250.0, 850.0, 1000.0))
    joints = (Joint(0.2, -52.0), Joint(0.09), Joint(0.45, -38.0))
    fibre = Fibre(sections=sections, joints=joints, launch=True, receive=True)
    return Setup(fibre, otdr(wavelength_nm, 30.0, 0.32, 31_250))


def broken(fibre: Fibre, at_m: float, reflectance_db: float | None = None) -> Fibre:
    """Return the fibre without what lies more than `at_m` behind its distance zero."""
    left_m = at_m + fibre.zero_m
    kept = [section for section, start_m in zip(fibre.sections, fibre.edges_m, strict=False) if start_m < left_m]
    last_m = left_m - fibre.edges_m[len(kept) - 1]
    sections = (*kept[:-1], kept[-1]._replace(length_m=min(last_m, kept[-1].length_m)))
    return Fibre(
        sections=sections, joints=fibre.joints[: len(kept) - 1], launch=fibre.launch, end_reflectance_db=reflectance_db
    )


FIBRES: dict[str, Callable[[float], Setup]] = {
    "ftth-drop": ftth_drop,
    "feeder-splitter": feeder_splitter,
    "point-to-point": point_to_point,
    "gainer": gainer,
    "ghost": ghost,
    "macrobend": macrobend,
    "break": break_without_reflection,
    "range-too-short": range_too_short,
    "receive-reel": receive_reel,
}
