"""Routes and rates of one instant, with and without a plan."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.orbit.frames import teme_to_itrf
from skycommons.orbit.sgp4 import Propagator
from skycommons.orbit.time import IersTable
from skycommons.plan.path_rates import Limit, PathRater, PathRates
from skycommons.plan.planned_step import planned_step
from skycommons.plan.radio import Radio, Skies
from skycommons.plan.requests import Unserved
from skycommons.plan.routes import Network, Reason, StepRoutes
from skycommons.plan.serving import Serving
from tests.support.live_sections import TERMINALS
from tests.support.tiny_world import DENSE, tiny_scenario


class Instant:
    """The begin of a tiny scenario: four hundred satellites, two terminals."""

    def __init__(self) -> None:
        """Prepare it."""
        scenario = tiny_scenario(constellation=DENSE, terminals=TERMINALS)
        self.network = Network.of(scenario, tracked=np.arange(2))
        self.rater = PathRater.of(scenario, self.network.flows, Radio.of(scenario))
        self.skies = self.rater.radio.skies(scenario.start_ns)
        time_ns = np.array([scenario.start_ns])
        states = Propagator.prepare(scenario.world.satellites.elements)(
            time_ns, teme_to_itrf(time_ns, IersTable.load())
        )
        self.position_m, self.valid = states.position_m[0], states.valid[0]
        self.lasers = self.network.lasers(scenario.start_ns, self.position_m, self.valid, before=None)

    def step(
        self, serving: Serving | None = None, *, skies: list[Skies] | None = None
    ) -> tuple[StepRoutes, list[PathRates]]:
        """What it finds."""
        return planned_step(
            self.network,
            self.rater,
            position_itrf_m=self.position_m,
            valid=self.valid,
            lasers=self.lasers,
            skies=[self.skies] if skies is None else skies,
            serving=serving,
        )

    def serving(self, routes: StepRoutes) -> Serving:
        """A plan that gives the first terminal the satellite that it has, little of it, and the second one nothing."""
        sites, satellites = len(self.network.scenario.world.sites), len(self.position_m)
        first, second = self.network.flows.source[:2].tolist()
        taken = int(routes.entry_satellite[0, 0])
        satellite, gateway = np.full(sites, -1, np.int32), np.full(satellites, -1, np.int32)
        satellite[first], gateway[taken] = taken, routes.exit_site[0, 0]
        reason = np.full(sites, Unserved.SERVED, np.uint8)
        reason[second] = Unserved.NO_BEAM
        down_bps, up_bps = np.full(sites, np.inf), np.full(sites, np.inf)
        down_bps[first], up_bps[first] = 1e6, 2e6
        return Serving(
            request=np.full(sites, -1),
            satellite=satellite,
            gateway=gateway,
            reason=reason,
            down_bps=down_bps,
            up_bps=up_bps,
        )


@pytest.fixture(scope="module")
def instant() -> Instant:
    """Prepared once."""
    return Instant()


def test_terminals_choose_for_themselves_without_a_plan(instant: Instant) -> None:
    """Both have a way, and rates under each sky that is asked for."""
    routes, rates = instant.step(skies=[instant.skies, instant.rater.clear_skies])
    assert (routes.reason[:2] == Reason.REACHABLE).all()
    assert len(rates) == 2
    assert (rates[0].down_bps[:2] > 1e6).all()
    assert (rates[1].down_bps >= rates[0].down_bps).all()


def test_a_plan_binds_its_terminals(instant: Instant) -> None:
    """One flies by what it was given and gets no more than its part; the other says that nobody serves it."""
    free, _ = instant.step()
    routes, (rates,) = instant.step(instant.serving(free))
    assert routes.entry_satellite[0, 0] == free.entry_satellite[0, 0]
    assert routes.reason[:2].tolist() == [Reason.REACHABLE, Reason.NOT_SERVED]
    assert rates.down_bps[:2].tolist() == [1e6, 0.0]
    assert rates.up_bps[:2].tolist() == [2e6, 0.0]
    assert rates.limit[0] == Limit.CELL


def test_links_have_to_close_under_the_first_sky(instant: Instant) -> None:
    """Where it rains too hard for any link there is no way, whatever the other skies are like."""
    drowned = replace(instant.skies, values=instant.skies.values + np.float32(300.0))
    routes, _ = instant.step(skies=[drowned, instant.skies])
    assert (instant.step()[0].entry_satellite[:2] >= 0).all()
    assert (routes.entry_satellite[:2] == -1).all()
