"""Small questions of who gets which satellite, and what any answer must keep."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from skycommons.base.arrays import Ints32
from skycommons.plan.assignment import UNSERVED_NATS, Problem
from skycommons.plan.options import Options


def problem_of(
    rows: Sequence[Sequence[tuple[int, float]]],
    requests: Sequence[tuple[int, int]],
    slots: Sequence[int],
    *,
    elevations: Sequence[Sequence[float]] | None = None,
    before: Sequence[int] | None = None,
) -> Problem:
    """A question of cells with pairs of satellite and worth, requests of cell and rank, and satellites with slots."""
    width = max((len(row) for row in rows), default=0) or 1
    satellite = np.full((len(rows), width), -1, dtype=np.int32)
    worth = np.zeros((len(rows), width), dtype=np.float32)
    sine = np.zeros((len(rows), width), dtype=np.float32)
    for cell, row in enumerate(rows):
        for place, (sat, nats) in enumerate(sorted(row, key=lambda pair: -pair[1])):
            satellite[cell, place], worth[cell, place] = sat, nats
            sine[cell, place] = 0.5 if elevations is None else elevations[cell][place]
    return Problem(
        options=Options(
            satellite=satellite, worth_nats=worth, sine_elevation=sine, reason=np.zeros(len(rows), dtype=np.uint8)
        ),
        cell=np.array([cell for cell, _ in requests], dtype=np.int64),
        rank=np.array([rank for _, rank in requests], dtype=np.uint8),
        slots=np.array(slots, dtype=np.int32),
        before=np.full(len(requests), -1, dtype=np.int32) if before is None else np.array(before, dtype=np.int32),
    )


@st.composite
def problems(draw: st.DrawFn, *, most_cells: int = 8, most_satellites: int = 5) -> Problem:
    """Questions with too few slots, too many, or none; worths that tie; cells that see nothing."""
    satellites = draw(st.integers(1, most_satellites))
    cells = draw(st.integers(1, most_cells))
    nats = st.one_of(st.integers(-4, 4).map(float), st.floats(-8.0, 8.0, width=32))
    rows = [
        [(sat, draw(nats)) for sat in draw(st.lists(st.integers(0, satellites - 1), unique=True))] for _ in range(cells)
    ]
    ranks = sorted(UNSERVED_NATS)
    requests = [(cell, draw(st.sampled_from(ranks))) for cell in range(cells) for _ in range(draw(st.integers(0, 3)))]
    slots = draw(st.lists(st.integers(0, 4), min_size=satellites, max_size=satellites))
    return problem_of(rows, requests, slots)


def faults(problem: Problem, assigned: Ints32) -> list[str]:
    """What is wrong with an answer, by the plainest look at it."""
    found, used = [], [0] * len(problem.slots)
    for request, column in enumerate(assigned.tolist()):
        if column >= 0:
            sat = int(problem.options.satellite[problem.cell[request], column])
            if sat < 0:
                found.append(f"request {request} has no such option")
            else:
                used[sat] += 1
    found += [f"satellite {sat} is over its slots" for sat, count in enumerate(used) if count > problem.slots[sat]]
    if len(assigned) != len(problem):
        found.append("not one answer for each request")
    return found


def slighted(problem: Problem, assigned: Ints32) -> list[tuple[int, int]]:
    """Pairs of a request that is left out and one of a worse rank that sits on one of its options."""
    options = problem.options.satellite
    sits = [
        (request, int(options[problem.cell[request], column]))
        for request, column in enumerate(assigned.tolist())
        if column >= 0
    ]
    return [
        (out, request)
        for out in np.flatnonzero(assigned < 0).tolist()
        for request, sat in sits
        if problem.rank[request] > problem.rank[out] and sat in options[problem.cell[out]]
    ]
