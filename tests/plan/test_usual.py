"""The satellite that stands for a fleet."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.plan.usual import usual_elevations_rad, usual_satellite
from skycommons.plan.visibility import find_links
from tests.support.tiny_world import tiny_scenario

DENSE = (
    '[[constellation]]\nname = "s53"\naltitude_km = 1200\nplanes = 20\nsatellites_per_plane = 20\n'
    "inclination_deg = 53\nphasing = 1"
)


def test_a_fleet_of_one_shell_is_its_own_usual_satellite() -> None:
    """Its altitude, the payload that stands for a generation without one, and all of its satellites."""
    world = tiny_scenario(constellation=DENSE).world
    usual = usual_satellite(world)
    assert usual.altitude_m == pytest.approx(1_200e3, abs=100.0)
    assert usual.payload == world.equipment.payloads[0]
    assert usual.satellites == 400


def test_no_fleet_no_satellite() -> None:
    """The message says what to add."""
    world = tiny_scenario().world
    empty = replace(world, satellites=world.satellites.take(np.zeros(len(world.satellites), dtype=np.bool_)))
    with pytest.raises(InputError, match="add a constellation"):
        usual_satellite(empty)


def test_the_usual_elevation_is_the_median_of_what_is_seen() -> None:
    """At the terminal's parallel it is near that of its own links over hours; beyond the shell's reach there is none."""
    scenario = tiny_scenario(constellation=DENSE)
    sites = scenario.world.sites
    row = sites.row("zurich")
    parallels = np.array([sites.latitude_rad[row], np.radians(89.0)])
    least = float(sites.min_elevation_rad[row])
    usual = usual_elevations_rad(scenario, parallels, min_elevation_rad=least)
    links = find_links(sites, scenario.propagate(scenario.times(hours=6.0, every_s=120.0)), site_rows=np.array([row]))
    assert usual[0] == pytest.approx(np.median(links.elevation_rad), abs=np.radians(2.0))
    assert np.isnan(usual[1])


def test_nothing_in_view_anywhere() -> None:
    """An exclusion of the whole sky leaves no elevation."""
    found = usual_elevations_rad(tiny_scenario(), np.array([0.0]), min_elevation_rad=np.radians(89.99))
    assert np.isnan(found).all()
