"""Which lasers are up at a step.

A laser is up when its pair is wanted, both satellites have a position, it is not longer than the range limit, its line
of sight stays above the grazing height, and it has been so for the acquisition time. A pair that is wanted or comes into
reach anew starts at ``ACQUIRING``; each acquisition takes its own time, drawn from the scenario's seed. At the first step of a run everything in reach counts as acquired.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from skycommons.base.arrays import Bools, Bytes, Floats, Ints, Ints32, check_shape
from skycommons.base.constants import NS_PER_S, WGS84_RADIUS_M
from skycommons.base.errors import PlanError
from skycommons.base.rng import uniform_of
from skycommons.model.rules import LaserRules
from skycommons.plan.lasers_kernel import reachable
from skycommons.plan.topology import Pointing


class LaserState(IntEnum):
    """What a wanted laser does."""

    DOWN = 0
    ACQUIRING = 1
    UP = 2


_NOT_REACHED = np.iinfo(np.int64).max
_ALWAYS = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lasers:
    """Wanted lasers of one step.

    Attributes:
        pairs: ``(E, 2)`` satellite rows.
        range_m: ``(E,)``.
        state: ``(E,)`` `LaserState`.
        since_ns: ``(E,)`` instant from which the pair has been in reach without a break.
    """

    pairs: Ints32
    range_m: Floats
    state: Bytes
    since_ns: Ints

    def up(self) -> Bools:
        """``(E,)`` which ones carry traffic."""
        return np.asarray(self.state == LaserState.UP)

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        counts = np.bincount(self.state, minlength=3)
        return f"<Lasers: {counts[2]:,} up, {counts[1]:,} acquiring, {counts[0]:,} down>"


def lasers_at(
    rules: LaserRules,
    pointing: Pointing,
    time_ns: int,
    *,
    position_itrf_m: Floats,
    valid: Bools,
    before: Lasers | None = None,
    seed: int = 0,
) -> Lasers:
    """Lasers of one step.

    Args:
        rules: Range, grazing height and acquisition time.
        pointing: Who wants whom.
        time_ns: The step's instant.
        position_itrf_m: ``(S, 3)``; ``valid`` ``(S,)``.
        before: Lasers of the step before; without it everything in reach is up.
        seed: Of the times that acquisitions take.

    Raises:
        PlanError: The pointing names a satellite that is not there.
        ShapeError: Its pairs are not ``(E, 2)``.
    """
    pairs = pointing.pairs_at(position_itrf_m, valid)
    check_shape("pairs", pairs, (None, 2))
    if len(pairs) and not 0 <= pairs.min() <= pairs.max() < len(valid):
        raise PlanError(f"lasers: a pair names satellite row {_stray(pairs, len(valid))} of {len(valid)}")
    range_m, in_reach = reachable(pairs, position_itrf_m, valid, rules.max_range_m, rules.min_grazing_height_m)
    since = np.where(in_reach, _since(pairs, time_ns, before), _NOT_REACHED)
    waited = since <= time_ns - _acquisition_ns(rules, pairs, since, seed=seed)
    state = np.where(in_reach, np.where(waited, LaserState.UP, LaserState.ACQUIRING), LaserState.DOWN)
    return Lasers(pairs=pairs, range_m=range_m, state=state.astype(np.uint8), since_ns=since)


def grazing_height_m(first_itrf_m: Floats, second_itrf_m: Floats) -> Floats:
    """Height of the lowest point of the line between two places, over a sphere of the equatorial radius.

    Args:
        first_itrf_m, second_itrf_m: ``(..., 3)``.
    """
    way = second_itrf_m - first_itrf_m
    share = -np.sum(first_itrf_m * way, axis=-1) / np.maximum(np.sum(way * way, axis=-1), 1.0)
    lowest = first_itrf_m + np.clip(share, 0.0, 1.0)[..., np.newaxis] * way
    return np.asarray(np.linalg.norm(lowest, axis=-1) - WGS84_RADIUS_M)


def _acquisition_ns(rules: LaserRules, pairs: Ints32, since_ns: Ints, *, seed: int) -> Ints:
    """``(E,)`` how long each pair's acquisition takes, evenly spread between the shortest and the longest."""
    spread_s = max(rules.longest_acquisition_s - rules.acquisition_s, 0.0)
    drawn = uniform_of(seed, _keys(pairs), since_ns) if spread_s else np.zeros(len(pairs))
    return np.round((rules.acquisition_s + spread_s * drawn) * NS_PER_S).astype(np.int64)


def _stray(pairs: Ints32, satellites: int) -> int:
    """A row that no satellite has."""
    return int(pairs[(pairs < 0) | (pairs >= satellites)][0])


def _since(pairs: Ints32, time_ns: int, before: Lasers | None) -> Ints:
    """From when on each pair has been in reach, if it still is."""
    if before is None:
        return np.full(len(pairs), _ALWAYS)
    if pairs is before.pairs:
        return np.where(before.since_ns == _NOT_REACHED, time_ns, before.since_ns)
    since = np.full(len(pairs), time_ns)
    if len(before.pairs):
        old, new = _keys(before.pairs), _keys(pairs)
        order = np.argsort(old)
        place = np.minimum(np.searchsorted(old[order], new), len(old) - 1)
        match = order[place]
        known = (old[match] == new) & (before.since_ns[match] != _NOT_REACHED)
        since[known] = before.since_ns[match[known]]
    return since


def _keys(pairs: Ints32) -> Ints:
    """One number per pair."""
    return (pairs[:, 0].astype(np.int64) << 32) | pairs[:, 1].astype(np.int64)
