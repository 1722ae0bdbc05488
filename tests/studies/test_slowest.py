"""Which terminal gets least, and why."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.model.rain_table import RainTable
from skycommons.model.rules import ClearSky, FixedExceedance, Grid, LaserRules, MeasuredRain, RadioRules, Weather
from skycommons.model.scenario import Scenario
from skycommons.model.world import SiteKind
from skycommons.studies.run import run_scenario
from skycommons.studies.slowest import SlowestSoFar
from skycommons.studies.store import open_results
from tests.support.networks import scenario_of, site_table

PLACES = [
    ("dry", SiteKind.TERMINAL, 47.0, 8.5),
    ("wet", SiteKind.TERMINAL, 1.3, 103.8),
    ("polar", SiteKind.TERMINAL, 89.0, 0.0),
    ("alps", SiteKind.GATEWAY, 46.5, 8.0),
    ("strait", SiteKind.GATEWAY, 1.0, 104.0),
    ("pop", SiteKind.POP, 45.5, 9.2),
]


def scenario(weather: Weather, places: list[Any] = PLACES) -> Scenario:
    """Four steps over a small shell."""
    return scenario_of(
        site_table(places, min_elevation_deg=10.0),
        name="small",
        radio=RadioRules(weather=weather),
        lasers=LaserRules(topology=Grid(), max_range_m=8_000e3),
    )


def explained(found: Scenario, folder: Path) -> tuple[dict[str, Any], np.ndarray]:
    """The explanation in a run's store, and its downlink rates."""
    with open_results(run_scenario(found, folder / "small.zarr")) as dataset:
        return json.loads(dataset.attrs["slowest"]), dataset["rate_down_bps"].values


def block(rates: list[list[float]], satellites: list[list[int]]) -> dict[str, np.ndarray]:
    """Columns of a block of steps."""
    rate = np.array(rates)
    return {
        "rate_down_bps": rate,
        "entry_satellite": np.array(satellites),
        "down_cn_db": rate / 10.0,
        "rate_limit": np.ones(rate.shape, dtype=np.uint8),
    }


def test_the_slowest_step_with_a_path_is_kept_over_blocks() -> None:
    """A step without a path is no slow step, but counts for the mean."""
    slowest = SlowestSoFar.empty(3)
    slowest.note(0, block([[5.0, 9.0, 0.0], [4.0, 0.0, 0.0]], [[1, 2, -1], [3, -1, -1]]))
    slowest.note(2, block([[6.0, 2.0, 0.0]], [[4, 5, -1]]))
    assert slowest.step.tolist() == [1, 2, -1]
    assert slowest.satellite.tolist() == [3, 5, -1]
    assert slowest.least_bps[:2].tolist() == [4.0, 2.0]
    assert slowest.sum_bps.tolist() == [15.0, 11.0, 0.0]
    assert slowest.slowest(np.array([0, 1, 2])) == 1
    assert slowest.slowest(np.array([2])) == -1


def test_a_wet_terminal_is_explained_by_its_weather(tmp_path: Path) -> None:
    """Three columns, each with less than the one before; the last is what the run found."""
    found, rates = explained(scenario(FixedExceedance(exceedance=1e-2)), tmp_path)
    overhead, clear, then = found["rates_bps"]
    assert found["terminal"] == "wet"
    assert overhead >= clear > then
    assert then == pytest.approx(found["rate_down_bps"], rel=0.02)
    assert found["rate_down_bps"] == pytest.approx(rates[:, 1][rates[:, 1] > 0.0].min(), rel=1e-6)
    assert found["exceedance"] == 1e-2
    names = [line["name"] for line in found["lines"]]
    assert len(names) == len(set(map(str, zip([line["part"] for line in found["lines"]], names, strict=True))))
    rain = next(line for line in found["lines"] if line["name"].startswith("rain"))
    assert rain["values"][2] is not None
    assert all(len(line["values"]) == 3 and line["source"] is not None for line in found["lines"])
    assert len(found["curves"]["down_bps"]) == len(found["curves"]["exceedances"]) == 4


def test_under_a_clear_sky_the_place_in_the_sky_explains_it(tmp_path: Path) -> None:
    """The weather's column is that of the clear sky."""
    found, _ = explained(scenario(ClearSky()), tmp_path)
    assert found["exceedance"] is None
    assert found["rates_bps"][1] == found["rates_bps"][2]


def test_measured_rain_is_said_as_a_share_of_the_year(tmp_path: Path) -> None:
    """The share that gives the same carrier over noise."""
    places = PLACES[1:]
    rate = np.zeros((2, len(places)))
    rate[:, 0] = 2.0
    table = RainTable(source="by hand", time_ns=np.array([0, 10**12]), rate_mm_h=rate)
    found, _ = explained(scenario(MeasuredRain(table=table), places), tmp_path)
    assert found["terminal"] == "wet"
    assert 1e-4 < found["exceedance"] < 0.05
    assert found["rates_bps"][2] == pytest.approx(found["rate_down_bps"], rel=0.05)


def test_where_nobody_has_a_path_nothing_is_explained(tmp_path: Path) -> None:
    """The attribute is empty."""
    found, _ = explained(scenario(ClearSky(), [PLACES[2], *PLACES[3:]]), tmp_path)
    assert found == {}
