"""Rules that hold whatever happens: the geostationary arc, flux density on the ground, and limits of satellites and cells.

The searches draw from a fixed seed, so that everybody tries the same sets; each row says how many were tried and how many
would have broken the rule without it.
"""

import csv
from pathlib import Path

import numpy as np

from skycommons.base.errors import DocumentError, Fault
from skycommons.base.rng import stream
from skycommons.model.equipment_data import standard_equipment
from skycommons.orbit.frames import up_axis
from skycommons.orbit.gso_arc import gso_separation
from skycommons.plan.capacity import cell_rate_bps, within_satellite_limit
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.recommendations import ARC_ANGLE, PFD_RULE
from skycommons.radio.spectrum import (
    DOWN_BANDWIDTH_HZ,
    HIGH_PFD_DBW_M2_4KHZ,
    beams_within_limit_dbw_m2_4khz,
    pfd_dbw_m2_4khz,
    pfd_limit_dbw_m2_4khz,
)
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared, not_comparable

ARC = "gso_arc.csv"
BEAM_SETS = 100_000
RATE_SETS = 2_000
_LINKS = 300  # of a satellite, the most in a set
_BEAMS = 48  # of a satellite, the most in a set
_S1503_RADIUS_M = 6_378_145.0  # of the round Earth of ITU-R S.1503-3
_ROUNDING_DB = 1e-9  # of sums and logarithms


def rule_checks(folder: Path) -> list[RadioCheck]:
    """The arc by latitude, and searches for beams and rates above their limits.

    Args:
        folder: With ``gso_arc.csv``.
    Raises:
        DocumentError: The table is missing or is something else.
    """
    return [*arc_checks(folder), *flux_density_checks(), *capacity_checks()]


def arc_checks(folder: Path) -> list[RadioCheck]:
    """The angle between zenith and arc beside 90 degrees less the arc's culmination, where the arc is in the sky.

    Raises:
        DocumentError: The table is missing or is something else.
    """
    path = folder / ARC
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                (float(row["latitude_deg"]), float(row["arc_culmination_elevation_deg"]))
                for row in csv.DictReader(file)
            ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DocumentError(str(path), [Fault("file", f"cannot be read as a table of the arc ({error!r})")]) from error
    seen = [(latitude_deg, culmination_deg) for latitude_deg, culmination_deg in rows if culmination_deg > 0.0]
    return [
        compared(
            "zenith to the arc is 90 degrees less its culmination, degrees",
            f"{ARC_ANGLE}, round Earth; places that see the arc",
            [_zenith_to_arc_deg(latitude_deg) for latitude_deg, _ in seen],
            [90.0 - culmination_deg for _, culmination_deg in seen],
            test=Acceptance.ARC,
            absolute=1e-4,
        )
    ]


def flux_density_checks(*, sets: int = BEAM_SETS, seed: int = 1) -> list[RadioCheck]:
    """Random sets of 1 to 48 beams, each at a random place, turned down by the rule; and eight equal ones at the limit.

    Args:
        sets: How many to try.
        seed: Of the search.
    """
    random = stream(seed, "beam sets")
    limit = pfd_limit_dbw_m2_4khz(np.radians(random.uniform(0.0, 90.0, sets)))
    range_m = random.uniform(200e3, 3_000e3, sets)
    on = np.arange(_BEAMS) < random.integers(1, _BEAMS + 1, sets)[:, np.newaxis]
    eirp_dbw = np.where(on, random.uniform(-60.0, 90.0, (sets, _BEAMS)), -np.inf)
    wanted = pfd_dbw_m2_4khz(eirp_dbw, range_m[:, np.newaxis], DOWN_BANDWIDTH_HZ)
    total = to_db(np.sum(from_db(beams_within_limit_dbw_m2_4khz(wanted, limit)), axis=-1))
    above = int(np.count_nonzero(total > limit + _ROUNDING_DB))
    loud = int(np.count_nonzero(to_db(np.sum(from_db(wanted), axis=-1)) > limit))
    excess_db = max(float(np.max(total - limit)), 0.0)
    eight = beams_within_limit_dbw_m2_4khz(np.full(8, HIGH_PFD_DBW_M2_4KHZ), HIGH_PFD_DBW_M2_4KHZ)
    return [
        _search(
            "sets of beams above the limit on the ground",
            PFD_RULE,
            tried=sets,
            above=above,
            without_rule=loud,
            excess=excess_db,
            test=Acceptance.FLUX_DENSITY,
        ),
        compared(
            "eight beams on one channel, each turned down by",
            "a published reading of the grant of January 2026",
            HIGH_PFD_DBW_M2_4KHZ - eight[0],
            9.0,
            test=Acceptance.FLUX_DENSITY,
            unit="dB",
            absolute=0.05,
        ),
    ]


def capacity_checks(*, sets: int = RATE_SETS, seed: int = 1) -> list[RadioCheck]:
    """Random rates on satellites and random carriers on cells, held to the standard payload's limits.

    Args:
        sets: How many satellites and cells to try.
        seed: Of the search.
    """
    random = stream(seed, "rates")
    payload = standard_equipment().payloads[0]
    satellite = np.repeat(np.arange(sets), random.integers(1, _LINKS + 1, sets))
    wanted_bps = random.uniform(0.0, payload.beam_limit_bps, len(satellite))
    kept_bps = within_satellite_limit(wanted_bps, satellite, np.full(sets, payload.down_limit_bps))
    total_bps, wanted_total_bps = (np.bincount(satellite, weights=rates) for rates in (kept_bps, wanted_bps))
    channel_bps = random.uniform(0.0, payload.beam_limit_bps, sets)
    carriers = random.integers(0, payload.beams_down + 1, sets)
    cell_bps = cell_rate_bps(channel_bps, carriers, carriers_per_cell=payload.carriers_per_cell)
    most_bps = payload.carriers_per_cell * channel_bps
    return [
        _search(
            f"satellites above their {payload.down_limit_bps / 1e9:g} Gbit/s",
            "the operator, by way of the press",
            tried=sets,
            above=int(np.count_nonzero(total_bps > payload.down_limit_bps)),
            without_rule=int(np.count_nonzero(wanted_total_bps > payload.down_limit_bps)),
            excess=max(float(np.max(total_bps - payload.down_limit_bps)), 0.0),
            test=Acceptance.SHARES,
        ),
        _search(
            f"cells with more than {payload.carriers_per_cell} channels at work",
            "filings, one beam for each channel",
            tried=sets,
            above=int(np.count_nonzero(cell_bps > most_bps)),
            without_rule=int(np.count_nonzero(carriers > payload.carriers_per_cell)),
            excess=max(float(np.max(cell_bps - most_bps)), 0.0),
            test=Acceptance.SHARES,
        ),
        not_comparable(
            "channels above their rate",
            "the sum of the rates on a channel",
            test=Acceptance.SHARES,
            value="not computed",
            expectation="no more than the channel carries",
            reason="nobody schedules terminals on a channel yet: a rate is for a terminal that is alone on its beam",
        ),
    ]


def _search(
    name: str, source: str, *, tried: int, above: int, without_rule: int, excess: float, test: Acceptance
) -> RadioCheck:
    """How many of the sets that were tried break a rule; none should."""
    return RadioCheck(
        name=name,
        recommendation=f"{source}; a search with a fixed seed",
        cases=tried,
        within=tried - above,
        largest_relative=0.0,
        largest_absolute_db=excess,
        tolerance="rounding",
        test=test,
        value=f"{above:,} of {tried:,}",
        expectation=f"none; {without_rule:,} would be without the rule",
    )


def _zenith_to_arc_deg(latitude_deg: float) -> float:
    """On a round Earth, from the equator's meridian."""
    up = up_axis(np.radians([latitude_deg]), np.zeros(1))[0]
    return float(np.degrees(gso_separation(*(_S1503_RADIUS_M * up), *up, *up)))
