"""Print how far people live from a gateway: with the built-in ground segment, and with lists of real sites.

::

    python scripts/compare_ground.py gateways.csv ...
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.model.ground import GroundSite, read_ground
from skycommons.model.placement import City, builtin_ground, cities
from skycommons.model.world import SiteKind
from skycommons.orbit.frames import up_axis


def main(arguments: list[str]) -> int:
    """One row for the built-in segment and one for each file."""
    lists = {"built-in": builtin_ground()}
    for path in map(Path, arguments):
        lists[path.name] = read_ground(path).operational().sites
    print(f"{'':42} gateways  PoPs   median km   90 % km   median person km")
    for name, sites in lists.items():
        gateways = [site for site in sites if site.kind is SiteKind.GATEWAY]
        pops = [site for site in sites if site.kind is SiteKind.POP]
        print(f"{name:42} {len(gateways):8d} {len(pops):5d}   {distances(gateways)}")
    return 0


def distances(gateways: Sequence[GroundSite]) -> str:
    """Distance from cities to the nearest gateway: half of the cities, nine in ten, half of their people."""
    if not gateways:
        return "-"
    here, there = directions(cities()), directions(gateways)
    nearest_km = np.arccos(np.clip((here @ there.T).max(axis=1), -1.0, 1.0)) * EARTH_MEAN_RADIUS_M / 1e3
    order = np.argsort(nearest_km)
    people = np.cumsum(np.array([city.population for city in cities()])[order])
    median_person_km = nearest_km[order][np.searchsorted(people, people[-1] / 2)]
    return f"{np.median(nearest_km):9.0f} {np.percentile(nearest_km, 90):9.0f} {median_person_km:18.0f}"


def directions(places: Sequence[City] | Sequence[GroundSite]) -> Floats:
    """Unit vectors on the sphere, ``(N, 3)``."""
    latitude, longitude = np.radians([(place.latitude_deg, place.longitude_deg) for place in places]).T
    return up_axis(latitude, longitude)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
