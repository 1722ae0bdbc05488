"""The geostationary arc against a table of its geometry, and the sky that keeping away from it costs."""

import csv
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.arrays import Floats
from skycommons.base.constants import GSO_RADIUS_M
from skycommons.orbit.frames import enu_axes, geodetic_to_itrf
from skycommons.orbit.gso_arc import gso_separation

TABLE_DEG = 0.05  # the table's Earth is round: the same latitude is up to 0.19° nearer the equator there
SHARE = 0.01  # the shares are given in whole percent
LOWEST_DEG, EXCLUSION_DEG = 25.0, 18.0


def separations_rad(latitude_deg: float, lines: Floats) -> Floats:
    """Of lines of sight ``(N, 3)`` in east, north, up."""
    axes = enu_axes(np.radians(latitude_deg), np.asarray(0.0))
    site_m = geodetic_to_itrf(np.radians(latitude_deg), np.asarray(0.0), np.asarray(0.0))
    directions = lines @ axes
    return np.array([gso_separation(*site_m.tolist(), *axes[2].tolist(), *line.tolist()) for line in directions])


def even_sky(count: int) -> Floats:
    """Lines of sight that fill the sky above the lowest elevation evenly: a spiral of golden angles."""
    number = np.arange(count) + 0.5
    sine = 1.0 - number / count * (1.0 - np.sin(np.radians(LOWEST_DEG)))
    azimuth = np.pi * (1.0 + np.sqrt(5.0)) * number
    level = np.sqrt(1.0 - sine**2)
    return np.stack([level * np.sin(azimuth), level * np.cos(azimuth), sine], axis=1)


def test_the_arc_stands_where_the_table_says(shared_data: Path) -> None:
    """Its distance from the zenith, and how far it is visible to each side."""
    with (shared_data / "radio" / "gso_arc.csv").open(encoding="utf-8") as file:
        rows = [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]
    visible = [row for row in rows if "visible_arc_half_width_longitude_deg" in row and row["latitude_deg"] <= 80.0]
    assert len(visible) >= 15
    for row in visible:
        zenith_rad = separations_rad(row["latitude_deg"], np.array([[0.0, 0.0, 1.0]]))
        assert np.degrees(zenith_rad[0]) == pytest.approx(row["zenith_to_arc_deg"], abs=TABLE_DEG)
        end_rad = np.radians(row["visible_arc_half_width_longitude_deg"])
        up = enu_axes(np.radians(row["latitude_deg"]), np.asarray(0.0))[2]
        site_m = geodetic_to_itrf(np.radians(row["latitude_deg"]), np.asarray(0.0), np.asarray(0.0))
        sight = GSO_RADIUS_M * np.array([np.cos(end_rad), np.sin(end_rad), 0.0]) - site_m
        assert np.degrees(np.arcsin(sight @ up / np.linalg.norm(sight))) == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize(
    ("latitude_deg", "lost"), [(0.0, 0.39), (30.0, 0.34), (40.0, 0.28), (50.0, 0.19), (60.0, 0.09)]
)
def test_the_sky_that_is_lost_to_the_arc(latitude_deg: float, lost: float) -> None:
    """Of the sky above 25 degrees, the share nearer than 18 degrees to the arc."""
    near = separations_rad(latitude_deg, even_sky(8_000)) < np.radians(EXCLUSION_DEG)
    assert np.mean(near) == pytest.approx(lost, abs=SHARE)
