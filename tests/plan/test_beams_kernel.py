"""Filling beams, compiled and plain: who is put where, and how time is divided."""

import numpy as np
import pytest

from skycommons.base.arrays import Floats, Shorts
from skycommons.plan.beams_kernel import fill_beams

pytestmark = pytest.mark.kernel


def fill(
    cells: list[int], times: list[list[float]], *, beams: int = 2, most: int = 8, satellites: list[int] | None = None
) -> tuple[Shorts, Floats]:
    """Requests of one satellite unless others are named."""
    rows = np.zeros(len(cells), np.int32) if satellites is None else np.array(satellites, dtype=np.int32)
    width = np.full(int(rows.max()) + 1 if len(rows) else 1, beams)
    return fill_beams(rows, np.array(cells, dtype=np.int64), np.array(times, dtype=np.float64), width, most)


def test_everybody_gets_what_they_ask_for_where_there_is_room() -> None:
    """A beam that is not busy divides nothing."""
    beam, share = fill([0, 1, 2], [[0.2], [0.1], [0.05]])
    assert share.tolist() == [0.2, 0.1, 0.05]
    assert beam.tolist() == [0, 1, 1]


def test_the_heaviest_goes_first_into_the_lightest() -> None:
    """So that beams are alike."""
    beam, _ = fill([0, 1, 2, 3], [[0.1], [0.2], [0.3], [0.4]])
    assert beam.tolist() == [0, 1, 1, 0]


def test_two_requests_of_a_cell_are_in_different_beams() -> None:
    """Though one beam would have less to do."""
    beam, _ = fill([0, 0, 1], [[0.1], [0.1], [0.9]])
    assert beam[0] != beam[1]


def test_beams_that_filled_up_wrongly_are_dealt_anew() -> None:
    """By load alone the last request of cell 1 finds only the beam of its sister."""
    beam, _ = fill([0, 1, 1, 2], [[0.9], [0.4], [0.1], [0.5]], most=2)
    assert beam[1] != beam[2]
    assert np.bincount(beam).tolist() == [2, 2]


def test_a_cell_with_more_requests_than_beams_leaves_some_out() -> None:
    """Whatever room there is."""
    beam, share = fill([0, 0, 0, 1], [[0.1]] * 4)
    assert sorted(beam[:3].tolist()) == [-1, 0, 1]
    assert beam[3] >= 0
    assert share[beam < 0].tolist() == [0.0]


def test_more_requests_than_places_are_left_out() -> None:
    """A policy that gave a satellite too many is not believed."""
    beam, _ = fill([0, 1, 2], [[0.1]] * 3, beams=1, most=2)
    assert np.count_nonzero(beam < 0) == 1


def test_a_satellite_without_beams_serves_nobody() -> None:
    """Nor does one without requests."""
    beam, share = fill([0], [[0.1]], beams=0)
    assert (beam.tolist(), share.tolist()) == ([-1], [0.0])
    empty = fill_beams(np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros((0, 4)), np.array([2]), 8)
    assert [len(part) for part in empty] == [0, 0]


def test_time_is_equal_where_too_much_is_asked_for() -> None:
    """Who asks for less than an equal part gets it; the others share the rest."""
    _, share = fill([0, 1, 2], [[0.2], [0.7], [3.0]], beams=1)
    np.testing.assert_allclose(share, [0.2, 0.4, 0.4])


def test_parts_grow_until_nobody_small_is_left() -> None:
    """Each round of small ones leaves more for the rest."""
    _, share = fill([0, 1, 2, 3], [[0.1], [0.28], [0.31], [3.0]], beams=1)
    np.testing.assert_allclose(share, [0.1, 0.28, 0.31, 0.31])


def test_the_first_rank_is_served_first() -> None:
    """The second gets what is left, the third nothing."""
    _, share = fill([0, 1, 2], [[0.7, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.5]], beams=1)
    np.testing.assert_allclose(share, [0.7, 0.3, 0.0])


def test_satellites_do_not_see_each_other() -> None:
    """Each has its own beams and its own time."""
    beam, share = fill([0, 0, 1, 1], [[0.9]] * 4, beams=1, satellites=[0, 1, 1, 0])
    np.testing.assert_allclose(share, 0.5)
    assert beam.tolist() == [0, 0, 0, 0]
