"""Totals of constellations, on fleets of a few satellites and people in a few cells."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import DocumentError, InputError
from skycommons.orbit.frames import up_axis
from skycommons.studies import validate_delportillo as study
from skycommons.studies.population import PeopleGrid
from skycommons.studies.radio_check import Judgement
from skycommons.studies.validate_delportillo import (
    System,
    antennas_of_satellites,
    asked_of_satellites,
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
    "demand_model": {"market_share": 0.1, "avg_kbps": 300},
    "results": {
        "total_throughput_tbps": dict.fromkeys(NAMES, 0.05),
        "avg_per_sat_gbps": dict.fromkeys(NAMES, 2.0),
        "per_sat_max_gbps_derived_from_avg_over_efficiency": {"OneWeb": 10.0, "SpaceX": 21.35, "Telesat": 38.67},
        "ground_stations_for_max": dict.fromkeys(NAMES, 20),
        "isl_rates_gbps_tested": [5, 10, 20],
    },
    "data_rates_mbps": {
        "gateway_up": {
            "OneWeb": {"rate": 1341.1, "bw_mhz": 250},
            "SpaceX": {"rate": 2682.1, "bw_mhz": 500},
            "Telesat": {"rate": 9857.1, "bw_mhz": 2100},
        },
        "user_down": {
            "OneWeb": {"rate": 599.4, "bw_mhz": 250},
            "SpaceX": {"rate": 674.3, "bw_mhz": 250},
            "Telesat": {"rate": 558.7, "bw_mhz": 250},
        },
    },
}


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder with the inputs of three small fleets."""
    (tmp_path / "delportillo2019.json").write_text(json.dumps(INPUTS), "utf-8")
    return tmp_path


def system(*, strips: bool, beams: int = 2) -> System:
    """Beams of 10 bit/s."""
    return System(
        name="small",
        shells=(),
        user_elevation_rad=0.5,
        gateway_elevation_rad=0.2,
        beams=beams,
        beam_bps=10.0,
        strips=strips,
        gateway_antennas=1,
        gateway_bps=15.0,
        laser_bps=0.0,
        sites=1,
    )


def grid(latitude_deg: list[float], people: list[float]) -> PeopleGrid:
    """Cells on the meridian of Greenwich."""
    latitude_rad = np.radians(latitude_deg)
    return PeopleGrid(
        latitude_rad=latitude_rad, vectors=up_axis(latitude_rad, np.zeros(len(people))), people=np.array(people)
    )


def test_a_satellite_carries_no_more_than_either_side() -> None:
    """Its beams, or its antennas."""
    assert system(strips=False, beams=1).most_bps == 10.0
    assert system(strips=False, beams=2).most_bps == 15.0


def test_steered_beams_take_the_cells_with_most_demand() -> None:
    """Capped at what a beam carries; the weakest cell is left out."""
    above = up_axis(np.zeros(1), np.zeros(1))
    asked = asked_of_satellites(
        system(strips=False), grid([-1.0, 0.0, 1.0], [4.0, 50.0, 7.0]), above, np.radians([5.0]), user_bps=1.0
    )
    assert asked.tolist() == [17.0]


def test_fixed_strips_add_their_cells_up() -> None:
    """The southern strip is full, the northern one is not."""
    above = up_axis(np.zeros(1), np.zeros(1))
    asked = asked_of_satellites(
        system(strips=True), grid([-2.0, -1.0, 1.0], [8.0, 8.0, 3.0]), above, np.radians([5.0]), user_bps=1.0
    )
    assert asked.tolist() == [13.0]


def test_satellites_share_a_cell_that_they_both_see() -> None:
    """And one that sees nobody is asked for nothing."""
    places = up_axis(np.radians([0.0, 2.0, 80.0]), np.zeros(3))
    asked = asked_of_satellites(
        system(strips=False), grid([1.0], [6.0]), places, np.radians([5.0, 5.0, 5.0]), user_bps=1.0
    )
    assert asked.tolist() == [3.0, 3.0, 0.0]


def test_antennas_go_to_satellites_with_demand_and_few_sites() -> None:
    """The idle one gets what is left, each antenna at another site."""
    in_sight = np.array([[True, True], [True, False], [True, True]])
    asked = np.array([True, True, False])
    one = antennas_of_satellites(in_sight, asked, site_antennas=1, satellite_antennas=1)
    assert one.tolist() == [1, 1, 0]
    two = antennas_of_satellites(in_sight, asked, site_antennas=2, satellite_antennas=2)
    assert two.tolist() == [2, 1, 1]


def test_totals_keep_their_limits(inputs: Path) -> None:
    """Lasers only add; nothing passes demand or what satellites can."""
    for result in validate_delportillo(inputs, instants=2):
        assert 0.0 < result.without_lasers_bps <= result.total_bps <= result.demand_bps
        assert result.total_bps <= result.satellites * result.most_bps
        assert result.average_bps * result.satellites == pytest.approx(result.total_bps)
        assert result.difference == pytest.approx(result.total_bps / 0.05e12 - 1.0)
        assert result.satellites == INPUTS["n_sat"][result.name]
    assert [round(result.most_bps / 1e9, 1) for result in validate_delportillo(inputs, instants=1)] == [9.6, 21.6, 39.4]


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
