"""How sure each of the readings of one link is, and how sure the answer has to be: settings of a profile's step."""

from math import sqrt

import msgspec

from linetest.words.text import _

_RECTANGULAR = sqrt(3.0)  # "within" says a rectangle: its standard deviation (GUM, 4.3.7)


class ReconcileSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a ``[[step]]`` with ``room = "reconcile"``; accuracies are "within so many dB"."""

    meter_within_db: float = 0.5
    """Of a power meter with its patch cord; own choice: a handheld's 0.25 dB and a connector."""
    olt_tx_within_db: float = 1.5
    onu_rx_within_db: float = 1.5
    onu_tx_within_db: float = 1.5
    olt_rx_within_db: float = 1.5
    """Of modules: own choice, as they are met; SFF-8472 only promises 3 dB (Finisar AN-2030, tables 3.11 and 3.12)."""
    otdr_within_db: float = 0.75
    """Of an OTDR's loss of a whole link with splitters in it; own choice."""
    again_within_db: float = 0.4
    """Of the same modules, the same meter and the same OTDR against themselves, years apart; own choice."""
    cord_db: float = 0.4
    """What plug and patch cord between socket and ONU lose; own choice, below a mated pair of 0.75 dB (TIA-568)."""
    cord_within_db: float = 0.4
    length_m: float = 5000.0
    """The fibre from OLT to ONU where nobody told it."""
    length_within_m: float = 5000.0
    db_per_km_1310: float = 0.35
    db_per_km_1490: float = 0.22
    db_per_km_1550: float = 0.20
    db_per_km_1625: float = 0.22
    """Of G.652 fibre, for what was measured at another wavelength (ITU-T G.652, appendix I; 1490 nm between)."""
    length_differs_m: float = 500.0
    """An OTDR whose fibre ends so much before or behind the ONU's distance did not see this link as a whole."""
    planned_loss_db: float | None = None
    """From the OLT to the socket by the plan; off, the loss beyond it is not measured."""
    agree_share: float = 0.99
    """So much of the chance that true readings differ by less has to be passed before they are said to disagree."""
    lead: float = 2.5
    """So many standard deviations the named one has to explain more than any other could."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        if not 0.5 < self.agree_share < 1.0:
            raise ValueError(_("agree_share is a share between 0.5 and 1"))
        numbers = [getattr(self, name) for name in self.__struct_fields__]
        if not all(number is None or 0.0 <= number < 1e6 for number in numbers):
            raise ValueError(_("the settings of reconcile are numbers that are not below zero"))
        within = [getattr(self, name) for name in self.__struct_fields__ if name.endswith("_within_db")]
        if min(within) <= 0.0:
            raise ValueError(_("nothing is known exactly: each within_db is above zero"))

    def variance(self, name: str) -> float:
        """Return the variance of what is known within ``name``_within_db."""
        return float((getattr(self, f"{name}_within_db") / _RECTANGULAR) ** 2)

    def against_itself(self) -> "ReconcileSettings":
        """Return the settings for what changed since all sides agreed: what each is off by stays the same."""
        again = dict.fromkeys(("meter", "olt_tx", "onu_rx", "onu_tx", "olt_rx", "otdr", "cord"), self.again_within_db)
        within = {f"{name}_within_db": value for name, value in again.items()}
        return msgspec.structs.replace(self, **within, length_within_m=0.0)

    @property
    def length_variance_km2(self) -> float:
        """Return the variance of a length that nobody told."""
        return float((self.length_within_m / 1000.0 / _RECTANGULAR) ** 2)

    def db_per_km(self, wavelength_nm: float) -> float | None:
        """Return what a fibre loses there; None for a wavelength far from those that are known."""
        for known in (1310, 1490, 1550, 1625):
            if abs(wavelength_nm - known) <= 30.0:
                return float(getattr(self, f"db_per_km_{known}"))
        return None
