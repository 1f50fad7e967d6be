"""Radii of cells, against the published curve worked out another way."""

from __future__ import annotations

import math

import pytest

from layers import ranges


def okumura_hata_open_db(mhz: float, km: float) -> float:
    """Loss in dB over open country, mast 30 m, handset 1.5 m, written out as in the paper and in COST 231."""
    f, h = math.log10(mhz), math.log10(30)
    a = (1.1 * f - 0.7) * 1.5 - (1.56 * f - 0.8)
    if mhz <= 1500:
        city = 69.55 + 26.16 * f - 13.82 * h - a + (44.9 - 6.55 * h) * math.log10(km)
    else:
        city = 46.3 + 33.9 * f - 13.82 * h - a + (44.9 - 6.55 * h) * math.log10(km)
    return city - 4.78 * f**2 + 18.33 * f - 40.94


@pytest.mark.parametrize("mhz", ranges.BANDS_MHZ)
def test_at_its_radius_a_cell_loses_what_it_may(mhz):
    assert okumura_hata_open_db(mhz, ranges.hata_km(mhz)) == pytest.approx(ranges.MAX_LOSS_DB)


def test_lower_bands_reach_farther_and_a_poorer_budget_less_far():
    reached = [ranges.hata_km(mhz) for mhz in ranges.BANDS_MHZ]
    assert reached == sorted(reached, reverse=True)
    assert ranges.hata_km(900) == pytest.approx(4.83, abs=0.01)
    assert ranges.hata_km(900, max_loss_db=112) < ranges.hata_km(900)


def test_a_carrier_belongs_to_the_nearest_band():
    assert [ranges.band_of(mhz) for mhz in (718, 942.5, 1842.6, 2655, 3610)] == [700, 900, 1800, 2600, 3500]


def test_the_plan_goes_before_the_curve_and_a_band_before_its_technology():
    table = {"4G": 3.0, "4G-900": 6.0}
    assert ranges.range_km("4G", band_mhz=900, table=table) == 6.0
    assert ranges.range_km("4G", band_mhz=None, table=table) == 3.0
    assert ranges.range_km("3G", band_mhz=None, table=table) == ranges.hata_km(2100)


def test_the_source_of_a_radius_is_said():
    assert "plan's range_km (4G: 3 km, 4G-900: 6 km)" in ranges.told("4G", table={"4G": 3.0, "4G-900": 6.0})
    assert "Hata" in ranges.told("4G", table={"4G-900": 6.0})
    assert "4G-900: 6 km" in ranges.told("4G", table={"4G-900": 6.0})
    assert "4G at 1800 MHz: 3.2 km" in ranges.told("4G", table={})
