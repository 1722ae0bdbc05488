"""PoPs by country."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import PlanError
from skycommons.model.borders import country_names
from skycommons.model.placement import NEAREST
from skycommons.model.world import SiteKind
from skycommons.plan.pop_assignment import observed_pops, pop_rows_by_country, pops_of_places, settled
from tests.support.networks import site_table

SITES = site_table(
    [
        ("somebody", SiteKind.TERMINAL, 0.0, 0.0),
        ("sofia-pop", SiteKind.POP, 42.7, 23.3),
        ("Frankfurt #2", SiteKind.POP, 50.1, 8.7),
        ("Frankfurt", SiteKind.POP, 50.1, 8.7),
        ("guatemala-city-pop", SiteKind.POP, 14.6, -90.5),
    ]
)
AMMAN, SANAA, TEGUCIGALPA, TOKYO, SEA = (31.95, 35.93), (15.35, 44.2), (14.08, -87.2), (35.7, 139.7), (0.0, -30.0)


def rows(*places: tuple[float, float], **words: Any) -> list[int]:
    """Rows among the PoPs."""
    latitude, longitude = np.radians(np.array(places)).T
    return [int(row) for row in pops_of_places(SITES, latitude, longitude, **words)]


def test_the_observed_pop_serves_where_the_scenario_has_it() -> None:
    """Tokyo is not among these PoPs, and nobody lives at sea: there the nearest serves."""
    assert rows(AMMAN, SANAA, TEGUCIGALPA, TOKYO, SEA) == [0, 2, 3, -1, -1]


def test_the_user_has_the_first_word() -> None:
    """By id, by city, or nearest whatever was observed."""
    wanted = (("JO", "Frankfurt #2"), ("YE", NEAREST), ("JP", "guatemala"))
    assert rows(AMMAN, SANAA, TOKYO, pop_of_country=wanted) == [1, -1, 3]


def test_without_a_table_the_nearest_serves() -> None:
    """No country is looked up then."""
    assert rows(AMMAN, SANAA, observed={}) == [-1, -1]


def test_a_city_is_not_the_beginning_of_another_one() -> None:
    """Only whole words count."""
    assert pop_rows_by_country(SITES, observed={"BG": "Sof", "DE": "Frank"}) == {}


def test_all_wrong_names_are_told_at_once() -> None:
    """With the nearest name, or those that there are."""
    wanted = (("XX", "Sofia"), ("DE", "frankfrt-pop"), ("JO", "Atlantis"))
    with pytest.raises(PlanError) as caught:
        rows(AMMAN, pop_of_country=wanted)
    message = str(caught.value)
    assert "no country 'XX'" in message
    assert "DE: there is no PoP 'frankfrt-pop'; did you mean Frankfurt?" in message
    assert "JO: there is no PoP 'Atlantis'; there are sofia-pop, Frankfurt #2" in message


def test_a_world_without_pops_says_so() -> None:
    """There is nothing to name."""
    with pytest.raises(PlanError, match="'Sofia'; there are none"):
        pop_rows_by_country(site_table([]), pop_of_country=(("JO", "Sofia"),))


def test_every_observed_country_is_one_that_the_borders_know() -> None:
    """Else its row would never be used."""
    assert set(observed_pops()) <= set(country_names())


def test_the_table_is_what_the_probes_saw(shared_data: Path, repository: Path) -> None:
    """Each row is a country of the public table with one PoP, and as many probes as there."""
    with (shared_data / "activation" / "atlas_probe_country_to_pop.csv").open(encoding="utf-8") as file:
        probes = list(csv.DictReader(file))
    with (shared_data / "ground" / "pops_2026-04.csv").open(encoding="utf-8") as file:
        city = {row["code"]: row["city"] for row in csv.DictReader(file)}
    with (repository / "src/skycommons/data/pop_countries.csv").open(encoding="utf-8") as file:
        ours = list(csv.DictReader(file))
    for row in ours:
        seen = [probe for probe in probes if probe["country"] == row["country"]]
        assert [(city[probe["pop"]], probe["probes"]) for probe in seen] == [(row["pop"], row["probes"])]
        assert row["source"]


def test_places_without_a_pop_settle_at_the_one_that_lies_nearest() -> None:
    """The first of those that stand together; others keep theirs, and without PoPs nobody has one."""
    pops = SITES.rows(SiteKind.POP)
    latitude, longitude = SITES.latitude_rad[pops] + 0.01, SITES.longitude_rad[pops]
    nobody = np.full(len(pops), -1)
    assert settled(nobody, SITES, latitude, longitude).tolist() == [0, 1, 1, 3]
    assert settled(np.array([-1, 0, -1, -1]), SITES, latitude, longitude).tolist() == [0, 0, 1, 3]
    bare = site_table([("somebody", SiteKind.TERMINAL, 0.0, 0.0)])
    assert settled(nobody, bare, latitude, longitude).tolist() == nobody.tolist()
