"""Who gets which satellite: policies beside the exact assignment by OR-tools, in a sky with room and in crowded ones."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.material import MIN_ELEVATION_DEG, START_NS, fleet, scenario
from benchmarks.timing import Figure, cpu_seconds
from skycommons.base.arrays import Floats, Ints, Ints32
from skycommons.base.rng import stream
from skycommons.orbit.frames import geodetic_to_itrf, up_axis
from skycommons.plan.assignment import (
    AssignmentPolicy,
    Auction,
    Exact,
    Greedy,
    Highest,
    Problem,
    checked,
    total_worth,
)
from skycommons.plan.choice import OBSERVED_WEIGHTS
from skycommons.plan.options import Options
from skycommons.plan.visibility import Horizon, View, view

CELLS, OPTIONS, CLUSTERS = 200_000, 24, 300
PITCH_DEG = 0.15  # between neighbouring cells: 17 km, about that of H3's resolution 5
RANK_SHARES = (0.01, 0.15, 0.60, 0.24)
POLICIES: tuple[tuple[str, AssignmentPolicy, str], ...] = (
    ("auction, gap 0.05", Auction(gap_nats=0.05), "1,500 ms or less"),
    ("auction, gap 0.5", Auction(gap_nats=0.5), ""),
    ("greedy", Greedy(), "300 ms or less"),
    ("highest elevation", Highest(), ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """How crowded it is.

    Attributes:
        name: In a word.
        slots: Of each satellite; 48 beams of 8 cells are 384.
        has_luck: Whether options carry luck. Without it neighbours all want the same satellite, which is harder.
    """

    name: str
    slots: int
    has_luck: bool


SKIES = (
    Sky(name="room for all", slots=384, has_luck=True),
    Sky(name="crowded", slots=32, has_luck=True),
    Sky(name="overloaded, no luck", slots=24, has_luck=False),
)


def measure() -> list[Figure]:
    """Every policy in every sky, with what it leaves out and how far it is from the best."""
    latitude_rad, longitude_rad = _clusters()
    seen = _view(latitude_rad, longitude_rad)
    return [figure for sky in SKIES for figure in _one_sky(sky, _problem(seen, sky))]


def _one_sky(sky: Sky, problem: Problem) -> list[Figure]:
    """The exact assignment once, and the others beside it."""
    found: list[Ints32] = []
    peer_cpu_s = cpu_seconds(lambda: found.append(Exact().assign(problem)), repeats=1, warm=False)
    best = total_worth(problem, checked(problem, found[0]))
    gained = best - total_worth(problem, np.full(len(problem), -1, dtype=np.int32))
    asked = f"{len(problem):,} requests of {CELLS:,} cells, {len(problem.slots):,} satellites with {sky.slots} slots"
    figures = [
        Figure(
            name=f"assignment, {sky.name}: exact",
            cpu_s=peer_cpu_s,
            note=f"{asked}; {np.count_nonzero(found[0] < 0):,} unserved",
        )
    ]
    for name, policy, target in POLICIES:
        assigned = checked(problem, policy.assign(problem))
        short = max(0.0, best - total_worth(problem, assigned))  # the exact one rounds its costs
        figures.append(
            Figure(
                name=f"assignment, {sky.name}: {name}",
                cpu_s=cpu_seconds(partial(policy.assign, problem), repeats=3, warm=False),
                peer="OR-tools, exact",
                peer_cpu_s=peer_cpu_s,
                target=target,
                note=f"{np.count_nonzero(assigned < 0):,} unserved; gap {100.0 * short / gained:.3f} % of what serving gains, "
                f"{short / len(problem):.4f} nats a request",
            )
        )
    return figures


def _clusters() -> tuple[Floats, Floats]:
    """Latitudes and longitudes (rad) of cells around made-up towns, a few of them very large."""
    draw = stream(7, "assignment", "cells")
    centre_deg = np.degrees(np.arcsin(draw.uniform(np.sin(np.radians(-40.0)), np.sin(np.radians(60.0)), CLUSTERS)))
    meridian_deg, size = draw.uniform(-180.0, 180.0, CLUSTERS), np.minimum(draw.pareto(1.2, CLUSTERS) + 0.05, 20.0)
    share = size / size.sum()
    rows = np.zeros((0, 2), dtype=np.int64)
    while len(rows) < CELLS:
        town = draw.choice(CLUSTERS, CELLS, p=share)
        width_deg = 3.0 + 2.0 * np.sqrt(share[town] * CLUSTERS)
        parallel = np.rint(np.clip(centre_deg[town] + width_deg * draw.normal(size=CELLS), -60.0, 65.0) / PITCH_DEG)
        shrink = np.cos(np.radians(parallel * PITCH_DEG))
        east_deg = meridian_deg[town] + width_deg * draw.normal(size=CELLS) / shrink
        column = np.rint(((east_deg + 180.0) % 360.0 - 180.0) * shrink / PITCH_DEG)
        rows = np.unique(np.concatenate([rows, np.stack([parallel, column], axis=1).astype(np.int64)]), axis=0)
    rows = rows[np.sort(draw.choice(len(rows), CELLS, replace=False))]
    latitude_rad = np.radians(rows[:, 0] * PITCH_DEG)
    return latitude_rad, np.radians(rows[:, 1] * PITCH_DEG) / np.cos(latitude_rad)


def _view(latitude_rad: Floats, longitude_rad: Floats) -> View:
    """What the cells see of the fleet."""
    up = up_axis(latitude_rad, longitude_rad)
    horizon = Horizon(
        position_itrf_m=geodetic_to_itrf(latitude_rad, longitude_rad, np.zeros(CELLS)),
        up_itrf=up,
        min_elevation_rad=np.full(CELLS, np.radians(MIN_ELEVATION_DEG)),
        gso_exclusion_rad=np.zeros(CELLS),
        boresight_itrf=up,
        cosine_field_of_view=np.full(CELLS, -2.0),
    )
    ephemeris = scenario().propagate(np.array([START_NS]))
    return view(horizon, ephemeris.position_itrf_m[0], ephemeris.valid[0])


def _problem(seen: View, sky: Sky) -> Problem:
    """The best options of each cell by elevation and luck, and one to eight requests a cell."""
    draw = stream(7, "assignment", sky.name)
    nats = -OBSERVED_WEIGHTS.cosecant_nats / seen.sine_elevation
    if sky.has_luck:
        nats = nats + draw.gumbel(size=len(nats))
    requests = np.minimum(8, 1 + (draw.random(CELLS) < 0.12) * draw.geometric(0.5, CELLS))
    cell = np.repeat(np.arange(CELLS), requests)
    return Problem(
        options=_options(seen, nats),
        cell=cell,
        rank=draw.choice(4, len(cell), p=RANK_SHARES).astype(np.uint8),
        slots=np.full(len(fleet().elements), sky.slots, dtype=np.int32),
        before=np.full(len(cell), -1, dtype=np.int32),
    )


def _options(seen: View, nats: Floats) -> Options:
    """The table of options, the most valued first."""
    cell = np.repeat(np.arange(CELLS), seen.counts())
    order = np.lexsort((-nats, cell))
    place = np.arange(len(cell)) - np.repeat(seen.start[:-1], seen.counts())
    kept = place < OPTIONS
    rows = (cell[kept], place[kept])
    return Options(
        satellite=_table(rows, seen.sat[order][kept], empty=-1),
        worth_nats=_table(rows, nats[order][kept].astype(np.float32), empty=0),
        sine_elevation=_table(rows, seen.sine_elevation[order][kept].astype(np.float32), empty=0),
        reason=np.zeros(CELLS, dtype=np.uint8),
    )


def _table(rows: tuple[Ints, Ints], column: NDArray[Any], *, empty: int) -> NDArray[Any]:
    """``(C, K)`` with one value in the places where there is none."""
    table = np.full((CELLS, OPTIONS), empty, dtype=column.dtype)
    table[rows] = column
    return table
