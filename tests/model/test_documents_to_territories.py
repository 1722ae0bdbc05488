"""Territories in a scenario: what the words become, and what is wrong with them."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import ScenarioError
from skycommons.model.territories import exclusions_in
from tests.support.tiny_world import tiny_scenario

BOX = "[[territories]]\nname = '{}'\ngso_exclusion_deg = {}\npolygon_deg = [[40, 0], [40, 20], [55, 20], [55, {}]]\n"


def faults_of(folder: Path = Path(), **parts: str) -> dict[str, str]:
    """Place and message of every fault."""
    with pytest.raises(ScenarioError) as caught:
        tiny_scenario(folder=folder, **parts)
    return {fault.place: fault.message for fault in caught.value.faults}


def test_sites_in_a_territory_take_its_exclusion() -> None:
    """The last one counts, PoPs have none, and a site keeps what the scenario gives it."""
    scenario = tiny_scenario(
        territories=BOX.format("a", 10, 0) + BOX.format("b", 12, 0),
        terminals=(
            "[[terminals]]\nname = 'zurich'\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n"
            "[[terminals]]\nname = 'own'\nlatitude_deg = 47\nlongitude_deg = 8\ngso_exclusion_deg = 3\n"
            "[[terminals]]\nname = 'away'\nlatitude_deg = 10\nlongitude_deg = 8\n"
        ),
    )
    assert scenario.world.sites.ids == ("zurich", "own", "away", "basel", "frankfurt")
    np.testing.assert_allclose(np.degrees(scenario.world.sites.gso_exclusion_rad), [12, 3, 0, 12, 0], atol=1e-12)


def test_a_territory_may_come_from_a_file(tmp_path: Path) -> None:
    """All of its areas count."""
    ring = "[[0, 40], [20, 40], [20, 55], [0, 55], [0, 40]]"
    (tmp_path / "land.geojson").write_text('{"type": "Polygon", "coordinates": [' + ring + "]}")
    section = "[[territories]]\nname = 'land'\ngso_exclusion_deg = 22\nfile = 'land.geojson'"
    sites = tiny_scenario(folder=tmp_path, territories=section).world.sites
    np.testing.assert_allclose(np.degrees(sites.gso_exclusion_rad), [22, 22, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("keys", "place", "message"),
    [
        ("", "territories.0", "names no area; add one of countries, file, polygon_deg, cells_file"),
        ("file = 'none.geojson'", "territories.0.file", "none.geojson"),
        ("polygon_deg = [[0, 0], [0, 1]]", "territories.0.polygon_deg", "should have at least 3 items, not 2"),
        ("polygon_deg = [[0, 0], [0, 1], [0, 0]]", "territories.0.polygon_deg", "is no area"),
        ("polygon_deg = [[0, 0], [91, 1], [0, 0]]", "territories.0.polygon_deg.1.0", "equal to 90"),
    ],
)
def test_a_territory_has_an_area(keys: str, place: str, message: str, tmp_path: Path) -> None:
    """A file or corners."""
    assert message in faults_of(tmp_path, section=f"[[territories]]\nname = 'x'\ngso_exclusion_deg = 1\n{keys}")[place]


def test_two_territories_of_one_name_are_refused() -> None:
    """By the second one's place."""
    assert "already there" in faults_of(section=BOX.format("a", 1, 0) * 2)["territories.1.name"]


def test_without_territories_nothing_changes() -> None:
    """The usual exclusion holds."""
    usual_rad = np.array([0.1, 0.2])
    here = np.zeros(2)
    np.testing.assert_array_equal(
        exclusions_in((), latitude_rad=here, longitude_rad=here, elsewhere_rad=usual_rad), usual_rad
    )
