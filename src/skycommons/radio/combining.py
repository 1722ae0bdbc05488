"""Noise and interference on one link, and two links in a row.

Independent disturbances add as powers. A bent pipe sends its own uplink noise down again; a satellite that decodes first has
a rate for each half, and `plan.path_rates` takes the slower one.
"""

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.radio.decibels import from_db, to_db


def combine_db(*ratios_db: Floats | float) -> Floats:
    """Carrier over the sum of several disturbances, from the carrier over each.

    They are thermal noise, other beams, the other polarisation and intermodulation; in any number and order. Infinity stands for a disturbance that is not there. Arrays broadcast; without any the carrier is undisturbed.

    Source: ``1 / (C/N) = Σ 1 / (C/Nᵢ)``.
    >>> combine_db(20.0, 20.0).round(3).tolist()
    16.99
    """
    total = np.asarray(0.0)
    for ratio in ratios_db:
        total = total + from_db(-np.asarray(ratio, dtype=np.float64))
    return 0.0 - to_db(total)


def bent_pipe_cn_db(feeder_cn_db: Floats | float, service_cn_db: Floats | float) -> Floats:
    """Carrier over noise at the end of a satellite that only shifts and amplifies: noise of both halves adds."""
    return combine_db(feeder_cn_db, service_cn_db)
