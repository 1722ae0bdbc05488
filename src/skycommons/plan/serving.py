"""What a slot's plan means to the scenario's sites: which satellite a terminal points at, and what it is given.

Rules: a terminal shares the fate of its cell, and one whose account is barred is not served in a cell that is. A terminal
flies by the best of its cell's requests that is served, and by nothing else; a gateway talks only to the satellites that its
antennas follow. What a cell is given down goes to its protected users first, then to priority, standard and background, and
within a rank by how much each asks; what it is given up goes by how much each asks, whoever they are.
"""

from dataclasses import dataclass, replace

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Ints, Ints32, check_shape
from skycommons.model.scenario import Scenario
from skycommons.model.service_rules import RANKS
from skycommons.model.world import SiteKind
from skycommons.plan.demand import demand_share
from skycommons.plan.flows import Flows
from skycommons.plan.moments import Moment
from skycommons.plan.path_rates import Limit, PathRates
from skycommons.plan.requests import PROTECTED, Unserved
from skycommons.plan.routes import Reason, StepRoutes
from skycommons.plan.schedule import Scheduler, StepPlan
from skycommons.plan.visibility import Horizon, View


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Serving:
    """What one slot's plan gives the ``G`` sites.

    Attributes:
        request: ``(G,)`` request of the plan by which a terminal is served; -1 for none, and for other sites.
        satellite: ``(G,)`` row that serves a terminal; -1 likewise.
        gateway: ``(S,)`` site row of the gateway that feeds a satellite; -1 for none.
        reason: ``(G,)`` `Unserved` of terminals; `SERVED` for other sites.
        down_bps, up_bps: ``(G,)`` most that a terminal is given; infinite for other sites.
    """

    request: Ints
    satellite: Ints32
    gateway: Ints32
    reason: Bytes
    down_bps: Floats
    up_bps: Floats

    def __post_init__(self) -> None:
        for name in ("request", "reason", "down_bps", "up_bps"):
            check_shape(name, getattr(self, name), self.satellite.shape)

    def view(self, horizon: Horizon, position_itrf_m: Floats) -> View:
        """The links of a step: each terminal with its satellite, each gateway with those that it feeds.

        A satellite is followed to the end of the slot, even where it leaves what the site could be given anew.

        Args:
            horizon: ``G`` sites.
            position_itrf_m: ``(S, 3)`` at the step.
        """
        served, fed = np.flatnonzero(self.satellite >= 0), np.flatnonzero(self.gateway >= 0)
        site = np.concatenate([served, self.gateway[fed]]).astype(np.int64)
        sat = np.concatenate([self.satellite[served], fed]).astype(np.int32)
        order = np.lexsort((sat, site))
        site, sat = site[order], sat[order]
        sight_m = position_itrf_m[sat] - horizon.position_itrf_m[site]
        range_m = np.linalg.norm(sight_m, axis=1)
        known = np.isfinite(range_m)
        site, sat, sight_m, range_m = site[known], sat[known], sight_m[known], range_m[known]
        return View(
            start=np.concatenate([[0], np.cumsum(np.bincount(site, minlength=len(horizon)))]).astype(np.int64),
            sat=sat,
            range_m=range_m,
            sine_elevation=np.einsum("ij,ij->i", sight_m, horizon.up_itrf[site]) / range_m,
        )

    def explained(self, routes: StepRoutes, flows: Flows) -> StepRoutes:
        """Routes of which those without a path say so where an end of theirs is not served."""
        unserved = self.reason != Unserved.SERVED
        dark = unserved[flows.source] | (unserved[flows.target] & (flows.target >= 0))
        unreached = routes.reason != Reason.REACHABLE
        reason = np.where(dark & unreached, np.uint8(Reason.NOT_SERVED), routes.reason).astype(np.uint8)
        return replace(routes, reason=reason)

    def within(self, rates: PathRates, flows: Flows) -> PathRates:
        """Rates of which none is above what the terminal at its source is given."""
        most_bps = self.down_bps[flows.source]
        limit = np.where(rates.down_bps > most_bps, np.uint8(Limit.CELL), rates.limit).astype(np.uint8)
        return replace(
            rates,
            down_bps=np.minimum(rates.down_bps, most_bps),
            up_bps=np.minimum(rates.up_bps, self.up_bps[flows.source]),
            limit=limit,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What part of their cell's rate ``U`` terminals get while nothing changes.

    Attributes:
        rank: ``(U,)`` that the service map grants them.
        down_share: ``(U,)`` of what is given down to their rank in the cell.
        up_share: ``(U,)`` of what the cell is given up.
    """

    rank: Ints
    down_share: Floats
    up_share: Floats

    @staticmethod
    def of(moment: Moment) -> "Parts":
        """The parts of a moment."""
        service, demand, cell = moment.law.service, moment.demand, moment.terminals.cell
        accounts, is_in = service.accounts, ~moment.terminals.is_suspended
        best = np.append(1 + service.service_map.classes_of(demand.cells).astype(np.int64), 1)[cell]
        rank = np.where(accounts.rank == PROTECTED, PROTECTED, np.maximum(accounts.rank, best)).astype(np.int64)
        in_rank_bps = np.append(demand.down_bps, np.zeros((1, RANKS)), axis=0)[cell, rank]
        in_cell_bps = np.append(demand.up_bps.sum(axis=1), 0.0)[cell]
        return Parts(
            rank=rank,
            down_share=_shares(accounts.down_bps * is_in, in_rank_bps),
            up_share=_shares(accounts.up_bps * is_in, in_cell_bps),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerminalShares:
    """What part of their cell's rate the scenario's ``U`` terminals get.

    Attributes:
        scheduler: Plans the slots.
        site: ``(U,)`` rows of the terminals, ascending.
        parts: In each of the scheduler's moments.
    """

    scheduler: Scheduler
    site: Ints
    parts: tuple[Parts, ...]

    @staticmethod
    def of(scheduler: Scheduler) -> "TerminalShares":
        """Prepare the terminals of a scheduler's scenario."""
        return TerminalShares(
            scheduler=scheduler,
            site=scheduler.scenario.world.sites.rows(SiteKind.TERMINAL),
            parts=tuple(Parts.of(moment) for moment in scheduler.moments),
        )

    def serving(self, plan: StepPlan) -> Serving:
        """What a plan gives the sites."""
        sites, requests = len(self.scheduler.scenario.world.sites), self.scheduler.requests
        parts = self.parts[self.scheduler.row_at(plan.time_ns)]
        request, reason = np.full(sites, -1, dtype=np.int64), np.full(sites, Unserved.SERVED, dtype=np.uint8)
        request[self.site] = self.scheduler.terminal_request(plan)
        cell = self.scheduler.terminal_cell
        satellite = np.append(plan.satellite, np.int32(-1))[request]
        reason[self.site] = self.scheduler.terminal_reason(plan)
        cells = len(requests.blocked)
        down_bps, up_bps = np.full(sites, np.inf), np.full(sites, np.inf)
        by_rank_bps = self._down_by_rank(plan)
        of_cells_bps = np.bincount(requests.cell, weights=plan.up_bps, minlength=cells)
        in_rank_bps = np.append(by_rank_bps, np.zeros((1, RANKS)), axis=0)[cell, parts.rank]
        down_bps[self.site] = in_rank_bps * parts.down_share
        up_bps[self.site] = np.append(of_cells_bps, 0.0)[cell] * parts.up_share
        return Serving(
            request=request,
            satellite=satellite,
            gateway=plan.gateway,
            reason=reason,
            down_bps=down_bps,
            up_bps=up_bps,
        )

    def _down_by_rank(self, plan: StepPlan) -> Floats:
        """``(C, 4)`` what each rank has of what its cell is given."""
        scheduler = self.scheduler
        given_bps = np.bincount(scheduler.requests.cell, weights=plan.down_bps, minlength=len(scheduler.demand))
        share = demand_share(scheduler.service.busy_hour_shape, scheduler.places.longitude_rad, plan.time_ns)
        asked_bps = scheduler.at(plan.time_ns).demand.down_bps * share[:, np.newaxis]
        better_bps = np.cumsum(asked_bps, axis=1) - asked_bps
        return np.asarray(np.clip(given_bps[:, np.newaxis] - better_bps, 0.0, asked_bps))

    def with_home_pops(self) -> Scenario:
        """The scenario with each terminal that names no PoP at the one to which its cell belongs, if to one."""
        scenario, cell = self.scheduler.scenario, self.scheduler.terminal_cell
        sites = scenario.world.sites
        home_pop = sites.home_pop.copy()
        pop = np.append(self.scheduler.places.pop, -1)[cell]
        turned = (home_pop[self.site] < 0) & (pop >= 0)
        home_pop[self.site[turned]] = sites.rows(SiteKind.POP)[pop[turned]]
        return scenario.replace(world=replace(scenario.world, sites=replace(sites, home_pop=home_pop)))


def _shares(own_bps: Floats, total_bps: Floats) -> Floats:
    """Part of a total that belongs to a terminal, by what it asks; nothing where nobody asks anything."""
    shares = np.divide(own_bps, total_bps, out=np.zeros_like(total_bps), where=total_bps > 0.0)
    return np.asarray(np.clip(shares, 0.0, 1.0))
