"""A world in which a decision shows: cells around Zürich under satellites with few beams, and some far away.

`decision_world` is the scenario, `AREA` the cells that decisions of tests cover; `plain_both` plans the whole network twice,
as anybody would who has no preview.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import h3.api.numpy_int as h3
import numpy as np

from skycommons.base.arrays import Bytes, Floats
from skycommons.base.constants import NS_PER_S
from skycommons.governance.decisions import Effect, To
from skycommons.governance.words import ServiceClass, ServiceState
from skycommons.model.cells import CellIds, canonical, cells_of
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import ServiceMap
from skycommons.model.service_rules import ScheduleRules
from skycommons.plan.lasers import lasers_at
from skycommons.plan.schedule import Scheduler
from skycommons.plan.slots import slot_begin
from skycommons.plan.topology import pointing_of
from skycommons.studies.preview import Binding, PreviewFigures, preview_of
from tests.support.plans import with_equipment
from tests.support.service_world import demand, disk, rules, service_scenario

AREA = disk(2)
AROUND = disk(4)
FAR = canonical(h3.grid_disk(int(cells_of(np.radians([-30.0]), np.radians([140.0]))[0]), 2))
SUSPENDED = To(state=ServiceState.SUSPENDED, service_class=ServiceClass.STANDARD)
ACTIVE = To(state=ServiceState.ACTIVE, service_class=ServiceClass.PRIORITY)
BINDING = Binding(origin="log.example", base_state_version=3, base_map_sha256="a" * 64, scenario_sha256="b" * 64)
PROTECTED_SITES = (
    '[[protected]]\nid = "clinic"\nclass = "hospital"\nlatitude_deg = 47.37\nlongitude_deg = 8.54\n'
    '[[protected]]\nid = "mast"\nclass = "public-warning"\nlatitude_deg = -30.0\nlongitude_deg = 140.0\n'
)


def decision_world(*, beams: int = 2, folder: Path = Path(), **parts: str) -> Scenario:
    """Satellites with so many beams of one cell each, over 61 cells around Zürich and 19 in Australia."""
    cells = np.union1d(AROUND, FAR)
    table = demand(cells, down_bps=np.linspace(20e6, 60e6, len(cells)))
    table = replace(table, subscribers=np.linspace(1.0, 40.0, len(cells)), people=np.linspace(1e3, 9e3, len(cells)))
    service = rules(table, schedule=ScheduleRules(cells_per_beam=1))
    world = service_scenario(service, folder=folder, **{"protected": PROTECTED_SITES, **parts})
    return with_equipment(world, "payloads", beams_down=beams)


def suspended(scenario: Scenario, *, cells: CellIds = AREA, exempt: bool = False, **changes: Any) -> PreviewFigures:
    """The preview of a suspension."""
    values: dict[str, Any] = {"effect": Effect.REDUCE, "to": SUSPENDED, "base": ServiceMap.everywhere(), **changes}
    return preview_of(scenario, cells=cells, exempt=exempt, **values)


def plain_both(
    scenario: Scenario, maps: tuple[ServiceMap, ServiceMap], slots_s: tuple[int, ...]
) -> tuple[CellIds, Bytes, Floats]:
    """All cells, ``(2, T, N)`` why each is not served, and what it is given, by two schedulers of the whole network."""
    assert scenario.service is not None
    reasons, given = [], []
    for service_map in maps:
        begins = slot_begin(np.array(slots_s) * NS_PER_S, scenario.service.schedule).tolist()
        moved = scenario.replace(
            service=replace(scenario.service, service_map=service_map),
            start_ns=begins[0],
            duration_s=(begins[-1] - begins[0]) / NS_PER_S + 15.0,
        )
        scheduler = Scheduler.of(moved)
        flown = moved.propagate(np.array(begins))
        pointing = pointing_of(moved.lasers.topology, moved.world.satellites, moved.start_ns, moved.lasers.max_range_m)
        for row, time_ns in enumerate(begins):
            sky = flown.position_itrf_m[row], flown.valid[row]
            lasers = lasers_at(moved.lasers, pointing, time_ns, position_itrf_m=sky[0], valid=sky[1], seed=moved.seed)
            plan = scheduler.step(time_ns, *sky, lasers, before=None)
            reasons.append(plan.cell_reason)
            cell = scheduler.at(time_ns).requests.cell
            given.append(np.bincount(cell, weights=plan.down_bps, minlength=len(scheduler.cells)))
    shape = (2, len(slots_s), -1)
    return (
        scenario.service.demand.cells,
        np.array(reasons).reshape(shape),
        np.array(given, dtype=np.float64).reshape(shape),
    )
