"""The rules of spectrum beside their sources: the geostationary arc, and flux density that no set of beams passes."""

import csv
from pathlib import Path

import numpy as np

from skycommons.base.errors import DocumentError, Fault
from skycommons.base.rng import stream
from skycommons.orbit.frames import up_axis
from skycommons.orbit.gso_arc import gso_separation
from skycommons.radio.decibels import from_db, to_db
from skycommons.radio.spectrum import (
    DOWN_BANDWIDTH_HZ,
    beams_within_limit_dbw_m2_4khz,
    pfd_dbw_m2_4khz,
    pfd_limit_dbw_m2_4khz,
)
from skycommons.studies.radio_check import Acceptance, RadioCheck, compared

ARC = "gso_arc.csv"
BEAM_SETS = 100_000
_BEAMS = 48  # of a satellite, the most in a set
_S1503_RADIUS_M = 6_378_145.0  # of the round Earth of ITU-R S.1503-3
_ROUNDING_DB = 1e-9  # of sums and logarithms


def rule_checks(folder: Path) -> list[RadioCheck]:
    """The arc by latitude, and a search for a set of beams above the limit.

    Args:
        folder: With ``gso_arc.csv``.
    Raises:
        DocumentError: The table is missing or is something else.
    """
    return [*arc_checks(folder), *flux_density_checks()]


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
            "ITU-R S.1503-3, round Earth; places that see the arc",
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
    eight = beams_within_limit_dbw_m2_4khz(np.full(8, -140.0), -140.0)
    return [
        RadioCheck(
            name="sets of beams above the limit on the ground",
            recommendation="47 CFR 25.208(b); a search with a fixed seed",
            cases=sets,
            within=sets - above,
            largest_relative=0.0,
            largest_absolute_db=max(float(np.max(total - limit)), 0.0),
            tolerance="1e-9 dB",
            test=Acceptance.FLUX_DENSITY,
            value=f"{above:,} of {sets:,} sets",
            expectation=f"none; {loud:,} of them would be above without the rule",
        ),
        compared(
            "eight beams on one channel, each turned down by",
            "a published reading of the grant of January 2026",
            -140.0 - eight[0],
            9.0,
            test=Acceptance.FLUX_DENSITY,
            unit="dB",
            absolute=0.05,
        ),
    ]


def _zenith_to_arc_deg(latitude_deg: float) -> float:
    """On a round Earth, from the equator's meridian."""
    up = up_axis(np.radians([latitude_deg]), np.zeros(1))[0]
    return float(np.degrees(gso_separation(*(_S1503_RADIUS_M * up), *up, *up)))
