"""Which satellite points its lasers at which.

A topology turns rules into pairs. Patterns (+Grid is one) are built once, from planes and places in them; the nearest
neighbours are searched anew at every step. Pairs are only wishes: whether such a laser is up is decided in `lasers`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints, Ints32
from skycommons.model.rules import Grid, Motif, Nearest, NoLasers, Pairs, Topology
from skycommons.model.world import Satellites
from skycommons.orbit.planes import MeanPlaces, find_planes, mean_places
from skycommons.plan.neighbours_kernel import nearest_pairs

GRID_OFFSETS = ((0, 1), (1, 0))  # the next in the plane, and the same phase in the next plane
_SEAM_RAD = np.pi / 2 + 1e-6  # planes further apart fly against each other: no pair lasts there
_STRAY_SHARE = 0.25  # groups of satellites this much smaller than the usual plane are strays between the planes
_UNEVEN = 1.5  # a plane whose widest gap is this much over its mean is treated as irregular


class Pointing(Protocol):
    """Anything that says which pairs of satellites want a laser between them at a step."""

    def pairs_at(self, position_itrf_m: Floats, valid: Bools) -> Ints32:
        """``(E, 2)`` satellite rows, each pair once; the same object again means: nothing was re-pointed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FixedPointing:
    """The same pairs at every step.

    Attributes:
        pairs: ``(E, 2)`` satellite rows.
    """

    pairs: Ints32

    def pairs_at(self, position_itrf_m: Floats, valid: Bools) -> Ints32:  # noqa: ARG002 - the protocol's signature
        """The fixed pairs."""
        return self.pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestPointing:
    """Shortest pairs first, until every satellite's lasers are taken.

    Attributes:
        per_satellite: Lasers that one satellite carries.
        max_range_m: No pair is longer.
    """

    per_satellite: int
    max_range_m: float

    def pairs_at(self, position_itrf_m: Floats, valid: Bools) -> Ints32:
        """Greedy matching by distance."""
        return nearest_pairs(position_itrf_m, valid, self.per_satellite, self.max_range_m)


def pointing_of(topology: Topology | Pointing, satellites: Satellites, time_ns: int, max_range_m: float) -> Pointing:
    """The pointing that a topology rule asks for.

    Args:
        topology: A rule, or an object of the user's own that is a `Pointing` already.
        satellites: ``S`` satellites; unknown planes are recovered shell by shell.
        time_ns: Instant at which planes and phases are compared.
        max_range_m: Limit for the search of nearest neighbours.
    """
    match topology:
        case Grid():
            return FixedPointing(pairs=pattern_pairs(satellites, GRID_OFFSETS, time_ns))
        case Motif(offsets=offsets):
            return FixedPointing(pairs=pattern_pairs(satellites, offsets, time_ns))
        case Pairs(rows=rows):
            return FixedPointing(pairs=_unique(rows))
        case Nearest(per_satellite=per_satellite):
            return NearestPointing(per_satellite=per_satellite, max_range_m=max_range_m)
        case NoLasers():
            return FixedPointing(pairs=np.zeros((0, 2), dtype=np.int32))
        case own:
            return own


def pattern_pairs(satellites: Satellites, offsets: tuple[tuple[int, int], ...], time_ns: int) -> Ints32:
    """Pairs of a repeating pattern, shell by shell.

    An offset ``(planes, slots)`` names the neighbour that many planes further and that many slots ahead *in phase*: the
    slot is counted from the satellite of the other plane that stands at the same argument of latitude. So the
    accumulated phasing of a Walker shell is undone at every plane, the seam included.

    Satellites in no shell climb, sink or drift: they get no lasers. Where no shell is known at all, all satellites are
    taken as one.

    Returns:
        ``(E, 2)`` rows, each pair once.
    """
    places = mean_places(satellites.elements, time_ns)
    found: list[Ints] = [np.zeros((0, 2), dtype=np.int64)]
    shells = np.unique(satellites.shell)
    for shell in shells[shells >= 0] if (shells >= 0).any() else shells:
        members = np.flatnonzero(satellites.shell == shell)
        planes = _planes_of(satellites, members, places)
        for offset_planes, offset_slots in offsets:
            found += _pattern_in_shell(planes, places, offset_planes, offset_slots)
    return _unique(np.concatenate(found))


def _planes_of(satellites: Satellites, members: Ints, places: MeanPlaces) -> list[Ints]:
    """Rows of every plane of a shell, ordered by node, and along the plane by argument of latitude."""
    label = satellites.plane[members]
    if (label < 0).any():
        label = find_planes(places.raan_rad[members])
    planes = [members[label == plane] for plane in np.unique(label)]
    planes = [rows[np.argsort(places.latitude_argument_rad[rows], kind="stable")] for rows in planes]
    return sorted(planes, key=lambda rows: _mean_angle(places.raan_rad[rows]))


def _pattern_in_shell(planes: list[Ints], places: MeanPlaces, offset_planes: int, offset_slots: int) -> list[Ints]:
    """Pairs of one offset in one shell."""
    pairs: list[Ints] = []
    if offset_planes == 0:
        return [
            np.stack([rows, np.roll(rows, -offset_slots)], axis=1) for rows in planes if len(rows) > abs(offset_slots)
        ]
    planes = _without_strays(planes)
    crossed = _seams_crossed(planes, places, offset_planes)
    for number, rows in enumerate(planes):
        other = planes[(number + offset_planes) % len(planes)]
        if other is rows or crossed[number]:
            continue
        here, there = places.latitude_argument_rad[rows], places.latitude_argument_rad[other]
        matched = match_planes(here + 2.0 * np.pi * offset_slots / len(other), there)
        pairs.append(np.stack([rows[matched[:, 0]], other[matched[:, 1]]], axis=1))
    return pairs


def _without_strays(planes: list[Ints]) -> list[Ints]:
    """Planes between which side links run: drifting satellites do not stand between two full planes."""
    sizes = np.array([len(rows) for rows in planes])
    usual = np.median(np.repeat(sizes, sizes))  # the plane size that a satellite finds itself in
    return [rows for rows in planes if len(rows) >= _STRAY_SHARE * usual]


def _seams_crossed(planes: list[Ints], places: MeanPlaces, offset_planes: int) -> Ints:
    """How many seams lie between each plane and the one so many planes further."""
    node_rad = np.array([_mean_angle(places.raan_rad[rows]) for rows in planes])
    is_seam = np.mod(np.roll(node_rad, -1) - node_rad, 2.0 * np.pi) > _SEAM_RAD  # from each plane to the next
    ways = np.arange(offset_planes) if offset_planes > 0 else np.arange(offset_planes, 0)
    return np.asarray(is_seam[(np.arange(len(planes))[:, None] + ways) % len(planes)].sum(axis=1))


def match_planes(here_rad: Floats, there_rad: Floats) -> Ints:
    """Pair the satellites of two planes by phase, each at most once.

    Evenly filled planes of equal size are shifted against each other as a whole, by the shift that brings the phases
    nearest; then every satellite has a partner. Other planes pair those that are nearest to each other both ways.

    Args:
        here_rad: ``(N,)`` wanted arguments of latitude, ascending up to a turn.
        there_rad: ``(M,)`` arguments of latitude on the other plane, ascending up to a turn.
    Returns:
        ``(K, 2)`` indices into both.
    >>> match_planes(np.radians([0.0, 90.0, 180.0, 270.0]), np.radians([80.0, 170.0, 260.0, 350.0])).tolist()
    [[0, 3], [1, 0], [2, 1], [3, 2]]
    """
    apart = np.abs(_wrap(here_rad[:, None] - there_rad[None, :]))
    count = len(here_rad)
    if count == len(there_rad) and _is_even(here_rad) and _is_even(there_rad):
        index = np.arange(count)
        costs = [np.sum(apart[index, (index + shift) % count] ** 2) for shift in range(count)]
        best = int(np.argmin(np.round(costs, 9)))  # rounded, so that two equal shifts give the same choice everywhere
        return np.stack([index, (index + best) % count], axis=1)
    forward, backward = apart.argmin(axis=1), apart.argmin(axis=0)
    mutual = np.flatnonzero(backward[forward] == np.arange(count))
    return np.stack([mutual, forward[mutual]], axis=1)


def _is_even(angles_rad: Floats) -> bool:
    """Whether satellites stand about evenly around the plane."""
    ordered = np.sort(np.mod(angles_rad, 2.0 * np.pi))
    gaps = np.diff(ordered, append=ordered[0] + 2.0 * np.pi)
    return bool(gaps.max() <= _UNEVEN * gaps.mean())


def _mean_angle(angles_rad: Floats) -> float:
    """Mean direction, [0, 2π)."""
    return float(np.mod(np.angle(np.mean(np.exp(1j * angles_rad))), 2.0 * np.pi))


def _wrap(angle_rad: Floats) -> Floats:
    """Brought into [-π, π)."""
    return np.mod(angle_rad + np.pi, 2.0 * np.pi) - np.pi


def _unique(pairs: Ints) -> Ints32:
    """Each pair once, smaller row first, no satellite with itself."""
    ordered = np.sort(pairs, axis=1)
    ordered = ordered[ordered[:, 0] != ordered[:, 1]]
    return np.ascontiguousarray(np.unique(ordered, axis=0).reshape(-1, 2).astype(np.int32))
