"""The built-in description of the 2026 fleet beside the catalogue that it describes."""

from pathlib import Path

import numpy as np

from skycommons.base.constants import NS_PER_S
from skycommons.model.catalogues import read_catalogue
from skycommons.model.presets import preset
from skycommons.orbit.elements import Elements
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.walker import walker_elements
from skycommons.plan.visibility import Horizon, view

LATITUDES_DEG = np.array([-85.0, -55.0, -25.0, 5.0, 35.0, 45.0, 65.0])
LONGITUDES = 24
TWO_SATELLITES = 2.5  # docs/accuracy.md says two, over more places; sampling moves a mean by a few tenths


def mean_in_view(elements: Elements, start_ns: int) -> np.ndarray:
    """Mean number of satellites above 25 degrees, by latitude."""
    horizon = Horizon.grid(np.radians(LATITUDES_DEG), LONGITUDES, min_elevation_rad=float(np.radians(25.0)))
    sky = propagate(elements, start_ns + 600 * NS_PER_S * np.arange(6))
    counts = [view(horizon, sky.position_itrf_m[step], sky.valid[step]).counts() for step in range(6)]
    return np.asarray(np.mean(counts, axis=0).reshape(-1, LONGITUDES).mean(axis=1))


def test_as_many_satellites_stand_above_a_place_as_in_the_real_sky(shared_data: Path) -> None:
    """By latitude, from the poles to the equator."""
    real = read_catalogue(shared_data / "catalogues" / "starlink_2026-05-21.tle").elements
    start_ns = int(np.median(real.epoch_ns))
    shells = preset("starlink-2026").shells
    described = Elements.concatenate([walker_elements(item.shell, start_ns) for item in shells])
    np.testing.assert_allclose(mean_in_view(described, start_ns), mean_in_view(real, start_ns), atol=TWO_SATELLITES)
