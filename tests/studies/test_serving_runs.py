"""The scheduler over the slots of a small measurement, in a sky that is really there."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.model.catalogues import read_catalogue
from skycommons.orbit.ephemeris import propagate
from skycommons.orbit.frames import look_angles
from skycommons.plan.options import Options
from skycommons.studies.serving_data import Serving, read_serving
from skycommons.studies.serving_runs import (
    ScheduledRuns,
    Surroundings,
    run_scheduler,
    slots_to_run,
    subscriber_share_at,
    with_listed,
)
from skycommons.studies.validate_serving import validate_serving
from tests.support.element_texts import Sample, tle_text

EPOCH_NS = 1_721_239_200_000_000_000  # 2024-07-17 18:00
PLACE_DEG = (50.67, 4.61)
SLOTS = 4
LEAST_DEG = 30.0


@dataclass(frozen=True)
class Measured:
    """Files of a measurement."""

    serving: Path
    candidates: Path
    catalogue: Path

    def data(self) -> Serving:
        return read_serving(self.serving, self.candidates, latitude_deg=PLACE_DEG[0], longitude_deg=PLACE_DEG[1])


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Thirty planes of twenty satellites, listed where they fly; the highest serves."""
    folder = tmp_path_factory.mktemp("measured")
    catalogue = folder / "fleet.tle"
    samples = [
        Sample(
            name=f"STARLINK-{(1_000 if number % 2 else 30_000) + number}",
            number=44_000 + number,
            epoch_ns=EPOCH_NS,
            mean_motion_rev_day=15.06,
            raan_deg=360.0 * (number // 20) / 30,
            mean_anomaly_deg=(360.0 * (number % 20) / 20 + 5.0 * (number // 20)) % 360.0,
        )
        for number in range(600)
    ]
    catalogue.write_text(tle_text(samples), encoding="utf-8")
    fleet = read_catalogue(catalogue)
    latitude, longitude = np.radians(PLACE_DEG).tolist()
    slots, rows = [], []
    for number in range(SLOTS):
        begin_s = EPOCH_NS // NS_PER_S + 12 + 15 * number
        flown = propagate(fleet.elements, np.array([begin_s * NS_PER_S]))
        look = look_angles(flown.position_itrf_m[0], latitude, longitude)
        seen = np.flatnonzero(look.elevation_rad > np.radians(LEAST_DEG))
        slots.append(
            {
                "Timestamp": datetime.fromtimestamp(begin_s, UTC).isoformat(),
                "Satellites": [
                    {
                        "Name": fleet.names[row],
                        "Azimuth": float(np.degrees(look.azimuth_rad[row])),
                        "Elevation": float(np.degrees(look.elevation_rad[row])),
                        "Distance": float(look.slant_range_m[row]) / 1e3,
                    }
                    for row in seen.tolist()
                ],
            }
        )
        served = fleet.names[int(seen[look.elevation_rad[seen].argmax()])]
        rows += [f"{datetime.fromtimestamp(begin_s + second, UTC)},{served}" for second in range(3)]
    candidates, serving = folder / "candidates.json", folder / "serving.csv"
    candidates.write_text(json.dumps(slots), encoding="utf-8")
    serving.write_text("\n".join(["Timestamp,Connected_Satellite", *rows]) + "\n", encoding="utf-8")
    return Measured(serving, candidates, catalogue)


def run(measured: Measured, **given: object) -> ScheduledRuns:
    """With few people around."""
    settings = {"radius_m": 60e3, "runs": 2} | given
    latitude, longitude = np.radians(PLACE_DEG).tolist()
    return run_scheduler(
        measured.data(),
        measured.catalogue,
        latitude_rad=latitude,
        longitude_rad=longitude,
        surroundings=Surroundings(**settings),  # type: ignore[arg-type]  # settings of several types
    )


def test_the_dish_is_served_by_what_is_listed(measured: Measured) -> None:
    """Every slot of every run, by candidates of that slot; the same again, and another seed differs somewhere."""
    data, found = measured.data(), run(measured)
    assert found.rows.tolist() == list(range(SLOTS))
    assert (found.taken >= 0).all()
    assert (data.sets.choice[found.taken] == found.rows).all()
    assert found.cells > 10
    assert 0.0 < found.load_mean <= 1.0
    np.testing.assert_array_equal(run(measured).taken, found.taken)
    others = [run(measured, runs=1, seed=seed).taken for seed in (1, 2, 3, 4)]
    assert len({tuple(taken[0].tolist()) for taken in others}) > 1


def test_nobody_but_the_dish_may_ask(measured: Measured) -> None:
    """One cell, nearly idle satellites."""
    found = run(measured, radius_m=0.0, subscriber_share=0.002)
    assert (found.cells, found.requests) == (1, 1)
    assert found.subscriber_share == 0.002
    assert found.load_mean < 0.01


def test_sites_may_be_given(measured: Measured, tmp_path: Path) -> None:
    """One gateway and one PoP near the dish are enough."""
    gateways, pops = tmp_path / "gateways.csv", tmp_path / "pops.csv"
    for path in (gateways, pops):
        path.write_text("name,latitude_deg,longitude_deg\nBrussels,50.85,4.35\n", encoding="utf-8")
    found = run(measured, gateways=gateways, pops=pops)
    assert (found.taken >= 0).all()


def test_the_whole_comparison_of_a_sky_that_is_there(measured: Measured) -> None:
    """Real and scheduled in the same words; listed directions are those of the catalogue."""
    result = validate_serving(
        *(measured.serving, measured.candidates),
        catalogue=measured.catalogue,
        latitude_deg=PLACE_DEG[0],
        longitude_deg=PLACE_DEG[1],
        surroundings=Surroundings(radius_m=60e3),
    )
    assert result.real.top1_share == 1.0
    assert (result.scheduled.slots, result.unserved_share) == (SLOTS, 0.0)
    assert np.degrees(result.scheduled.elevation_rad[0]) >= LEAST_DEG
    assert set(result.scheduled.generation_shares) <= {"v1", "v2-mini"}
    assert result.direction_error_rad[1] < np.radians(0.01)


def test_long_measurements_are_run_in_parts() -> None:
    """Begin and end included, never more than asked for, slots of a part after each other."""
    rows = slots_to_run(5_760, 500)
    assert (len(rows), rows[0], rows[-1]) == (500, 0, 5_759)
    assert np.count_nonzero(np.diff(rows) > 1) == 9
    assert slots_to_run(10, 3).tolist() == [0, 1, 2]
    assert slots_to_run(520, 500).max() < 520


def test_a_part_begins_without_a_past(measured: Measured) -> None:
    """Fewer slots than there are: the first ones."""
    found = run(measured, most_slots=2, runs=1)
    assert found.rows.tolist() == [0, 1]
    np.testing.assert_array_equal(found.taken, run(measured, runs=1).taken[:, :2])


def test_only_one_cell_is_limited_to_a_list() -> None:
    """Its options close ranks, the others stay."""
    options = Options(
        satellite=np.array([[5, 6, 7], [5, 6, -1]], dtype=np.int32),
        worth_nats=np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 0.0]], dtype=np.float32),
        sine_elevation=np.array([[0.5, 0.6, 0.7], [0.5, 0.6, 0.0]], dtype=np.float32),
        reason=np.zeros(2, dtype=np.uint8),
    )
    found = with_listed(options, 0, np.array([7, 5, -1]))
    assert found.satellite.tolist() == [[5, 7, -1], [5, 6, -1]]
    assert found.worth_nats.tolist() == [[3.0, 1.0, 0.0], [3.0, 2.0, 0.0]]
    assert found.sine_elevation[0].tolist() == pytest.approx([0.5, 0.7, 0.0])


def test_subscribers_grow_with_the_years() -> None:
    """The first and the last known count hold outside of what is known."""
    years_ns = [(year - 1970) * 31_556_952 * NS_PER_S for year in (2010, 2022, 2024, 2026, 2040)]
    shares = [subscriber_share_at(time_ns) for time_ns in years_ns]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1e7 / 7.8e9)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"runs": 0}, "runs must be at least 1"),
        ({"seed": -1}, "seed 0 or more"),
        ({"radius_m": 1e9}, "between 0 and 5,000 km"),
        ({"radius_m": float("nan")}, "between 0 and 5,000 km"),
        ({"subscriber_share": 1.001}, "between 0 and 1,000"),
        ({"most_slots": 0}, "at least 1 slot"),
    ],
)
def test_surroundings_have_bounds(given: dict[str, float], message: str) -> None:
    """Each with its own message."""
    with pytest.raises(InputError, match=message):
        Surroundings(**given)  # type: ignore[arg-type]  # numbers of two types
