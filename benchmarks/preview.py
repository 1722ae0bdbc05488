"""The preview of a decision: 5,200 cells in a network of 200,000 cells and a million terminals.

The area is a rectangle that follows no border. The peer plans both states of the whole network: two schedulers, the same slots,
the same figures counted from them.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.schedule import CELLS, TERMINALS, world_of
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.constants import NS_PER_S
from skycommons.governance.decisions import Effect, To
from skycommons.governance.words import ServiceClass, ServiceState
from skycommons.model.regions import Region
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceMap
from skycommons.plan.lasers import lasers_at
from skycommons.plan.requests import Unserved
from skycommons.plan.schedule import Scheduler
from skycommons.plan.slots import slot_begin
from skycommons.plan.topology import pointing_of
from skycommons.studies.preview import Binding, PreviewFigures, decision_slots, preview_bytes, preview_of
from skycommons.studies.preview_scope import scope_cells

SOUTH, NORTH, WEST, EAST = 44.0, 52.4, 2.0, 20.73
BINDING = Binding(origin="log.example", base_state_version=0, base_map_sha256="", scenario_sha256="0" * 64)


def measure() -> list[Figure]:
    """A preview, and both states of the whole network."""
    area = Region.of("area", np.array([SOUTH, SOUTH, NORTH, NORTH]), np.array([WEST, EAST, EAST, WEST]))
    scope = scope_cells(area, Effect.REDUCE)
    world = world_of(CELLS, TERMINALS)
    slots = decision_slots(world, scope.cells)
    suspended = To(state=ServiceState.SUSPENDED, service_class=ServiceClass.STANDARD)

    def preview() -> PreviewFigures:
        found = preview_of(
            *(world,), cells=scope.cells, effect=Effect.REDUCE, to=suspended, exempt=False, base=ServiceMap.everywhere()
        )
        preview_bytes(found, BINDING)
        return found

    def whole() -> list[int]:
        return [_served_at(world, service_map, slots) for service_map in maps]

    figures = preview()
    maps = (ServiceMap.everywhere(), ServiceMap.everywhere().over(scope.cells, state=CellState.SUSPENDED))
    around = int(np.count_nonzero(~figures.is_inside))
    wall_s, whole_s = _wall_seconds(preview), _wall_seconds(whole, repeats=1)
    note = (
        f"{figures.terminals.inside:,} terminals inside, {around:,} cells around it planned; {len(slots)} slots; "
        f"wall {wall_s:.2f} s, the peer's {whole_s:.1f} s, ratio {whole_s / wall_s:.1f}"
    )
    return [
        Figure(
            name=f"preview: {len(scope):,} cells, {TERMINALS:,} terminals",
            cpu_s=cpu_seconds(preview, repeats=5),
            target="2 s or less",
            note=note,
            peer="both states of the whole network",
            peer_cpu_s=cpu_seconds(whole, repeats=1, warm=False),
        ),
        Figure(
            name="preview: the cells of the area",
            cpu_s=cpu_seconds(lambda: scope_cells(area, Effect.REDUCE), repeats=5),
            note=f"{len(scope):,} whole cells, {len(scope.border_cells):,} at the border",
        ),
    ]


def _served_at(world: Scenario, service_map: ServiceMap, slots_s: tuple[int, ...]) -> int:
    """How many terminals the whole network serves with a map, over all slots."""
    service = world.service
    if service is None:
        return 0
    begins = slot_begin(np.array(slots_s) * NS_PER_S, service.schedule)
    moved = world.replace(
        service=replace(service, service_map=service_map),
        start_ns=int(begins[0]),
        duration_s=float(begins[-1] - begins[0]) / NS_PER_S + service.schedule.slot_s,
    )
    scheduler, flown = Scheduler.of(moved), moved.propagate(begins)
    rules = moved.lasers
    pointing = pointing_of(rules.topology, moved.world.satellites, moved.start_ns, rules.max_range_m)
    served = 0
    for row, time_ns in enumerate(begins.tolist()):
        position_m, valid = flown.position_itrf_m[row], flown.valid[row]
        lasers = lasers_at(rules, pointing, time_ns, position_itrf_m=position_m, valid=valid, seed=moved.seed)
        plan = scheduler.step(time_ns, position_m, valid, lasers, before=None)
        served += int(np.count_nonzero(scheduler.terminal_reason(plan) == Unserved.SERVED))
    return served


def _wall_seconds(call: Callable[[], object], *, repeats: int = 5) -> float:
    """Least wall seconds of several calls."""
    best = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return best
