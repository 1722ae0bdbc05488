"""Planes and places in them, read back from mean elements."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.model.catalogues import read_catalogue
from skycommons.orbit.elements import Elements
from skycommons.orbit.planes import find_planes, mean_places
from skycommons.orbit.sgp4 import StateVectors
from skycommons.orbit.walker import Shell, altitude_for_mean_motion, walker_elements
from tests.support.orbits import DAY_NS, EPOCH_NS, fly, table

HOUR_NS = 3_600_000_000_000
TURN_RAD = 2.0 * np.pi


def angle_between(first_rad: Floats, second_rad: Floats) -> Floats:
    """The smaller way round, in degrees."""
    return np.degrees(np.abs(np.mod(first_rad - second_rad + np.pi, TURN_RAD) - np.pi))


@pytest.mark.parametrize("hours", [0, 7, 48])
@pytest.mark.parametrize("offset_rad", [0.0, -0.001])
def test_a_shell_gives_its_planes_and_slots_back(hours: int, offset_rad: float) -> None:
    """In any order of rows; though all nodes have drifted by then, and some stand around 0°."""
    shell = Shell(
        name="s",
        planes=9,
        slots_per_plane=5,
        inclination_rad=0.925,
        altitude_m=550e3,
        phasing=2,
        raan_spread_rad=TURN_RAD,
        raan_offset_rad=offset_rad,
    )
    shuffled = np.random.default_rng(7).permutation(len(shell))
    plane, slot = np.divmod(shuffled, shell.slots_per_plane)
    places = mean_places(walker_elements(shell, EPOCH_NS).take(shuffled), EPOCH_NS + hours * HOUR_NS)
    found = find_planes(places.raan_rad)
    assert set(found.tolist()) == set(range(9))
    for number in range(9):
        members = np.flatnonzero(found == number)
        assert len(set(plane[members])) == 1
        order = slot[members[np.argsort(places.latitude_argument_rad[members])]]
        assert set(np.mod(np.diff(order), 5)) == {1}


def test_planes_are_numbered_by_right_ascension() -> None:
    """Counted from the first that begins after 0°, or reaches over it."""
    assert find_planes(np.radians([200.0, 100.0, 300.0, 100.1])).tolist() == [1, 0, 2, 0]


@pytest.mark.parametrize(
    ("nodes_deg", "planes"),
    [
        ([], []),
        ([123.0], [0]),
        ([359.8, 0.2, 180.0], [0, 0, 1]),
        ([-0.2, 0.2, 540.0], [0, 0, 1]),
        ([0.0, 0.7, 1.4, 2.1], [0, 0, 0, 0]),
        ([0.0, 0.8, 359.9], [0, 1, 0]),
    ],
)
def test_near_nodes_belong_together(nodes_deg: list[float], planes: list[int]) -> None:
    """Across 0° as anywhere; a chain of near ones is one plane."""
    assert find_planes(np.radians(nodes_deg)).tolist() == planes


def test_the_gap_can_be_chosen() -> None:
    """What is one plane for a wide gap is two for a narrow one."""
    nodes_rad = np.radians([10.0, 10.5])
    assert find_planes(nodes_rad).tolist() == [0, 0]
    assert find_planes(nodes_rad, gap_rad=np.radians(0.4)).tolist() == [0, 1]


def test_a_ring_without_a_gap_is_one_plane() -> None:
    """Whatever that means; nothing falls over."""
    assert set(find_planes(np.radians(np.arange(0.0, 360.0, 0.5))).tolist()) == {0}


def test_places_of_an_unusable_row_are_nan() -> None:
    """The others are not disturbed."""
    places = mean_places(table(eccentricity=[1e-3, np.nan], bstar=[1e-4, np.inf]), EPOCH_NS + DAY_NS)
    assert np.isfinite(places.raan_rad).tolist() == [True, False]
    assert np.isfinite(places.latitude_argument_rad).tolist() == [True, False]


@pytest.mark.parametrize(
    ("inclination_deg", "altitude_km"), [((52.9, 53.12), 547.1), ((53.12, 53.3), 539.6)], ids=["547-km", "540-km"]
)
def test_the_shells_of_the_fleet_of_2024_have_72_planes(
    shared_data: Path, inclination_deg: tuple[float, float], altitude_km: float
) -> None:
    """As filed; on 2024-07-17 two pairs of satellites of the older shell stood alone between planes."""
    elements = read_catalogue(shared_data / "catalogues" / "starlink_2024-07-17.tle").elements
    pairs = zip(elements.mean_motion_rad_s, elements.inclination_rad, strict=True)
    altitudes_km = np.array([altitude_for_mean_motion(*pair) for pair in pairs]) / 1e3
    low, high = np.radians(inclination_deg)
    inside = (elements.inclination_rad > low) & (elements.inclination_rad < high)
    shell = elements.take(inside & (np.abs(altitudes_km - altitude_km) < 2.0))
    places = mean_places(shell, int(np.median(elements.epoch_ns)))
    sizes = np.bincount(find_planes(places.raan_rad))
    assert (sizes > 2).sum() == 72
    assert sizes[sizes <= 2].sum() <= 4
    assert 1_250 < len(shell) < 1_500


def osculating(states: StateVectors) -> tuple[Floats, Floats]:
    """Node and argument of latitude of the orbits on which the satellites are at this moment."""
    position_m, velocity_m_s = states.position_m, states.velocity_m_s
    normal = np.cross(position_m, velocity_m_s)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    node_rad = np.arctan2(normal[..., 0], -normal[..., 1])
    towards = np.stack([np.cos(node_rad), np.sin(node_rad), np.zeros_like(node_rad)], axis=-1)
    across = np.sum(np.cross(normal, towards) * position_m, axis=-1)
    return node_rad, np.arctan2(across, np.sum(towards * position_m, axis=-1))


def near(elements: Elements, time_ns: int) -> Elements:
    """Nearly circular orbits with an epoch within two days of the instant."""
    return elements.take((np.abs(elements.epoch_ns - time_ns) < 2 * DAY_NS) & (elements.eccentricity < 2e-3))


@pytest.mark.parametrize("name", ["starlink_2024-07-17.tle", "starlink_2026-05-21.tle"])
@pytest.mark.parametrize("days", [0, 1])
def test_mean_places_are_near_the_osculating_ones(shared_data: Path, name: str, days: int) -> None:
    """Nodes within 0.05°; arguments of latitude within 0.2° for 95 of 100, for drag moves the rest."""
    elements = read_catalogue(shared_data / "catalogues" / name).elements
    time_ns = int(np.median(elements.epoch_ns)) + days * DAY_NS
    tried = near(elements, time_ns)
    assert len(tried) > 4_000
    states = fly(tried, np.array([time_ns]))
    good = states.valid[0]
    node_rad, latitude_argument_rad = osculating(states)
    places = mean_places(tried, time_ns)
    assert angle_between(places.raan_rad, node_rad[0])[good].max() < 0.05
    off_deg = angle_between(places.latitude_argument_rad, latitude_argument_rad[0])[good]
    assert np.quantile(off_deg, 0.95) < 0.2
