"""Light between satellites."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.radio.laser import LaserTerminal, laser_terms, longest_chord_m, photons_per_bit, received_power_dbm


def test_twice_as_far_is_a_quarter_of_the_light() -> None:
    """And nothing arrives at no distance."""
    near, far, nowhere = received_power_dbm(LaserTerminal(), np.array([1_000e3, 2_000e3, 0.0]))
    assert near - far == pytest.approx(6.0206, abs=1e-4)
    assert np.isnan(nowhere)


def test_aim_costs_light() -> None:
    """Five microradians beside a beam of fifteen cost several decibels."""
    sharp, blunt = (received_power_dbm(LaserTerminal(pointing_error_rad=error), 1_000e3) for error in (0.0, 5e-6))
    assert sharp - blunt == pytest.approx(10.57, abs=0.1)


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"power_w": 0.0}, "power_w is above 0, not 0"),
        ({"wavelength_m": np.inf}, "wavelength_m is above 0, not inf"),
        ({"sender_efficiency": 1.2}, "sender_efficiency is above 0 and up to 1, not 1.2"),
        ({"pointing_error_rad": -1e-6}, "pointing_error_rad is at least 0, not -1e-06"),
    ],
)
def test_a_terminal_that_cannot_be_is_refused(figures: dict[str, float], message: str) -> None:
    """One sentence each."""
    with pytest.raises(InputError, match=message):
        LaserTerminal(**figures)


def test_photons_are_counted() -> None:
    """One photon of 1,550 nm holds 1.28e-19 J: at -30 dBm some 78 for each of 1e11 bits."""
    assert photons_per_bit(-30.0, 100e9) == pytest.approx(78.03, abs=0.01)
    with pytest.raises(InputError, match="a rate is above 0 bit/s"):
        photons_per_bit(-30.0, 0.0)


def test_a_chord_ends_where_the_air_begins() -> None:
    """Satellites of one height see each other over twice the arm of one; below the grazing height there is no line."""
    assert longest_chord_m(550e3, 550e3, 80e3) == pytest.approx(2.0 * longest_chord_m(550e3, 80e3, 80e3))
    assert np.isnan(longest_chord_m(550e3, 60e3, 80e3))


def test_the_lines_of_a_budget_add_up_to_the_light() -> None:
    """To the last digits, and all but the way are assumed."""
    for range_m in (300e3, 5_016e3):
        terms = laser_terms(LaserTerminal(), range_m)
        assert sum(term.share_db for term in terms) == pytest.approx(
            float(received_power_dbm(LaserTerminal(), range_m))
        )
        assert [term.assumed for term in terms] == [True] * 5 + [False]
    with pytest.raises(InputError, match="range is above 0 m"):
        laser_terms(LaserTerminal(), 0.0)
