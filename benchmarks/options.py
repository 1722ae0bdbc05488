"""Options of 200,000 cells beside the same search in NumPy, and rates by zone beside rates of each cell."""

from dataclasses import dataclass, replace

import h3.api.numpy_int as h3
import numpy as np

from benchmarks.material import MIN_ELEVATION_DEG, START_NS, fleet, random_sites, scenario
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.rng import uniform_of
from skycommons.model.cells import CellIds, centres
from skycommons.model.rules import FixedExceedance, RadioRules, SimulatedWeather
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind, Sites, World
from skycommons.plan.cell_rates import CellRates, CellRatesNow
from skycommons.plan.choice import LOW_ELEVATION_RAD, LOW_ORBIT_M, NEAR_GSO_RAD, OBSERVED_WEIGHTS
from skycommons.plan.options import Kept, Luck, Options, SkyStep, find_options
from skycommons.plan.radio import Radio
from skycommons.plan.visibility import Horizon, view
from skycommons.plan.visibility_kernel import separations
from skycommons.radio.climate import terrain_height_m

ZONES, CELLS, PART, COUNT = 4_100, 200_000, 2_000, 24  # 4,100 zones of 49 cells: 50 million km², a third of all land
EXCLUSION_RAD = float(np.radians(18.0))
WEIGHTS = replace(OBSERVED_WEIGHTS, load_nats=-1.0)


def measure() -> list[Figure]:
    """The search, and what it needs to know of rates."""
    cells = _cells()
    latitude, longitude = centres(cells)
    steady, changing = (_scenario(rules) for rules in (FixedExceedance(exceedance=1e-2), SimulatedWeather()))
    rates = CellRates.of(changing, latitude, longitude)
    now = CellRates.of(steady, latitude, longitude).at(START_NS)
    question = _question(steady, cells, now)
    zones = f"{len(rates.longitude_rad):,} zones of {len(cells):,} cells, {len(now.sine)} elevations"
    steps = iter(range(START_NS, START_NS + 1_000 * 15_000_000_000, 15_000_000_000))
    return [
        _search(question),
        Figure(
            name="cell rates: prepare, weather simulated",
            cpu_s=cpu_seconds(lambda: CellRates.of(changing, latitude, longitude), repeats=2),
            note=zones,
        ),
        Figure(
            name="cell rates: a slot's, weather simulated",
            cpu_s=cpu_seconds(lambda: rates.at(next(steps))),
            target="500 ms or less",
            note=zones,
        ),
        _links(steady, question, now),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What the search is asked."""

    latitude_rad: Floats
    longitude_rad: Floats
    horizon: Horizon
    sky: SkyStep
    luck: Luck
    kept: Kept
    rates: CellRatesNow

    def options(self) -> Options:
        """The search."""
        return find_options(
            self.horizon,
            self.sky,
            blocked=np.zeros(len(self.horizon), dtype=np.uint8),
            weights=WEIGHTS,
            luck=self.luck,
            kept=self.kept,
            rates=self.rates,
            count=COUNT,
        )


def _cells() -> CellIds:
    """Whole zones between 56° south and north."""
    zones = {h3.latlng_to_cell(*where, 3) for where in zip(*map(np.degrees, random_sites(6_000, "zones")), strict=True)}
    chosen = sorted(int(zone) for zone in zones)[:ZONES]
    children = [h3.cell_to_children(zone, 5) for zone in chosen]
    return np.sort(np.concatenate(children).astype(np.uint64))[:CELLS]


def _terminals(latitude: Floats, longitude: Floats) -> Sites:
    """One terminal for each place."""
    count = len(latitude)
    return Sites(
        ids=tuple(f"cell-{row}" for row in range(count)),
        kind=np.full(count, int(SiteKind.TERMINAL)),
        latitude_rad=latitude,
        longitude_rad=longitude,
        height_m=terrain_height_m(latitude, longitude),
        min_elevation_rad=np.full(count, np.radians(MIN_ELEVATION_DEG)),
        gso_exclusion_rad=np.full(count, EXCLUSION_RAD),
        home_pop=np.full(count, -1),
        equipment=np.zeros(count, dtype=np.int64),
        tilt_rad=np.zeros(count),
        field_of_view_rad=np.full(count, 2.0 * np.pi),
        antennas=np.full(count, -1),
    )


def _scenario(weather: FixedExceedance | SimulatedWeather) -> Scenario:
    """The fleet in a weather."""
    return replace(scenario(), radio=RadioRules(weather=weather))


def _question(world: Scenario, cells: CellIds, rates: CellRatesNow) -> _Question:
    """All cells under the whole fleet, some of it without a way, after a slot before."""
    latitude, longitude = centres(cells)
    ephemeris = world.propagate(np.array([START_NS]))
    satellites = len(fleet().satellites)
    draw = np.random.default_rng(7)
    payload = world.world.equipment.payload_rows(world.world.satellites.generations)
    sky = SkyStep(
        position_itrf_m=ephemeris.position_itrf_m[0],
        valid=ephemeris.valid[0],
        payload=payload,
        is_v2_mini=payload > 0,
        load=draw.random(satellites),
        has_way=draw.random((30, satellites)) < 0.95,
        pop=draw.integers(-1, 30, len(cells)),
    )
    return _Question(
        latitude_rad=latitude,
        longitude_rad=longitude,
        horizon=Horizon.of(_terminals(latitude, longitude)),
        sky=sky,
        luck=Luck(seed=7, slot=11, cell=cells),
        kept=Kept(first=np.arange(len(cells) + 1), satellite=draw.integers(0, satellites, len(cells)).astype(np.int32)),
        rates=rates,
    )


def _search(question: _Question) -> Figure:
    """Ours for all cells, NumPy over all pairs in view for some of them."""
    rows = np.linspace(0, len(question.horizon) - 1, PART).astype(np.int64)
    found = question.options()
    plain = _plain(question, rows)
    same = np.mean(found.satellite[rows] == plain)
    if same < 1.0:
        raise RuntimeError(f"the search and NumPy agree on {100.0 * same:.3f} % of options only")
    return Figure(
        name="options of all cells",
        cpu_s=cpu_seconds(question.options, repeats=5),
        peer="NumPy, over all pairs in view",
        peer_cpu_s=cpu_seconds(lambda: _plain(question, rows), repeats=2) * len(question.horizon) / PART,
        target="2,000 ms or less",
        note=f"{len(question.sky):,} satellites, {len(question.horizon):,} cells, {COUNT} options each, exclusion of "
        f"{np.degrees(EXCLUSION_RAD):g}°; the peer by {PART:,} of them",
    )


def _plain(question: _Question, rows: Ints) -> Ints:
    """The same options in NumPy, ``(rows, COUNT)``."""
    sky, rates = question.sky, question.rates
    horizon = Horizon(**{name: getattr(question.horizon, name)[rows] for name in Horizon.__slots__})
    seen = view(replace(horizon, gso_exclusion_rad=np.zeros(len(rows))), sky.position_itrf_m, sky.valid)
    site, sat, sine = np.repeat(np.arange(len(rows)), seen.counts()), seen.sat, seen.sine_elevation
    apart = separations(sky.position_itrf_m, horizon.position_itrf_m, horizon.up_itrf, seen.start, sat)
    has_way, way = sky.ways(len(question.horizon))
    cell = rows[site]
    passes = (apart >= EXCLUSION_RAD) & (sine >= rates.least_sine[rates.zone[cell], sky.payload[sat]])
    passes &= has_way[way[cell], sat]
    site, sat, sine, apart, cell = site[passes], sat[passes], sine[passes], apart[passes], cell[passes]
    up = horizon.up_itrf[site]
    flat = np.hypot(up[:, 0], up[:, 1])
    north = np.stack([-up[:, 0] * up[:, 2], -up[:, 1] * up[:, 2], flat**2], axis=1) / flat[:, np.newaxis]
    sight = sky.position_itrf_m[sat] - horizon.position_itrf_m[site]
    poleward = np.einsum("ij,ij->i", sight, north) / np.linalg.norm(sight, axis=1) * np.sign(up[:, 2])
    kept = question.kept.satellite[cell] == sat
    worth = (
        -WEIGHTS.cosecant_nats / sine
        + WEIGHTS.poleward_nats * poleward
        + WEIGHTS.v2_mini_nats * sky.is_v2_mini[sat]
        + WEIGHTS.kept_nats * kept
        + WEIGHTS.low_nats * (sine < np.sin(LOW_ELEVATION_RAD))
        + WEIGHTS.near_gso_nats * (apart < NEAR_GSO_RAD)
        + WEIGHTS.low_orbit_nats
        * (np.linalg.norm(sky.position_itrf_m[sat], axis=1) < EARTH_MEAN_RADIUS_M + LOW_ORBIT_M)
        + WEIGHTS.load_nats * sky.load[sat]
    )
    own = question.luck.cell.view(np.int64)[cell]
    worth -= np.log(-np.log(uniform_of(question.luck.seed, np.array(question.luck.slot), own, sat.astype(np.int64))))
    order = np.lexsort([-worth, site])
    first = np.searchsorted(site, np.arange(len(rows)))
    place = np.arange(len(order)) - first[site]
    best = np.full((len(rows), COUNT), -1, dtype=np.int64)
    kept_places = place < COUNT
    best[site[kept_places], place[kept_places]] = sat[order][kept_places]
    return best


def _links(world: Scenario, question: _Question, now: CellRatesNow) -> Figure:
    """Rates of each cell's best link, by zone, and by a radio for each of some cells."""
    found = question.options()
    cell = np.flatnonzero(found.reason == 0)
    sat, sine = found.satellite[cell, 0].astype(np.int64), found.sine_elevation[cell, 0].astype(np.float64)
    payload = question.sky.payload[sat]
    rows = np.linspace(0, len(cell) - 1, PART).astype(np.int64)
    sites = _terminals(question.latitude_rad[cell[rows]], question.longitude_rad[cell[rows]])
    satellites = fleet().satellites
    inner = replace(world, world=World(satellites=satellites, sites=sites))

    def each() -> Floats:
        radio = Radio.of(inner)
        position_m = question.sky.position_itrf_m
        return radio.rates_bps(radio.skies(START_NS), np.arange(PART), sat[rows], position_m)[0]

    ratio = now.links(cell[rows], payload[rows], sine[rows])[0] / each()
    off = np.abs(ratio - 1.0)
    return Figure(
        name="cell rates: one link of each cell",
        cpu_s=cpu_seconds(lambda: now.links(cell, payload, sine)),
        peer="a radio for each cell, prepared and asked once",
        peer_cpu_s=cpu_seconds(each, repeats=1) * len(cell) / PART,
        note=f"{len(cell):,} links in the weather of 1 % of the year; off by {100.0 * np.median(off):.1f} % in the median, "
        f"{100.0 * np.quantile(off, 0.95):.1f} % for 95 of 100, {100.0 * (np.mean(ratio) - 1.0):+.2f} % on average",
    )
