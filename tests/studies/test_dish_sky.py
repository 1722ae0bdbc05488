"""The sky over one dish: what is in view, what is in the way, who serves."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState
from skycommons.plan.routes import route
from skycommons.plan.schedule import schedule
from skycommons.plan.visibility import find_links
from skycommons.studies.dish_sky import DishSky, dish_sky
from skycommons.studies.obstructions import ObstructionMask
from tests.support.service_world import disk, rules, service_scenario, states
from tests.support.tiny_world import DENSE, STRICT, tiny_scenario

NS = 10**9


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Four hundred satellites over a dish that keeps away from the geostationary arc."""
    return tiny_scenario(constellation=DENSE, terminals=STRICT)


@pytest.fixture(scope="module")
def sky(scenario: Scenario) -> DishSky:
    """A minute of it."""
    return dish_sky(scenario, "zurich", scenario.start_ns, duration_s=60.0)


def test_satellites_in_view_stand_where_links_say(scenario: Scenario, sky: DishSky) -> None:
    """The highest first, with what forbids their use."""
    links = find_links(scenario.world.sites, scenario.propagate(scenario.times()[:1]), site_rows=np.array([0]))
    rows = sky.rows()
    assert len(rows) == len(links)
    elevations = np.array([row["elevation_deg"] for row in rows], dtype=np.float64)
    np.testing.assert_allclose(elevations, np.sort(np.degrees(links.elevation_rad))[::-1])
    assert sum(bool(row["usable"]) for row in rows) == int(links.usable.sum())
    assert sum(bool(row["serves"]) for row in rows) == 1


def test_without_rules_of_service_who_serves_is_the_route(scenario: Scenario, sky: DishSky) -> None:
    """At the begin of each slot, of which the first has begun before."""
    assert ((sky.slot_ns - scenario.start_ns) // NS).tolist() == [-3, 12, 27, 42, 57]
    routes = route(scenario, scenario.propagate(sky.slot_ns))
    assert sky.serving.tolist() == routes.entry_satellite[:, 0].tolist()
    assert [slot["satellite"] for slot in sky.slots()] == [sky.satellites[row] for row in sky.serving]
    assert all("azimuth_deg" in slot for slot in sky.slots())


def test_with_rules_of_service_who_serves_is_the_schedule() -> None:
    """Slot after slot."""
    served = service_scenario()
    sky = dish_sky(served, "zurich", served.start_ns, duration_s=30.0)
    plans = schedule(served, served.propagate(sky.slot_ns))
    expected = [plan.satellite[plans.scheduler.terminal_request(plan)[0]] for plan in plans]
    assert sky.serving.tolist() == expected


def test_a_closed_cell_says_why_nobody_serves() -> None:
    """In words."""
    closed = service_scenario(rules(service_map=states(disk(), CellState.SUSPENDED)))
    sky = dish_sky(closed, "zurich", closed.start_ns)
    assert sky.slots() == [{"begin": "2025-12-31T23:59:57Z", "satellite": None, "why": "service is suspended"}]


def test_a_mask_hides_satellites(scenario: Scenario) -> None:
    """They are in view and usable, and still of no use."""
    mask = ObstructionMask(clear=np.zeros((123, 123)))
    sky = dish_sky(scenario, "zurich", scenario.start_ns, mask=mask)
    assert all(row["blocked"] for row in sky.rows() if float(str(row["elevation_deg"])) > 12.0)
    assert sky.slots()[0]["blocked"] is True


def test_angles_are_those_of_the_links(sky: DishSky) -> None:
    """To the arc, and to the face's normal, which is the zenith here."""
    links = sky.links
    apart = sky.gso_separation_rad(links.azimuth_rad[:20], links.elevation_rad[:20])
    np.testing.assert_allclose(apart, links.gso_separation_rad[:20], atol=1e-6)
    face = sky.face_rad(np.array([0.0, 2.0]), np.radians([90.0, 30.0]))
    np.testing.assert_allclose(face, np.radians([0.0, 60.0]) if sky.tilt_rad == 0.0 else face, atol=1e-7)


def test_lower_satellites_are_shown_and_not_usable() -> None:
    """Down to 10°, because that is how far a dish's own map reaches."""
    plain = tiny_scenario(constellation=DENSE)
    sky = dish_sky(plain, "zurich", plain.start_ns)
    low = sky.links.elevation_rad < sky.min_elevation_rad
    assert low.any()
    assert not sky.links.usable[low].any()


@pytest.mark.parametrize(
    ("site", "duration_s", "message"),
    [
        ("frankfurt", 0.0, "'frankfurt' is no terminal"),
        ("zurch", 0.0, "did you mean zurich"),
        ("zurich", -1.0, "should be between 0 and 120"),
        ("zurich", 8000.0, "should be between 0 and 120"),
    ],
)
def test_what_cannot_be_shown_is_refused(scenario: Scenario, site: str, duration_s: float, message: str) -> None:
    """With what would do."""
    with pytest.raises(InputError, match=message):
        dish_sky(scenario, site, scenario.start_ns, duration_s=duration_s)


def test_a_slot_whose_satellite_is_out_of_view_has_no_angles(sky: DishSky) -> None:
    """It set between the slot's begin and the first instant."""
    from dataclasses import replace

    gone = replace(sky, serving=np.full(5, 399 if 399 not in sky.links.sat else 0, dtype=np.int32))
    gone = replace(gone, links=replace(sky.links, sat=np.where(sky.links.sat == gone.serving[0], -5, sky.links.sat)))
    assert all("azimuth_deg" not in slot for slot in gone.slots())
