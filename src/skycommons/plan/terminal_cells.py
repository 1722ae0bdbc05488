"""Which cell a terminal belongs to, and which of the cell's requests serves it.

Rules: a terminal shares the fate of its cell, unless its account is barred, or the cell serves protected users alone and it
is none of them: then it is suspended. Terminals of a cell with several requests are
spread over those that are served: the first over the first, the second over the second, and so on around.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Ints, check_shape
from skycommons.base.errors import PlanError
from skycommons.model.cells import cells_of
from skycommons.model.service_map import CellState
from skycommons.model.service_rules import ServiceRules
from skycommons.model.world import SiteKind, Sites
from skycommons.plan.requests import PROTECTED, Unserved


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerminalRows:
    """The scenario's ``U`` terminals, in the order of `Sites.rows(TERMINAL)`, among ``C`` cells.

    Attributes:
        cell: ``(U,)`` row of each one's cell; -1 for one that no cell counts.
        is_barred: ``(U,)`` whether its account is barred.
        is_suspended: ``(U,)`` whether its cell serves protected users alone and it is none.
        turn: ``(U,)`` its number among those of its cell that may be served.
    """

    cell: Ints
    is_barred: Bools
    is_suspended: Bools
    turn: Ints

    @staticmethod
    def of(sites: Sites, service: ServiceRules) -> "TerminalRows":
        """Look up the terminals of a site table.

        Args:
            sites: With the terminals.
            service: Rules of service without layers, or of which the layers do not count.
        Raises:
            PlanError: The accounts are not those of the terminals.
        """
        rows, cells = sites.rows(SiteKind.TERMINAL), service.demand.cells
        accounts = len(service.accounts.is_barred)
        if accounts != len(rows):
            raise PlanError(f"service: there are {accounts:,} accounts for {len(rows):,} terminals")
        cell = np.full(len(rows), -1, dtype=np.int64)
        if len(cells) and len(rows):
            own = cells_of(sites.latitude_rad[rows], sites.longitude_rad[rows])
            place = np.minimum(np.searchsorted(cells, own), len(cells) - 1)
            cell = np.where(cells[place] == own, place, -1)
        return TerminalRows._by(cell, service)

    def under(self, service: ServiceRules) -> "TerminalRows":
        """The same terminals by other rules of the same cells, without layers."""
        return TerminalRows._by(self.cell, service)

    @staticmethod
    def _by(cell: Ints, service: ServiceRules) -> "TerminalRows":
        """Who is shut out of the terminals of some cells."""
        is_partial = service.service_map.states_of(service.demand.cells) == CellState.PROTECTED_ONLY
        is_barred = service.accounts.is_barred
        is_suspended = np.append(is_partial, [False])[cell] & (service.accounts.rank != PROTECTED)
        is_out = is_barred | is_suspended
        return TerminalRows(
            cell=cell, is_barred=is_barred, is_suspended=is_suspended, turn=_turns(np.where(is_out, -1, cell))
        )

    def reason(self, cell_reason: Bytes) -> Bytes:
        """``(U,)`` `Unserved` of each terminal.

        Args:
            cell_reason: ``(C,)`` `Unserved` of the cells.
        """
        of_cells = np.append(cell_reason, np.uint8(Unserved.NO_CHANNEL))
        own = np.where(self.is_suspended, np.uint8(Unserved.SUSPENDED), of_cells[self.cell])
        return np.where(self.is_barred, np.uint8(Unserved.ACCOUNT), own).astype(np.uint8)

    def request(self, request_cell: Ints, is_served: Bools) -> Ints:
        """``(U,)`` request that serves each terminal; -1 for none.

        Args:
            request_cell: ``(Q,)`` rows of the cells, rising.
            is_served: ``(Q,)``.
        """
        check_shape("is_served", is_served, request_cell.shape)
        served = np.flatnonzero(is_served)
        found = np.full(len(self.cell), -1, dtype=np.int64)
        if not len(served):
            return found
        count = np.bincount(request_cell[served], minlength=int(self.cell.max(initial=0)) + 1)
        first = np.cumsum(count) - count
        mine = np.flatnonzero((self.cell >= 0) & ~self.is_barred & ~self.is_suspended)
        mine = mine[count[self.cell[mine]] > 0]
        cell = self.cell[mine]
        found[mine] = served[first[cell] + self.turn[mine] % count[cell]]
        return found


def _turns(group: Ints) -> Ints:
    """``(U,)`` number of each row among those of its group, in their order."""
    order = np.argsort(group, kind="stable")
    ranked = group[order]
    begin = np.searchsorted(ranked, ranked)
    turn = np.empty(len(group), dtype=np.int64)
    turn[order] = np.arange(len(group)) - begin
    return turn
