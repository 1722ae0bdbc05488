"""Requests: who may ask, for how much, in which rank."""

from dataclasses import replace

import numpy as np
import pytest

from skycommons.base.errors import ShapeError
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_rules import DemandTable, ScheduleRules
from skycommons.plan.requests import (
    CellPlaces,
    Granted,
    Requests,
    Unserved,
    best_rank,
    cell_reasons,
    gate,
    plan_requests,
    ranked,
)
from tests.support.service_world import HOME, demand, disk, states

BEAM_BPS = 800e6
EVERYWHERE = ServiceMap.everywhere()


def planned(
    table: DemandTable,
    service_map: ServiceMap = EVERYWHERE,
    *,
    schedule: ScheduleRules | None = None,
    share: float = 1.0,
) -> Requests:
    """Requests of a table."""
    return plan_requests(
        [Granted.by(table, service_map)],
        ScheduleRules() if schedule is None else schedule,
        share=np.full(len(table), share),
        beam_bps=BEAM_BPS,
    )[0]


@pytest.mark.parametrize(
    ("down_bps", "requests"), [(0.0, 1), (99e6, 1), (101e6, 2), (750e6, 8), (5e9, 8)], ids=lambda value: f"{value:g}"
)
def test_a_cell_asks_for_what_carries_its_demand_in_full_company(down_bps: float, requests: int) -> None:
    """Eight cells share a beam of 800 Mbit/s, so that each request carries 100."""
    found = planned(demand(disk(0), down_bps=down_bps))
    assert len(found) == requests
    assert sorted(found.channel.tolist()) == list(range(requests))
    assert found.cell.tolist() == [0] * requests


def test_the_share_of_the_span_counts() -> None:
    """A span in the small hours needs fewer channels."""
    assert len(planned(demand(disk(0), down_bps=400e6), share=0.25)) == 1


def test_a_cell_has_no_more_requests_than_carriers() -> None:
    """Whatever it asks for."""
    found = plan_requests(
        [Granted.by(demand(disk(0), down_bps=9e9), EVERYWHERE)],
        ScheduleRules(),
        share=np.ones(1),
        beam_bps=BEAM_BPS,
        carriers_per_cell=3,
    )[0]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (CellState.ACTIVE, Unserved.SERVED),
        (CellState.INACTIVE, Unserved.TERRITORY_INACTIVE),
        (CellState.SUSPENDED, Unserved.SUSPENDED),
        (CellState.UNLICENSED, Unserved.UNLICENSED),
    ],
)
def test_what_the_map_forbids_makes_no_request(state: CellState, reason: Unserved) -> None:
    """The others ask as if it were not there."""
    found = planned(demand(), states(disk(0), state))
    row = int(np.flatnonzero(disk() == HOME)[0])
    assert found.blocked[row] == reason
    assert np.diff(found.first)[row] == (reason is Unserved.SERVED)
    assert np.delete(found.blocked, row).tolist() == [Unserved.SERVED] * 6


def test_barred_accounts_do_not_ask() -> None:
    """Unless the map forbids more."""
    barred = demand(is_barred=np.ones(7, dtype=np.bool_))
    assert set(gate(barred, EVERYWHERE)) == {Unserved.ACCOUNT}
    assert set(gate(barred, states(disk(), CellState.SUSPENDED))) == {Unserved.SUSPENDED}


def test_a_cell_without_a_channel_says_so() -> None:
    """With one channel, one of seven neighbours asks."""
    found = planned(demand(), schedule=ScheduleRules(channels=1, separation_rings=2))
    assert len(found) == 1
    assert np.count_nonzero(found.blocked == Unserved.NO_CHANNEL) == 6


def test_forbidden_cells_leave_their_channels_to_others() -> None:
    """Only who may be served takes part in the plan."""
    found = planned(
        demand(), states(disk()[:6], CellState.INACTIVE), schedule=ScheduleRules(channels=1, separation_rings=2)
    )
    assert found.blocked[6] == Unserved.SERVED


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_a_class_caps_the_rank(rank: int) -> None:
    """Protected users keep theirs; nobody rises."""
    background = states(disk(), CellState.ACTIVE, service_class=ServiceClass.BACKGROUND)
    assert set(planned(demand(rank=rank)).rank) == {rank}
    assert set(planned(demand(rank=rank), background).rank) == {0 if rank == 0 else 3}


def test_demand_moves_with_its_rank() -> None:
    """Nothing is lost on the way."""
    table = replace(demand(disk(0)), down_bps=np.array([[1.0, 2.0, 4.0, 8.0]]))
    standard = states(disk(0), CellState.ACTIVE, service_class=ServiceClass.STANDARD)
    background = states(disk(0), CellState.ACTIVE, service_class=ServiceClass.BACKGROUND)
    assert ranked(table, EVERYWHERE) is table
    assert ranked(table, standard).down_bps.tolist() == [[1.0, 0.0, 6.0, 8.0]]
    assert ranked(table, background).down_bps.tolist() == [[1.0, 0.0, 0.0, 14.0]]


def test_who_asks_for_nothing_comes_last() -> None:
    """The rank of a cell is that of the best who asks."""
    assert best_rank(demand(disk(0), down_bps=0.0)).tolist() == [3]
    assert best_rank(replace(demand(disk(0), rank=3), up_bps=np.array([[0.0, 1.0, 0.0, 0.0]]))).tolist() == [1]


def test_places_have_one_length() -> None:
    """Latitude, longitude and PoP of every cell."""
    places = CellPlaces(latitude_rad=np.zeros(2), longitude_rad=np.zeros(2), pop=np.array([-1, 0]))
    assert len(places) == 2
    with pytest.raises(ShapeError):
        CellPlaces(latitude_rad=np.zeros(1), longitude_rad=np.zeros(2), pop=np.array([-1, 0]))


def test_a_cell_is_served_if_any_request_is() -> None:
    """Else it has the reason of its first; one that makes none has its own."""
    requests = Requests(
        first=np.array([0, 2, 2, 4]),
        channel=np.zeros(4, dtype=np.uint8),
        rank=np.zeros(4, dtype=np.uint8),
        blocked=np.array([Unserved.SERVED, Unserved.SUSPENDED, Unserved.SERVED], dtype=np.uint8),
        asks=np.ones(4, dtype=np.bool_),
    )
    reason = np.array([Unserved.NO_BEAM, Unserved.SERVED, Unserved.RAIN, Unserved.NO_BEAM], dtype=np.uint8)
    assert cell_reasons(requests, reason).tolist() == [Unserved.SERVED, Unserved.SUSPENDED, Unserved.RAIN]
