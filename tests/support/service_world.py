"""A service small enough to know by heart: a handful of cells around Zürich, and who asks for how much there.

`demand` says who asks; `rules` makes all of `ServiceRules` from it; `service_scenario` is the tiny world with them.
"""

from dataclasses import replace
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np

from skycommons.base.arrays import Bools, Floats
from skycommons.model.cells import CellIds, canonical, cells_of
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_rules import RANKS, DemandTable, ScheduleRules, ServiceRules, TerminalAccounts
from skycommons.model.world import SiteKind
from tests.support.tiny_world import DENSE, tiny_scenario

HOME = int(cells_of(np.radians([47.37]), np.radians([8.54]))[0])
STANDARD = 2


def disk(rings: int = 1) -> CellIds:
    """The cells around Zürich, canonical."""
    return canonical(h3.grid_disk(HOME, rings))


def demand(
    cells: CellIds | None = None,
    *,
    down_bps: float | Floats = 50e6,
    rank: int = STANDARD,
    up_share: float = 0.1,
    is_barred: Bools | None = None,
) -> DemandTable:
    """Every cell asks for the same in one rank, or for what is given."""
    where = disk() if cells is None else cells
    down, count = np.zeros((len(where), RANKS)), len(where)
    down[:, rank] = down_bps
    return DemandTable(
        cells=where,
        people=np.zeros(count),
        subscribers=np.ones(count),
        down_bps=down,
        up_bps=down * up_share,
        is_barred=np.zeros(count, dtype=np.bool_) if is_barred is None else is_barred,
        sources=("made by hand",),
    )


def accounts(terminals: int, *, rank: int = STANDARD, is_barred: bool = False) -> TerminalAccounts:
    """All terminals alike."""
    return TerminalAccounts(
        rank=np.full(terminals, rank, dtype=np.uint8),
        is_barred=np.full(terminals, is_barred),
        down_bps=np.full(terminals, 1e6),
        up_bps=np.full(terminals, 1e5),
    )


def states(cells: CellIds, state: CellState, *, service_class: ServiceClass = ServiceClass.PRIORITY) -> ServiceMap:
    """A map that says the same of these cells, and nothing of others."""
    return ServiceMap(
        cells=cells,
        state=np.full(len(cells), state, dtype=np.uint8),
        service_class=np.full(len(cells), service_class, dtype=np.uint8),
    )


def rules(
    table: DemandTable | None = None,
    *,
    terminals: int = 1,
    service_map: ServiceMap | None = None,
    schedule: ScheduleRules | None = None,
) -> ServiceRules:
    """Everything that the scheduler is told; demand is the same at every hour."""
    return ServiceRules(
        demand=demand() if table is None else table,
        accounts=accounts(terminals),
        busy_hour_shape=(1.0,) * 24,
        service_map=ServiceMap.everywhere() if service_map is None else service_map,
        schedule=ScheduleRules() if schedule is None else schedule,
    )


def service_scenario(
    service: ServiceRules | None = None, *, constellation: str = DENSE, folder: Path = Path(), **parts: str
) -> Scenario:
    """The tiny world under four hundred satellites, with a service; each part replaces one of the file."""
    world = tiny_scenario(folder=folder, constellation=constellation, **parts)
    terminals = len(world.world.sites.rows(SiteKind.TERMINAL))
    return replace(world, service=rules(terminals=terminals) if service is None else service)
