"""Coverage by latitude and counts by elevation."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.arrays import Bools
from skycommons.model.rules import RoutingRules
from skycommons.model.world import SiteKind
from skycommons.plan.routes import Network, StepRoutes, route_step
from skycommons.studies.probes import (
    LONGITUDES,
    SAMPLES,
    Probes,
    elevation_counts,
    elevation_edges_deg,
    sampled_steps,
)
from tests.support.networks import above, lasers_up, scenario_of, site_table, some_satellites

TERMINALS = [("a", SiteKind.TERMINAL, 0.0, 0.0), ("b", SiteKind.TERMINAL, 0.0, 30.0)]
GATEWAY = ("gateway", SiteKind.GATEWAY, 0.0, 3.0)
POP = ("pop", SiteKind.POP, 0.0, 3.0)
BAND_10_NORTH = 20  # from 10° to 15°


def test_probes_stand_in_even_bands_of_latitude() -> None:
    """Their centres, from south to north."""
    probes = Probes.like(site_table(TERMINALS))
    assert probes.latitude_deg[0] == -87.5
    assert probes.latitude_deg[BAND_10_NORTH] == 12.5
    assert len(probes.latitude_deg) == 36
    assert len(probes.horizon) == 36 * LONGITUDES


@pytest.mark.parametrize(
    ("places", "expected_deg"), [([*TERMINALS, GATEWAY, POP], 30.0), ([GATEWAY, POP], 40.0), ([POP], 0.0)]
)
def test_probes_are_like_the_usual_terminal(
    places: list[tuple[str, SiteKind, float, float]], expected_deg: float
) -> None:
    """The median of the terminals; without any, of the gateways; without those, the horizon."""
    sites = site_table(places)
    limit_deg = {SiteKind.TERMINAL: 30.0, SiteKind.GATEWAY: 40.0, SiteKind.POP: np.nan}
    sites = replace(sites, min_elevation_rad=np.radians([limit_deg[place[1]] for place in places]))
    np.testing.assert_allclose(Probes.like(sites).horizon.min_elevation_rad, np.radians(expected_deg))


@pytest.mark.parametrize(("served", "share"), [([True, False], 1 / LONGITUDES), ([False, True], 0.0)])
def test_a_band_is_covered_in_shares_of_its_longitudes(served: list[bool], share: float) -> None:
    """One satellite right above a probe; the other is nowhere."""
    probes = Probes.like(site_table(TERMINALS, min_elevation_deg=80.0))
    position_m = np.array([above(12.5, 15.0), [np.nan] * 3])
    flags: Bools = np.array(served)
    visible, reaches = probes.at(position_m, np.array([True, False]), flags)
    assert visible[BAND_10_NORTH] == 1 / LONGITUDES
    assert np.count_nonzero(visible) == 1
    assert reaches[BAND_10_NORTH] == share


def test_nothing_is_covered_by_an_empty_sky() -> None:
    """No satellite has a position."""
    visible, served = Probes.like(site_table(TERMINALS)).at(
        np.full((2, 3), np.nan), np.zeros(2, dtype=np.bool_), np.ones(2, dtype=np.bool_)
    )
    assert not visible.any()
    assert not served.any()


@pytest.mark.parametrize("steps", [1, 2, 96, 97, 5_760])
def test_sampled_steps_are_spread_over_the_span(steps: int) -> None:
    """First and last included, and never more than a fixed number."""
    sampled = sampled_steps(steps)
    assert sampled[0] == 0
    assert sampled[-1] == steps - 1
    assert len(sampled) == min(steps, SAMPLES)
    assert np.ptp(np.diff(sampled, prepend=-1)) <= max(1, steps // SAMPLES)


def routed(places: list[tuple[str, SiteKind, float, float]]) -> StepRoutes:
    """Routes under two satellites: one at the zenith of ``a``, one lower."""
    position_m = np.array([above(0.0, 0.0), above(0.0, 3.0)])
    scenario = scenario_of(site_table(places), some_satellites(2), routing=RoutingRules())
    return route_step(Network.of(scenario), position_m, np.ones(2, dtype=np.bool_), lasers_up([], position_m))


def test_links_are_counted_by_elevation() -> None:
    """All that the terminals could use, and the one that serves; gateways do not count."""
    routes = routed([*TERMINALS, GATEWAY, POP])
    candidates, serving = elevation_counts(routes, np.array([0, 1]))
    elevation_deg = np.degrees(np.arcsin(routes.view.sine_elevation[:2]))
    assert candidates.sum() == 2
    assert candidates[-1] == 1  # the zenith is in the last bin
    assert candidates[int(elevation_deg.min() // 5)] == 1
    assert serving.sum() == 1
    assert len(candidates) == len(serving) == len(elevation_edges_deg()) == 18


def test_without_terminals_nothing_is_counted() -> None:
    """Bins full of zeros."""
    candidates, serving = elevation_counts(routed([GATEWAY, POP]), np.zeros(0, dtype=np.int64))
    assert not candidates.any()
    assert not serving.any()
