"""What the rules of a sound plan are asked about: one slot of a plan beside the world that it claims to serve.

Rules: facts come from the plan's own rows and from the scenario; nothing is planned again. Cells are judged at their centre
with the first type of terminal, as the scheduler promises to.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints
from skycommons.base.errors import InputError, PlanError
from skycommons.model.cells import CellIds, centres, disks
from skycommons.model.rules import BentPipeMode
from skycommons.model.scenario import Scenario
from skycommons.model.service_moment import service_at
from skycommons.model.service_rules import DemandTable, ServiceRules
from skycommons.plan.check_sky import Grounds, lasers_in_reach
from skycommons.plan.plan_table import PlanTable
from skycommons.plan.topology import Pointing, pointing_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Premises:
    """What does not change from slot to slot: ``C`` cells, ``S`` satellites, ``G`` sites.

    Attributes:
        scenario: The world and its rules.
        service: Its rules of service.
        cells: ``(C,)`` of the plan and of the demand together, sorted.
        longitude_rad: ``(C,)`` of their centres.
        grounds: Of the cells.
        near: ``(N, 2)`` rows of cells that may not share a channel, each pair once.
        demand_row: ``(C,)`` row in the demand table; -1 for a cell that is not in it.
        sites: Of the world, as places that look up.
        payload: ``(S,)`` row of each satellite's payload.
        pointing: Which satellites want lasers between them.
    """

    scenario: Scenario
    service: ServiceRules
    cells: CellIds
    longitude_rad: Floats
    grounds: Grounds
    near: Ints
    demand_row: Ints
    sites: Grounds
    payload: Ints
    pointing: Pointing

    @staticmethod
    def of(scenario: Scenario, plan: PlanTable) -> "Premises":
        """Prepare a check.

        Raises:
            PlanError: The scenario has no rules of service.
        """
        service = scenario.service
        if service is None:
            raise PlanError("the scenario has no [demand], [service] or [schedule]; there is no plan to check")
        cells = np.unique(np.concatenate([plan.cell, service.demand.cells]))
        latitude_rad, longitude_rad = centres(cells)
        satellites, lasers = scenario.world.satellites, scenario.lasers
        return Premises(
            scenario=scenario,
            service=service,
            cells=cells,
            longitude_rad=longitude_rad,
            grounds=_grounds(scenario, latitude_rad, longitude_rad),
            near=near_pairs(cells, service.schedule.separation_rings),
            demand_row=_rows_in(service.demand.cells, cells),
            sites=Grounds.of_sites(scenario.world.sites),
            payload=scenario.world.equipment.payload_rows(satellites.generations),
            pointing=pointing_of(lasers.topology, satellites, scenario.start_ns, lasers.max_range_m),
        )

    def allowed_at(self, time_ns: int) -> "Allowed":
        """What the service map says at an instant."""
        now = service_at(self.service, self.scenario.world, time_ns)
        return Allowed(
            state=now.service_map.states_of(self.cells),
            service_class=now.service_map.classes_of(self.cells),
            demand=now.demand,
        )

    def of_payload(self, name: str) -> Floats:
        """``(S,)`` a figure of each satellite's payload."""
        return np.array([getattr(one, name) for one in self.scenario.world.equipment.payloads])[self.payload]

    def laser_pairs(self, position_itrf_m: Floats, valid: Bools) -> Ints:
        """``(E, 2)`` satellites that could have a laser between them; none where the scenario uses none."""
        if isinstance(self.scenario.routing.mode, BentPipeMode):
            return np.zeros((0, 2), dtype=np.int64)
        pairs = self.pointing.pairs_at(position_itrf_m, valid).astype(np.int64)
        return pairs[lasers_in_reach(pairs, position_itrf_m, valid, self.scenario.lasers)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allowed:
    """What the service map says of ``C`` cells at an instant.

    Attributes:
        state: ``(C,)`` `CellState`.
        service_class: ``(C,)`` `ServiceClass`.
        demand: Who asks, of the rows that `Premises.demand_row` names.
    """

    state: Bytes
    service_class: Bytes
    demand: DemandTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """One slot: ``R`` rows of the plan, ``F`` fed satellites, and where the ``S`` satellites are at its begin.

    Attributes:
        premises: What holds for all slots.
        allowed: What the service map says at the slot's begin.
        time_ns: Begin of the slot.
        position_itrf_m: ``(S, 3)``; ``valid`` ``(S,)``.
        cell: ``(R,)`` row in `Premises.cells`.
        channel, rank, satellite, beam, share, down_bps, up_bps, pop, egress, reason: ``(R,)`` as in `PlanTable`.
        fed, gateway: ``(F,)`` likewise.
    """

    premises: Premises
    allowed: Allowed
    time_ns: int
    position_itrf_m: Floats
    valid: Bools
    cell: Ints
    channel: Ints
    rank: Ints
    satellite: Ints
    beam: Ints
    share: Floats
    down_bps: Floats
    up_bps: Floats
    pop: Ints
    egress: Ints
    reason: Ints
    fed: Ints
    gateway: Ints

    @staticmethod
    def of(premises: Premises, plan: PlanTable, step: int, *, position_itrf_m: Floats, valid: Bools) -> "Facts":
        """The facts of a slot.

        Raises:
            InputError: It names a cell that the plan from which the premises were made did not.
        """
        rows, fed = plan.rows(step), plan.fed_rows(step)
        cell = _rows_in(premises.cells, plan.cell[rows])
        if (cell < 0).any():
            raise InputError("the parts of a plan are not of the same cells; check them one by one")
        whole = ("channel", "rank", "satellite", "beam", "pop", "egress", "reason")
        return Facts(
            premises=premises,
            allowed=premises.allowed_at(int(plan.time_ns[step])),
            time_ns=int(plan.time_ns[step]),
            position_itrf_m=position_itrf_m,
            valid=valid,
            cell=cell,
            **{name: getattr(plan, name)[rows].astype(np.int64) for name in whole},
            **{name: getattr(plan, name)[rows] for name in ("share", "down_bps", "up_bps")},
            fed=plan.fed[fed].astype(np.int64),
            gateway=plan.gateway[fed].astype(np.int64),
        )

    @property
    def is_served(self) -> Bools:
        """``(R,)`` rows that name a satellite."""
        return np.asarray(self.satellite != -1, dtype=np.bool_)

    @property
    def flying(self) -> Ints:
        """Rows whose satellite is there."""
        return np.flatnonzero(self.exists(self.satellite))

    def exists(self, satellite: Ints) -> Bools:
        """Which satellites are there and have a position."""
        inside: Bools = (satellite >= 0) & (satellite < len(self.valid))
        return inside & self.valid[np.where(inside, satellite, 0)]

    @property
    def usable_feeds(self) -> Ints:
        """Rows of the fed satellites that are there and name a site."""
        is_site = (self.gateway >= 0) & (self.gateway < len(self.premises.scenario.world.sites))
        return np.flatnonzero(self.exists(self.fed) & is_site)

    def cell_word(self, row: int) -> str:
        """A row's cell in words."""
        return f"cell {self.premises.cells[self.cell[row]]:x}"

    def satellite_word(self, satellite: int) -> str:
        """A satellite by its id."""
        ids = self.premises.scenario.world.satellites.ids
        return f"satellite {ids[satellite]}" if 0 <= satellite < len(ids) else f"satellite row {satellite}"

    def site_word(self, site: int) -> str:
        """A site by its id."""
        ids = self.premises.scenario.world.sites.ids
        return ids[site] if 0 <= site < len(ids) else f"site row {site}"


def near_pairs(cells: CellIds, rings: int) -> Ints:
    """``(N, 2)`` pairs of different rows of cells at most so many steps apart, each pair once.

    Args:
        cells: ``(C,)`` sorted.
        rings: Steps of H3's grid.
    """
    around = disks(cells, rings)
    there = _rows_in(cells, around.ravel()).reshape(around.shape)
    home = np.arange(len(cells))[:, np.newaxis]
    row, place = np.nonzero(there > home)
    return np.stack([row, there[row, place]], axis=1)


def _rows_in(table: CellIds, cells: CellIds) -> Ints:
    """``(N,)`` row of each cell in a sorted table; -1 where it is not in it."""
    if not len(table):
        return np.full(len(cells), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(table, cells), len(table) - 1)
    return np.where(table[place] == cells, place, -1)


def _grounds(scenario: Scenario, latitude_rad: Floats, longitude_rad: Floats) -> Grounds:
    """The cells' centres with the first type of terminal, where no territory has its own limit to the geostationary arc."""
    terminal, count = scenario.world.equipment.terminals[0], len(latitude_rad)
    exclusion_rad = np.full(count, terminal.gso_exclusion_rad)
    for territory in scenario.territories:
        if territory.gso_exclusion_rad is not None:
            exclusion_rad[territory.contains(latitude_rad, longitude_rad)] = territory.gso_exclusion_rad
    return Grounds.at(
        latitude_rad,
        longitude_rad,
        height_m=np.zeros(count),
        tilt_rad=np.full(count, terminal.tilt_rad),
        min_elevation_rad=np.full(count, terminal.min_elevation_rad),
        gso_exclusion_rad=exclusion_rad,
        field_of_view_rad=np.full(count, terminal.field_of_view_rad),
    )
