"""Tables of demand: made from people, from given demand and from terminals, and added up.

Rules: demand is that of the busy hour; nothing here knows the time of day. A cell appears if somebody in it asks. Sums are
kept: adding tables adds their people, subscribers and rates. A cell is barred only if nobody but terminals with barred
accounts asks in it; what barred terminals ask for counts in such a cell alone, so that it can be seen what is not served.
"""

from collections.abc import Sequence

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats
from skycommons.model.cells import CellIds, cells_of
from skycommons.model.demand_files import GivenDemand
from skycommons.model.placement import NEAREST
from skycommons.model.service_rules import RANKS, DemandTable, ServiceRules, TerminalAccounts
from skycommons.model.world import SiteKind, Sites


def no_demand() -> DemandTable:
    """Nobody asks."""
    none = np.zeros(0)
    return DemandTable(
        cells=np.zeros(0, dtype=np.uint64),
        people=none,
        subscribers=none.copy(),
        down_bps=np.zeros((0, RANKS)),
        up_bps=np.zeros((0, RANKS)),
        is_barred=np.zeros(0, dtype=np.bool_),
    )


def demand_of_people(
    cells: CellIds, people: Floats, *, share: float, rank: int, rates_bps: tuple[float, float], source: str
) -> DemandTable:
    """Demand of people, of whom a share subscribes, wherever they live.

    Args:
        cells: ``(C,)`` canonical.
        people: ``(C,)``.
        share: Subscribers per person.
        rank: Of all of them.
        rates_bps: Down and up, of one subscriber in the busy hour.
        source: In words.
    """
    subscribers = people * share
    return DemandTable(
        cells=cells,
        people=people,
        subscribers=subscribers,
        down_bps=_in_rank(subscribers * rates_bps[0], np.full(len(cells), rank)),
        up_bps=_in_rank(subscribers * rates_bps[1], np.full(len(cells), rank)),
        is_barred=np.zeros(len(cells), dtype=np.bool_),
        sources=(source,),
    )


def demand_given(given: GivenDemand, *, source: str) -> DemandTable:
    """Demand that a file gives by cell, rows of one cell added up."""
    return _summed(
        given.cells,
        people=np.zeros(len(given.cells)),
        subscribers=given.subscribers,
        down_bps=_in_rank(given.down_bps, given.rank),
        up_bps=_in_rank(given.up_bps, given.rank),
        is_barred=np.zeros(len(given.cells), dtype=np.bool_),
        sources=(source,),
    )


def demand_of_terminals(cells: CellIds, accounts: TerminalAccounts) -> DemandTable:
    """Demand of terminals, one subscriber each.

    Args:
        cells: ``(U,)`` the cell of each terminal.
        accounts: Of these terminals.
    """
    served = np.isin(cells, cells[~accounts.is_barred])
    counts = ~(accounts.is_barred & served)
    return _summed(
        cells,
        people=np.zeros(len(cells)),
        subscribers=np.ones(len(cells)),
        down_bps=_in_rank(accounts.down_bps * counts, accounts.rank),
        up_bps=_in_rank(accounts.up_bps * counts, accounts.rank),
        is_barred=~served,
        sources=("terminals",) if len(cells) else (),
    )


def with_terminals(others: DemandTable, sites: Sites, accounts: TerminalAccounts) -> DemandTable:
    """What others ask for and what the terminals of a scenario ask for, together.

    Args:
        others: Who asks besides the terminals.
        sites: With the terminals.
        accounts: In the order of ``sites.rows(SiteKind.TERMINAL)``.
    """
    rows = sites.rows(SiteKind.TERMINAL)
    cells = cells_of(sites.latitude_rad[rows], sites.longitude_rad[rows])
    elsewhere = ~np.isin(cells, others.cells)
    counts = elsewhere | ~accounts.is_barred  # a barred terminal asks for nothing where somebody else does
    weighed = TerminalAccounts(
        rank=accounts.rank,
        is_barred=accounts.is_barred,
        down_bps=accounts.down_bps * counts,
        up_bps=accounts.up_bps * counts,
    )
    return together([others, demand_of_terminals(cells, weighed)])


def together(tables: Sequence[DemandTable]) -> DemandTable:
    """Several tables as one; a cell is barred if it is in all that have it."""
    asked = [table for table in tables if len(table)]
    if not asked:
        return no_demand()
    if len(asked) == 1:
        return asked[0]
    return _summed(
        np.concatenate([table.cells for table in asked]),
        people=np.concatenate([table.people for table in asked]),
        subscribers=np.concatenate([table.subscribers for table in asked]),
        down_bps=np.concatenate([table.down_bps for table in asked]),
        up_bps=np.concatenate([table.up_bps for table in asked]),
        is_barred=np.concatenate([table.is_barred for table in asked]),
        sources=tuple(dict.fromkeys(source for table in asked for source in table.sources)),
    )


def only(table: DemandTable, chosen: Bools) -> DemandTable:
    """Some cells of a table, ``(C,)``."""
    columns = {name: getattr(table, name)[chosen] for name in DemandTable.__slots__ if name != "sources"}
    return DemandTable(**columns, sources=table.sources)


def rules_at(rules: ServiceRules, sites: Sites, kept: Bools) -> ServiceRules:
    """The same rules for a world that has lost some of its terminals.

    Args:
        rules: Of the world before.
        sites: Of the world after.
        kept: ``(U,)`` which of the terminals before are still there.
    """
    accounts = TerminalAccounts(**{name: getattr(rules.accounts, name)[kept] for name in TerminalAccounts.__slots__})
    demand = rules.demand if rules.others is None else with_terminals(rules.others, sites, accounts)
    pops = {NEAREST, *(sites.ids[row] for row in sites.rows(SiteKind.POP))}
    return ServiceRules(
        demand=demand,
        accounts=accounts,
        busy_hour_shape=rules.busy_hour_shape,
        service_map=rules.service_map,
        schedule=rules.schedule,
        pop_of_country=tuple((country, pop) for country, pop in rules.pop_of_country if pop in pops),
        others=rules.others,
        layers=rules.layers,
    )


def _in_rank(rate_bps: Floats, rank: Bytes) -> Floats:
    """``(N, 4)`` each rate in the column of its rank."""
    found = np.zeros((len(rate_bps), RANKS))
    found[np.arange(len(rate_bps)), rank] = rate_bps
    return found


def _summed(
    cells: CellIds,
    *,
    people: Floats,
    subscribers: Floats,
    down_bps: Floats,
    up_bps: Floats,
    is_barred: Bools,
    sources: tuple[str, ...],
) -> DemandTable:
    """Rows of one cell added up; barred where all of them are."""
    found, row = np.unique(cells, return_inverse=True)

    def total(amount: Floats) -> Floats:
        return np.bincount(row, amount, len(found)).astype(np.float64)

    return DemandTable(
        cells=found,
        people=total(people),
        subscribers=total(subscribers),
        down_bps=np.stack([total(column) for column in down_bps.T], axis=1),
        up_bps=np.stack([total(column) for column in up_bps.T], axis=1),
        is_barred=np.bincount(row, ~is_barred, len(found)) == 0,
        sources=sources,
    )
