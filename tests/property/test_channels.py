"""The channel plan keeps near cells apart and leaves no free channel unused, whoever asks for what."""

import h3.api.numpy_int as h3
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.model.cells import canonical, cells_of
from skycommons.plan.channels import near_rows, plan_channels

HOME = int(cells_of(np.radians([-17.0]), np.radians([180.0]))[0])
AROUND = sorted(h3.grid_disk(HOME, 4).tolist()) + sorted(h3.grid_disk(int(max(h3.get_pentagons(5))), 2).tolist())


@given(
    st.sets(st.sampled_from(AROUND), min_size=1, max_size=50),
    st.integers(0, 2),
    st.integers(1, 8),
    st.integers(0, 2**32 - 1),
)
def test_near_cells_share_no_channel_and_nobody_could_have_more(
    chosen: set[int], rings: int, channels: int, seed: int
) -> None:
    """What a cell asked for and did not get is taken by a near cell."""
    cells, draw = canonical(chosen), np.random.default_rng(seed)
    wanted = draw.integers(0, 9, len(cells))
    found = plan_channels(
        cells,
        wanted,
        rank=draw.integers(0, 4, len(cells)).astype(np.uint8),
        demand_bps=draw.uniform(0.0, 1e9, len(cells)),
        channels=channels,
        separation_rings=rings,
    )
    used = [set(row[row >= 0].tolist()) for row in found]
    near = near_rows(cells, rings)
    for row, mine in enumerate(used):
        others = set().union(*(used[other] for other in near[row] if other >= 0))
        assert not mine & others
        assert len(mine) == np.count_nonzero(found[row] >= 0) <= wanted[row]
        assert len(mine) == min(wanted[row], channels) or mine | others == set(range(channels))
