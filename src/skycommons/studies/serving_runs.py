"""The scheduler at work over the slots of a measurement: which satellite would it have given the dish?

Rules:

* The world is the catalogue of that day, gateways, PoPs, and the people around the dish, of whom a share subscribes. Cells
  farther away than the radius ask for nothing, so satellites at the edge of the dish's sky carry less than they would.
* The dish's own cell may use only the satellites that the measurement lists for its slot: what a real dish sees hangs on how
  it is tilted and turned and on what stands in its way, and the list says it. All others see what the usual terminal sees.
* A run knows its own past, never the real one. Long measurements are run in parts, spread evenly; a part begins without a
  past.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.clock import format_time
from skycommons.base.constants import EARTH_MEAN_RADIUS_M, NS_PER_S
from skycommons.base.errors import InputError
from skycommons.model.cells import centres
from skycommons.model.demand import no_demand, only, with_terminals
from skycommons.model.scenario import Scenario, parse
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.frames import up_axis
from skycommons.plan.lasers import Lasers, lasers_at
from skycommons.plan.options import Options
from skycommons.plan.schedule import Scheduler, StepPlan
from skycommons.plan.topology import pointing_of
from skycommons.studies.serving_data import SLOT_S, Serving

PEOPLE: Final = 7.8e9
SUBSCRIBERS: Final = ((2021.1, 1e4), (2022.95, 1e6), (2023.7, 2e6), (2024.75, 4e6), (2025.6, 7e6), (2026.1, 1e7))
"""Subscribers of the largest operator by year, as it told the press; recalled. Between them the logarithm is interpolated."""
LEAST_SUBSCRIBERS: Final = 0.1  # expected in a cell; where there are fewer, nobody asks
SKY_M: Final = 1_500e3  # along the ground, from the edge of the region to satellites that may serve there
_PART: Final = 50  # slots that are run one after the other where not all are
_AT_ONCE: Final = 32  # slots whose satellites are flown together
_YEAR_S: Final = 31_556_952.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the scheduler has to serve besides the dish, and how often it is run.

    Attributes:
        gateways, pops: Lists of sites; the built-in ones unless given.
        radius_m: How far around the dish people ask; 0 for the dish alone.
        subscriber_share: Of all people there who subscribe; None for the world's mean of that time.
        most_slots: Most slots that are run.
        runs: How often, each time with other draws.
        seed: Of the draws.
    Raises:
        InputError: A number is out of range.
    """

    gateways: Path | None = None
    pops: Path | None = None
    radius_m: float = 1_200e3
    subscriber_share: float | None = None
    most_slots: int = 300
    runs: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        if self.runs < 1 or not 0 <= self.seed < 2**63 - self.runs:
            raise InputError(
                f"runs must be at least 1 and the seed 0 or more; got {self.runs} runs with seed {self.seed}"
            )
        if not 0.0 <= self.radius_m <= 5_000e3:
            raise InputError(f"the radius must be between 0 and 5,000 km, not {self.radius_m / 1e3:g}")
        if self.subscriber_share is not None and not 0.0 <= self.subscriber_share <= 1.0:
            raise InputError(
                f"subscribers per 1,000 people must be between 0 and 1,000, not {1e3 * self.subscriber_share:g}"
            )
        if self.most_slots < 1:
            raise InputError(f"at least 1 slot must be run, not {self.most_slots}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScheduledRuns:
    """What the scheduler gave the dish.

    Attributes:
        rows: ``(M,)`` slots that were run.
        taken: ``(runs, M)`` row of the candidate that serves; -1 for none.
        cells, requests: How many the scheduler served besides.
        load: ``(runs, M)`` share of the serving satellite's slots that are taken; NaN without one.
        subscriber_share: What was assumed.
    """

    rows: Ints
    taken: Ints
    cells: int
    requests: int
    load: Floats
    subscriber_share: float

    @property
    def load_mean(self) -> float:
        """Over all slots with service; NaN where there are none."""
        known = self.load[np.isfinite(self.load)]
        return float(known.mean()) if len(known) else float("nan")


def subscriber_share_at(time_ns: int) -> float:
    """The world's mean at an instant.

    >>> round(1e3 * subscriber_share_at(1_721_239_200_000_000_000), 2)  # July 2024
    0.45
    """
    years, counts = zip(*SUBSCRIBERS, strict=True)
    year = 1970.0 + time_ns / NS_PER_S / _YEAR_S
    return float(np.exp(np.interp(year, years, np.log(counts)))) / PEOPLE


def run_scheduler(
    data: Serving,
    catalogue: Path,
    *,
    latitude_rad: float,
    longitude_rad: float,
    surroundings: Surroundings,
    progress: Callable[[int], None] = lambda _: None,
) -> ScheduledRuns:
    """Run the scheduler over the slots of a measurement.

    Args:
        data: The measurement.
        catalogue: Element sets of that day.
        latitude_rad, longitude_rad: Of the dish.
        surroundings: What else there is.
        progress: Called with the number of slots just done.
    Raises:
        InputError: A file cannot be used.
    """
    rows = slots_to_run(len(data), surroundings.most_slots)
    around = surroundings
    if around.subscriber_share is None:
        around = replace(around, subscriber_share=subscriber_share_at(int(data.time_ns[0])))
    place_deg = (float(np.degrees(latitude_rad)), float(np.degrees(longitude_rad)))
    scenario = _scenario(data, catalogue, around, place_deg=place_deg)
    scheduler = Scheduler.of(scenario)
    up = up_axis(np.asarray(latitude_rad), np.asarray(longitude_rad))
    reach_rad = (surroundings.radius_m + SKY_M) / EARTH_MEAN_RADIUS_M
    taken = np.full((surroundings.runs, len(rows)), -1, dtype=np.int64)
    load = np.full(taken.shape, np.nan)
    for run in range(surroundings.runs):
        seeded = replace(scheduler, scenario=scenario.replace(seed=surroundings.seed + run))
        dish = _Dish.of(data, seeded, up=up, cosine=float(np.cos(reach_rad)))
        for place, (row, plan) in enumerate(dish.plans(rows)):
            taken[run, place], load[run, place] = dish.candidate(row, plan)
            progress(1)
    return ScheduledRuns(
        rows=rows,
        taken=taken,
        cells=len(scheduler.demand),
        requests=len(scheduler.requests),
        load=load,
        subscriber_share=float(around.subscriber_share or 0.0),
    )


def slots_to_run(slots: int, most: int) -> Ints:
    """Rows of the slots that are run: all, or parts spread evenly.

    >>> slots_to_run(3, 5).tolist(), len(slots_to_run(5_760, 500))
    ([0, 1, 2], 500)
    """
    if slots <= most:
        return np.arange(slots)
    length = min(_PART, most)
    parts = max(1, most // length)
    begins = np.linspace(0, slots - length, parts).round().astype(np.int64)
    return np.unique(begins[:, None] + np.arange(length))


def _scenario(data: Serving, catalogue: Path, around: Surroundings, *, place_deg: tuple[float, float]) -> Scenario:
    """The day's sky, the ground, the people around the dish, and the dish."""
    begin_ns, end_ns = int(data.time_ns[0]), int(data.time_ns[-1]) + SLOT_S * NS_PER_S
    latitude_deg, longitude_deg = place_deg
    lines = [
        'name = "measured"',
        f"[time]\nstart = {format_time(begin_ns).split('.')[0].rstrip('Z')}Z",
        f"duration_s = {(end_ns - begin_ns) // NS_PER_S}\nstep_s = {SLOT_S}",
        f"[[constellation]]\ncatalogue = {_quoted(catalogue)}",
        f"[gateways]\n{_source(around.gateways)}",
        f"[pops]\n{_source(around.pops)}",
        f"[demand]\npopulation = {'true' if around.radius_m else 'false'}\nsubscribers_per_1000_people = {1e3 * (around.subscriber_share or 0.0)}",
        f"min_subscribers = {LEAST_SUBSCRIBERS}",
        "[schedule]",
        f'[[terminals]]\nname = "dish"\nlatitude_deg = {latitude_deg}\nlongitude_deg = {longitude_deg}',
    ]
    scenario = parse("\n".join(lines), source=str(catalogue), folder=Path())
    service = scenario.service
    others = None if service is None else service.others
    if service is None or others is None:
        raise InputError("the scenario of the measurement asks for no service")
    up = up_axis(np.radians(latitude_deg), np.radians(longitude_deg))
    near = up_axis(*centres(others.cells)) @ up >= np.cos(around.radius_m / EARTH_MEAN_RADIUS_M)
    kept = only(others, near) if near.any() else no_demand()
    demand = with_terminals(kept, scenario.world.sites, service.accounts)
    return scenario.replace(service=replace(service, demand=demand, others=kept))


def _source(path: Path | None) -> str:
    """Where sites come from."""
    return "builtin = true" if path is None else f"file = {_quoted(path)}"


def _quoted(path: Path) -> str:
    """A path as a TOML string."""
    return json.dumps(str(path.resolve()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Dish:
    """One run: the scheduler with the dish in it.

    Attributes:
        data: The measurement.
        scheduler: With the seed of the run.
        fleet_row: ``(K,)`` row in the fleet of each of the measurement's satellites; -1 for one that is not there.
        up: Of the dish; ``cosine`` of the angle to the farthest satellites that count.
        cell: Row of the dish's cell.
    """

    data: Serving
    scheduler: Scheduler
    fleet_row: Ints
    up: Floats
    cosine: float
    cell: int

    @staticmethod
    def of(data: Serving, scheduler: Scheduler, *, up: Floats, cosine: float) -> "_Dish":
        """Look up the measurement's satellites."""
        row_of = {name: row for row, name in enumerate(scheduler.scenario.world.satellites.ids)}
        return _Dish(
            data=data,
            scheduler=scheduler,
            fleet_row=np.array([row_of.get(name, -1) for name in data.names]),
            up=up,
            cosine=cosine,
            cell=int(scheduler.terminal_cell[0]),
        )

    def plans(self, rows: Ints) -> Iterator[tuple[int, StepPlan]]:
        """Slots and their plans, each after the one before; after a gap without a past."""
        scenario, time_ns = self.scheduler.scenario, self.data.time_ns
        rules = scenario.lasers
        pointing = pointing_of(rules.topology, scenario.world.satellites, scenario.start_ns, rules.max_range_m)
        lasers: Lasers | None = None
        plan: StepPlan | None = None
        for begin in range(0, len(rows), _AT_ONCE):
            part = rows[begin : begin + _AT_ONCE]
            flown = propagate(scenario.world.satellites.elements, time_ns[part])
            for place, row in enumerate(part.tolist()):
                position_m = flown.position_itrf_m[place]
                valid = flown.valid[place] & self._near(position_m)
                if plan is not None and int(time_ns[row]) - plan.time_ns != SLOT_S * NS_PER_S:
                    lasers = plan = None
                lasers = lasers_at(
                    *(rules, pointing, int(time_ns[row])),
                    position_itrf_m=position_m,
                    valid=valid,
                    before=lasers,
                    seed=scenario.seed,
                )
                plan = self._plan(row, position_m, valid, lasers=lasers, before=plan)
                yield row, plan

    def _near(self, position_itrf_m: Floats) -> Bools:
        """``(S,)`` satellites that may matter."""
        return np.asarray(position_itrf_m @ self.up >= self.cosine * np.linalg.norm(position_itrf_m, axis=1))

    def _plan(
        self, row: int, position_itrf_m: Floats, valid: Bools, *, lasers: Lasers, before: StepPlan | None
    ) -> StepPlan:
        """The plan of a slot in which the dish sees what is listed."""
        scheduler, time_ns = self.scheduler, int(self.data.time_ns[row])
        gateway = None if before is None else before.gateway
        ground = scheduler.stations.at(time_ns, position_itrf_m, valid, lasers=lasers, gateway=gateway)
        rates = scheduler.rates.at(time_ns)
        options = scheduler.options(
            *(time_ns, position_itrf_m, valid), ground=ground.backhaul, rates=rates, before=before
        )
        options = with_listed(options, self.cell, self.fleet_row[self.data.satellite[self._held(row)]])
        column = scheduler.assign(time_ns, options, before=before)
        return scheduler.given(
            *(options, column),
            time_ns=time_ns,
            position_itrf_m=position_itrf_m,
            ground=ground,
            lasers=lasers,
            rates=rates,
        )

    def _held(self, row: int) -> slice:
        """Candidates of a slot."""
        return slice(int(self.data.sets.offsets[row]), int(self.data.sets.offsets[row + 1]))

    def candidate(self, row: int, plan: StepPlan) -> tuple[int, float]:
        """Row of the candidate that serves the dish, and the load of its satellite; -1 and NaN for none."""
        request = int(self.scheduler.terminal_request(plan)[0])
        if request < 0:
            return -1, float("nan")
        satellite = int(plan.satellite[request])
        held = self._held(row)
        listed = np.flatnonzero(self.fleet_row[self.data.satellite[held]] == satellite)
        load = plan.used[satellite] / max(int(self.scheduler.limits.slots[satellite]), 1)
        return held.start + int(listed[0]), float(load)


def with_listed(options: Options, cell: int, satellites: Ints) -> Options:
    """The same options, of which one cell keeps only the listed satellites.

    Args:
        options: Of all cells.
        cell: Row of that cell.
        satellites: ``(K,)`` rows of satellites.
    """
    is_kept = (options.satellite[cell] >= 0) & np.isin(options.satellite[cell], satellites)
    count = int(np.count_nonzero(is_kept))
    columns = {}
    for name, nothing in (("satellite", -1), ("worth_nats", 0.0), ("sine_elevation", 0.0)):
        column = getattr(options, name).copy()
        left = column[cell][is_kept]
        column[cell] = nothing
        column[cell, :count] = left
        columns[name] = column
    return Options(**columns, reason=options.reason)
