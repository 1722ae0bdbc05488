"""What the scheduler is told as it stands at one instant: the map of the instant, and whose accounts are served then.

Rules: demand keeps its cells; only who asks in them changes. A layer of groups bars the terminals that it names: by a name of
a type of terminals, by a class of accounts, or by a terminal's own id. The last one that names a terminal counts. Protected
terminals stay where the layer exempts them. A protected site that the layer of its cell names one by one is barred as well.
What a scenario bars itself stays barred.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools
from skycommons.model.cells import CellIds, cells_of
from skycommons.model.demand import with_terminals
from skycommons.model.service_map import CellState
from skycommons.model.service_rules import ServiceRules, TerminalAccounts
from skycommons.model.service_timeline import LayerKind, ServiceLayer, ServiceTimeline
from skycommons.model.world import SiteKind, World

PROTECTED: Final = 0
CHANGING: Final = ("rank", "is_barred")
ACCOUNT_WORDS: Final = ("protected", "priority", "standard", "background")
"""Classes of accounts by rank, as layers of customers name them."""


def service_at(service: ServiceRules, world: World, time_ns: int) -> ServiceRules:
    """The rules of an instant, without layers.

    Args:
        service: Rules of service, with layers or without.
        world: With the terminals.
        time_ns: UTC unix ns.
    """
    if not service.layers:
        return service
    timeline = service.timeline
    accounts = accounts_at(service.accounts, world, timeline, time_ns)
    demand = service.demand
    is_same = all(np.array_equal(getattr(accounts, name), getattr(service.accounts, name)) for name in CHANGING)
    if not is_same and service.others is not None:
        demand = with_terminals(service.others, world.sites, accounts)
    return replace(service, service_map=timeline.at(time_ns), layers=(), accounts=accounts, demand=demand)


def accounts_at(accounts: TerminalAccounts, world: World, timeline: ServiceTimeline, time_ns: int) -> TerminalAccounts:
    """The accounts of an instant.

    Args:
        accounts: As the scenario has them, in the order of ``world.sites.rows(SiteKind.TERMINAL)``.
        world: With the terminals.
        timeline: Who is served when.
        time_ns: UTC unix ns.
    """
    rows, layers = world.sites.rows(SiteKind.TERMINAL), timeline.holding(time_ns)
    cells = np.zeros(0, dtype=np.uint64)
    if any(layer.sites or (layer.kind is not LayerKind.TERRITORY and len(layer.cells)) for layer in layers):
        cells = cells_of(world.sites.latitude_rad[rows], world.sites.longitude_rad[rows])  # dear: only where it counts
    is_barred, rank = accounts.is_barred | _named(world, cells, timeline, time_ns), accounts.rank.copy()
    by_group = np.zeros(len(rows), dtype=np.bool_)
    best = np.full(len(rows), 1, dtype=np.uint8)
    for layer in layers:
        if layer.kind is not LayerKind.TERRITORY:
            members = _members(layer, accounts, world, cells)
            is_kept = layer.is_exempt & (accounts.rank == PROTECTED)
            by_group[members] = (layer.state is not CellState.ACTIVE) & ~is_kept[members]
            best[members] = 1 + layer.service_class
    rank = np.where(rank == PROTECTED, rank, np.maximum(rank, best)).astype(np.uint8)
    return replace(accounts, rank=rank, is_barred=is_barred | by_group)


def unknown_groups(layer: ServiceLayer, world: World) -> tuple[str, ...]:
    """Names of groups in a layer that mean nobody in this world."""
    known: set[str] = set(ACCOUNT_WORDS)
    if layer.kind is LayerKind.TERMINAL_CLASS:
        known = {terminal.name for terminal in world.equipment.terminals}
    elif layer.kind is LayerKind.CUSTOMER_GROUP:
        known |= {world.sites.ids[row] for row in world.sites.rows(SiteKind.TERMINAL)}
    return tuple(name for name in layer.groups if name not in known)


def _members(layer: ServiceLayer, accounts: TerminalAccounts, world: World, cells: CellIds) -> Bools:
    """``(U,)`` which terminals a layer of groups concerns."""
    rows = world.sites.rows(SiteKind.TERMINAL)
    if layer.kind is LayerKind.TERMINAL_CLASS:
        names = np.array([terminal.name in layer.groups for terminal in world.equipment.terminals], dtype=np.bool_)
        found = names[world.sites.equipment[rows]] if len(rows) else np.zeros(0, dtype=np.bool_)
    else:
        by_class = np.array([word in layer.groups for word in ACCOUNT_WORDS], dtype=np.bool_)[accounts.rank]
        wanted = set(layer.groups)
        found = by_class | np.array([world.sites.ids[row] in wanted for row in rows], dtype=np.bool_)
    return found & np.isin(cells, layer.cells) if len(layer.cells) else found


def _named(world: World, cells: CellIds, timeline: ServiceTimeline, time_ns: int) -> Bools:
    """``(U,)`` terminals that the layer of their cell names as losing service."""
    rows = world.sites.rows(SiteKind.TERMINAL)
    found = np.zeros(len(rows), dtype=np.bool_)
    naming = [row for row, layer in enumerate(timeline.layers) if layer.sites and layer.state is not CellState.ACTIVE]
    if naming and len(cells):
        layer_of = timeline.layer_of(cells, time_ns)
        for place in np.flatnonzero(np.isin(layer_of, naming)).tolist():
            found[place] = world.sites.ids[rows[place]] in timeline.layers[layer_of[place]].sites
    return found
