"""Median rates of a country from two things that can be known beforehand: how many people live near, and its air.

Rules: the logarithm of the rate falls in proportion to the logarithm of the people within 50 km of a country's towns, who
share beams, and to the air's wet refractivity, which stands for clouds and rain. Nothing else is in it: no plan, no price,
no number of subscribers, because nobody publishes them. It is a regression, not physics; its exponents are small.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats
from skycommons.base.errors import PlanError

USUAL_PEOPLE: Final = 1e6  # at which the usual rate holds
USUAL_WET: Final = 60.0  # N units: Central Europe's
_PER_WET: Final = 100.0
_UNKNOWNS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RateModel:
    """A median rate by country.

    Attributes:
        name: Year and month.
        usual_bps: Where a million people live near and the air is Central Europe's.
        crowd_exponent: Of the number of people near; negative where crowds make it slower.
        wet_exponent: Natural logarithm gained with each 100 N units.
        errors: One standard error of each, by name; of the usual rate as a share of it.
        source: What it is fitted to.
    """

    name: str
    usual_bps: float
    crowd_exponent: float
    wet_exponent: float
    errors: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    source: str = field(default="", compare=False)

    def rate_bps(self, people: Floats, wet_refractivity: Floats) -> Floats:
        """Median rate of countries.

        >>> model = RateModel(name="x", usual_bps=2e8, crowd_exponent=-0.5, wet_exponent=0.0)
        >>> model.rate_bps(np.array([1e6, 4e6]), np.array([60.0, 60.0])).round().tolist()
        [200000000.0, 100000000.0]
        """
        return np.asarray(np.exp(_columns(people, wet_refractivity) @ self._logarithms()))

    def _logarithms(self) -> Floats:
        return np.array([np.log(self.usual_bps), self.crowd_exponent, self.wet_exponent])


def fit_rate(name: str, *, people: Floats, wet_refractivity: Floats, rate_bps: Floats, source: str = "") -> RateModel:
    """Least squares on logarithms.

    Args:
        name: Year and month.
        people, wet_refractivity: ``(C,)`` of each country.
        rate_bps: ``(C,)`` measured median.
        source: Where it comes from.
    Raises:
        PlanError: There are too few countries.
    """
    known = np.isfinite(rate_bps) & (rate_bps > 0.0) & np.isfinite(wet_refractivity)
    if np.count_nonzero(known) <= _UNKNOWNS:
        raise PlanError(f"rates: {np.count_nonzero(known)} countries are too few to fit to; give more than {_UNKNOWNS}")
    columns = _columns(people[known], wet_refractivity[known])
    wanted = np.log(rate_bps[known])
    best = np.linalg.lstsq(columns, wanted, rcond=None)[0]
    variance = float(((wanted - columns @ best) ** 2).sum()) / (len(wanted) - _UNKNOWNS)
    errors = np.sqrt(variance * np.diag(np.linalg.pinv(columns.T @ columns)))
    names = ("usual_bps", "crowd_exponent", "wet_exponent")
    return RateModel(
        name=name,
        usual_bps=float(np.exp(best[0])),
        crowd_exponent=float(best[1]),
        wet_exponent=float(best[2]),
        errors=tuple(zip(names, errors.tolist(), strict=True)),
        source=source,
    )


def _columns(people: Floats, wet_refractivity: Floats) -> Floats:
    """What the logarithm of the rate is linear in."""
    return np.stack(
        [np.ones_like(people), np.log(people / USUAL_PEOPLE), (wet_refractivity - USUAL_WET) / _PER_WET], axis=1
    )


_SOURCE = "fitted by scripts/fit_latency.py to half of the operator's medians by country of May 2026"
DOWNLOAD_2026_05: Final = RateModel(
    name="2026-05",
    usual_bps=2.819e8,  # ± 5.7 %, one standard error
    crowd_exponent=-0.06897,  # ± 0.023
    wet_exponent=-0.5061,  # ± 0.14
    errors=(("usual_bps", 0.057), ("crowd_exponent", 0.023), ("wet_exponent", 0.14)),
    source=_SOURCE,
)
UPLOAD_2026_05: Final = RateModel(
    name="2026-05",
    usual_bps=3.968e7,  # ± 4.7 %
    crowd_exponent=-0.06293,  # ± 0.019
    wet_exponent=-0.3644,  # ± 0.12
    errors=(("usual_bps", 0.047), ("crowd_exponent", 0.019), ("wet_exponent", 0.12)),
    source=_SOURCE,
)
