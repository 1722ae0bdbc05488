"""Places that stand for countries, and what they say of them: who lives near, how moist the air is.

Rules: a country's subscribers are where its eight largest listed towns are, in proportion to their people. Real subscribers
live outside towns; but within a country both crowd in the same parts. A country without a listed town has no place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.model.placement import City, cities
from skycommons.model.population import country_people
from skycommons.orbit.frames import up_axis
from skycommons.radio.climate import climate_at
from skycommons.studies.measured_network import Place

TOWNS: Final = 8  # of each country
NEAR_M: Final = 50e3  # who lives within this of a place shares the same few cells' beams
_FEWEST_PEOPLE: Final = 1e4  # added: so few do not fill a beam (assumed), and nobody near is a number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountryPlaces:
    """``N`` places of ``C`` countries.

    Attributes:
        codes: ``C`` codes of two letters.
        places: ``N`` places, country after country.
        country: ``(N,)`` row of each place's country.
        share: ``(N,)`` of its country's people; sums to 1 within each.
    """

    codes: tuple[str, ...]
    places: tuple[Place, ...]
    country: Ints
    share: Floats

    def mean_of(self, values: Floats) -> Floats:
        """``(C,)`` mean over each country's places."""
        return np.asarray(np.bincount(self.country, weights=self.share * values, minlength=len(self.codes)))

    def people_near(self) -> Floats:
        """``(C,)`` geometric mean of the people within 50 km of the places."""
        return np.asarray(np.exp(self.mean_of(np.log(_people_near(*self._angles()) + _FEWEST_PEOPLE))))

    def wet_refractivity(self) -> Floats:
        """``(C,)`` median of the wet term of the air's refractivity, N units: how warm and moist the air is."""
        latitude_rad, longitude_rad = self._angles()
        return self.mean_of(climate_at(latitude_rad, longitude_rad).wet_refractivity)

    def _angles(self) -> tuple[Floats, Floats]:
        degrees = np.array([(place.latitude_deg, place.longitude_deg) for place in self.places]).reshape(-1, 2)
        latitude_rad, longitude_rad = np.radians(degrees).T
        return latitude_rad, longitude_rad


def country_places(codes: Sequence[str]) -> CountryPlaces:
    """Places of countries by their codes of two letters; those without a listed town are left out."""
    towns = _towns_by_country()
    known = tuple(code for code in codes if code in towns)
    chosen = [towns[code][:TOWNS] for code in known]
    people = [np.array([max(town.population, 1) for town in part], dtype=np.float64) for part in chosen]
    return CountryPlaces(
        codes=known,
        places=tuple(
            Place(latitude_deg=town.latitude_deg, longitude_deg=town.longitude_deg) for part in chosen for town in part
        ),
        country=np.repeat(np.arange(len(known)), [len(part) for part in chosen]),
        share=np.concatenate([np.zeros(0), *(count / count.sum() for count in people)]),
    )


@cache
def _towns_by_country() -> Mapping[str, tuple[City, ...]]:
    """Listed towns of each country, the largest first."""
    towns: dict[str, list[City]] = {}
    for city in cities():
        towns.setdefault(city.country, []).append(city)
    return {code: tuple(part) for code, part in towns.items()}


def _people_near(latitude_rad: Floats, longitude_rad: Floats) -> Floats:
    """``(N,)`` people within 50 km: each listed town stands for its share of its country's people."""
    towns, everybody = cities(), country_people()
    listed: dict[str, int] = {}
    for town in towns:
        listed[town.country] = listed.get(town.country, 0) + max(town.population, 1)
    people = np.array(
        [max(town.population, 1) * max(1.0, everybody.get(town.country, 0) / listed[town.country]) for town in towns]
    )
    degrees = np.array([(town.latitude_deg, town.longitude_deg) for town in towns])
    here, there = up_axis(latitude_rad, longitude_rad), up_axis(*np.radians(degrees).T)
    is_near = here @ there.T >= np.cos(NEAR_M / EARTH_MEAN_RADIUS_M)
    return np.asarray(is_near @ people)
