"""Whatever gateways see: no antenna too many, and no satellite more could be fed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Ints
from skycommons.plan.feeders import feeders_of
from skycommons.plan.visibility import View
from tests.support.matchings import most_fed

SATELLITES = 14


@st.composite
def worlds(draw: st.DrawFn) -> tuple[View, Ints, list[int]]:
    """Up to eight gateways, what they see, their antennas, and who was fed by whom before."""
    seen = draw(st.lists(st.sets(st.integers(0, SATELLITES - 1)), max_size=8))
    antennas = draw(st.lists(st.integers(0, 4), min_size=len(seen), max_size=len(seen)))
    kept = draw(st.lists(st.integers(-1, len(seen) - 1), min_size=SATELLITES, max_size=SATELLITES))
    sat = np.array([each for row in seen for each in sorted(row)], dtype=np.int32)
    range_m = draw(st.lists(st.integers(500, 520), min_size=len(sat), max_size=len(sat)))
    view = View(
        start=np.concatenate([[0], np.cumsum([len(row) for row in seen])]).astype(np.int64),
        sat=sat,
        range_m=np.array(range_m, dtype=np.float64) * 1e3,
        sine_elevation=np.full(len(sat), 0.7),
    )
    return view, np.array(antennas, dtype=np.int64), kept


@given(worlds())
def test_as_many_satellites_are_fed_as_the_antennas_allow(world: tuple[View, Ints, list[int]]) -> None:
    """Pairs are in view, no gateway is over its antennas, and SciPy's maximum matching is no larger."""
    view, antennas, kept = world
    feeders = feeders_of(view, antennas, np.array(kept, dtype=np.int32))
    fed = np.flatnonzero(feeders.gateway_row >= 0)
    for sat in fed.tolist():
        gateway = int(feeders.gateway_row[sat])
        pairs = slice(view.start[gateway], view.start[gateway + 1])
        assert feeders.range_m[sat] in view.range_m[pairs][view.sat[pairs] == sat]
    assert np.isnan(np.delete(feeders.range_m, fed)).all()
    used = np.bincount(feeders.gateway_row[fed], minlength=len(antennas))
    assert (used <= antennas).all()
    assert len(fed) == most_fed(view, antennas, satellites=SATELLITES)


@given(worlds())
def test_whoever_was_fed_and_can_be_still_is(world: tuple[View, Ints, list[int]]) -> None:
    """A second slot with the same view changes nothing."""
    view, antennas, kept = world
    first = feeders_of(view, antennas, np.array(kept, dtype=np.int32))
    again = feeders_of(view, antennas, first.gateway_row)
    assert again.gateway_row.tolist() == first.gateway_row.tolist()
