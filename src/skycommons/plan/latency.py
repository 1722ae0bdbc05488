"""Round-trip times: light there and back, and what radio, queues and machines add to it.

Rules: a round trip is twice the one-way travel time of light, a fixed part (frames, coding, processing, the PoP), a wait for
the radio's schedule that differs from packet to packet, an extra in the moments around a slot's boundary, and a share for
each laser crossed. The parts are independent of each other and of the light. Parameters are those of a network at a
date: the operator lowers them, so there are two named sets, and the nearer in time is taken unless another is asked for.

A round trip is that of a small packet on an idle line, as `ping` sees it; a queue that the user's own traffic fills is not
in it.
"""

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, check_shape, freeze
from skycommons.base.clock import parse_time
from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.base.rng import uniform_of

SUMMARY_SHARES: Final = (0.5, 0.95)
POINTS: Final = 256  # equally probable light times that stand for all of them
_GRID_STEP_S = 1e-4
_GRID_POINTS = 16_384  # 1.6 s, beyond which a packet counts as lost
_BISECTIONS = 34  # of 1.6 s: to 0.1 ns, for fits take slopes from differences
_SUMMARY_POINTS = 64  # enough for a median and a 95 %, not for a minimum
_FLOWS_AT_ONCE = 2_048
_LEAST_UNIFORM = 2.0**-54
_HIGHEST_SHARE = 0.9999  # beyond which the grid's end would stand for a packet


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyModel:
    """What a network adds to the travel time of light, at a date.

    Attributes:
        name: Year and month of the measurements that it describes.
        fixed_s: Added to every round trip.
        wait_s: Mean wait for the radio's schedule, both ways together.
        wait_shape: Shape of the wait's gamma distribution; larger is more even.
        boundary_after_s, boundary_before_s: How long around a slot's begin packets are held up.
        boundary_extra_s: Mean of what is added there, exponentially distributed.
        hop_s: Added for each laser crossed, there and back together.
        slot_s, slot_phase_s: Length of a slot, and where in each minute the first one begins.
        errors: One standard error of each fitted parameter, by name.
        source: Which parameters are fitted to what, and where the others come from.
    Raises:
        InputError: A parameter is negative or not finite, or the boundary is longer than the slot.
    """

    name: str
    fixed_s: float
    wait_s: float
    wait_shape: float
    boundary_after_s: float = 0.140
    boundary_before_s: float = 0.075
    boundary_extra_s: float
    hop_s: float = 0.0
    slot_s: float = 15.0
    slot_phase_s: float = 12.0
    errors: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        numbers = {name: getattr(self, name) for name in _NOT_NEGATIVE}
        bad = [name for name, value in numbers.items() if not (math.isfinite(value) and value >= 0.0)]
        bad += [name for name in _POSITIVE if name not in bad and not numbers[name] > 0.0]
        if bad:
            raise InputError(f"latency {self.name!r}: {', '.join(bad)} must be positive numbers")
        if self.boundary_after_s + self.boundary_before_s > self.slot_s:
            raise InputError(f"latency {self.name!r}: the time around a boundary is longer than the slot")

    @property
    def boundary_share(self) -> float:
        """Share of time in which a boundary is felt."""
        return (self.boundary_after_s + self.boundary_before_s) / self.slot_s

    def is_boundary(self, time_ns: Ints) -> Bools:
        """Whether instants lie in the moments around a boundary.

        >>> ns = np.array([12_050, 13_000, 26_930], dtype=np.int64) * 1_000_000
        >>> LATENCY_2024_11.is_boundary(ns).tolist()
        [True, False, True]
        """
        slot_ns = round(self.slot_s * NS_PER_S)
        since_s = np.mod(time_ns - round(self.slot_phase_s * NS_PER_S), slot_ns) / NS_PER_S
        return np.asarray((since_s < self.boundary_after_s) | (since_s >= self.slot_s - self.boundary_before_s))

    def added_share(self, added_s: Floats) -> Floats:
        """Share of packets to which at most this much is added, the lasers' part not counted."""
        table = _table(self.wait_s, self.wait_shape, self.boundary_extra_s, self.boundary_share)
        return np.asarray(np.interp((added_s - self.fixed_s) / _GRID_STEP_S, _steps(), table, left=0.0))

    def wait_quantiles(self, count: int) -> Floats:
        """``(count,)`` quantiles of the wait over its mean, at shares that rise evenly from 0 to 1; the last is that of 0.9999.

        >>> LATENCY_2024_11.wait_quantiles(3).round(2).tolist()
        [0.0, 0.9, 4.49]
        """
        shares = np.minimum(np.linspace(0.0, 1.0, count), _HIGHEST_SHARE)
        table = _table(self.wait_s, self.wait_shape, 0.0, 0.0)
        return np.asarray(np.interp(shares, table, _steps()) * _GRID_STEP_S / self.wait_s)

    def light_there_and_back_s(self, light_s: Floats, laser_hops: Ints | Floats | None = None) -> Floats:
        """Twice the light, and the lasers' part."""
        return np.asarray(2.0 * light_s + (0.0 if laser_hops is None else self.hop_s * laser_hops))

    def draw(self, light_s: Floats, time_ns: Ints, seed: int, *, laser_hops: Ints | None = None) -> Floats:
        """Round-trip times of single packets; same packet and seed, same time.

        Args:
            light_s: ``(N,)`` one way.
            time_ns: ``(N,)`` when each packet is sent; two packets of one instant get the same draw, so give two users
                seeds of their own.
            seed: Of the draws.
            laser_hops: ``(N,)`` lasers crossed; none unless given.
        """
        waits = _table(self.wait_s, self.wait_shape, 0.0, 0.0)
        draws = [np.maximum(uniform_of(seed, time_ns, np.full_like(time_ns, part)), _LEAST_UNIFORM) for part in (0, 1)]
        wait_s = np.interp(draws[0], waits, _steps()) * _GRID_STEP_S
        extra_s = np.where(self.is_boundary(time_ns), -self.boundary_extra_s * np.log(draws[1]), 0.0)
        return np.asarray(self.light_there_and_back_s(light_s, laser_hops) + self.fixed_s + wait_s + extra_s)


_POSITIVE = ("wait_s", "wait_shape", "slot_s")
_NOT_NEGATIVE = (
    *("fixed_s", "wait_s", "wait_shape", "boundary_after_s", "boundary_before_s"),
    *("boundary_extra_s", "hop_s", "slot_s"),
)


def rtt_quantiles(
    model: LatencyModel, light_s: Floats, shares: Floats, *, weight: Floats | None = None, points: int = POINTS
) -> Floats:
    """Quantiles of the round-trip time over all packets of a span.

    Args:
        model: What is added to the light.
        light_s: ``(N, F)`` there and back, with the lasers' part; NaN where there was no path.
        shares: ``(Q,)`` or ``(Q, F)`` shares of packets, above 0 and below 1.
        weight: ``(N, F)`` how much each light time counts; all alike unless given.
        points: How many light times stand for all of a flow.
    Returns:
        ``(Q, F)``; NaN for flows that never had a path.
    Raises:
        InputError: A share is not above 0 and below 1.
    """
    check_shape("light_s", light_s, (None, None))
    wanted = np.broadcast_to(np.asarray(shares, dtype=np.float64).T, (light_s.shape[1], np.shape(shares)[0])).T
    if not ((wanted > 0.0) & (wanted < 1.0)).all():
        raise InputError("quantiles: shares must lie above 0 and below 1")
    parts = []
    for begin in range(0, light_s.shape[1], _FLOWS_AT_ONCE):
        held = slice(begin, begin + _FLOWS_AT_ONCE)
        points_s = light_points(light_s[:, held], None if weight is None else weight[:, held], count=points)
        parts.append(_inverse(model, points_s, wanted[:, held]))
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(wanted), 0))


def estimated_rtt_s(
    model: LatencyModel, delay_s: Floats, laser_hops: Ints | None = None, shares: tuple[float, ...] = SUMMARY_SHARES
) -> Floats:
    """Quantiles of the estimated round-trip time of flows, for summaries.

    Args:
        model: What is added to the light; `model_near` finds the one of a date.
        delay_s: ``(T, F)`` one-way travel time of light; NaN without a path.
        laser_hops: ``(T, F)`` lasers crossed.
        shares: Which quantiles; median and 95 % unless given.
    Returns:
        ``(Q, F)``; NaN for flows that never had a path.
    """
    times_s = model.light_there_and_back_s(delay_s, laser_hops)
    return rtt_quantiles(model, times_s, np.array(shares), points=_SUMMARY_POINTS)


def light_points(light_s: Floats, weight: Floats | None = None, *, count: int = POINTS) -> Floats:
    """``(count, F)`` equally probable light times that stand for ``(N, F)`` weighted ones; NaN where there are none."""
    order = np.argsort(light_s, axis=0)  # NaN last
    values = np.take_along_axis(light_s, order, axis=0)
    given = np.ones_like(light_s) if weight is None else weight
    mass = np.where(np.isnan(values), 0.0, np.take_along_axis(given, order, axis=0))
    points = np.full((count, light_s.shape[1]), np.nan)
    wanted = (np.arange(count) + 0.5) / count
    for flow in range(light_s.shape[1]):
        total = mass[:, flow].sum()
        if total > 0.0:
            middle = (np.cumsum(mass[:, flow]) - 0.5 * mass[:, flow]) / total
            some = mass[:, flow] > 0.0
            points[:, flow] = np.interp(wanted, middle[some], values[some, flow])
    return points


def _inverse(model: LatencyModel, points_s: Floats, wanted: Floats) -> Floats:
    """Times at which the wanted shares have arrived, by bisection."""
    reach_s = model.fixed_s + _GRID_STEP_S * (_GRID_POINTS - 1)
    low = np.broadcast_to(points_s.min(axis=0), wanted.shape).copy()
    high = np.broadcast_to(points_s.max(axis=0) + reach_s, wanted.shape).copy()
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        share = np.stack([model.added_share(row - points_s).mean(axis=0) for row in middle])
        low, high = np.where(share < wanted, middle, low), np.where(share < wanted, high, middle)
    return np.asarray(0.5 * (low + high))


@cache
def _steps() -> Floats:
    """Numbers of the grid's points."""
    steps = np.arange(_GRID_POINTS, dtype=np.float64)
    freeze(steps)
    return steps


@cache
def _table(wait_s: float, shape: float, extra_s: float, extra_share: float) -> Floats:
    """Share of packets that wait at most so many steps of the grid: a gamma distribution, part of it with an extra.

    Accuracy: within 1e-3 of SciPy's gamma distribution (tests/plan/test_latency.py).
    """
    scale = wait_s / shape / _GRID_STEP_S
    middle = (_steps() + 0.5) / scale
    mass = np.exp((shape - 1.0) * np.log(middle) - middle - math.lgamma(shape))
    mass /= mass.sum()
    if extra_s > 0.0 and extra_share > 0.0:
        tail = np.exp(-_steps() * _GRID_STEP_S / extra_s)
        spectrum = np.fft.rfft(mass, 2 * _GRID_POINTS) * np.fft.rfft(tail / tail.sum(), 2 * _GRID_POINTS)
        late = np.fft.irfft(spectrum, 2 * _GRID_POINTS)[:_GRID_POINTS]
        mass = (1.0 - extra_share) * mass + extra_share * late
    share = np.concatenate([[0.0], np.cumsum(np.maximum(mass, 0.0))[:-1]])
    share /= share[-1]
    freeze(share)
    return share


LATENCY_2024_11: Final = LatencyModel(
    name="2024-11",
    fixed_s=7.013e-3,  # ± 0.47e-3, one standard error
    wait_s=14.61e-3,  # ± 1.2e-3
    wait_shape=3.184,  # ± 0.53
    boundary_extra_s=93.04e-3,  # ± 29e-3
    errors=(("fixed_s", 0.47e-3), ("wait_s", 1.2e-3), ("wait_shape", 0.53), ("boundary_extra_s", 29e-3)),
    source="fixed part, wait, shape and extra fitted by scripts/fit_latency.py to round-trip times of seven sites of November "
    "2024 (LENS); length of the boundary's moments: 500 Hz measurement, arXiv 2601.08439",
)
LATENCY_2026_05: Final = replace(
    LATENCY_2024_11,
    name="2026-05",
    wait_s=10.91e-3,  # ± 1.0e-3
    errors=(("wait_s", 1.0e-3),),
    source="wait fitted by scripts/fit_latency.py to half of the operator's medians by country of May 2026; all else as in "
    "2024-11",
)
LATENCY_MODELS: Final = (LATENCY_2024_11, LATENCY_2026_05)


def model_near(time_ns: int, models: tuple[LatencyModel, ...] = LATENCY_MODELS) -> LatencyModel:
    """The parameters whose month is nearest to an instant."""
    return min(models, key=lambda model: abs(parse_time(f"{model.name}-15T00:00:00Z") - time_ns))


def model_named(name: str, models: tuple[LatencyModel, ...] = LATENCY_MODELS) -> LatencyModel:
    """The parameters of a month.

    Raises:
        InputError: There are none of that name.
    """
    for model in models:
        if model.name == name:
            return model
    raise InputError(f"there are no latency parameters {name!r}; there are {', '.join(each.name for each in models)}")
