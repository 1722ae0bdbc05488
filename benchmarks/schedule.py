"""One slot of the scheduler, whole and part by part: 200,000 cells with a million terminals, and a thousand terminals.

The peer gives each terminal the nearest satellite above its least elevation, terminal by terminal, as simulators do that
have no scheduler: no beams, no gateways, no capacity. It is measured on a part of the terminals and scaled up.
"""

import resource
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.material import MIN_ELEVATION_DEG, START_NS, fleet, scenario
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.rng import stream
from skycommons.model.cells import centres
from skycommons.model.demand import no_demand, with_terminals
from skycommons.model.documents_service import BUSY_HOUR_SHAPE
from skycommons.model.population import world_cells
from skycommons.model.scenario import Scenario
from skycommons.model.service_map import ServiceMap
from skycommons.model.service_rules import ScheduleRules, ServiceRules, TerminalAccounts
from skycommons.model.world import SiteKind, Sites
from skycommons.orbit.frames import geodetic_to_itrf, up_axis
from skycommons.plan.lasers import Lasers, lasers_at
from skycommons.plan.schedule import Scheduler, StepPlan
from skycommons.plan.slots import slot_begin
from skycommons.plan.topology import pointing_of

CELLS, TERMINALS, FEW_TERMINALS, PART = 200_000, 1_000_000, 1_000, 1_000
DOWN_BPS, UP_BPS, STANDARD = 3e6, 0.3e6, 2


def measure() -> list[Figure]:
    """Preparing, the first slot, the slots after it, and each part of one."""
    large = _Slot.of(world_of(CELLS, TERMINALS))
    small = _Slot.of(world_of(FEW_TERMINALS, FEW_TERMINALS))
    naive_s = cpu_seconds(large.nearest, repeats=2) * TERMINALS / PART
    asked = f"{len(large.scheduler.requests):,} requests of {CELLS:,} cells with {TERMINALS:,} terminals"
    warm = cpu_seconds(lambda: large.whole(large.first), repeats=3)
    few = f"{FEW_TERMINALS:,} terminals, each in a cell of its own"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return [
        Figure(
            name="slot: prepare", cpu_s=cpu_seconds(large.prepare, repeats=1, warm=False), note=f"once a run; {asked}"
        ),
        Figure(
            name="slot: the first",
            cpu_s=cpu_seconds(lambda: large.whole(None), repeats=3),
            note=f"{asked}; no slot before",
        ),
        Figure(
            name="slot: whole",
            cpu_s=warm,
            target="5 s or less",
            note=f"{asked}; the peer by {PART:,} of them; peak memory {memory / 1e9:.1f} GB",
            peer="the nearest satellite, terminal by terminal",
            peer_cpu_s=naive_s,
        ),
        *large.parts(),
        Figure(
            name="slot: whole, few terminals",
            cpu_s=cpu_seconds(lambda: small.whole(small.first)),
            target="150 ms or less",
            note=few,
        ),
        *small.parts(few=", few terminals"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Slot:
    """A scheduler, and the sky of two slots."""

    scheduler: Scheduler
    time_ns: Ints
    position_m: Floats
    valid: Bools
    lasers: tuple[Lasers, ...]
    first: StepPlan

    @staticmethod
    def of(world: Scenario) -> "_Slot":
        """Prepare a world and plan its first slot."""
        scheduler = Scheduler.of(world)
        begin_ns = int(slot_begin(np.array(START_NS), ScheduleRules()))
        time_ns = np.array([begin_ns, begin_ns + 15_000_000_000])
        flown = world.propagate(time_ns)
        rules = world.lasers
        pointing = pointing_of(rules.topology, world.world.satellites, world.start_ns, rules.max_range_m)
        lasers: list[Lasers] = []
        for row, instant in enumerate(time_ns.tolist()):
            lasers.append(
                lasers_at(
                    *(rules, pointing, instant),
                    position_itrf_m=flown.position_itrf_m[row],
                    valid=flown.valid[row],
                    before=lasers[-1] if lasers else None,
                )
            )
        first = scheduler.step(begin_ns, flown.position_itrf_m[0], flown.valid[0], lasers[0], before=None)
        return _Slot(
            scheduler=scheduler,
            time_ns=time_ns,
            position_m=flown.position_itrf_m,
            valid=flown.valid,
            lasers=tuple(lasers),
            first=first,
        )

    def prepare(self) -> Scheduler:
        """All over again."""
        return Scheduler.of(self.scheduler.scenario)

    def whole(self, before: StepPlan | None) -> Ints:
        """The second slot, down to the satellite and the reason of every terminal."""
        plan = self.scheduler.step(
            *(int(self.time_ns[1]), self.position_m[1], self.valid[1], self.lasers[1]), before=before
        )
        self.scheduler.terminal_reason(plan)
        return self.scheduler.terminal_request(plan)

    def parts(self, *, few: str = "") -> list[Figure]:
        """What the second slot is made of."""
        scheduler, before = self.scheduler, self.first
        time_ns, position_m, valid, lasers = int(self.time_ns[1]), self.position_m[1], self.valid[1], self.lasers[1]

        def ground() -> object:
            return scheduler.stations.at(time_ns, position_m, valid, lasers=lasers, gateway=before.gateway)

        now = scheduler.stations.at(time_ns, position_m, valid, lasers=lasers, gateway=before.gateway)
        rates = scheduler.rates.at(time_ns)

        def options() -> object:
            return scheduler.options(time_ns, position_m, valid, ground=now.backhaul, rates=rates, before=before)

        found = scheduler.options(time_ns, position_m, valid, ground=now.backhaul, rates=rates, before=before)
        column = scheduler.assign(time_ns, found, before=before)

        def beams() -> object:
            return scheduler.given(
                *(found, column),
                time_ns=time_ns,
                position_itrf_m=position_m,
                lasers=lasers,
                ground=now,
                rates=rates,
            )

        return [
            Figure(name=f"slot: gateways and ways to the PoPs{few}", cpu_s=cpu_seconds(ground, repeats=3)),
            Figure(name=f"slot: options{few}", cpu_s=cpu_seconds(options, repeats=3)),
            Figure(
                name=f"slot: assignment{few}",
                cpu_s=cpu_seconds(lambda: scheduler.assign(time_ns, found, before=before), repeats=3),
            ),
            Figure(
                name=f"slot: beams, rates, ways around full feeders, delays and reasons{few}",
                cpu_s=cpu_seconds(beams, repeats=3),
            ),
            Figure(
                name=f"slot: terminals{few}",
                cpu_s=cpu_seconds(lambda: (scheduler.terminal_reason(before), scheduler.terminal_request(before))),
            ),
        ]

    def nearest(self) -> list[int]:
        """The nearest satellite of some terminals, one after the other."""
        sites = self.scheduler.scenario.world.sites
        rows = np.linspace(0, TERMINALS - 1, PART).astype(np.int64)
        latitude, longitude = sites.latitude_rad[rows], sites.longitude_rad[rows]
        position_m = geodetic_to_itrf(latitude, longitude, np.zeros(PART))
        up = up_axis(latitude, longitude)
        least, serving = np.sin(np.radians(MIN_ELEVATION_DEG)), []
        for terminal in range(PART):
            sight = self.position_m[1] - position_m[terminal]
            range_m = np.sqrt((sight * sight).sum(axis=1))
            range_m[~(sight @ up[terminal] >= least * range_m)] = np.inf
            best = int(range_m.argmin())
            serving.append(best if range_m[best] < np.inf else -1)
        return serving


def world_of(cells: int, terminals: int) -> Scenario:
    """The most peopled cells of the world, a terminal in each, and the others where the people are."""
    where, people = world_cells()
    chosen = np.sort(np.argsort(-people, kind="stable")[:cells])
    draw = stream(7, "schedule")
    home = np.concatenate(
        [np.arange(cells), draw.choice(cells, terminals - cells, p=people[chosen] / people[chosen].sum())]
    )
    latitude, longitude = centres(where[chosen])
    base = scenario()
    sites = _with_terminals(base.world.sites, latitude[home], longitude[home])
    accounts = TerminalAccounts(
        rank=np.full(terminals, STANDARD, dtype=np.uint8),
        is_barred=np.zeros(terminals, dtype=np.bool_),
        down_bps=np.full(terminals, DOWN_BPS),
        up_bps=np.full(terminals, UP_BPS),
    )
    service = ServiceRules(
        demand=with_terminals(no_demand(), sites, accounts),
        accounts=accounts,
        busy_hour_shape=BUSY_HOUR_SHAPE,
        service_map=ServiceMap.everywhere(),
        schedule=ScheduleRules(),
    )
    return base.replace(world=replace(base.world, satellites=fleet().satellites, sites=sites), service=service)


def _with_terminals(sites: Sites, latitude_rad: Floats, longitude_rad: Floats) -> Sites:
    """The stations of a table, after terminals at these places."""
    stations, count = np.flatnonzero(sites.kind != SiteKind.TERMINAL), len(latitude_rad)
    values = {
        "kind": int(SiteKind.TERMINAL),
        "latitude_rad": latitude_rad,
        "longitude_rad": longitude_rad,
        "height_m": 0.0,
        "min_elevation_rad": np.radians(MIN_ELEVATION_DEG),
        "gso_exclusion_rad": 0.0,
        "home_pop": -1,
        "equipment": 0,
        "tilt_rad": 0.0,
        "field_of_view_rad": 2.0 * np.pi,
        "antennas": -1,
    }
    return Sites(
        ids=(*(f"terminal-{number}" for number in range(count)), *(sites.ids[row] for row in stations)),
        **{
            name: np.concatenate([np.full(count, value), getattr(sites, name)[stations]])
            for name, value in values.items()
        },
    )
