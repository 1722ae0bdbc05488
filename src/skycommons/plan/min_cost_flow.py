"""The best assignment there is, as a flow of least cost.

Rules: OR-tools solves it and is loaded only here. Requests of one cell and one rank are one node, since nothing tells them
apart.
"""

from typing import Final

import numpy as np

from skycommons.base.arrays import Bytes, Floats, Floats32, Ints, Ints32
from skycommons.base.errors import PlanError

UNITS_PER_NAT: Final = 1000
"""Costs are whole numbers: worth is rounded to a thousandth of a nat, wrong by half of that at most."""


def cheapest_flow(
    satellite: Ints32, worth_nats: Floats32, cell: Ints, *, left_out_nats: Floats, rank: Bytes, slots: Ints32
) -> Ints32:
    """``(Q,)`` column of the option that each request gets, -1 for none, of greatest total worth.

    Args:
        satellite, worth_nats: ``(C, K)`` options.
        cell, rank: ``(Q,)``.
        left_out_nats: ``(Q,)`` what it costs to leave out each request.
        slots: ``(S,)``.
    Raises:
        PlanError: The solver gave up.
    Accuracy: within 0.001 nats a request of the optimum, by the rounding of costs.
    Source: cost-scaling push-relabel (Goldberg 1997) in OR-tools.
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    _, some, group, supply = np.unique(
        cell * (int(rank.max(initial=0)) + 1) + rank, return_index=True, return_inverse=True, return_counts=True
    )
    row, column = np.nonzero(satellite[cell[some]] >= 0)
    option = satellite[cell[some]][row, column]
    groups, satellites, sink = len(some), len(slots), len(some) + len(slots)
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        row.astype(np.int32), groups + option, supply[row], _units(-worth_nats[cell[some]][row, column])
    )
    everyone, sky = np.arange(groups, dtype=np.int32), np.arange(groups, sink, dtype=np.int32)
    solver.add_arcs_with_capacity_and_unit_cost(
        everyone, np.full(groups, sink, dtype=np.int32), supply, _units(left_out_nats[some])
    )
    solver.add_arcs_with_capacity_and_unit_cost(
        sky, np.full(satellites, sink, dtype=np.int32), slots.astype(np.int64), np.zeros(satellites, dtype=np.int64)
    )
    solver.set_nodes_supplies(
        np.arange(sink + 1, dtype=np.int32),
        np.concatenate([supply, np.zeros(satellites, dtype=np.int64), [-len(cell)]]),
    )
    status = solver.solve()
    if status != SimpleMinCostFlow.Status.OPTIMAL:
        raise PlanError(f"the min-cost flow ended with {status.name}; assign by auction instead")
    return _hand_out(np.asarray(solver.flows(arcs)), row, column, group)


def _units(nats: Floats | Floats32) -> Ints:
    return np.rint(nats.astype(np.float64) * UNITS_PER_NAT).astype(np.int64)


def _hand_out(flow: Ints, row: Ints, column: Ints, group: Ints) -> Ints32:
    """What a group of like requests was given goes to its requests in their order, those behind get nothing."""
    assigned = np.full(len(group), -1, dtype=np.int32)
    given, given_row = np.repeat(column, flow), np.repeat(row, flow)
    by_group = np.argsort(group, kind="stable")
    begin_of_requests = np.searchsorted(group[by_group], given_row)
    place = np.arange(len(given)) - np.searchsorted(given_row, given_row)
    assigned[by_group[begin_of_requests + place]] = given
    return assigned
