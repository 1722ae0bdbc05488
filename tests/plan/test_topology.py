"""Who points lasers at whom: patterns over shells, nearest neighbours, given pairs, none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.arrays import Bools, Floats, Ints, Ints32
from skycommons.model.catalogues import read_catalogue
from skycommons.model.rules import Grid, Motif, Nearest, NoLasers, Pairs
from skycommons.model.world import Satellites
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.walker import Shell, walker_elements
from skycommons.plan.topology import (
    GRID_OFFSETS,
    FixedPointing,
    NearestPointing,
    match_planes,
    pattern_pairs,
    pointing_of,
)
from tests.support.networks import FIRST_SHELL, SMALL_SHELL, fleet, fleet_of

STAR = Shell(
    name="star",
    planes=6,
    slots_per_plane=11,
    inclination_rad=float(np.radians(86.4)),
    altitude_m=780e3,
    phasing=3.0,
    raan_spread_rad=np.pi,
)


def lasers_of(satellites: Satellites, pairs: Ints32) -> Ints:
    """How many lasers each satellite has."""
    return np.bincount(pairs.ravel(), minlength=len(satellites))


def as_set(pairs: Ints | Ints32) -> set[tuple[int, int]]:
    """Pairs without their order."""
    return {(int(min(pair)), int(max(pair))) for pair in pairs}


def test_a_grid_over_a_walker_shell_picks_near_side_neighbours_the_seam_included() -> None:
    """Phasing 39 of 72 x 22: side links of 541 to 726 km, and four lasers at every satellite."""
    satellites = fleet(FIRST_SHELL)
    pairs = pattern_pairs(satellites, GRID_OFFSETS, 0)
    assert (lasers_of(satellites, pairs) == 4).all()
    position_m = propagate(satellites.elements, np.arange(0, 5_700, 300) * 10**9).position_itrf_m
    length_m = np.linalg.norm(position_m[:, pairs[:, 0]] - position_m[:, pairs[:, 1]], axis=2)
    is_side = satellites.plane[pairs[:, 0]] != satellites.plane[pairs[:, 1]]
    assert np.count_nonzero(is_side) == len(satellites)
    assert 530e3 < length_m[:, is_side].min() < 550e3
    assert 720e3 < length_m[:, is_side].max() < 730e3
    assert length_m.max() < 2_000e3
    seam = {(0, 71)}
    assert seam < as_set(satellites.plane[pairs])


def test_unknown_planes_give_the_same_pairs() -> None:
    """They are read back from the elements."""
    known, unknown = fleet(FIRST_SHELL), fleet(FIRST_SHELL, knows_planes=False)
    assert as_set(pattern_pairs(known, GRID_OFFSETS, 0)) == as_set(pattern_pairs(unknown, GRID_OFFSETS, 0))


@pytest.mark.parametrize("offsets", [GRID_OFFSETS, ((2, 0),), ((-2, 0),), ((3, 1),)])
def test_a_star_has_no_links_across_its_seam(offsets: tuple[tuple[int, int], ...]) -> None:
    """There satellites fly against each other; a pattern that reaches over several planes stops there too."""
    satellites = fleet(STAR)
    for first, second in as_set(satellites.plane[pattern_pairs(satellites, offsets, 0)]):
        assert second - first == abs(offsets[-1][0]) or first == second


def test_a_star_of_two_planes_is_linked_once() -> None:
    """Planes at a right angle are joined on one side; the other side is the seam."""
    satellites = fleet(replace(STAR, planes=2))
    pairs = pattern_pairs(satellites, ((1, 0),), 0)
    assert len(pairs) == 11
    assert (lasers_of(satellites, pairs) == 1).all()


@pytest.mark.parametrize("planes", [1, 2, 3])
def test_planes_too_far_apart_keep_to_themselves(planes: int) -> None:
    """Nor is a plane its own neighbour."""
    satellites = fleet(replace(SMALL_SHELL, planes=planes))
    assert len(pattern_pairs(satellites, ((1, 0),), 0)) == 0
    assert (lasers_of(satellites, pattern_pairs(satellites, GRID_OFFSETS, 0)) == 2).all()


@pytest.mark.parametrize(("slots", "lasers"), [(1, 0), (2, 1), (3, 2)])
def test_short_planes_have_no_satellite_twice(slots: int, lasers: int) -> None:
    """Two satellites share one laser; one has nobody."""
    satellites = fleet(replace(SMALL_SHELL, slots_per_plane=slots))
    pairs = pattern_pairs(satellites, ((0, 1),), 0)
    assert (lasers_of(satellites, pairs) == lasers).all()


def test_two_shells_are_not_joined() -> None:
    """A pattern stays in its shell."""
    both = Satellites.concatenate([fleet(), replace(fleet(), ids=tuple(f"other-{row}" for row in range(64)))])
    pairs = pattern_pairs(both, GRID_OFFSETS, 0)
    assert (both.shell[pairs[:, 0]] == both.shell[pairs[:, 1]]).all()
    assert (lasers_of(both, pairs) == 4).all()


def test_a_fleet_without_satellites_has_no_pairs() -> None:
    """Nothing to point."""
    assert pattern_pairs(fleet().take(np.zeros(0, dtype=np.int64)), GRID_OFFSETS, 0).shape == (0, 2)


def test_an_irregular_shell_has_at_most_four_lasers_each(shared_data: Path) -> None:
    """A real catalogue: gaps, drifting satellites and spares; planes recovered."""
    elements = read_catalogue(shared_data / "catalogues" / "starlink_tma25.tle").elements
    inclination_deg = np.degrees(elements.inclination_rad)
    elements = elements.take((inclination_deg > 53.0) & (inclination_deg < 53.1))
    satellites = fleet_of(elements)
    pairs = pattern_pairs(satellites, GRID_OFFSETS, int(elements.epoch_ns.max()))
    count = lasers_of(satellites, pairs)
    assert len(satellites) > 1_000
    assert count.max() <= 4
    assert count.mean() > 3.0
    assert len(as_set(pairs)) == len(pairs)


def test_a_motif_repeats_at_every_satellite() -> None:
    """Two planes further in phase, and two places ahead in the plane: four lasers each."""
    satellites = fleet()
    pointing = pointing_of(Motif(offsets=((0, 2), (2, 1))), satellites, 0, 5_000e3)
    position_m, valid = np.zeros((64, 3)), np.ones(64, dtype=np.bool_)
    pairs = pointing.pairs_at(position_m, valid)
    assert pointing.pairs_at(position_m, valid) is pairs
    assert (lasers_of(satellites, pairs) == 4).all()
    planes = np.abs(satellites.plane[pairs[:, 0]] - satellites.plane[pairs[:, 1]])
    assert set(planes.tolist()) == {0, 2, 6}


def test_given_pairs_are_cleaned() -> None:
    """Each once, smaller row first, nobody with itself."""
    pointing = pointing_of(Pairs.of([(3, 1), (1, 3), (2, 2), (0, 1)]), fleet(), 0, 1.0)
    assert pointing.pairs_at(np.zeros((64, 3)), np.ones(64, dtype=np.bool_)).tolist() == [[0, 1], [1, 3]]


def test_rules_become_their_pointing() -> None:
    """The grid and no lasers are fixed; the nearest are searched with their limit; an own object is taken as it is."""
    satellites = fleet()
    grid = pointing_of(Grid(), satellites, 0, 1.0)
    assert isinstance(grid, FixedPointing)
    assert len(grid.pairs) == 128
    nothing = pointing_of(NoLasers(), satellites, 0, 1.0)
    assert isinstance(nothing, FixedPointing)
    assert nothing.pairs.shape == (0, 2)
    assert pointing_of(Nearest(per_satellite=3), satellites, 0, 7.0) == NearestPointing(
        per_satellite=3, max_range_m=7.0
    )

    class Own:
        def pairs_at(self, position_itrf_m: Floats, valid: Bools) -> Ints32:
            return np.zeros((0, 2), dtype=np.int32)

    own = Own()
    assert pointing_of(own, satellites, 0, 1.0) is own


def test_nearest_pointing_follows_the_satellites() -> None:
    """Other positions, other pairs."""
    pointing = NearestPointing(per_satellite=1, max_range_m=1e6)
    valid = np.ones(3, dtype=np.bool_)
    first_m = np.array([[7e6, 0.0, 0.0], [7e6, 1e5, 0.0], [7e6, 3e5, 0.0]])
    assert pointing.pairs_at(first_m, valid).tolist() == [[0, 1]]
    assert pointing.pairs_at(first_m + np.array([[0, 0, 0], [0, 1.5e5, 0], [0, 0, 0]]), valid).tolist() == [[1, 2]]


def test_even_planes_are_shifted_as_a_whole() -> None:
    """Every satellite finds a partner, however far the phases are apart."""
    here = np.radians([0.0, 90.0, 180.0, 270.0])
    assert match_planes(here, np.radians([44.0, 134.0, 224.0, 314.0])).tolist() == [[0, 0], [1, 1], [2, 2], [3, 3]]
    assert match_planes(here, np.radians([46.0, 136.0, 226.0, 316.0])).tolist() == [[0, 3], [1, 0], [2, 1], [3, 2]]


def test_uneven_planes_pair_those_that_are_nearest_both_ways() -> None:
    """Nobody has two partners; some have none."""
    here, there = np.radians([0.0, 10.0, 180.0]), np.radians([8.0, 100.0, 181.0, 300.0])
    assert match_planes(here, there).tolist() == [[1, 0], [2, 2]]
    uneven = np.radians([0.0, 5.0, 10.0])
    assert match_planes(uneven, uneven).tolist() == [[0, 0], [1, 1], [2, 2]]


def test_planes_are_compared_at_the_instant_that_is_asked_for() -> None:
    """Elements of different epochs describe one shell; their nodes and phases have moved on."""
    day_ns = 86_400 * 10**9
    satellites = fleet(FIRST_SHELL)
    later = walker_elements(FIRST_SHELL, 0)
    moved = fleet_of(later, slots=22)
    assert as_set(pattern_pairs(satellites, GRID_OFFSETS, 3 * day_ns)) == as_set(pattern_pairs(moved, GRID_OFFSETS, 0))


def test_satellites_in_no_shell_get_no_lasers_beside_known_shells() -> None:
    """Where no shell is known, all are taken as one."""
    whole = fleet(FIRST_SHELL)
    half = np.arange(len(whole)) < len(whole) // 2
    nowhere = np.full(len(whole), -1)
    mixed = replace(whole, shell=np.where(half, 0, -1), plane=nowhere)
    unknown = replace(whole, shell=nowhere, plane=nowhere)
    pairs = pattern_pairs(mixed, GRID_OFFSETS, 0)
    assert len(pairs)
    assert half[pairs].all()
    assert len(pattern_pairs(unknown, GRID_OFFSETS, 0)) == len(pattern_pairs(whole, GRID_OFFSETS, 0))
