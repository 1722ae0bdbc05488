"""The verification set of SGP4: 33 runs of satellites that are hard each in its way, with printed states.

The authority: Vallado et al. 2006 (AIAA 2006-6753), files ``SGP4-VER.TLE`` and ``tcppver.out``; the ``sgp4`` library ships
both. Near-Earth satellites run on our kernel unless it flags them; deep space runs on the library.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sgp4
from sgp4.api import Satrec

from skycommons.base.arrays import Floats, Ints
from skycommons.orbit.elements import Elements
from skycommons.orbit.sgp4_terms import is_deep_space
from tests.support.orbits import fly

FOLDER = Path(sgp4.__file__).parent
# Positions are printed to 1e-8 km. The printing program was built by another compiler; the library itself allows 2e-7 km
# for that, and our time, whole nanoseconds, adds 1e-8 km at 11 km/s.
MILLIMETRE_KM = 1.0e-6
# The printing program kept the epoch as one Julian date, 19 µs off, from which it took the places of Moon and Sun. For the
# orbit that they bend most (23333, eccentricity 0.97) that alone is 4e-6 km; with the epoch so rounded we are at 5e-9 km.
ROUNDED_EPOCH_KM = 5.0e-6
WIND = "23333"
PRINTED_KM_S = 1.0e-8  # velocities are printed to 1e-9 km/s
NS_PER_MIN = 60_000_000_000
NS_PER_DAY = 1440 * NS_PER_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the set: its elements, and rows of minutes, position (km) and velocity (km/s).

    States were asked for up to ``last_min``, each ``step_min``; where they end earlier there was an error.
    """

    number: str
    elements: Elements
    rows: Floats
    last_min: float
    step_min: float

    @property
    def ended_min(self) -> float:
        """Minute of the last state; one step before the epoch if there is none."""
        return float(self.rows[-1, 0]) if len(self.rows) else -self.step_min

    def time_ns(self, minutes: Floats) -> Ints:
        """Instants so many minutes from the epoch."""
        return int(self.elements.epoch_ns[0]) + np.rint(minutes * NS_PER_MIN).astype(np.int64)


def elements_of(satellite: Satrec) -> Elements:
    """What the library read from the two lines; the epoch has eight decimals of a day, which are whole nanoseconds."""
    day_ns = round((satellite.jdsatepoch - 2_440_587.5) * NS_PER_DAY)
    columns = {
        "mean_motion_rad_s": satellite.no_kozai / 60.0,
        "eccentricity": satellite.ecco,
        "inclination_rad": satellite.inclo,
        "raan_rad": satellite.nodeo,
        "arg_perigee_rad": satellite.argpo,
        "mean_anomaly_rad": satellite.mo,
        "bstar": satellite.bstar,
    }
    return Elements(
        catalogue_number=np.array([satellite.satnum]),
        epoch_ns=np.array([day_ns + round(satellite.jdsatepochF * 1e8) * (NS_PER_DAY // 10**8)]),
        **{name: np.array([value]) for name, value in columns.items()},
    )


def load_runs() -> list[Run]:
    """Both files, joined by their order."""
    lines = [line for line in (FOLDER / "SGP4-VER.TLE").read_text().splitlines() if line[:2] in {"1 ", "2 "}]
    blocks = (FOLDER / "tcppver.out").read_text().split(" xx\n")[1:]
    runs: list[Run] = []
    before = np.zeros(6)
    for first, second, block in zip(lines[::2], lines[1::2], blocks, strict=True):
        printed = [line.split() for line in block.splitlines()]
        rows = np.array([[float(word) for word in words[:7]] for words in printed if len(words) >= 7])
        if np.array_equal(rows[0, 1:], before):
            rows = rows[:0]  # where the first state is an error, the state before it was printed once more
        else:
            before = rows[-1, 1:]
        _, last_min, step_min = (float(word) for word in second[69:].split())
        elements = elements_of(Satrec.twoline2rv(first, second))
        runs.append(Run(number=first[2:7], elements=elements, rows=rows, last_min=last_min, step_min=step_min))
    return runs


RUNS = load_runs()
FLOWN = [run for run in RUNS if len(run.rows)]
BROKEN_OFF = [run for run in RUNS if run.ended_min < run.last_min]


def name_of(run: Run) -> str:
    """Satellite and last minute: one satellite flies twice."""
    return f"{run.number}-{run.last_min:g}"


def test_the_set_is_whole() -> None:
    """33 runs, nine of them near the Earth; seven end in an error."""
    assert len(RUNS) == 33
    assert sum(not is_deep_space(run.elements)[0] for run in RUNS) == 9
    assert [run.number for run in BROKEN_OFF] == ["22312", "28350", "28872", "29141", "33333", "33334", "20413"]


@pytest.mark.parametrize("run", FLOWN, ids=name_of)
def test_a_run_of_the_verification_set_is_met(run: Run) -> None:
    """Each state that is printed."""
    states = fly(run.elements, run.time_ns(run.rows[:, 0]))
    assert states.valid.all()
    tolerance_km = ROUNDED_EPOCH_KM if run.number == WIND else MILLIMETRE_KM
    assert np.abs(states.position_m[:, 0] / 1e3 - run.rows[:, 1:4]).max() < tolerance_km
    assert np.abs(states.velocity_m_s[:, 0] / 1e3 - run.rows[:, 4:7]).max() < PRINTED_KM_S


@pytest.mark.parametrize("run", BROKEN_OFF, ids=name_of)
def test_where_a_run_breaks_off_the_satellite_is_masked(run: Run) -> None:
    """At the step after the last state: decayed, or elements out of range."""
    states = fly(run.elements, run.time_ns(np.array([run.ended_min + run.step_min])))
    assert not states.valid.any()
    assert np.isnan(states.position_m).all()
    assert np.isnan(states.velocity_m_s).all()
