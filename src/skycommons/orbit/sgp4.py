"""SGP4/SDP4 for many satellites at many times.

* Near-Earth satellites run on our compiled kernel (`sgp4_kernel`), in blocks, on all threads.
* Deep-space satellites, and every lane that the kernel flags, run on the ``sgp4`` library, which is also the judge of
  what is an error.
* A satellite that has no position at some time is masked there; the others go on.
"""

from dataclasses import dataclass

import numpy as np
from sgp4.api import WGS72, Satrec

from skycommons.base.arrays import Bools, Floats, Ints, check_shape
from skycommons.base.constants import NS_PER_S
from skycommons.base.threads import in_parallel, processors, ranges
from skycommons.orbit.elements import Elements
from skycommons.orbit.frames import FrameTurn
from skycommons.orbit.sgp4_kernel import LANES, TERM_NAMES, TERMS, propagate_blocks
from skycommons.orbit.sgp4_terms import is_deep_space, secular_terms

_NS_PER_MIN = 60.0 * NS_PER_S
_SGP4_EPOCH_NS = -631_238_400 * NS_PER_S  # 1949-12-31, from which ``sgp4init`` counts its days
_KERNEL_ECCENTRICITY = 0.09  # from here on the kernel would soon flag the lane; do not even try


@dataclass(frozen=True, slots=True, kw_only=True)
class StateVectors:
    """Positions and velocities in one frame.

    Attributes:
        position_m, velocity_m_s: ``(T, S, 3)``; NaN where not valid.
        valid: ``(T, S)``.
    """

    position_m: Floats
    velocity_m_s: Floats
    valid: Bools

    @staticmethod
    def empty(steps: int, satellites: int) -> "StateVectors":
        """Memory for a result, not filled."""
        return StateVectors(
            position_m=np.empty((steps, satellites, 3)),
            velocity_m_s=np.empty((steps, satellites, 3)),
            valid=np.ones((steps, satellites), dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagator:
    """A table of satellites prepared for SGP4: make it once, call it for block after block of times.

    Attributes:
        elements: The ``S`` mean elements.
        rows: ``(blocks * LANES,)`` satellite of every kernel lane, -1 for padding.
        terms: Flat packed kernel constants.
        library_rows: Satellites that always run on the library.
    """

    elements: Elements
    rows: Ints
    terms: Floats
    library_rows: Ints

    @staticmethod
    def prepare(elements: Elements) -> "Propagator":
        """Compute the constants of every satellite."""
        with np.errstate(all="ignore"):
            on_library = is_deep_space(elements) | ~(elements.eccentricity < _KERNEL_ECCENTRICITY)
        near = np.flatnonzero(~on_library)
        padding = -len(near) % LANES
        lanes = np.concatenate([near, np.repeat(near[-1:], padding)]).astype(np.int64)
        rows = np.where(np.arange(len(lanes)) < len(near), lanes, -1)
        return Propagator(
            elements=elements,
            rows=rows,
            terms=_pack(elements.take(lanes)),
            library_rows=np.flatnonzero(on_library),
        )

    def __call__(self, time_ns: Ints, turn: FrameTurn, *, reuse: StateVectors | None = None) -> StateVectors:
        """States at the given times, turned out of TEME.

        Args:
            time_ns: ``(T,)`` UTC unix ns.
            turn: From TEME to the wanted frame, ``T`` steps.
            reuse: States of an earlier call with as many times, to be overwritten: a stream of blocks then needs no
                new memory, which is a third of the cost of a fresh one.
        Raises:
            ShapeError: The memory to reuse, or the turn, has another shape.
        """
        shape = (len(time_ns), len(self.elements), 3)
        check_shape("turn.rotation", turn.rotation, (len(time_ns), 3, 3))
        check_shape("turn.spin_rad_s", turn.spin_rad_s, (len(time_ns), 3))
        states = reuse if reuse is not None else StateVectors.empty(*shape[:2])
        check_shape("reuse.position_m", states.position_m, shape)
        check_shape("reuse.velocity_m_s", states.velocity_m_s, shape)
        check_shape("reuse.valid", states.valid, shape[:2])
        states.valid[:] = True
        redo = self.library_rows
        if len(self.rows) and len(time_ns):
            redo = np.union1d(redo, self._run_kernel(time_ns, turn, states))
        for row in redo:
            self._run_library(int(row), time_ns, turn, states)
        return states

    def _run_kernel(self, time_ns: Ints, turn: FrameTurn, states: StateVectors) -> Ints:
        """Run all lanes; return the satellites that the kernel could not finish."""
        flagged = np.zeros(len(self.rows), dtype=np.bool_)
        terms = self.terms.copy()
        offset_min = (time_ns[0] - self.elements.epoch_ns[self.rows]) / _NS_PER_MIN
        terms.reshape(-1, TERMS, LANES)[:, 0, :] = offset_min.reshape(-1, LANES)
        since_first_min = (time_ns - time_ns[0]) / _NS_PER_MIN

        def run(blocks: tuple[int, int]) -> None:
            propagate_blocks(
                *blocks,
                terms,
                self.rows,
                since_first_min,
                turn.rotation,
                turn.spin_rad_s,
                states.position_m,
                states.velocity_m_s,
                flagged,
            )

        in_parallel(run, ranges(len(self.rows) // LANES, processors()))
        return self.rows[flagged & (self.rows >= 0)]

    def _run_library(self, row: int, time_ns: Ints, turn: FrameTurn, states: StateVectors) -> None:
        """One satellite through the reference library, into its column."""
        satellite = library_satellite(self.elements, row)
        days = (time_ns - self.elements.epoch_ns[row]) / (_NS_PER_MIN * 1440.0)
        start = np.full(len(time_ns), satellite.jdsatepoch)
        error, position_km, velocity_km_s = satellite.sgp4_array(start, days + satellite.jdsatepochF)
        position_m = np.einsum("tij,tj->ti", turn.rotation, position_km * 1e3)
        velocity_m_s = np.einsum("tij,tj->ti", turn.rotation, velocity_km_s * 1e3) - np.cross(
            turn.spin_rad_s, position_m
        )
        good = (error == 0) & np.isfinite(position_km).all(axis=1)
        states.position_m[:, row] = np.where(good[:, None], position_m, np.nan)
        states.velocity_m_s[:, row] = np.where(good[:, None], velocity_m_s, np.nan)
        states.valid[:, row] = good


def library_satellite(elements: Elements, row: int) -> Satrec:
    """The ``sgp4`` library's own record of one satellite: oracle, initialiser and deep-space propagator."""
    satellite = Satrec()
    satellite.sgp4init(
        WGS72,
        "i",
        0,  # the number plays no part in the theory, and the library accepts only five digits
        (int(elements.epoch_ns[row]) - _SGP4_EPOCH_NS) / (_NS_PER_MIN * 1440.0),
        float(elements.bstar[row]),
        0.0,
        0.0,
        float(elements.eccentricity[row]),
        float(elements.arg_perigee_rad[row]),
        float(elements.inclination_rad[row]),
        float(elements.mean_anomaly_rad[row]),
        float(elements.mean_motion_rad_s[row]) * 60.0,
        float(elements.raan_rad[row]),
    )
    return satellite


def _pack(lanes: Elements) -> Floats:
    """Kernel constants of the lanes, as flat blocks; the epoch offset is filled at every call."""
    columns = secular_terms(lanes)
    columns.update(
        epoch_offset_min=np.zeros(len(lanes)),
        m0=lanes.mean_anomaly_rad,
        argp0=lanes.arg_perigee_rad,
        node0=lanes.raan_rad,
        e0=lanes.eccentricity,
    )
    table = np.stack([columns[name] for name in TERM_NAMES])
    return np.ascontiguousarray(table.reshape(TERMS, -1, LANES).transpose(1, 0, 2)).reshape(-1)
