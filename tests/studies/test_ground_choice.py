"""Sites and antennas, on a handful of satellites."""

import numpy as np

from skycommons.base.arrays import Bools
from skycommons.studies.ground_choice import AntennaRules, best_sites, follow_satellites


def rules(*, of_site: int = 1, of_satellite: int = 1, in_all: int = 99) -> AntennaRules:
    """Antennas of 10 bit/s."""
    return AntennaRules(antenna_bps=10.0, of_site=of_site, of_satellite=of_satellite, in_all=in_all)


def followed(in_sight: Bools, asked: Bools, antennas: AntennaRules) -> list[int]:
    """How many antennas each satellite has."""
    satellite, site = follow_satellites(in_sight, asked, rules=antennas)
    assert len(set(zip(satellite.tolist(), site.tolist(), strict=True))) == len(site)
    assert in_sight[satellite, site].all()
    return [int(count) for count in np.bincount(satellite, minlength=len(in_sight))]


def test_antennas_go_to_satellites_with_demand_and_few_sites() -> None:
    """The idle one gets what is left, each antenna at another site."""
    in_sight = np.array([[True, True], [True, False], [True, True]])
    asked = np.array([True, True, False])
    assert followed(in_sight, asked, rules()) == [1, 1, 0]
    assert followed(in_sight, asked, rules(of_site=2, of_satellite=2)) == [2, 1, 1]


def test_no_more_antennas_are_in_use_than_there_are() -> None:
    """Satellites with demand have them first."""
    in_sight = np.ones((3, 2), dtype=np.bool_)
    assert followed(in_sight, np.array([False, True, True]), rules(of_site=9, of_satellite=2, in_all=3)) == [0, 2, 1]


def test_the_next_site_is_the_one_that_adds_most() -> None:
    """Once the busy satellite has its antenna, a second site under it adds nothing."""
    in_sight = [np.array([[True, True, False], [False, False, True]])]
    asked = [np.array([50.0, 4.0])]
    assert best_sites(in_sight, asked, count=2, rules=rules()).tolist() == [0, 2]
    assert best_sites(in_sight, asked, count=9, rules=rules()).tolist() == [0, 2, 1]
    assert best_sites(in_sight, asked, count=2, rules=rules(of_satellite=2)).tolist() == [0, 1]


def test_a_site_is_judged_by_as_many_satellites_as_it_has_antennas() -> None:
    """And over all instants together; what it was asked is left as it was."""
    in_sight = [np.array([[True, False], [True, False], [False, True]]), np.array([[False, True], [False, False]] * 1)]
    asked = [np.array([6.0, 6.0, 5.0]), np.array([4.0, 0.0])]
    assert best_sites(in_sight, asked, count=1, rules=rules()).tolist() == [1]
    assert best_sites(in_sight, asked, count=1, rules=rules(of_site=2)).tolist() == [0]
    assert asked[0].tolist() == [6.0, 6.0, 5.0]
