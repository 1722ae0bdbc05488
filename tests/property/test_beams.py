"""Beams keep their rules, whatever is asked: places, cells apart, time, rates and limits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.arrays import Floats, Floats32, Ints32
from skycommons.plan.beams import Asking, BeamLimits, Given, share_out, through_feeders

SATELLITES = 3


def made(seed: int, *, cells: int, beams: int, most: int) -> tuple[Asking, BeamLimits, Floats]:
    """Requests that fit their satellites, and limits that may not hold them."""
    draw = np.random.default_rng(seed)
    cell = np.repeat(np.arange(cells), draw.integers(1, 5, cells))
    satellite = draw.integers(0, SATELLITES, len(cell)).astype(np.int32)
    place = np.zeros(len(cell), dtype=np.int64)
    for sat in range(SATELLITES):
        place[satellite == sat] = np.arange(np.count_nonzero(satellite == sat))
    fits = place < beams * most
    count = int(np.count_nonzero(fits))
    asking = Asking(
        satellite=satellite[fits],
        cell=cell[fits],
        down_bps=draw.exponential(2e8, (count, 4)) * draw.integers(0, 2, (count, 4)),
        up_bps=draw.exponential(2e7, count),
        beam_down_bps=draw.uniform(0.0, 1e9, count),
        beam_up_bps=draw.uniform(0.0, 5e7, count),
    )
    limits = BeamLimits(
        beams_down=np.full(SATELLITES, beams),
        beams_up=draw.integers(1, 4, SATELLITES),
        cells_per_beam=most,
        down_limit_bps=draw.uniform(1e8, 1e10, SATELLITES),
        up_limit_bps=draw.uniform(1e6, 1e9, SATELLITES),
    )
    return asking, limits, draw.uniform(1e8, 1e10, SATELLITES)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 6), st.integers(1, 8))
def test_beams_keep_their_rules(seed: int, cells: int, beams: int, most: int) -> None:
    """Places, cells apart, time, rates and limits."""
    asking, limits, feeder_bps = made(seed, cells=cells, beams=beams, most=most)
    landing = np.random.default_rng(seed + 1).integers(0, SATELLITES, len(asking.cell)).astype(np.int32)
    found = share_out(asking, limits)
    found = through_feeders(found, landing, forward_bps=feeder_bps, return_bps=feeder_bps / 10)
    placed = found.beam >= 0
    beam = asking.satellite * 100 + found.beam
    assert np.bincount(beam[placed], minlength=1).max() <= most
    pairs = list(zip(asking.cell[placed].tolist(), beam[placed].tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert np.bincount(beam[placed], found.share[placed], minlength=1).max() <= 1.0 + 1e-12
    assert (found.down_bps <= found.share * asking.beam_down_bps * (1 + 1e-6)).all()
    assert (found.down_bps <= asking.down_bps.sum(axis=1) * (1 + 1e-6)).all()
    assert (found.up_bps <= np.minimum(asking.up_bps, asking.beam_up_bps) * (1 + 1e-6)).all()
    _keeps(found.down_bps, asking.satellite, limits.down_limit_bps)
    _keeps(found.down_bps, landing, feeder_bps)
    _keeps(found.up_bps, asking.satellite, limits.up_limit_bps)
    _keeps(found.up_bps, landing, feeder_bps / 10)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 6), st.integers(1, 8))
def test_only_cells_with_more_requests_than_beams_are_left_out(seed: int, cells: int, beams: int, most: int) -> None:
    """Whatever fits a satellite by number finds beams that keep its requests apart."""
    asking, limits, _ = made(seed, cells=cells, beams=beams, most=most)
    found = share_out(asking, limits)
    for sat in range(SATELLITES):
        of_cell = np.bincount(asking.cell[asking.satellite == sat], minlength=1)
        lost = np.count_nonzero(found.beam[asking.satellite == sat] < 0)
        assert lost == np.maximum(of_cell - beams, 0).sum()


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_a_worse_rank_takes_nothing_from_a_better_one(seed: int, cells: int) -> None:
    """What background asks for changes only what is left."""
    asking, limits, _ = made(seed, cells=cells, beams=1, most=8)
    wide = np.full(SATELLITES, np.inf)
    free = BeamLimits(
        beams_down=limits.beams_down,
        beams_up=limits.beams_up,
        cells_per_beam=8,
        down_limit_bps=wide,
        up_limit_bps=wide,
    )
    shares: list[Given] = []
    for background in (0.0, 1.0):
        down_bps = asking.down_bps * np.array([1.0, 1.0, 1.0, background])
        one = Asking(
            **{name: getattr(asking, name) for name in Asking.__slots__ if name != "down_bps"}, down_bps=down_bps
        )
        shares.append(share_out(one, free))
    assert (shares[1].share >= shares[0].share).all()


def _keeps(rate_bps: Floats32, row: Ints32, limit_bps: Floats) -> None:
    """The sums stay within the limits."""
    assert (np.bincount(row, rate_bps, minlength=SATELLITES) <= limit_bps * (1 + 1e-12)).all()
