"""Who talks to whom, and what the ground costs."""

import numpy as np
import pytest
from pymap3d import vincenty

from skycommons.base.constants import EARTH_MEAN_RADIUS_M, FIBRE_GROUP_INDEX
from skycommons.base.errors import PlanError
from skycommons.model.rules import RoutingRules
from skycommons.model.world import SiteKind
from skycommons.plan.flows import NEAREST_POP, PAIR, TO_POP, flows_of, great_circle_m, ground_of
from tests.support.networks import scenario_of, site_table

PLACES = [
    ("zurich", SiteKind.TERMINAL, 47.4, 8.5),
    ("nairobi", SiteKind.TERMINAL, -1.3, 36.8),
    ("rift", SiteKind.GATEWAY, -1.0, 36.0),
    ("milan-pop", SiteKind.POP, 45.5, 9.2),
    ("nairobi-pop", SiteKind.POP, -1.3, 36.9),
    ("alps", SiteKind.GATEWAY, 46.5, 8.0),
]
RULES = RoutingRules(fibre_detour=1.5)


def test_every_terminal_has_a_flow_to_its_pop_then_come_the_pairs() -> None:
    """A home PoP by name, or the nearest."""
    sites = site_table(PLACES, home_pop={"nairobi": "milan-pop"})
    flows = flows_of(scenario_of(sites, pairs=((0, 1), (1, 2))))
    assert flows.ids == ("zurich -> nearest PoP", "nairobi -> milan-pop", "zurich -> nairobi", "nairobi -> rift")
    assert flows.source.tolist() == [0, 1, 0, 1]
    assert flows.target.tolist() == [-1, 3, 1, 2]
    assert flows.kind.tolist() == [TO_POP, TO_POP, PAIR, PAIR]
    assert flows.destination.tolist() == [NEAREST_POP, 1, 2, 3]
    assert flows.tree.tolist() == [0, 3, 1, 2]
    assert len(flows) == 4


def test_a_pair_that_starts_at_a_pop_is_followed_from_its_other_end() -> None:
    """Light takes the same time both ways; the name stays as it was asked for."""
    flows = flows_of(scenario_of(site_table(PLACES), pairs=((4, 0),)))
    assert flows.ids[-1] == "nairobi-pop -> zurich"
    assert (flows.source[-1], flows.target[-1]) == (0, 4)


def test_a_pair_of_pops_is_refused() -> None:
    """They do not need satellites."""
    with pytest.raises(PlanError, match="both ends are PoPs"):
        flows_of(scenario_of(site_table(PLACES), pairs=((4, 3),)))


def test_a_world_without_terminals_and_pairs_has_no_flows() -> None:
    """One tree is kept all the same: who could reach a PoP is asked for coverage."""
    flows = flows_of(scenario_of(site_table(PLACES[2:])))
    assert len(flows) == 0
    assert flows.destination.tolist() == [NEAREST_POP]


def test_fibre_is_longer_than_the_great_circle_and_slower_than_vacuum() -> None:
    """From every gateway to the nearest PoP, to a PoP by name, to itself."""
    sites = site_table(PLACES, home_pop={"nairobi": "milan-pop"})
    flows = flows_of(scenario_of(sites, pairs=((0, 2), (0, 1))))
    ground = ground_of(sites, flows, RULES)
    factor = 1.5 * FIBRE_GROUP_INDEX
    near_m, far_m = great_circle_m(sites, np.array([5]), np.array([3, 4]))[0]
    assert ground.gateways.tolist() == [2, 5]
    assert ground.pops.tolist() == [3, 4]
    assert ground.gateway_pop.tolist() == [4, 3]
    assert flows.destination.tolist() == [NEAREST_POP, 1, 2, 3]
    assert near_m < far_m
    np.testing.assert_allclose(ground.onward_m[0, 1], factor * near_m)
    assert np.isinf(ground.onward_m[1]).all()
    assert ground.onward_m[2].tolist() == [0.0, np.inf]
    np.testing.assert_allclose(ground.onward_m[3, 1], factor * near_m)
    np.testing.assert_allclose(ground.between_m, factor * great_circle_m(sites, ground.gateways, ground.gateways))


def test_without_pops_no_fibre_leads_anywhere() -> None:
    """Gateways have no nearest PoP."""
    sites = site_table([place for place in PLACES if place[1] != SiteKind.POP])
    ground = ground_of(sites, flows_of(scenario_of(sites)), RULES)
    assert np.isinf(ground.onward_m).all()
    assert ground.gateway_pop.tolist() == [-1, -1]


def test_without_gateways_there_is_no_ground() -> None:
    """Columns of no length."""
    sites = site_table([place for place in PLACES if place[1] != SiteKind.GATEWAY])
    ground = ground_of(sites, flows_of(scenario_of(sites)), RULES)
    assert ground.onward_m.shape == (1, 0)
    assert ground.between_m.shape == (0, 0)


def test_great_circles_are_those_of_the_mean_sphere() -> None:
    """A quarter and half of the Earth, and within 0.6 % of the geodesic."""
    places = [("a", SiteKind.POP, 0.0, 0.0), ("b", SiteKind.POP, 0.0, 180.0), ("c", SiteKind.POP, 90.0, 0.0), *PLACES]
    sites = site_table(places)
    rows = np.arange(len(sites))
    distance_m = great_circle_m(sites, rows, rows)
    np.testing.assert_allclose(distance_m[0, 1], np.pi * EARTH_MEAN_RADIUS_M)
    np.testing.assert_allclose(distance_m[0, 2], np.pi / 2 * EARTH_MEAN_RADIUS_M)
    assert distance_m[0, 0] == 0.0
    for a in rows[3:]:
        for b in rows[3:]:
            geodesic_m, _ = vincenty.vdist(*np.array(places, dtype=object)[[a, b], 2:].ravel().astype(float))
            assert abs(distance_m[a, b] - geodesic_m) <= 0.006 * geodesic_m
