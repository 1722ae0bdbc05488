"""Orbital planes and places in them, read back from mean elements.

Real element sets carry neither plane nor slot. Satellites of one plane share the direction of their ascending node;
along the plane they are ordered by argument of latitude. Both are compared at one common instant, because the nodes
move by several degrees a day.
"""

from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import NS_PER_S
from skycommons.orbit.elements import Elements
from skycommons.orbit.sgp4_terms import secular_terms

PLANE_GAP_RAD = float(np.radians(0.75))  # planes of real shells are 2° to 30° apart and 0.1° to 0.5° thick
_NS_PER_MIN = 60.0 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanPlaces:
    """Mean place of every satellite at one instant.

    Attributes:
        raan_rad: ``(S,)`` right ascension of the ascending node, [0, 2π).
        latitude_argument_rad: ``(S,)`` mean argument of latitude, [0, 2π).
    """

    raan_rad: Floats
    latitude_argument_rad: Floats


def mean_places(elements: Elements, time_ns: int) -> MeanPlaces:
    """Nodes and arguments of latitude at an instant: SGP4's secular rates, and drag as far as it grows with time squared.

    Accuracy: against the osculating orbits of two real fleets up to two days from their epochs, nodes within 0.05° and
    arguments of latitude within 0.2° for 95 of 100; satellites that are coming down stray by whole turns
    (tests/orbit/test_planes.py).
    """
    terms = secular_terms(elements)
    minutes = (time_ns - elements.epoch_ns) / _NS_PER_MIN
    with np.errstate(all="ignore"):  # an unusable row becomes NaN
        along = elements.mean_anomaly_rad + elements.arg_perigee_rad + (terms["mdot"] + terms["argpdot"]) * minutes
        along += terms["n"] * terms["t2cof"] * minutes**2
        node = elements.raan_rad + (terms["nodedot"] + terms["nodecf"] * minutes) * minutes
        return MeanPlaces(raan_rad=np.mod(node, 2.0 * np.pi), latitude_argument_rad=np.mod(along, 2.0 * np.pi))


def find_planes(raan_rad: Floats, *, gap_rad: float = PLANE_GAP_RAD) -> Ints:
    """Plane of each satellite of one shell: nodes nearer than the gap to the next one belong together.

    Args:
        raan_rad: ``(N,)`` at one instant.
        gap_rad: A wider empty arc between two nodes separates planes.
    Returns:
        ``(N,)`` plane numbers from 0, in order of right ascension.
    >>> find_planes(np.radians([10.1, 40.0, 10.0, 359.9, 0.1])).tolist()
    [1, 2, 1, 0, 0]
    """
    count = len(raan_rad)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    turn = np.mod(raan_rad, 2.0 * np.pi)
    order = np.argsort(turn, kind="stable")
    gaps = np.diff(turn[order], append=turn[order[0]] + 2.0 * np.pi)
    wide = gaps > gap_rad
    label = np.concatenate([[0], np.cumsum(wide[:-1])])
    if not wide[-1] and label[-1] > 0:
        label[label == label[-1]] = 0  # the last group reaches over 0° into the first
    planes = np.empty(count, dtype=np.int64)
    planes[order] = label
    return planes
