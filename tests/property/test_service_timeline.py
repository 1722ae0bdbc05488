"""Whatever is decided: a cell has the state of the last layer that covers it and has not ended, and no other cell changes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_timeline import ServiceLayer, ServiceTimeline
from tests.support.service_world import disk

CELLS = disk(2)


@st.composite
def layers(draw: st.DrawFn) -> ServiceLayer:
    """A decision over some of nineteen cells."""
    rows = draw(st.lists(st.integers(0, len(CELLS) - 1), unique=True, max_size=8))
    return ServiceLayer(
        decision=draw(st.sampled_from("abc")),
        cells=np.sort(CELLS[np.array(rows, dtype=np.int64)]),
        state=draw(st.sampled_from([CellState.ACTIVE, CellState.INACTIVE, CellState.SUSPENDED])),
        service_class=draw(st.sampled_from(ServiceClass)),
        is_exempt=draw(st.booleans()),
        ends_ns=draw(st.integers(0, 5)),
    )


@st.composite
def bases(draw: st.DrawFn) -> ServiceMap:
    """A map with some cells listed."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    listed = CELLS[random.random(len(CELLS)) < 0.5]
    return ServiceMap(
        cells=listed,
        state=random.integers(0, 5, len(listed)).astype(np.uint8),
        service_class=random.integers(0, 3, len(listed)).astype(np.uint8),
        default_state=draw(st.sampled_from(CellState)),
        default_class=draw(st.sampled_from(ServiceClass)),
    )


@given(base=bases(), laid=st.lists(layers(), max_size=6), time_ns=st.integers(0, 6))
def test_the_last_layer_that_holds_counts(base: ServiceMap, laid: list[ServiceLayer], time_ns: int) -> None:
    """Asked of each cell by itself, in plain Python."""
    timeline = ServiceTimeline(base=base, layers=tuple(laid))
    now, row = timeline.at(time_ns), timeline.layer_of(CELLS, time_ns)
    for place, cell in enumerate(CELLS.tolist()):
        one = CELLS[place : place + 1]
        holding = [
            number
            for number, layer in enumerate(laid)
            if cell in layer.cells and (layer.ends_ns == 0 or time_ns < layer.ends_ns)
        ]
        assert row[place] == (holding[-1] if holding else -1)
        expected = laid[holding[-1]].cell_state if holding else base.states_of(one)[0]
        best = laid[holding[-1]].service_class if holding else base.classes_of(one)[0]
        assert (now.states_of(one)[0], now.classes_of(one)[0]) == (expected, best)


@given(base=bases(), laid=st.lists(layers(), max_size=6))
def test_nothing_changes_between_changes(base: ServiceMap, laid: list[ServiceLayer]) -> None:
    """What is asked once for a stretch holds for all of it; after the last end only what never ends is left."""
    timeline = ServiceTimeline(base=base, layers=tuple(laid))
    changes = timeline.changes.tolist()
    for time_ns in range(1, 7):
        if time_ns not in changes:
            before, now = timeline.at(time_ns - 1), timeline.at(time_ns)
            assert before.states_of(CELLS).tolist() == now.states_of(CELLS).tolist()
            assert timeline.decision_of(CELLS, time_ns - 1) == timeline.decision_of(CELLS, time_ns)
    assert all(layer.ends_ns == 0 for layer in timeline.holding(6))
