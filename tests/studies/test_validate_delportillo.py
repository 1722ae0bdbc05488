"""Totals of constellations, on fleets of a few satellites and people in a few cells."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import DocumentError, InputError
from skycommons.model.population import PeopleGrid
from skycommons.orbit.frames import up_axis
from skycommons.radio.modcod import ladder
from skycommons.radio.sphere import central_angle_rad, nadir_angle_rad
from skycommons.studies import validate_delportillo as study
from skycommons.studies.fading_carriers import FadingCarrier, WeatherTable, clear_sky_table
from skycommons.studies.ground_choice import AntennaRules
from skycommons.studies.radio_check import Judgement
from skycommons.studies.validate_delportillo import (
    Fleet,
    System,
    asked_of_satellites,
    carried_bps,
    delportillo_checks,
    validate_delportillo,
)

NAMES = ("OneWeb", "SpaceX", "Telesat")
KU = {"user_down": [10.7, 12.7], "gw_up": [27.5, 30.0]}
INPUTS: dict[str, Any] = {
    "orbits": {
        "OneWeb": [[1200, 87.9, 2, 8]],
        "SpaceX": [[1150, 53, 3, 6], [1110, 53.8, 2, 6]],
        "Telesat": [[1000, 99.5, 2, 4]],
        "columns": ["altitude_km", "inclination_deg", "planes", "sats_per_plane"],
    },
    "n_sat": {"OneWeb": 16, "SpaceX": 30, "Telesat": 8},
    "min_user_elevation_deg": {"OneWeb": 55, "SpaceX": 40, "Telesat": 20},
    "min_gateway_elevation_deg": 10,
    "bands_ghz": {"OneWeb": KU, "SpaceX": KU, "Telesat": {"down": [17.8, 20.2], "up": [27.5, 30.0]}},
    "user_beams": {"OneWeb": 16, "Telesat": 16},
    "beam_area_km2": {"SpaceX": 40_000},
    "gateway_dish_m": {"Telesat": 3.5, "OneWeb": 2.4},
    "atmosphere": {"user_availability_pct": 99.0},
    "demand_model": {"market_share": 0.1, "avg_kbps": 300},
    "results": {
        "total_throughput_tbps": dict.fromkeys(NAMES, 0.05),
        "avg_per_sat_gbps": dict.fromkeys(NAMES, 2.0),
        "per_sat_max_gbps_derived_from_avg_over_efficiency": {"OneWeb": 10.0, "SpaceX": 21.35, "Telesat": 38.67},
        "ground_stations_for_max": dict.fromkeys(NAMES, 20),
        "gateway_antennas_for_max": dict.fromkeys(NAMES, 200),
        "isl_rates_gbps_tested": [5, 10, 20],
    },
    "data_rates_mbps": {
        "gateway_up": {
            "OneWeb": {"rate": 1341.1, "bw_mhz": 250, "modcod": "256APSK 3/4"},
            "SpaceX": {"rate": 2682.1, "bw_mhz": 500, "modcod": "256APSK 3/4"},
            "Telesat": {"rate": 9857.1, "bw_mhz": 2100, "modcod": "128APSK 3/4"},
        },
        "user_down": {
            "OneWeb": {"rate": 599.4, "bw_mhz": 250, "modcod": "16APSK 2/3"},
            "SpaceX": {"rate": 674.3, "bw_mhz": 250, "modcod": "16APSK 3/4"},
            "Telesat": {"rate": 558.7, "bw_mhz": 250, "modcod": "16APSK 28/45"},
        },
    },
}


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder with the inputs of three small fleets."""
    (tmp_path / "delportillo2019.json").write_text(json.dumps(INPUTS), "utf-8")
    return tmp_path


CARRIER = FadingCarrier(frequency_hz=12e9, modcod=ladder("dvb-s2x").modcod("16APSK 3/4"), dish_m=0.6, hears=None)


def system(*, strips: bool, beams: int = 2, laser_bps: float = 0.0) -> System:
    """Beams of 10 bit/s."""
    return System(
        name="small",
        shells=(),
        user_elevation_rad=0.5,
        gateway_elevation_rad=0.2,
        beams=beams,
        beam_bps=10.0,
        strips=strips,
        user=CARRIER,
        gateway=CARRIER,
        antennas=AntennaRules(antenna_bps=15.0, of_site=1, of_satellite=1, in_all=9),
        availability=0.99,
        laser_bps=laser_bps,
        sites=1,
    )


def grid(latitude_deg: list[float], people: list[float]) -> PeopleGrid:
    """Cells on the meridian of Greenwich."""
    latitude_rad, longitude_rad = np.radians(latitude_deg), np.zeros(len(people))
    return PeopleGrid(
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        vectors=up_axis(latitude_rad, longitude_rad),
        people=np.array(people),
    )


def asked(
    small: System, people: PeopleGrid, latitude_deg: list[float], *, loss_db: list[float] | None = None
) -> list[float]:
    """Of satellites on the same meridian, with a loss in each cell."""
    sky = clear_sky_table(CARRIER, len(people))
    if loss_db:
        sky = WeatherTable(
            carrier=CARRIER, cosecant=sky.cosecant, exceedance=sky.exceedance, loss_db=np.array([[loss_db]])
        )
    fleet = Fleet(
        vectors=up_axis(np.radians(latitude_deg), np.zeros(len(latitude_deg))),
        altitude_m=np.full(len(latitude_deg), 1_000e3),
    )
    reach_rad = np.radians(np.full(len(fleet), 5.0))
    found = asked_of_satellites(small, people, fleet, reach_rad, user_bps=1.0, sky=sky, exceedance=0.01)
    return list(found.tolist())


def test_a_satellite_carries_no_more_than_either_side() -> None:
    """Its beams, or its antennas."""
    assert system(strips=False, beams=1).most_bps == 10.0
    assert system(strips=False, beams=2).most_bps == 15.0


def test_elevations_are_those_of_a_triangle() -> None:
    """The zenith, and the rim of what is above 40 degrees."""
    fleet = Fleet(vectors=up_axis(np.zeros(1), np.zeros(1)), altitude_m=np.array([1_150e3]))
    reach_rad = float(central_angle_rad(nadir_angle_rad(np.radians(40.0), 1_150e3), 1_150e3))
    places = up_axis(np.array([0.0, reach_rad]), np.zeros(2))
    cosecant = fleet.cosecant(np.zeros(2, dtype=np.int64), places)
    assert cosecant == pytest.approx([1.0, 1.0 / np.sin(np.radians(40.0))])


def test_steered_beams_take_the_cells_with_most_demand() -> None:
    """Capped at what a beam carries; the weakest cell is left out."""
    people = grid([-1.0, 0.0, 1.0], [4.0, 50.0, 7.0])
    assert asked(system(strips=False), people, [0.0]) == [17.0]


def test_weather_caps_what_a_steered_beam_carries() -> None:
    """Half a decibel costs the full beam a rung; the other has time enough."""
    left = float(CARRIER.share(np.array(0.5)))
    people = grid([0.0, 1.0], [50.0, 7.0])
    assert asked(system(strips=False), people, [0.0], loss_db=[0.5, 0.5]) == [pytest.approx(10.0 * left + 7.0)]


def test_fixed_strips_add_their_cells_up() -> None:
    """The southern strip is full, the northern one is not."""
    assert asked(system(strips=True), grid([-2.0, -1.0, 1.0], [8.0, 8.0, 3.0]), [0.0]) == [pytest.approx(13.0)]


def test_users_of_a_strip_share_its_time() -> None:
    """A user in the rain takes more of it for the same bits; one that is cut off gets nothing."""
    left = float(CARRIER.share(np.array(5.0)))
    people = grid([-2.0, -1.0, 1.0], [8.0, 8.0, 3.0])
    rain = asked(system(strips=True), people, [0.0], loss_db=[0.0, 5.0, 99.0])
    assert rain == [pytest.approx(16.0 / (0.8 + 0.8 / left))]


def test_satellites_share_a_cell_that_they_both_see() -> None:
    """And one that sees nobody is asked for nothing."""
    assert asked(system(strips=False), grid([1.0], [6.0]), [0.0, 2.0, 80.0]) == [3.0, 3.0, 0.0]


def test_what_is_carried_is_the_mean_over_draws() -> None:
    """Satellite 0 has two antennas, once with half their rate; satellite 1 sends 4 bit/s over lasers."""
    rows, share = np.array([0, 0]), np.array([[1.0, 1.0], [0.5, 0.5]])
    demand = np.array([20.0, 30.0])
    assert carried_bps(system(strips=False), demand, rows, share) == (17.5, 17.5, 50.0)
    assert carried_bps(system(strips=False, laser_bps=4.0), demand, rows, share) == (19.5, 17.5, 50.0)


def test_totals_keep_their_limits(inputs: Path) -> None:
    """Lasers only add; nothing passes demand or what satellites can."""
    for result in validate_delportillo(inputs, instants=2):
        assert 0.0 < result.without_lasers_bps <= result.total_bps <= result.demand_bps * (1.0 + 1e-12)
        assert result.total_bps <= result.satellites * result.most_bps
        assert result.average_bps * result.satellites == pytest.approx(result.total_bps)
        assert result.difference == pytest.approx(result.total_bps / 0.05e12 - 1.0)
        assert result.satellites == INPUTS["n_sat"][result.name]
    assert [round(result.most_bps / 1e9, 1) for result in validate_delportillo(inputs, instants=1)] == [9.6, 21.6, 39.4]


def test_weather_only_takes(inputs: Path) -> None:
    """From what users' beams may carry, so there is less to be carried."""
    for rain, clear in zip(
        validate_delportillo(inputs, instants=1),
        validate_delportillo(inputs, instants=1, weather=False),
        strict=True,
    ):
        assert rain.demand_bps <= clear.demand_bps
        assert rain.total_bps < clear.total_bps


def test_a_figure_that_was_taken_from_the_paper_is_not_judged_by_it(inputs: Path) -> None:
    """Three rows of each system; the rest may disagree, with a reason."""
    rows = delportillo_checks(inputs, instants=1)
    assert len(rows) == 9
    assert [row.name for row in rows if row.judgement is Judgement.NOT_COMPARABLE] == [
        "SpaceX, most of a satellite",
        "Telesat, most of a satellite",
    ]
    assert all(row.reason for row in rows if row.judgement is Judgement.DISAGREES)


def test_the_reason_says_whether_sites_limit(inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one antenna at each site they do."""
    monkeypatch.setattr(study, "SITE_ANTENNAS", 0)
    rows = delportillo_checks(inputs, instants=1)
    assert "sites are ours too" in next(row.reason for row in rows if row.name == "OneWeb, total")


@pytest.mark.parametrize("text", ["", "{}", "[]"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    """One message with the file's name."""
    (tmp_path / "delportillo2019.json").write_text(text, "utf-8")
    with pytest.raises(DocumentError, match=r"delportillo2019\.json.*\n.*the paper's inputs"):
        validate_delportillo(tmp_path)


def test_a_day_without_instants_is_refused(inputs: Path) -> None:
    """Before anything is read."""
    with pytest.raises(InputError, match="at least one instant"):
        validate_delportillo(inputs, instants=0)
