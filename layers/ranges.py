"""How far a cell is taken to reach, by technology and band: a path-loss curve, or what the plan says instead.

The curve is Hata's for open country (M. Hata, Empirical formula for propagation loss in land mobile radio services,
IEEE Transactions on Vehicular Technology 29(3), 1980), above 1,500 MHz with the terms of COST 231 (Digital mobile radio
towards future generation systems, final report, 1999, chapter 4). Hills, forest and sectors are not in it: it says what
a site may reach, and the plan's error says how far off that may be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

MAX_LOSS_DB: Final = 122.0
"""Loss that still leaves usable signal: a link budget of 140 dB less 8 dB for shadows and 10 dB for trees and walls."""
BASE_M: Final = 30.0
MOBILE_M: Final = 1.5
BANDS_MHZ: Final = (450, 700, 800, 850, 900, 1800, 2100, 2300, 2600, 3500)
"""Names of bands; a carrier belongs to the nearest one."""
USUAL_MHZ: Final[Mapping[str, int]] = {"2G": 900, "3G": 2100, "4G": 1800, "5G": 3500}
"""Band of a technology where the file says none."""
_COST_MHZ: Final = 1500.0


def hata_km(mhz: float, *, max_loss_db: float = MAX_LOSS_DB) -> float:
    """Return the distance in km at which the loss over open country reaches `max_loss_db`.

    Parameters
    ----------
    mhz : float
        Carrier, MHz. The curve was measured up to 1,500 MHz and extended to 2,000; beyond that it is an extrapolation.
    max_loss_db : float
        dB.
    """
    log_f, log_h = math.log10(mhz), math.log10(BASE_M)
    first, slope = (69.55, 26.16) if mhz <= _COST_MHZ else (46.3, 33.9)
    mobile = (1.1 * log_f - 0.7) * MOBILE_M - (1.56 * log_f - 0.8)
    urban = first + slope * log_f - 13.82 * log_h - mobile
    at_one_km = urban - 4.78 * log_f**2 + 18.33 * log_f - 40.94
    per_decade: float = 44.9 - 6.55 * log_h
    return float(10 ** ((max_loss_db - at_one_km) / per_decade))


def band_of(mhz: float) -> int:
    """Return the band of `BANDS_MHZ` that a carrier belongs to."""
    return min(BANDS_MHZ, key=lambda band: (abs(band - mhz), band))


def range_km(technology: str, *, band_mhz: int | None, table: Mapping[str, float]) -> float:
    """Return how far a cell of a technology reaches, km.

    Parameters
    ----------
    technology : str
        For example ``4G``.
    band_mhz : int or None
        One of `BANDS_MHZ`; None: the technology's usual one.
    table : mapping
        What the plan says, by ``4G-900`` or ``4G``; the first that is there decides, else `hata_km`.
    """
    band = USUAL_MHZ[technology] if band_mhz is None else band_mhz
    for key in (f"{technology}-{band}", technology):
        if key in table:
            return table[key]
    return hata_km(float(band))


def told(technology: str, *, table: Mapping[str, float]) -> str:
    """Return in one sentence which radius a technology has and where it comes from."""
    mine = {key: km for key, km in sorted(table.items()) if key.partition("-")[0] == technology}
    said = ", ".join(f"{key}: {km:g} km" for key, km in mine.items())
    if technology in mine:
        return f"radius from the plan's range_km ({said})"
    usual = USUAL_MHZ[technology]
    curve = (
        f"radius from Hata's curve for open country, {MAX_LOSS_DB:g} dB, mast {BASE_M:g} m "
        f"({technology} at {usual} MHz: {hata_km(usual):.1f} km)"
    )
    return f"{curve}; from the plan's range_km {said}" if mine else curve
