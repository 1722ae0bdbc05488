"""How much fits: what a whole satellite may carry, and what a cell can be given.

Rules: a limit is kept by turning all down together, not by serving some and leaving others out; who comes first is for a
scheduler to decide.
"""

import numpy as np

from skycommons.base.arrays import Floats, Ints, Ints32

_KEPT = 1.0 - 1e-12  # so that the sum of many rounded rates keeps the limit too


def within_satellite_limit(rate_bps: Floats, sat: Ints | Ints32, limit_bps: Floats) -> Floats:
    """Rates that keep the limit of each satellite: those of one satellite are scaled down together.

    Args:
        rate_bps: ``(L,)`` at least 0.
        sat: ``(L,)`` rows of the satellites that carry them.
        limit_bps: ``(S,)``.
    Returns:
        ``(L,)``; unchanged where the sum keeps the limit already.
    >>> within_satellite_limit(np.array([3e9, 1e9, 1e9]), np.array([0, 0, 1]), np.array([2e9, 2e9])).round(-6).tolist()
    [1500000000.0, 500000000.0, 1000000000.0]
    """
    total_bps = np.bincount(sat, weights=rate_bps, minlength=len(limit_bps))
    share = np.ones(len(limit_bps))
    np.divide(limit_bps * _KEPT, total_bps, out=share, where=total_bps > limit_bps)
    return np.asarray(rate_bps * share[sat])


def cell_rate_bps(carrier_rate_bps: Floats, carriers: Ints, *, carriers_per_cell: int) -> Floats:
    """Rate that a cell can be given by the carriers that shine on it, of which only so many count.

    Args:
        carrier_rate_bps: ``(...)`` of one carrier in that cell.
        carriers: ``(...)`` how many shine on it.
        carriers_per_cell: Most at a time.
    >>> cell_rate_bps(np.array(0.75e9), np.array(12), carriers_per_cell=8).tolist()
    6000000000.0
    """
    return np.asarray(carrier_rate_bps * np.clip(carriers, 0, carriers_per_cell))
