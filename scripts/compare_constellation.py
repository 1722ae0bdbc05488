"""Compare a built-in constellation with a real catalogue: how many satellites stand above a place, by latitude.

Usage: python scripts/compare_constellation.py CATALOGUE [PRESET]

Prints, for bands of latitude, the mean number of satellites above 25 degrees and its standard deviation over places and
times. A description by shells should give the real means; a real sky is more uneven than a textbook one.
"""

import sys
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import NS_PER_S
from skycommons.model.catalogues import read_catalogue
from skycommons.model.presets import preset
from skycommons.orbit.elements import Elements
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.walker import walker_elements
from skycommons.plan.visibility import Horizon, view

BAND_DEG, LONGITUDES, TIMES, EVERY_S = 10.0, 36, 8, 600.0
MIN_ELEVATION_DEG = 25.0


def main(catalogue: Path, name: str) -> None:
    """Print the table."""
    real = read_catalogue(catalogue).elements
    start_ns = int(np.median(real.epoch_ns))
    described = Elements.concatenate([walker_elements(item.shell, start_ns) for item in preset(name).shells])
    latitude_deg = np.arange(-90.0 + BAND_DEG / 2, 90.0, BAND_DEG)
    counts = [_counts(elements, start_ns, latitude_deg) for elements in (real, described)]
    sys.stdout.write(f"satellites: {len(real):,} in {catalogue.name}, {len(described):,} in {name}\n")
    sys.stdout.write("latitude   real mean   std   described mean   std\n")
    for band, latitude in enumerate(latitude_deg):
        cells = [f"{table[band].mean():>9.1f} {table[band].std():>7.1f}" for table in counts]
        sys.stdout.write(f"{latitude:>8.0f} {cells[0]}      {cells[1]}\n")


def _counts(elements: Elements, start_ns: int, latitude_deg: Floats) -> Floats:
    """Satellites above the minimum elevation, ``(bands, longitudes * times)``."""
    horizon = Horizon.grid(np.radians(latitude_deg), LONGITUDES, min_elevation_rad=float(np.radians(MIN_ELEVATION_DEG)))
    time_ns = start_ns + np.arange(TIMES) * round(EVERY_S * NS_PER_S)
    sky = propagate(elements, time_ns)
    seen = [view(horizon, sky.position_itrf_m[step], sky.valid[step]).counts() for step in range(TIMES)]
    return np.stack(seen, axis=1).reshape(len(latitude_deg), -1).astype(np.float64)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python scripts/compare_constellation.py CATALOGUE [PRESET]")
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else "starlink-2026")
