"""Where satellites are over time."""

from dataclasses import dataclass

from skycommons.base.arrays import Bools, Floats, Ints, check_shape


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
