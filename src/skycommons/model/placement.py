"""A ground segment by rule: gateways and PoPs placed among the world's cities.

Rules: the placement looks at population and distance and at nothing else. It copies no operator's list, knows no
licences and no borders, and is illustrative: a real network has gateways where it got a permit and fibre.

- Cities are taken in order of population, ties by name, then by coordinates; each is kept if it lies at least a
  given distance from all that were kept before. So no two sites are closer than that distance, and no candidate is
  farther than it from a site.
- Gateways stand at every place that is left when all candidates are looked at; since the largest place of every
  country code is a candidate, islands get theirs. PoPs stand in large cities only, farther apart.
"""

import csv
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.errors import InputError
from skycommons.model.ground import GroundSite, unique_names
from skycommons.model.world import SiteKind
from skycommons.orbit.frames import up_axis

GATEWAY_SEPARATION_M: Final = 550e3
POP_SEPARATION_M: Final = 1_000e3
POP_MIN_POPULATION: Final = 1_000_000
NEAREST: Final = "nearest"
"""In place of a PoP's name: the nearest one by delay, whatever else is known."""

MAX_LATITUDE_DEG: Final = 72.0


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A place where people live.

    Attributes:
        name: As GeoNames writes it.
        country: ISO 3166-1 alpha-2 code in GeoNames; used to tell places of one name apart, nothing else.
        latitude_deg, longitude_deg: WGS 84, east positive.
        population: Inhabitants.
    """

    name: str
    country: str
    latitude_deg: float
    longitude_deg: float
    population: int


@cache
def cities() -> tuple[City, ...]:
    """Places with at least 50,000 people, and the largest place of every country code, most populous first.

    Source: GeoNames (CC BY 4.0), made by ``scripts/make_cities.py``.
    >>> cities()[0].population > 20_000_000
    True
    """
    text = files("skycommons").joinpath("data/cities.csv").read_text(encoding="utf-8")
    return tuple(
        City(
            name=row["name"],
            country=row["country"],
            latitude_deg=float(row["latitude_deg"]),
            longitude_deg=float(row["longitude_deg"]),
            population=int(row["population"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def spread_out(
    candidates: Sequence[City],
    separation_m: float,
    *,
    count: int | None = None,
    min_population: int = 0,
    max_latitude_deg: float = 90.0,
) -> tuple[City, ...]:
    """Cities in order of population, each at least a distance from all before it.

    Args:
        candidates: Cities in any order; the result does not depend on it.
        separation_m: Smallest great-circle distance between two chosen cities, m.
        count: Stop after so many; None goes on until no candidate is left.
        min_population: Smaller cities are passed over.
        max_latitude_deg: Cities nearer to a pole are passed over.
    Raises:
        InputError: The separation is negative or not finite.
    Accuracy: distances on the sphere of the mean radius, within 0.6 % of those on the ellipsoid.
    """
    if not (math.isfinite(separation_m) and separation_m >= 0.0):
        raise InputError(f"separation_m: {separation_m} must be a distance in metres, zero or more")
    ranked = sorted(
        (c for c in candidates if c.population >= min_population and abs(c.latitude_deg) <= max_latitude_deg),
        key=lambda c: (-c.population, c.name, c.latitude_deg, c.longitude_deg),
    )
    if not ranked:
        return ()
    unit = _unit_vectors(ranked)
    shortest_chord = 2.0 * math.sin(min(separation_m / EARTH_MEAN_RADIUS_M, math.pi) / 2.0)
    free = np.ones(len(ranked), dtype=np.bool_)
    chosen: list[City] = []
    while free.any() and (count is None or len(chosen) < count):
        row = int(np.argmax(free))
        chosen.append(ranked[row])
        free &= np.linalg.norm(unit - unit[row], axis=1) >= shortest_chord
        free[row] = False
    return tuple(chosen)


def place_gateways(
    candidates: Sequence[City],
    *,
    separation_m: float = GATEWAY_SEPARATION_M,
    count: int | None = None,
    max_latitude_deg: float = MAX_LATITUDE_DEG,
) -> tuple[GroundSite, ...]:
    """Gateways at cities of any size, so that no candidate below the latitude limit is far from one.

    Args:
        candidates: Cities in any order.
        separation_m: Smallest distance between two gateways, and largest from a candidate to its gateway, m.
        count: At most so many, the largest cities first.
        max_latitude_deg: No gateway nearer to a pole.
    Raises:
        InputError: The separation is negative or not finite.
    """
    chosen = spread_out(candidates, separation_m, count=count, max_latitude_deg=max_latitude_deg)
    return _sites(chosen, SiteKind.GATEWAY, "gateway")


def place_pops(
    candidates: Sequence[City],
    *,
    separation_m: float = POP_SEPARATION_M,
    count: int | None = None,
    min_population: int = POP_MIN_POPULATION,
) -> tuple[GroundSite, ...]:
    """PoPs in large cities, where networks meet.

    Args:
        candidates: Cities in any order.
        separation_m: Smallest distance between two PoPs, m.
        count: At most so many, the largest cities first.
        min_population: No PoP in a smaller city.
    Raises:
        InputError: The separation is negative or not finite.
    """
    chosen = spread_out(candidates, separation_m, count=count, min_population=min_population)
    return _sites(chosen, SiteKind.POP, "pop")


@cache
def builtin_ground() -> tuple[GroundSite, ...]:
    """The built-in ground segment: some 300 gateways, then some 70 PoPs, all over the world.

    >>> {site.kind.name for site in builtin_ground()} == {"GATEWAY", "POP"}
    True
    """
    return place_gateways(cities()) + place_pops(cities())


def _unit_vectors(places: Sequence[City]) -> Floats:
    """Directions of places on the sphere, ``(N, 3)``."""
    latitude_rad = np.radians([place.latitude_deg for place in places])
    longitude_rad = np.radians([place.longitude_deg for place in places])
    return up_axis(latitude_rad, longitude_rad)


def _sites(chosen: Sequence[City], kind: SiteKind, ending: str) -> tuple[GroundSite, ...]:
    """Cities as sites named like ``sao-paulo-pop``; the country code is added where two share a name."""
    slugs = [slug(city.name) for city in chosen]
    names = [
        f"{name}-{slug(city.country)}-{ending}" if slugs.count(name) > 1 else f"{name}-{ending}"
        for name, city in zip(slugs, chosen, strict=True)
    ]
    return unique_names(
        GroundSite(name=name, latitude_deg=city.latitude_deg, longitude_deg=city.longitude_deg, kind=kind)
        for name, city in zip(names, chosen, strict=True)
    )


def pop_row(name: str, pops: Sequence[str]) -> int:
    """Row of the PoP of this id, or of the first with the shortest id that begins with this city; -1 for none.

    >>> pop_row("Guatemala", ["sofia-pop", "guatemala-city-pop"])
    1
    """
    if name in pops:
        return pops.index(name)
    city = slug(name)
    begins = [row for row, pop in enumerate(pops) if f"{slug(pop)}-".startswith(f"{city}-")]
    return min(begins, key=lambda row: (len(pops[row]), row), default=-1)


def slug(name: str) -> str:
    """Lower-case ASCII letters and digits, joined by hyphens.

    >>> slug("São Paulo")
    'sao-paulo'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "place"
