"""Geometry for the check of plans, written a second time: plain formulas on given pairs, nothing searched.

Rules: nothing here is shared with the search for satellites (`skycommons.plan.visibility`, `skycommons.plan.options`), so
that an error there does not hide here. Pairs are given row by row; angles are true angles, not tests against a limit.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints
from skycommons.base.constants import GSO_RADIUS_M
from skycommons.model.rules import LaserRules
from skycommons.model.world import Sites
from skycommons.orbit.frames import angle_between_rad, enu_axes, geodetic_to_itrf
from skycommons.plan.lasers import grazing_height_m

_FIRST_POINTS: Final = 49
_NEXT_POINTS: Final = 9
_BLOCK: Final = 8_192
_LASER_SLACK_M: Final = 1.0
_ROUNDS: Final = 6  # each is four times as fine; the last stands 1e-5 rad along the arc from the nearest point at most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grounds:
    """``N`` places that look at satellites.

    Attributes:
        position_itrf_m: ``(N, 3)``.
        up_itrf, boresight_itrf: ``(N, 3)`` unit vectors.
        min_elevation_rad, gso_exclusion_rad, field_of_view_rad: ``(N,)``.
    """

    position_itrf_m: Floats
    up_itrf: Floats
    boresight_itrf: Floats
    min_elevation_rad: Floats
    gso_exclusion_rad: Floats
    field_of_view_rad: Floats

    @staticmethod
    def at(
        latitude_rad: Floats,
        longitude_rad: Floats,
        *,
        height_m: Floats,
        tilt_rad: Floats,
        min_elevation_rad: Floats,
        gso_exclusion_rad: Floats,
        field_of_view_rad: Floats,
    ) -> "Grounds":
        """Places by their coordinates; faces are tilted from the zenith towards the nearer pole."""
        axes = enu_axes(latitude_rad, longitude_rad)
        polewards = np.where(latitude_rad >= 0.0, 1.0, -1.0)[:, np.newaxis] * axes[:, 1]
        tilt = tilt_rad[:, np.newaxis]
        return Grounds(
            position_itrf_m=geodetic_to_itrf(latitude_rad, longitude_rad, height_m),
            up_itrf=axes[:, 2],
            boresight_itrf=np.cos(tilt) * axes[:, 2] + np.sin(tilt) * polewards,
            min_elevation_rad=min_elevation_rad,
            gso_exclusion_rad=gso_exclusion_rad,
            field_of_view_rad=field_of_view_rad,
        )

    @staticmethod
    def of_sites(sites: Sites) -> "Grounds":
        """All sites of a world."""
        return Grounds.at(
            sites.latitude_rad,
            sites.longitude_rad,
            height_m=sites.height_m,
            tilt_rad=sites.tilt_rad,
            min_elevation_rad=sites.min_elevation_rad,
            gso_exclusion_rad=sites.gso_exclusion_rad,
            field_of_view_rad=sites.field_of_view_rad,
        )

    def take(self, rows: Ints) -> "Grounds":
        """One place per row."""
        return Grounds(**{name: getattr(self, name)[rows] for name in self.__slots__})


def elevation_rad(ground: Grounds, position_itrf_m: Floats) -> Floats:
    """``(N,)`` elevation of one satellite from each place.

    Args:
        ground: ``N`` places.
        position_itrf_m: ``(N, 3)`` of the satellites.
    """
    return np.asarray(np.pi / 2.0 - angle_between_rad(position_itrf_m - ground.position_itrf_m, ground.up_itrf))


def steering_rad(ground: Grounds, position_itrf_m: Floats) -> Floats:
    """``(N,)`` angle between the face's normal and the satellite."""
    return angle_between_rad(position_itrf_m - ground.position_itrf_m, ground.boresight_itrf)


def arc_separation_rad(ground: Grounds, position_itrf_m: Floats) -> Floats:
    """``(N,)`` angle between the satellite and the visible geostationary arc; π where none is above the horizon.

    The arc is cut into points, and the surroundings of the nearest ever finer.

    Args:
        ground: ``N`` places.
        position_itrf_m: ``(N, 3)`` of the satellites.
    Accuracy: 1e-7 rad of `skycommons.orbit.gso_arc` (tests/plan/test_check_sky.py).
    """
    if len(position_itrf_m) > _BLOCK:  # the points of many pairs together would fill the memory
        blocks = np.array_split(np.arange(len(position_itrf_m)), -(-len(position_itrf_m) // _BLOCK))
        return np.concatenate([arc_separation_rad(ground.take(rows), position_itrf_m[rows]) for rows in blocks])
    site, up = ground.position_itrf_m, ground.up_itrf
    sight = position_itrf_m - site
    meridian = np.arctan2(up[:, 1], up[:, 0])
    reach = np.hypot(up[:, 0], up[:, 1]) * GSO_RADIUS_M
    height = np.sum(site * up, axis=1)
    is_seen: Bools = reach > height
    half = np.arccos(np.where(is_seen, height / np.where(is_seen, reach, 1.0), 1.0))
    best, spacing = np.zeros(len(site)), half
    for points in (_FIRST_POINTS, *(_NEXT_POINTS,) * _ROUNDS):
        offsets = best[:, np.newaxis] + spacing[:, np.newaxis] * np.linspace(-1.0, 1.0, points)
        offsets = np.clip(offsets, -half[:, np.newaxis], half[:, np.newaxis])
        cosine = _cosine_to_arc(site, sight, meridian[:, np.newaxis] + offsets)
        best = np.take_along_axis(offsets, cosine.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
        spacing = 2.0 * spacing / (points - 1)
    separation = angle_between_rad(sight, _arc(meridian + best) - site)
    return np.where(is_seen, separation, np.pi)


def _arc(longitude_rad: Floats) -> Floats:
    """Places of the geostationary arc."""
    flat = np.stack([np.cos(longitude_rad), np.sin(longitude_rad), np.zeros_like(longitude_rad)], axis=-1)
    return np.asarray(GSO_RADIUS_M * flat)


def _cosine_to_arc(site: Floats, sight: Floats, longitude_rad: Floats) -> Floats:
    """``(N, K)`` cosine of the angle to points of the arc, times the length of the line of sight."""
    towards = _arc(longitude_rad) - site[:, np.newaxis]
    return np.asarray(np.einsum("nki,ni->nk", towards, sight) / np.linalg.norm(towards, axis=-1))


def lasers_in_reach(pairs: Ints, position_itrf_m: Floats, valid: Bools, rules: LaserRules) -> Bools:
    """``(E,)`` which pairs of satellites could have a laser between them, whether acquired yet or not.

    Args:
        pairs: ``(E, 2)`` satellite rows.
        position_itrf_m: ``(S, 3)``; ``valid`` ``(S,)``.
        rules: Range and grazing height.
    """
    first, second = position_itrf_m[pairs[:, 0]], position_itrf_m[pairs[:, 1]]
    flies: Bools = valid[pairs[:, 0]] & valid[pairs[:, 1]]
    near: Bools = np.linalg.norm(second - first, axis=1) <= rules.max_range_m + _LASER_SLACK_M
    clear: Bools = grazing_height_m(first, second) >= rules.min_grazing_height_m - _LASER_SLACK_M
    return flies & near & clear


def connected(pairs: Ints, count: int) -> Ints:
    """``(S,)`` the lowest row that each row is connected with over any chain of pairs.

    Args:
        pairs: ``(E, 2)`` rows.
        count: How many rows there are.
    >>> connected(np.array([[3, 1], [1, 4]]), 6).tolist()
    [0, 1, 2, 1, 1, 5]
    """
    label = np.arange(count)
    while len(pairs):
        lowest = label.copy()
        here, there = label[pairs[:, 0]], label[pairs[:, 1]]
        np.minimum.at(lowest, here, there)
        np.minimum.at(lowest, there, here)
        lowest = lowest[lowest]
        if np.array_equal(lowest, label):
            break
        label = lowest
    return label
