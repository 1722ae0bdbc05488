"""Tables of elements in one line, and the reference library's states for them."""

from typing import Any

import numpy as np

from skycommons.base.arrays import Ints
from skycommons.orbit.elements import Elements
from skycommons.orbit.frames import inertial
from skycommons.orbit.sgp4 import Propagator, StateVectors, library_satellite

EPOCH_NS = 1_700_000_000_000_000_000  # 2023-11-14T22:13:20Z
DAY_NS = 86_400_000_000_000
REV_PER_DAY_RAD_S = 2.0 * np.pi / 86_400.0

ORDINARY: dict[str, Any] = {
    "catalogue_number": 0,
    "epoch_ns": EPOCH_NS,
    "mean_motion_rad_s": 15.05 * REV_PER_DAY_RAD_S,
    "eccentricity": 1.0e-3,
    "inclination_rad": np.radians(53.0),
    "raan_rad": 1.0,
    "arg_perigee_rad": 2.0,
    "mean_anomaly_rad": 3.0,
    "bstar": 1.0e-4,
}


def table(**columns: Any) -> Elements:
    """Elements of an ordinary satellite 550 km up, but for these columns; single numbers are spread over all rows."""
    counts = {len(np.atleast_1d(value)) for value in columns.values()} - {1}
    count = counts.pop() if counts else 1

    def column(name: str) -> Any:
        kind = np.int64 if name in {"catalogue_number", "epoch_ns"} else np.float64
        return np.broadcast_to(np.asarray(columns.get(name, ORDINARY[name]), dtype=kind), count).copy()

    return Elements(**{name: column(name) for name in ORDINARY})


def fly(elements: Elements, time_ns: Ints) -> StateVectors:
    """Our states, in TEME."""
    return Propagator.prepare(elements)(time_ns, inertial(len(time_ns)))


def library_states(elements: Elements, time_ns: Ints) -> StateVectors:
    """The ``sgp4`` library's states of the same elements, in TEME."""
    states = StateVectors.empty(len(time_ns), len(elements))
    for row in range(len(elements)):
        satellite = library_satellite(elements, row)
        days = (time_ns - elements.epoch_ns[row]) / DAY_NS
        start = np.full(len(time_ns), satellite.jdsatepoch)
        error, position_km, velocity_km_s = satellite.sgp4_array(start, days + satellite.jdsatepochF)
        good = (error == 0) & np.isfinite(position_km).all(axis=1)
        states.position_m[:, row] = np.where(good[:, None], position_km * 1e3, np.nan)
        states.velocity_m_s[:, row] = np.where(good[:, None], velocity_km_s * 1e3, np.nan)
        states.valid[:, row] = good
    return states
