"""Places that stand for countries."""

import numpy as np

from skycommons.studies.country_places import TOWNS, country_places


def test_a_country_is_its_largest_towns_by_their_people() -> None:
    """Shares sum to one; those without a listed town are left out."""
    places = country_places(["DE", "AQ", "VA"])
    assert places.codes == ("DE", "VA")
    counts = np.bincount(places.country)
    assert counts[0] == TOWNS
    np.testing.assert_allclose(np.bincount(places.country, weights=places.share), 1.0)
    assert places.share[0] == places.share[:TOWNS].max()


def test_people_near_and_moist_air_tell_countries_apart() -> None:
    """More people around towns in the Philippines than on Pitcairn; moister air than in Iceland."""
    places = country_places(["PH", "PN", "IS"])
    people, wet = places.people_near(), places.wet_refractivity()
    assert people[0] > 1e6
    assert people[1] < 1e5
    assert wet[0] > 2 * wet[2]


def test_no_country_is_no_place() -> None:
    """An empty list is empty."""
    places = country_places([])
    assert places.places == ()
    assert places.people_near().shape == (0,)
