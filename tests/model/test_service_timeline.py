"""A service map that changes by itself: the last layer that covers a cell and has not ended counts."""

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.model.cells import CellIds
from skycommons.model.service_map import CellState, ServiceClass, ServiceMap
from skycommons.model.service_timeline import LayerKind, ServiceLayer, ServiceTimeline
from tests.support.service_world import disk, states

CELLS = disk(1)
HOUR_NS = 3_600 * 10**9


def layer(
    cells: CellIds = CELLS,
    *,
    state: CellState = CellState.SUSPENDED,
    decision: str = "dark",
    ends_ns: int = 0,
    kind: LayerKind = LayerKind.TERRITORY,
    is_exempt: bool = False,
) -> ServiceLayer:
    """One decision."""
    return ServiceLayer(decision=decision, kind=kind, cells=cells, state=state, ends_ns=ends_ns, is_exempt=is_exempt)


def test_a_plain_map_is_a_timeline_without_layers() -> None:
    """It never changes, and nobody decided anything."""
    base = states(CELLS[:2].copy(), CellState.INACTIVE)
    timeline = ServiceTimeline(base=base)
    assert timeline.at(5) is base
    assert timeline.changes.tolist() == []
    assert set(timeline.decision_of(CELLS, 5)) == {""}


def test_a_layer_ends_by_itself() -> None:
    """It holds until just before its end; then the base has its cells again."""
    timeline = ServiceTimeline(layers=(layer(ends_ns=HOUR_NS),))
    assert timeline.at(HOUR_NS - 1).states_of(CELLS).tolist() == [CellState.SUSPENDED] * 7
    assert timeline.at(HOUR_NS).states_of(CELLS).tolist() == [CellState.ACTIVE] * 7
    assert timeline.changes.tolist() == [HOUR_NS]
    assert [len(timeline.holding(time_ns)) for time_ns in (0, HOUR_NS)] == [1, 0]


def test_the_last_layer_counts_and_what_lies_below_comes_back() -> None:
    """An emergency lights one cell of a dark area for an hour; nobody has to darken it again."""
    relief = layer(CELLS[:1].copy(), state=CellState.ACTIVE, decision="relief", ends_ns=HOUR_NS)
    timeline = ServiceTimeline(layers=(layer(), relief))
    assert timeline.at(0).states_of(CELLS).tolist() == [CellState.ACTIVE, *[CellState.SUSPENDED] * 6]
    assert timeline.decision_of(CELLS[:2], 0) == ("relief", "dark")
    assert timeline.layer_of(CELLS[:2], HOUR_NS).tolist() == [0, 0]
    assert timeline.at(HOUR_NS).states_of(CELLS).tolist() == [CellState.SUSPENDED] * 7


def test_a_layer_reaches_no_other_cell() -> None:
    """The base holds beside it, with its own classes, listed or not."""
    wide = disk(3)
    base = ServiceMap(
        cells=wide.copy(),
        state=np.full(len(wide), CellState.INACTIVE, dtype=np.uint8),
        service_class=np.full(len(wide), ServiceClass.BACKGROUND, dtype=np.uint8),
        default_state=CellState.UNLICENSED,
        version=7,
    )
    now = ServiceTimeline(base=base, layers=(layer(state=CellState.ACTIVE),)).at(0)
    outside = ~np.isin(wide, CELLS)
    assert set(now.states_of(wide[outside]).tolist()) == {CellState.INACTIVE}
    assert set(now.classes_of(wide[outside]).tolist()) == {ServiceClass.BACKGROUND}
    assert set(now.states_of(CELLS).tolist()) == {CellState.ACTIVE}
    assert now.states_of(np.array([1], dtype=np.uint64)).tolist() == [CellState.UNLICENSED]
    assert now.version == 7


def test_protected_users_keep_what_others_lose() -> None:
    """Where a layer exempts them, its cells are theirs alone; where it lights cells there is nothing to exempt."""
    assert layer(is_exempt=True).cell_state is CellState.PROTECTED_ONLY
    assert layer(is_exempt=True, state=CellState.ACTIVE).cell_state is CellState.ACTIVE
    assert layer().cell_state is CellState.SUSPENDED


def test_layers_of_groups_leave_cells_alone() -> None:
    """They end as others do."""
    timeline = ServiceTimeline(layers=(layer(kind=LayerKind.CUSTOMER_GROUP, ends_ns=HOUR_NS),))
    assert timeline.at(0).states_of(CELLS).tolist() == [CellState.ACTIVE] * 7
    assert timeline.changes.tolist() == [HOUR_NS]


def test_a_layer_without_cells_says_nothing() -> None:
    """As when everything in it was restored."""
    timeline = ServiceTimeline(layers=(layer(CELLS[:0].copy()),))
    assert timeline.layer_of(CELLS, 0).tolist() == [-1] * 7
    assert timeline.at(0).states_of(CELLS).tolist() == [CellState.ACTIVE] * 7


def test_a_layer_that_cannot_be_is_refused() -> None:
    """Cells out of order, and an end before the count begins."""
    with pytest.raises(InputError, match="sorted"):
        layer(CELLS[::-1].copy())
    with pytest.raises(InputError, match="1970"):
        layer(ends_ns=-1)
