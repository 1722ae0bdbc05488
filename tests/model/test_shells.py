"""Shells found in inclinations and altitudes."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.model.shells import find_shells


def spread(count: int, centre: float, half_width: float) -> Floats:
    """Values spread evenly round a centre."""
    return np.linspace(centre - half_width, centre + half_width, count)


def fleet(*groups: tuple[int, float, float, float]) -> tuple[Floats, Floats]:
    """Groups of (count, inclination_deg, altitude_km, half width in km) as columns."""
    inclination_deg = np.concatenate([spread(count, inclination, 0.02) for count, inclination, _, _ in groups])
    altitude_km = np.concatenate([spread(count, altitude, width) for count, _, altitude, width in groups])
    return inclination_deg, altitude_km


def test_two_shells_and_the_satellites_on_their_way() -> None:
    shells, rows = find_shells(*fleet((1000, 53.2, 540.1, 0.5), (600, 70.0, 572.1, 0.5), (40, 53.2, 400.0, 130.0)))
    assert [shell.label for shell in shells] == ["53.2@540", "70.0@572"]
    assert [int(np.count_nonzero(rows == row)) for row in (0, 1)] == [1000, 600]
    assert (rows[1600:] == -1).all()


def test_shells_stand_in_order_of_inclination_and_altitude() -> None:
    shells, rows = find_shells(*fleet((50, 97.6, 560.0, 0.3), (50, 53.1, 550.0, 0.3), (50, 53.0, 480.0, 0.3)))
    assert [shell.label for shell in shells] == ["53.0@480", "53.1@550", "97.6@560"]
    assert [int(rows[place]) for place in (0, 50, 100)] == [2, 1, 0]


def test_a_shell_across_the_border_of_a_cell_is_one() -> None:
    shells, rows = find_shells(*fleet((500, 53.0, 540.0, 1.0), (500, 52.999, 540.0, 1.0)))
    assert len(shells) == 1
    assert (rows == 0).all()


def test_the_foothills_of_a_large_shell_do_not_bridge_to_the_next() -> None:
    """As in May 2026, where batches rise from 463 through 471 to 475 km."""
    shells, _ = find_shells(*fleet((700, 53.2, 463.0, 0.4), (12, 53.2, 467.0, 1.0), (600, 53.2, 471.0, 0.4)))
    assert [shell.label for shell in shells] == ["53.2@463", "53.2@471"]


def test_satellites_at_the_rim_belong_to_the_nearer_shell() -> None:
    inclination_deg, altitude_km = fleet((500, 53.0, 541.0, 0.1), (500, 53.0, 547.0, 0.1))
    shells, rows = find_shells(np.append(inclination_deg, [53.0, 53.0, 53.0]), np.append(altitude_km, [543, 545, 551]))
    assert len(shells) == 2
    assert rows[-3:].tolist() == [0, 1, -1]


def test_a_crowd_too_small_for_the_fleet_is_no_shell() -> None:
    shells, rows = find_shells(*fleet((5000, 53.0, 541.0, 0.5), (20, 43.0, 350.0, 0.1)))
    assert [shell.label for shell in shells] == ["53.0@541"]
    assert (rows[5000:] == -1).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_handful_of_satellites_makes_no_shell(count: int) -> None:
    shells, rows = find_shells(np.full(count, 53.0), np.full(count, 541.0))
    assert shells == ()
    assert rows.tolist() == [-1] * count


def test_a_dozen_satellites_in_one_orbit_are_a_shell() -> None:
    shells, rows = find_shells(np.full(12, 53.0), np.full(12, 1199.5))
    assert [shell.label for shell in shells] == ["53.0@1200"]
    assert (shells[0].lowest_km, shells[0].highest_km) == (1199.5, 1199.5)
    assert (rows == 0).all()
