"""Which PoP a place belongs to by administration.

Rules: an operator decides by country where its users meet the Internet, not by distance. What the user says of a country
comes first, then the packaged table of what was observed; for a country in neither, or whose PoP the scenario does not have,
the nearest by delay serves. The scheduler settles such places at the PoP that lies nearest, so that they keep it from slot to
slot. A PoP is found by its id, or by the city that its id begins with.

The packaged table has a country where every public measurement found one PoP and the country has no second one of its own. It
is what few probes saw at one time, changes without notice, and is no statement of the operator: bring your own.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np

from skycommons.base.arrays import Floats, Ints
from skycommons.base.errors import InputError, PlanError
from skycommons.model.borders import country
from skycommons.model.country_of import country_of_places
from skycommons.model.documents_read import did_you_mean
from skycommons.model.placement import NEAREST, pop_row
from skycommons.model.world import SiteKind, Sites
from skycommons.orbit.frames import up_axis

_NEAREST_ROW: Final = -1
_AT_ONCE: Final = 8_192  # places whose distances to all PoPs are held together


@cache
def observed_pops() -> Mapping[str, str]:
    """City of the PoP by country, as observed.

    Source: public RIPE Atlas probes, by way of a public research repository; ``data/pop_countries.csv`` has the number of
        probes of each row.
    >>> observed_pops()["JO"]
    'Sofia'
    """
    text = files("skycommons").joinpath("data/pop_countries.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["country"]: row["pop"] for row in csv.DictReader(text.splitlines())})


def pops_of_places(
    sites: Sites,
    latitude_rad: Floats,
    longitude_rad: Floats,
    *,
    pop_of_country: Sequence[tuple[str, str]] = (),
    observed: Mapping[str, str] | None = None,
) -> Ints:
    """The PoP of each place by its country.

    Args:
        sites: Whose PoPs there are.
        latitude_rad, longitude_rad: ``(N,)``.
        pop_of_country: PoP by country, as the user wants it: its id, its city, or `NEAREST`.
        observed: City by country for the others; `observed_pops` unless given, none if empty.
    Returns:
        ``(N,)`` row among ``sites.rows(SiteKind.POP)``, not among the sites; -1 for the nearest by delay.
    Raises:
        PlanError: The user names a country or a PoP that is not there; all of them are listed.
    """
    row_of = pop_rows_by_country(sites, pop_of_country=pop_of_country, observed=observed)
    if not row_of:
        return np.full(len(latitude_rad), _NEAREST_ROW, dtype=np.int64)
    codes, place = np.unique(country_of_places(latitude_rad, longitude_rad), return_inverse=True)
    rows = np.array([row_of.get(code, _NEAREST_ROW) for code in codes.tolist()], dtype=np.int64)
    return np.asarray(rows[place])


def settled(pop: Ints, sites: Sites, latitude_rad: Floats, longitude_rad: Floats) -> Ints:
    """The PoPs of places, of those that have none the one that lies nearest.

    Args:
        pop: ``(N,)`` as `pops_of_places` gives them.
        sites: Whose PoPs there are.
        latitude_rad, longitude_rad: ``(N,)``.
    Returns:
        ``(N,)`` rows among the PoPs; -1 only in a world without any.
    """
    rows, found = sites.rows(SiteKind.POP), pop.copy()
    open_ended = np.flatnonzero(pop < 0)
    if not len(rows):
        return found
    pops = up_axis(sites.latitude_rad[rows], sites.longitude_rad[rows])
    for begin in range(0, len(open_ended), _AT_ONCE):
        some = open_ended[begin : begin + _AT_ONCE]
        found[some] = (up_axis(latitude_rad[some], longitude_rad[some]) @ pops.T).argmax(axis=1)
    return found


def pop_rows_by_country(
    sites: Sites, *, pop_of_country: Sequence[tuple[str, str]] = (), observed: Mapping[str, str] | None = None
) -> Mapping[str, int]:
    """Row among the PoPs by country, for the countries that have one.

    Args:
        sites: Whose PoPs there are.
        pop_of_country: As in `pops_of_places`; ``observed`` likewise.
        observed: City by country.
    Raises:
        PlanError: The user names a country or a PoP that is not there; all of them are listed.
    """
    names = [sites.ids[row] for row in sites.rows(SiteKind.POP)]
    table = observed_pops() if observed is None else observed
    found = {code: pop_row(city, names) for code, city in table.items()}
    faults: list[str] = []
    for code, name in pop_of_country:
        found[code] = pop_row(name, names)
        try:
            country(code)
        except InputError as error:
            faults.append(str(error))
        if found[code] < 0 and name != NEAREST:
            hint = did_you_mean(name, names) or (
                f"; there are {', '.join(names[:12])}" if names else "; there are none"
            )
            faults.append(f"{code}: there is no PoP {name!r}{hint}")
    if faults:
        raise PlanError(f"PoPs by country: {'; '.join(faults)}")
    return {code: row for code, row in found.items() if row >= 0}
