"""Which ground stations a constellation builds, and which of their antennas follow which satellites.

Each site has a number of antennas; each antenna feeds one satellite, and no two antennas of a satellite stand at one site.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skycommons.base.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class AntennaRules:
    """What one antenna carries and how many there are.

    Attributes:
        antenna_bps: Through one of them.
        of_site, of_satellite: Most at one site and for one satellite.
        in_all: Most in use at one time.
    """

    antenna_bps: float
    of_site: int
    of_satellite: int
    in_all: int


def best_sites(in_sight: Sequence[Bools], asked_bps: Sequence[Floats], *, count: int, rules: AntennaRules) -> Ints:
    """Rows of the sites that together carry most, in the order in which they are chosen.

    Each next site is the one that adds most to what is carried, summed over instants; ties go to the earlier row.

    Args:
        in_sight: ``(S, G)`` for each instant: which candidate sees which satellite.
        asked_bps: ``(S,)`` for each instant.
        count: How many to choose; all if there are no more.
        rules: Of the antennas.
    Source: the greedy rule of Nemhauser, Wolsey and Fisher 1978 (Math. Programming 14), evaluated lazily: what a site
        adds only falls as others are chosen.
    """
    unmet = [asked.copy() for asked in asked_bps]
    left = [np.full(len(asked), rules.of_satellite) for asked in asked_bps]

    def takes(site: int) -> list[tuple[Ints, Floats]]:
        found = []
        for seen, more, antennas in zip(in_sight, unmet, left, strict=True):
            rows = np.flatnonzero(seen[:, site] & (antennas > 0))
            carried = np.minimum(more[rows], rules.antenna_bps)
            top = np.argsort(-carried, kind="stable")[: rules.of_site]
            found.append((rows[top], carried[top]))
        return found

    def adds(site: int) -> float:
        return float(sum(carried.sum() for _, carried in takes(site)))

    waiting = [(-adds(site), site) for site in range(in_sight[0].shape[1])]
    heapq.heapify(waiting)
    chosen: list[int] = []
    while waiting and len(chosen) < count:
        _, site = heapq.heappop(waiting)
        fresh = (-adds(site), site)
        if waiting and fresh > waiting[0]:
            heapq.heappush(waiting, fresh)
            continue
        chosen.append(site)
        for (rows, carried), more, antennas in zip(takes(site), unmet, left, strict=True):
            more[rows] -= carried
            antennas[rows] -= 1
    return np.array(chosen, dtype=np.int64)


def follow_satellites(in_sight: Bools, asked: Bools, *, rules: AntennaRules) -> tuple[Ints, Ints]:
    """Rows of satellites and sites whose antennas follow them, at one instant.

    First come satellites with demand, among them those with few sites in view; each takes the sites with most antennas
    free.

    Args:
        in_sight: ``(S, G)`` which site sees which satellite.
        asked: ``(S,)`` whether users under it ask for anything.
        rules: Of the antennas.
    """
    free = np.full(in_sight.shape[1], rules.of_site)
    satellites, sites = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    idle = rules.in_all
    for satellite in np.lexsort((in_sight.sum(axis=1), ~asked)):
        near = np.flatnonzero(in_sight[satellite] & (free > 0))
        taken = near[np.argsort(-free[near], kind="stable")[: min(rules.of_satellite, idle)]]
        free[taken] -= 1
        idle -= len(taken)
        satellites.append(np.full(len(taken), satellite))
        sites.append(taken)
    return np.concatenate(satellites), np.concatenate(sites)
