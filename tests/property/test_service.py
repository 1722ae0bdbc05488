"""Properties of service rules: a territory's state holds for exactly its cells, and demand keeps its sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skycommons.model.cells import canonical, cells_in, cells_of, centres, neighbours
from skycommons.model.demand import demand_given, together
from skycommons.model.demand_files import GivenDemand
from skycommons.model.documents_service import BUSY_HOUR_SHAPE
from skycommons.model.regions import Region
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_map_file import canonical_bytes, parse_service_map
from skycommons.plan.demand import busiest_share, demand_share
from tests.support.tiny_world import tiny_scenario

STATES = st.sampled_from(list(CellState))
CLASSES = st.sampled_from(list(ServiceClass))
NEAR = canonical(cells_of(0.8 + 0.01 * np.repeat(np.arange(6.0), 6), 0.01 * np.tile(np.arange(6.0), 6)))
RULES = st.lists(st.tuples(st.sets(st.integers(0, len(NEAR) - 1)), STATES, CLASSES), max_size=5)


@settings(max_examples=15, deadline=None)
@given(
    south=st.floats(-60.0, 58.0),
    west=st.floats(-170.0, 168.0),
    state=st.sampled_from([CellState.INACTIVE, CellState.SUSPENDED, CellState.UNLICENSED]),
)
def test_a_territorys_state_holds_for_exactly_its_cells(south: float, west: float, state: CellState) -> None:
    """None of its neighbours has it."""
    corners = [[south, west], [south, west + 2.0], [south + 2.0, west + 2.0], [south + 2.0, west]]
    scenario = tiny_scenario(
        territories=f'[[territories]]\nname = "box"\npolygon_deg = {corners}\nservice = "{state.name.lower()}"'
    )
    assert scenario.service is not None
    ring = np.array([*corners, corners[0]])[:, ::-1]
    cells = cells_in(Region.stitched("box", [[ring]]))
    around = np.setdiff1d(neighbours(cells).ravel(), cells)
    found = scenario.service.service_map
    assert set(found.states_of(cells).tolist()) == {state}
    assert set(found.states_of(around).tolist()) == {CellState.ACTIVE}
    assert np.array_equal(found.cells, cells)
    latitude_rad, longitude_rad = centres(cells)
    assert scenario.territories[0].contains(latitude_rad, longitude_rad).all()


@settings(max_examples=50, deadline=None)
@given(rules=RULES, state=STATES, service_class=CLASSES)
def test_a_map_reads_back_and_the_last_rule_counts(
    rules: list[tuple[set[int], CellState, ServiceClass]], state: CellState, service_class: ServiceClass
) -> None:
    """Cell by cell, and the same bytes again."""
    found = ServiceMap.everywhere().with_defaults(state=state, service_class=service_class)
    expected = [(int(state), int(service_class))] * len(NEAR)
    for places, each, ranked in rules:
        found = found.over(NEAR[sorted(places)], state=each, service_class=ranked)
        expected = [(int(each), int(ranked)) if place in places else pair for place, pair in enumerate(expected)]
    back = parse_service_map(canonical_bytes(found).decode(), "map.json")
    for one in (found, back):
        pairs = zip(one.states_of(NEAR).tolist(), one.classes_of(NEAR).tolist(), strict=True)
        assert list(pairs) == expected
    assert canonical_bytes(back) == canonical_bytes(found)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, len(NEAR) - 1), st.floats(0.0, 1e6), st.floats(0.0, 1e12), st.integers(0, 3)),
        max_size=40,
    ),
    cut=st.integers(0, 40),
)
def test_demand_keeps_its_sums(rows: list[tuple[int, float, float, int]], cut: int) -> None:
    """However it is cut into tables; each cell appears once."""

    def table(part: list[tuple[int, float, float, int]]) -> GivenDemand:
        return GivenDemand(
            cells=NEAR[[row[0] for row in part]] if part else NEAR[:0],
            subscribers=np.array([row[1] for row in part]),
            down_bps=np.array([row[2] for row in part]),
            up_bps=np.array([row[2] / 10.0 for row in part]),
            rank=np.array([row[3] for row in part], dtype=np.uint8),
        )

    parts = [demand_given(table(part), source="part") for part in (rows[:cut], rows[cut:])]
    whole = together(parts)
    assert whole.subscribers.sum() == pytest.approx(sum(row[1] for row in rows))
    for rank in range(4):
        assert whole.down_bps[:, rank].sum() == pytest.approx(sum(row[2] for row in rows if row[3] == rank))
    assert whole.up_bps.sum() == pytest.approx(whole.down_bps.sum() / 10.0)
    assert whole.cells.tolist() == sorted({int(NEAR[row[0]]) for row in rows})


@settings(max_examples=100, deadline=None)
@given(
    longitude_deg=st.floats(-180.0, 180.0),
    start_s=st.integers(0, 86_400),
    duration_s=st.floats(0.0, 100_000.0),
    part=st.floats(0.0, 1.0),
)
def test_no_instant_of_a_span_is_busier_than_its_busiest(
    longitude_deg: float, start_s: int, duration_s: float, part: float
) -> None:
    """And none is above 1."""
    longitude_rad = np.radians([longitude_deg])
    most = busiest_share(BUSY_HOUR_SHAPE, longitude_rad, start_ns=start_s * 10**9, duration_s=duration_s)
    seen = demand_share(BUSY_HOUR_SHAPE, longitude_rad, int((start_s + part * duration_s) * 1e9))
    assert 0.0 < seen[0] <= most[0] + 1e-9
    assert most[0] <= 1.0
