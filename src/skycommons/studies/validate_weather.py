"""The simulated weather beside the laws that it is made for: rarity at a place, likeness in space and in time.

Nothing is fitted. Samples are of one seed, at places far apart and instants far apart, so that they know little of each
other; tolerances follow from their number and from the number of waves.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.constants import EARTH_MEAN_RADIUS_M
from skycommons.base.rng import stream
from skycommons.radio.recommendations import P618_JOINT_RAIN, P1853
from skycommons.radio.weather_field import FEATURES, WeatherField, space_correlation, time_correlation
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared

SEED: Final = 7
PLACES: Final = 150
INSTANTS: Final = 10_000
APART_S: Final = 50_000.0  # ten times the memory of the field
SHARES: Final = (0.01, 0.001, 0.0001)
DISTANCES_M: Final = (60e3, 232e3)
LAGS_S: Final = (300.0, 1_800.0, 5_000.0)
STANDARD_ERRORS: Final = 3.0
WITHIN_SPACE: Final = 0.01  # the mean of 150 pairs, each within 1/sqrt(2 features) = 0.022
WITHIN_TIME: Final = 0.015  # one correlation in time of a thousand frequencies drawn from layers

_MARGINALS = "ITU-R P.618-14, share of an average year"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Places spread evenly over the globe between 53° south and north."""

    latitude_rad: Floats
    longitude_rad: Floats

    def field(self) -> WeatherField:
        """The weather of the seed at the places."""
        return WeatherField.prepare(self.latitude_rad, self.longitude_rad, stream(SEED, "weather"))


def weather_checks(*, instants: int = INSTANTS) -> list[RadioCheck]:
    """Shares of bad weather, and correlations between places and between instants.

    Args:
        instants: Length of the sample; tolerances of the shares follow it.
    """
    places = _places()
    return [*_share_checks(places, instants), _space_check(places, instants), _time_check(places, instants)]


def _places() -> _Places:
    """A spiral: no two places are nearer than 1,000 km."""
    row = np.arange(PLACES)
    return _Places(
        latitude_rad=np.arcsin(1.6 * (row + 0.5) / PLACES - 0.8),
        longitude_rad=(row * np.pi * (3.0 - np.sqrt(5.0))) % (2.0 * np.pi),
    )


def _share_checks(places: _Places, instants: int) -> list[RadioCheck]:
    """How often the weather is as bad as that of a share of the year."""
    field = places.field()
    counts = np.zeros(len(SHARES))
    for step in range(instants):
        exceedance = field.exceedance(APART_S * step)
        counts += [np.count_nonzero(exceedance < share) for share in SHARES]
    sample = instants * PLACES
    return [
        compared(
            f"weather rarer than {100.0 * share:g} % of the year, share of {sample:,} samples",
            _MARGINALS,
            100.0 * count / sample,
            100.0 * share,
            test=Acceptance.WEATHER,
            absolute=float(f"{100.0 * STANDARD_ERRORS * np.sqrt(share / sample):.2g}"),
            unit="%",
            reason=f"{STANDARD_ERRORS:g} standard errors of as many independent samples",
        )
        for share, count in zip(SHARES, counts.tolist(), strict=True)
    ]


def _space_check(places: _Places, instants: int) -> RadioCheck:
    """The mean correlation of each place with one to its north."""
    found = []
    for distance_m in DISTANCES_M:
        north = places.latitude_rad + distance_m / EARTH_MEAN_RADIUS_M
        pairs = _Places(
            latitude_rad=np.concatenate([places.latitude_rad, north]),
            longitude_rad=np.tile(places.longitude_rad, 2),
        )
        field = pairs.field()
        products = 0.0
        for step in range(instants // 4):
            value = field.at(APART_S * step)
            products += float(np.mean(value[:PLACES] * value[PLACES:]))
        found.append(products / (instants // 4))
    return compared(
        f"correlation of the weather at {_list(DISTANCES_M, 1e3, 'km')}, mean of {PLACES} pairs",
        P618_JOINT_RAIN.name,
        found,
        space_correlation(np.array(DISTANCES_M)),
        test=Acceptance.WEATHER,
        absolute=WITHIN_SPACE,
        reason=f"{FEATURES:,} waves are a finite set",
    )


def _time_check(places: _Places, instants: int) -> RadioCheck:
    """The mean correlation of each instant with a later one."""
    field = places.field()
    found = [
        np.mean([np.mean(field.at(APART_S * step) * field.at(APART_S * step + lag_s)) for step in range(instants // 4)])
        for lag_s in LAGS_S
    ]
    return compared(
        f"correlation of the weather after {_list(LAGS_S, 1.0, 's')}",
        P1853.name,
        np.array(found),
        time_correlation(np.array(LAGS_S)),
        test=Acceptance.WEATHER,
        absolute=WITHIN_TIME,
        reason=f"{FEATURES:,} frequencies are a finite set",
    )


def _list(values: tuple[float, ...], scale: float, unit: str) -> str:
    """Numbers with their unit."""
    return f"{', '.join(f'{value / scale:,g}' for value in values)} {unit}"
