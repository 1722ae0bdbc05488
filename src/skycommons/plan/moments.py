"""What holds from one change of the service map to the next, and for whom satellites are sought meanwhile.

Rules: the map of a slot is that of its begin. Requests keep their rows and channels over the span, so that what served one
before can be asked whatever the map did; who of them asks is settled moment by moment. Changes that no cell with demand and
no terminal notices make no moment. Beyond the changes around the span nothing is promised, so that nobody is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints
from skycommons.base.clock import format_time
from skycommons.base.errors import PlanError
from skycommons.model.service_moment import CHANGING, service_at
from skycommons.model.service_rules import DemandTable, ServiceRules
from skycommons.model.world import World
from skycommons.plan.requests import Granted, Requests, plan_requests
from skycommons.plan.terminal_cells import TerminalRows

ALWAYS: Final = 2**63 - 1
"""Stands for an instant after all others, and its negative for one before them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Law:
    """What is decided for a stretch of time.

    Attributes:
        begin_ns, end_ns: From when until just before when it holds, UTC unix ns.
        service: The rules of service meanwhile, without layers.
        layer: ``(C,)`` row of the layer by which each cell has its state; -1 for the map itself.
    """

    begin_ns: int
    end_ns: int
    service: ServiceRules
    layer: Ints

    @property
    def state(self) -> Bytes:
        """``(C,)`` `CellState` of the cells with demand."""
        return self.service.service_map.states_of(self.service.demand.cells)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """A stretch of time in which everybody asks by the same law.

    Attributes:
        law: What is decided meanwhile.
        demand: Who asks, in the ranks that the map grants; ``C`` cells.
        requests: What they ask for.
        terminals: Where the scenario's terminals are, and who of them is shut out.
    """

    law: Law
    demand: DemandTable
    requests: Requests
    terminals: TerminalRows


def laws_of(service: ServiceRules, world: World, *, begin_ns: int, end_ns: int) -> tuple[Law, ...]:
    """What is decided over a span, in order; one law at least.

    Args:
        service: Rules of service, with layers or without.
        world: With the terminals.
        begin_ns, end_ns: First and last instant of the span, UTC unix ns.
    """
    timeline, cells = service.timeline, service.demand.cells
    changes = timeline.changes.tolist()
    edges = [-ALWAYS, *changes, ALWAYS]
    found: list[Law] = []
    for since_ns, until_ns in pairwise(edges):
        if until_ns > begin_ns and since_ns <= end_ns:
            now_ns = max(since_ns, min(begin_ns, until_ns - 1))
            here = service_at(service, world, now_ns)
            law = Law(begin_ns=since_ns, end_ns=until_ns, service=here, layer=timeline.layer_of(cells, now_ns))
            if found and _is_same(found[-1], law):
                law = Law(begin_ns=found.pop().begin_ns, end_ns=until_ns, service=here, layer=law.layer)
            found.append(law)
    return tuple(found)


def moments_of(
    laws: Sequence[Law], world: World, *, share: Floats, beam_bps: float, carriers_per_cell: int
) -> tuple[Moment, ...]:
    """Who asks for what under some laws.

    Args:
        laws: In order; one at least.
        world: With the terminals.
        share, beam_bps, carriers_per_cell: As for `plan_requests`.
    Raises:
        PlanError: The accounts are not those of the terminals.
    """
    granted = [Granted.by(law.service.demand, law.service.service_map) for law in laws]
    rules = laws[0].service.schedule
    planned = plan_requests(granted, rules, share=share, beam_bps=beam_bps, carriers_per_cell=carriers_per_cell)
    terminals = TerminalRows.of(world.sites, laws[0].service)
    return tuple(
        Moment(law=law, demand=one.demand, requests=requests, terminals=terminals.under(law.service))
        for law, one, requests in zip(laws, granted, planned, strict=True)
    )


def row_at(laws: Sequence[Law], time_ns: int) -> int:
    """Row of the law that holds at an instant.

    Raises:
        PlanError: The map changes between the span and that instant.
    """
    for row, law in enumerate(laws):
        if law.begin_ns <= time_ns < law.end_ns:
            return row
    raise PlanError(
        f"{format_time(time_ns)} lies beyond a change of the service map outside the scenario's span; set start and length "
        "of the scenario so that the span holds it"
    )


def _is_same(one: Law, other: Law) -> bool:
    """Whether nobody who asks notices a change."""
    maps = one.service.service_map, other.service.service_map
    cells = one.service.demand.cells
    return (
        np.array_equal(one.layer, other.layer)
        and np.array_equal(maps[0].states_of(cells), maps[1].states_of(cells))
        and np.array_equal(maps[0].classes_of(cells), maps[1].classes_of(cells))
        and all(
            np.array_equal(getattr(one.service.accounts, name), getattr(other.service.accounts, name))
            for name in CHANGING
        )
    )
