"""Budgets, ladders, geometry and light against published tables.

Authorities: 3GPP TR 38.821, EN 302 307, TS 38.214, 47 CFR 25.208(b), del Portillo et al. 2019.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from skycommons.radio.antenna import beam_footprint, parabolic_gain_dbi, scan_loss_db
from skycommons.radio.free_space import free_space_loss_db, slant_range_m
from skycommons.radio.laser import LaserTerminal, longest_chord_m, photons_per_bit, received_power_dbm
from skycommons.radio.modcod import AdaptationMargin, ladder, rate_bps
from skycommons.radio.noise import g_over_t_db_k, system_temperature_k, thermal_cn_db
from skycommons.radio.spectrum import DOWN_BANDWIDTH_HZ, STARLINK_FRAME, eirp_from_pfd_dbw
from skycommons.studies.validate_budgets import budget_checks, contradicting_rows, published_budget

TENTH_DB = 0.1


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> Path:
    """Reference tables of the radio room."""
    return shared_data / "radio"


def test_every_comparison_holds(tables: Path) -> None:
    """Twenty-two of them, over five hundred numbers; eight more are listed only."""
    checks = [check for check in budget_checks(tables) if check.comparable]
    assert [check.name for check in checks if not check.verdict] == []
    assert len(checks) == 22
    assert sum(check.cases for check in checks) > 500


def test_the_printed_rows_of_tr_38_821(tables: Path) -> None:
    """SC6 and SC9, both ways: 8.5, 18.4, 6.6 and 2.8 dB."""
    with (tables / "tr38821_link_budget_sc1_sc30.csv").open(encoding="utf-8", newline="") as stream:
        rows = {(row["case"], row["direction"]): row for row in csv.DictReader(stream)}
    printed = {("SC6", "DL"): 8.5, ("SC6", "UL"): 18.4, ("SC9", "DL"): 6.6, ("SC9", "UL"): 2.8}
    for case, cn_db in printed.items():
        assert published_budget(rows[case]).cn_db == pytest.approx(cn_db, abs=TENTH_DB)
    assert "(assumed)" in "\n".join(published_budget(rows["SC21", "UL"]).lines())
    assert "(assumed)" not in "\n".join(published_budget(rows["SC6", "UL"]).lines())


def test_rows_that_contradict_geometry_are_listed(tables: Path) -> None:
    """Eight quoted losses are five to nine decibels off what range and frequency give."""
    found = contradicting_rows(tables)
    assert [row.case for row in found] == [f"SC{number}" for number in range(16, 24)]
    assert min(abs(row.quoted_db - row.computed_db) for row in found) > 5.0


def test_the_terminal_of_tr_38_821() -> None:
    """0.6 m at 60 %: 39.7 dBi at 20 GHz and 43.2 at 30; with 1.2 dB and 150 K it hears 15.86 dB/K (table 6.1.1.1-3)."""
    assert parabolic_gain_dbi(0.6, 20e9, aperture_efficiency=0.6) == pytest.approx(39.7, abs=TENTH_DB)
    assert parabolic_gain_dbi(0.6, 30e9, aperture_efficiency=0.6) == pytest.approx(43.2, abs=TENTH_DB)
    assert g_over_t_db_k(39.7, system_temperature_k(150.0, 1.2)) == pytest.approx(15.86, abs=0.01)


def test_footprints_at_550_km(tables: Path) -> None:
    """To the tenth of a kilometre and the square kilometre in a thousand that the table gives."""
    with (tables / "beam_footprint_550km.csv").open(encoding="utf-8", newline="") as stream:
        rows = [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(stream)]
    for row in rows:
        spot = beam_footprint(np.radians(row["beamwidth_nadir_deg"]), np.radians(row["elevation_deg"]), 550e3)
        assert spot.radial_m / 1e3 == pytest.approx(row["footprint_radial_km"], abs=0.051)
        assert spot.transverse_m / 1e3 == pytest.approx(row["footprint_transverse_km"], abs=0.051)
        assert spot.area_m2 / 1e6 == pytest.approx(row["area_km2"], rel=1e-3, abs=0.5)


def test_a_beam_of_a_degree_and_a_half_is_62_9_square_miles() -> None:
    """The cell that X-Lab counts households in."""
    square_mile_m2 = 1_609.344**2
    area_m2 = beam_footprint(np.radians(1.5), np.pi / 2.0, 550e3).area_m2
    assert area_m2 / square_mile_m2 == pytest.approx(62.9, abs=0.1)


@pytest.mark.parametrize(
    ("pfd", "expected_cn_db", "expected_bps"),
    [
        (-146.0, [9.1, 11.5, 13.1, 14.0], [544e6, 681e6, 806e6, 850e6]),
        (-140.0, [15.1, 17.5, 19.1, 20.0], [965e6, 1_087e6, 1_243e6, 1_324e6]),
    ],
)
def test_a_ku_downlink_under_a_flux_density(pfd: float, expected_cn_db: list[float], expected_bps: list[float]) -> None:
    """0.48 m at 65 % and 200 K, 550 km, a flat array that looks up: an earlier estimate, to 0.4 dB and 7 %; ours has no air."""
    elevation = np.radians([25.0, 40.0, 60.0, 90.0])
    range_m = slant_range_m(np.array(550e3), elevation)
    gain_dbi = parabolic_gain_dbi(0.48, 11.7e9) - scan_loss_db(np.pi / 2.0 - elevation)
    cn_db = thermal_cn_db(
        eirp_from_pfd_dbw(pfd, range_m, DOWN_BANDWIDTH_HZ),
        g_over_t_db_k(gain_dbi, 200.0),
        loss_db=free_space_loss_db(range_m, np.array(11.7e9)),
        bandwidth_hz=DOWN_BANDWIDTH_HZ,
    )
    np.testing.assert_allclose(cn_db, expected_cn_db, atol=0.4)
    rates = rate_bps(ladder("dvb-s2x"), cn_db, symbol_rate_hz=STARLINK_FRAME.symbol_rate_hz, margin=AdaptationMargin())
    np.testing.assert_allclose(rates, expected_bps, rtol=0.07)


def test_eirp_follows_the_flux_density() -> None:
    """At -146 dBW/m2 in 4 kHz: 27.6 dBW from the zenith, 33.8 from 25 degrees; a filed 36.71 dBW at 1,150 km is -146.5."""
    range_m = slant_range_m(np.array(550e3), np.radians([90.0, 25.0]))
    np.testing.assert_allclose(eirp_from_pfd_dbw(-146.0, range_m, 240e6), [27.6, 33.8], atol=0.05)
    far_m = slant_range_m(np.array(1_150e3), np.radians(40.0))
    assert eirp_from_pfd_dbw(-146.47, far_m, 250e6) == pytest.approx(36.71, abs=0.02)


def test_light_reaches_as_far_as_the_air_lets_it() -> None:
    """-18 dBm at 1,000 km; at the chord of 550 km above 80 km still fifty photons for each of 1e11 bits."""
    chord_m = longest_chord_m(550e3, 550e3, 80e3)
    near_dbm, far_dbm = received_power_dbm(LaserTerminal(), np.array([1_000e3, float(chord_m)]))
    assert near_dbm == pytest.approx(-18.0, abs=0.5)
    assert far_dbm == pytest.approx(-32.0, abs=0.5)
    assert photons_per_bit(far_dbm, 100e9) == pytest.approx(51.0, abs=1.0)
