"""The built-in ground segment: the rule holds, and its result is of the size of a real network."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Floats
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.model.ground import GroundSite, read_ground
from skycommons.model.placement import (
    GATEWAY_SEPARATION_M,
    MAX_LATITUDE_DEG,
    POP_MIN_POPULATION,
    POP_SEPARATION_M,
    City,
    builtin_ground,
    cities,
    place_gateways,
    place_pops,
    spread_out,
)
from skycommons.model.world import SiteKind

METRE = 1.0


def city(name: str, latitude_deg: float, longitude_deg: float, population: int, country: str = "AA") -> City:
    return City(
        name=name, country=country, latitude_deg=latitude_deg, longitude_deg=longitude_deg, population=population
    )


def distances_m(from_deg: Floats, to_deg: Floats) -> Floats:
    """Great-circle distances by the haversine formula, ``(N, M)``; rows are latitude, longitude."""
    a, b = np.radians(from_deg)[:, None], np.radians(to_deg)[None]
    half = np.sin((a - b) / 2.0) ** 2
    squared = half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]
    distance_m: Floats = 2.0 * EARTH_MEAN_RADIUS_M * np.arcsin(np.sqrt(squared))
    return distance_m


def places_deg(sites: Sequence[City] | Sequence[GroundSite]) -> Floats:
    return np.array([(site.latitude_deg, site.longitude_deg) for site in sites])


def test_the_larger_city_wins_and_the_far_one_stays() -> None:
    near = [city("Small", 0.0, 1.0, 10), city("Large", 0.0, 0.0, 100), city("Far", 0.0, 20.0, 1)]
    assert [c.name for c in spread_out(near, 500e3)] == ["Large", "Far"]


def test_ties_are_broken_by_name() -> None:
    assert [c.name for c in spread_out([city("B", 0.0, 0.0, 5), city("A", 0.0, 0.1, 5)], 500e3)] == ["A"]


def test_a_pair_across_the_antimeridian_is_near() -> None:
    assert len(spread_out([city("West", 0.0, 179.9, 2), city("East", 0.0, -179.9, 1)], 500e3)) == 1


def test_limits_of_count_population_and_latitude() -> None:
    world = [city("Pole", 80.0, 0.0, 9), city("A", 0.0, 0.0, 8), city("B", 0.0, 90.0, 7), city("C", 0.0, 180.0, 1)]
    assert [c.name for c in spread_out(world, 1e3, max_latitude_deg=72.0)] == ["A", "B", "C"]
    assert [c.name for c in spread_out(world, 1e3, min_population=8)] == ["Pole", "A"]
    assert [c.name for c in spread_out(world, 1e3, count=1)] == ["Pole"]
    assert spread_out(world, 1e3, min_population=100) == ()


def test_no_separation_keeps_all_and_a_huge_one_keeps_one() -> None:
    world = [city("A", 10.0, 10.0, 1), city("A", 10.0, 10.0, 1), city("B", -10.0, -170.0, 1)]
    assert len(spread_out(world, 0.0)) == 3
    assert len(spread_out(world, 1e9)) == 1


@pytest.mark.parametrize("separation_m", [-1.0, float("nan"), float("inf")])
def test_a_separation_that_is_no_distance_is_refused(separation_m: float) -> None:
    with pytest.raises(InputError, match="separation_m"):
        spread_out([city("A", 0.0, 0.0, 1)], separation_m)


@given(
    places=st.lists(
        st.tuples(st.floats(-90.0, 90.0), st.floats(-180.0, 180.0), st.integers(0, 1000)), min_size=1, max_size=30
    ),
    separation_m=st.floats(0.0, 5_000e3),
)
def test_sites_keep_apart_and_reach_every_city(places: list[tuple[float, float, int]], separation_m: float) -> None:
    """No two are closer than the separation, no candidate is farther than it, and the order does not matter."""
    world = [city(str(k), latitude, longitude, people) for k, (latitude, longitude, people) in enumerate(places)]
    chosen = spread_out(world, separation_m)
    assert spread_out(world[::-1], separation_m) == chosen
    between_m = distances_m(places_deg(chosen), places_deg(chosen))
    assert np.all(between_m[~np.eye(len(chosen), dtype=bool)] >= separation_m - METRE)
    assert np.all(distances_m(places_deg(world), places_deg(chosen)).min(axis=1) <= separation_m + METRE)


def test_names_are_plain_unique_and_carry_the_country_only_where_needed() -> None:
    world = [
        city("São José", 0.0, 0.0, 9, "BR"),
        city("San José", 0.0, 40.0, 8, "CR"),
        city("San Jose", 0.0, 80.0, 7, "US"),
        city("San Jose", 0.0, 120.0, 6, "US"),
        city("東京", 0.0, 160.0, 5, "JP"),
    ]
    names = [site.name for site in place_pops(world, separation_m=1e6, min_population=0)]
    assert names == ["sao-jose-pop", "san-jose-cr-pop", "san-jose-us-pop", "san-jose-us-pop #2", "place-pop"]


def test_the_list_of_cities_is_complete_enough() -> None:
    assert len(cities()) > 12_000
    assert len({c.country for c in cities()}) > 240
    assert all(a.population >= b.population for a, b in zip(cities(), cities()[1:], strict=False))


def test_the_builtin_segment_has_the_size_of_a_real_one() -> None:
    ground = builtin_ground()
    kinds = [site.kind for site in ground]
    assert 280 <= kinds.count(SiteKind.GATEWAY) <= 320
    assert 60 <= kinds.count(SiteKind.POP) <= 75
    assert len({site.name for site in ground}) == len(ground)


def test_the_builtin_segment_obeys_its_own_rule() -> None:
    gateways_deg = places_deg(place_gateways(cities()))
    pops_deg = places_deg(place_pops(cities()))
    for sites_deg, separation_m in ((gateways_deg, GATEWAY_SEPARATION_M), (pops_deg, POP_SEPARATION_M)):
        between_m = distances_m(sites_deg, sites_deg)
        assert between_m[~np.eye(len(sites_deg), dtype=bool)].min() >= separation_m - METRE
    served = [c for c in cities() if abs(c.latitude_deg) <= MAX_LATITUDE_DEG]
    assert distances_m(places_deg(served), gateways_deg).min(axis=1).max() <= GATEWAY_SEPARATION_M + METRE
    metropoles = [c for c in cities() if c.population >= POP_MIN_POPULATION]
    assert distances_m(places_deg(metropoles), pops_deg).min(axis=1).max() <= POP_SEPARATION_M + METRE


def test_remote_islands_have_a_gateway() -> None:
    islands_deg = np.array([(-7.95, -14.36), (21.31, -157.86), (-17.53, -149.57), (32.29, -64.78), (-51.69, -57.86)])
    gateways_deg = places_deg(place_gateways(cities()))
    assert distances_m(islands_deg, gateways_deg).min(axis=1).max() < 1_400e3


def test_it_is_as_near_to_people_as_the_real_list(shared_data: Path) -> None:
    """Median distance from a city to the nearest gateway: of the same order as with the list of March 2026."""
    listed = read_ground(shared_data / "ground" / "gateways_2026-03.csv", kind=SiteKind.GATEWAY).operational()
    here_deg = places_deg(cities())
    real_m = np.median(distances_m(here_deg, places_deg(listed.sites)).min(axis=1))
    ours_m = np.median(distances_m(here_deg, places_deg(place_gateways(cities()))).min(axis=1))
    assert 100e3 < ours_m < 400e3
    assert ours_m < real_m
