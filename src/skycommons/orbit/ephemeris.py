"""Where satellites are over time."""

from dataclasses import dataclass

from skycommons.base.arrays import Bools, Floats, Ints, check_shape
from skycommons.orbit.elements import Elements
from skycommons.orbit.frames import teme_to_itrf
from skycommons.orbit.sgp4 import Propagator
from skycommons.orbit.time import IersTable, Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class Ephemeris:
    """Positions and velocities of ``S`` satellites at ``T`` instants, Earth-fixed.

    Attributes:
        time_ns: ``(T,)`` UTC unix ns.
        position_itrf_m: ``(T, S, 3)``.
        velocity_itrf_m_s: ``(T, S, 3)`` as seen from the rotating Earth.
        valid: ``(T, S)`` false where SGP4 gives no position (decayed, or elements out of range); such rows hold NaN.
    """

    time_ns: Ints
    position_itrf_m: Floats
    velocity_itrf_m_s: Floats
    valid: Bools

    def __post_init__(self) -> None:
        steps = len(self.time_ns)
        satellites = self.position_itrf_m.shape[1] if self.position_itrf_m.ndim == 3 else None
        check_shape("position_itrf_m", self.position_itrf_m, (steps, satellites, 3))
        check_shape("velocity_itrf_m_s", self.velocity_itrf_m_s, (steps, satellites, 3))
        check_shape("valid", self.valid, (steps, satellites))

    def __len__(self) -> int:
        return len(self.time_ns)

    def __repr__(self) -> str:
        return f"<Ephemeris: {len(self):,} steps, {self.position_itrf_m.shape[1]:,} satellites>"


def propagate(elements: Elements, time_ns: Ints, *, orientation: Orientation | None = None) -> Ephemeris:
    """Fly satellites by SGP4 and place them on the turning Earth.

    Args:
        elements: ``S`` satellites.
        time_ns: ``(T,)`` UTC unix ns.
        orientation: Earth's angles; the shipped IERS table unless given. `SiderealOnly` is the fast path.
    Accuracy: SGP4 as in `orbit.sgp4`, frames as in `orbit.frames`; element sets themselves are good to about 1 km.
    """
    states = Propagator.prepare(elements)(
        time_ns, teme_to_itrf(time_ns, orientation if orientation is not None else IersTable.load())
    )
    return Ephemeris(
        time_ns=time_ns,
        position_itrf_m=states.position_m,
        velocity_itrf_m_s=states.velocity_m_s,
        valid=states.valid,
    )
