"""Whatever the world, the service map and the policy: the scheduler's plans keep all rules of the independent check."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skycommons.model.demand import with_terminals
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_rules import RANKS, DemandTable, ScheduleRules
from skycommons.model.service_timeline import LayerKind, ServiceLayer
from skycommons.plan.assignment import AssignmentPolicy, Auction, Exact, Greedy, Highest, Observed
from skycommons.plan.check import check
from skycommons.plan.plan_table import table_of
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import schedule
from tests.support.plans import with_equipment
from tests.support.service_world import disk, rules, service_scenario
from tests.support.tiny_world import PARTS

LASERS = '[lasers]\ntopology = "grid"'
NO_LASERS = '[lasers]\ntopology = "none"'
START_NS = 1_767_225_600 * 10**9  # of the tiny world
FAR_GATEWAY = '[[gateways.site]]\nname = "basel"\nlatitude_deg = 27.56\nlongitude_deg = -37.59'


@st.composite
def demands(draw: st.DrawFn) -> DemandTable:
    """Up to 37 cells that ask for nothing, little or more than anybody can give, in any rank; some barred."""
    cells = disk(draw(st.integers(0, 3)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale_bps = draw(st.sampled_from([1e6, 1e8, 5e9]))
    down_bps = scale_bps * random.exponential(size=(len(cells), RANKS)) * (random.random((len(cells), RANKS)) < 0.4)
    return DemandTable(
        cells=cells,
        people=np.zeros(len(cells)),
        subscribers=np.ones(len(cells)),
        down_bps=down_bps,
        up_bps=down_bps * draw(st.sampled_from([0.0, 0.1, 2.0])),
        is_barred=random.random(len(cells)) < 0.1,
    )


@st.composite
def service_maps(draw: st.DrawFn) -> ServiceMap:
    """Any states and classes of some of these cells, and of all others."""
    cells = disk(3)[:: draw(st.integers(1, 4))]
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return ServiceMap(
        cells=cells,
        state=random.choice([0, 0, 0, 0, 0, 0, 1, 2, 3, 4], len(cells)).astype(np.uint8),
        service_class=random.integers(0, 3, len(cells)).astype(np.uint8),
        default_state=draw(st.sampled_from([CellState.ACTIVE, CellState.ACTIVE, CellState.INACTIVE])),
        default_class=draw(st.sampled_from(ServiceClass)),
    )


@st.composite
def layers(draw: st.DrawFn) -> tuple[ServiceLayer, ...]:
    """Up to three decisions about some of these cells or of its accounts, of which most end within the span."""
    return tuple(
        ServiceLayer(
            decision=f"decision {number}",
            kind=draw(st.sampled_from([LayerKind.TERRITORY, LayerKind.TERRITORY, LayerKind.CUSTOMER_GROUP])),
            cells=disk(draw(st.integers(0, 3))),
            state=draw(st.sampled_from([CellState.ACTIVE, CellState.INACTIVE, CellState.SUSPENDED])),
            service_class=draw(st.sampled_from(ServiceClass)),
            is_exempt=draw(st.booleans()),
            sites=draw(st.sampled_from([(), ("zurich",)])),
            groups=draw(st.sampled_from([("standard",), ("protected", "zurich")])),
            ends_ns=draw(st.sampled_from([0, START_NS - 1, START_NS + 5 * 10**9, START_NS + 25 * 10**9])),
        )
        for number in range(draw(st.integers(0, 3)))
    )


@st.composite
def worlds(draw: st.DrawFn) -> Scenario:
    """A tiny world with another demand, map, sky, and equipment that is scarce."""
    service = rules(
        draw(demands()),
        service_map=draw(service_maps()),
        schedule=ScheduleRules(
            cells_per_beam=draw(st.integers(1, 4)),
            channels=draw(st.integers(1, 8)),
            separation_rings=draw(st.integers(0, 2)),
            candidates=draw(st.integers(1, 12)),
        ),
    )
    service = replace(
        service,
        layers=draw(layers()),
        busy_hour_shape=tuple(np.linspace(draw(st.sampled_from([0.1, 1.0])), 1.0, 24).tolist()),
    )
    scenario = service_scenario(
        service,
        lasers=draw(st.sampled_from([LASERS, NO_LASERS])),
        gateways=draw(st.sampled_from([PARTS["gateways"], FAR_GATEWAY])),
    )
    if draw(st.booleans()):
        asked = with_terminals(service.demand, scenario.world.sites, service.accounts)
        scenario = replace(scenario, service=replace(service, others=service.demand, demand=asked))
    scenario = with_equipment(scenario, "payloads", beams_down=draw(st.integers(1, 6)))
    scenario = with_equipment(scenario, "gateways", antennas=draw(st.integers(1, 8)))
    exclusion_rad = draw(st.sampled_from([0.0, 0.3, 0.8]))
    return with_equipment(scenario, "terminals", gso_exclusion_rad=exclusion_rad, min_elevation_rad=0.3)


POLICIES: tuple[AssignmentPolicy, ...] = (Observed(), Highest(), Greedy(), Auction(gap_nats=0.1), Exact())


@given(scenario=worlds(), policy=st.sampled_from(POLICIES))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_every_schedule_keeps_all_rules(scenario: Scenario, policy: AssignmentPolicy) -> None:
    """Nothing is found, and what is not served says why."""
    made = schedule(scenario, scenario.propagate(scenario.times()[:3]), policy=policy)
    table = table_of(made)
    assert check(scenario, table) == ()
    assert ((table.reason == Unserved.SERVED) == (table.satellite >= 0)).all()
