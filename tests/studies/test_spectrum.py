"""A scenario against the spectrum's rules: the dish that is asked about, limits from files, tables."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skycommons.base.errors import GroundError, HostError, InputError
from skycommons.model.scenario import Scenario
from skycommons.studies import spectrum
from skycommons.studies.spectrum import (
    EpfdLimit,
    Question,
    SpectrumReport,
    read_limits,
    sampled_times,
    study_spectrum,
    write_tables,
)
from tests.support.tiny_world import DENSE, STRICT, tiny_scenario


def dense() -> Scenario:
    """Four hundred satellites over a dish that keeps away from the arc."""
    return tiny_scenario(constellation=DENSE, terminals=STRICT)


@pytest.fixture(scope="module")
def report() -> SpectrumReport:
    """An hour of it."""
    return study_spectrum(dense(), Question(hours=1.0))


def limits_file(folder: Path, text: str) -> Path:
    """A file of limits."""
    path = folder / "limits.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_keeping_away_from_the_arc_buys_silence(report: SpectrumReport) -> None:
    """At the default dish: the first terminal's place, its own longitude, its own exclusion."""
    assert np.degrees([report.station.latitude_rad, report.station.longitude_rad]) == pytest.approx([47.37, 8.54])
    assert report.station.gso_longitude_rad == report.station.longitude_rad
    assert np.degrees(report.exclusion_rad) == pytest.approx(25.0)
    assert len(report.time_ns) == 240
    (_, median_kept, median_free), *_, (_, worst_kept, worst_free) = report.levels()
    assert median_kept <= median_free
    assert worst_kept < worst_free
    assert worst_free <= -125.0
    assert all(audit.worst_margin_db > -1e-9 for audit in report.audits)


def test_the_same_question_has_the_same_answer(report: SpectrumReport) -> None:
    """Draws hang on the scenario's seed alone; no exclusion asked for is none kept; every step is told of."""
    done: list[int] = []
    again = study_spectrum(dense(), Question(hours=1.0, exclusion_deg=0.0), progress=done.append)
    np.testing.assert_array_equal(again.free_dbw_m2_40khz, report.free_dbw_m2_40khz)
    np.testing.assert_array_equal(again.free_dbw_m2_40khz, again.kept_dbw_m2_40khz)
    assert sum(done) == 240


def test_another_dish_may_be_asked_about() -> None:
    """Anywhere, looking at another satellite, with another diameter."""
    question = Question(latitude_deg=40.0, longitude_deg=-3.0, gso_longitude_deg=19.2, dish_m=3.0)
    asked = study_spectrum(dense(), question).station
    assert np.degrees([asked.latitude_rad, asked.longitude_rad, asked.gso_longitude_rad]) == pytest.approx(
        [40.0, -3.0, 19.2]
    )
    assert asked.dish.diameter_m == 3.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latitude_deg": 40.0}, "--latitude-deg and --longitude-deg: give both, or neither"),
        ({"latitude_deg": 95.0, "longitude_deg": 0.0}, "--latitude-deg: 95 should be between -90 and 90"),
        ({"gso_longitude_deg": float("nan")}, "--gso-longitude-deg: nan should be between -360 and 360"),
        ({"latitude_deg": 85.0, "longitude_deg": 0.0}, "is below the horizon"),
        ({"dish_m": 0.1}, "from 20 wavelengths"),
        ({"exclusion_deg": 100.0}, "--exclusion-deg: 100 should be between 0 and 90"),
        ({"hours": 0.0}, "--hours: 0 should be above 0"),
        ({"hours": float("nan")}, "--hours: nan should be above 0"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    """One sentence that names the option."""
    with pytest.raises(InputError, match=message):
        study_spectrum(dense(), Question(**changes))


def test_a_scenario_without_terminals_is_refused() -> None:
    """Its beams serve nobody."""
    with pytest.raises(InputError, match="has no terminals"):
        study_spectrum(dense().without("zurich"), Question())


def test_steps_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer span is looked at in wider steps, whole multiples of the scenario's."""
    assert len(sampled_times(dense(), None)) == 4
    monkeypatch.setattr(spectrum, "MOST_STEPS", 50)
    times = sampled_times(dense(), 1.0)
    assert len(times) <= 50
    assert np.unique(np.diff(times)).tolist() == [75 * 10**9]


def test_limits_are_judged_at_their_shares_of_the_time(report: SpectrumReport) -> None:
    """Kept, exceeded, and finer than the steps can tell."""
    worst = float(report.kept_dbw_m2_40khz.max())
    limits = (
        EpfdLimit(percent=100.0, epfd_dbw_m2_40khz=worst + 1.0),
        EpfdLimit(percent=99.99, epfd_dbw_m2_40khz=worst - 1.0),
    )
    kept, exceeded = report.verdicts(limits)
    assert (kept.is_kept, kept.is_resolved, round(kept.margin_db, 6)) == (True, True, 1.0)
    assert (exceeded.is_kept, exceeded.is_resolved, round(exceeded.margin_db, 6)) == (False, False, -1.0)
    assert report.verdicts(()) == ()


def test_limits_come_from_a_table(tmp_path: Path) -> None:
    """Any delimiter, the columns by several names, sorted by share."""
    path = limits_file(tmp_path, "Percent of time;EPFD\n100;-160\n\n99.5;-170.5\n")
    assert read_limits(path) == (
        EpfdLimit(percent=99.5, epfd_dbw_m2_40khz=-170.5),
        EpfdLimit(percent=100.0, epfd_dbw_m2_40khz=-160.0),
    )


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("percent,epfd\n101,-160\n99,loud\n50,\n", ["line 2: percent", "line 3: epfd_dbw_m2_40khz: 'loud'", "line 4"]),
        ("share,power\n1,2\n", ["line 1: has no column percent (or", "line 1: has no column epfd_dbw_m2_40khz (or"]),
        ("percent,epfd\n", ["file: holds no limit"]),
        ("percent,epfd\n99,nan\n", ["is not a number between -300 and 0"]),
        ("", ["file: is empty"]),
    ],
)
def test_faults_of_a_table_of_limits_are_all_listed(tmp_path: Path, text: str, faults: list[str]) -> None:
    """Each with its line."""
    with pytest.raises(GroundError) as caught:
        read_limits(limits_file(tmp_path, text))
    assert [fault for fault in faults if fault not in str(caught.value)] == []


def test_a_table_of_limits_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(GroundError, match=r"absent\.csv: .*\n.*cannot be read"):
        read_limits(tmp_path / "absent.csv")


def test_tables_hold_every_step(report: SpectrumReport, tmp_path: Path) -> None:
    """Levels grow with the share of time; silence is an empty cell."""
    pfd, epfd = write_tables(report, tmp_path / "new")
    with pfd.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["links"]) for row in rows) == sum(audit.links for audit in report.audits)
    with epfd.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 240
    assert float(rows[-1]["percent_of_time"]) == 100.0
    levels = [float(row["without_dbw_m2_40khz"]) for row in rows if row["without_dbw_m2_40khz"]]
    assert levels == sorted(levels)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(HostError, match="cannot write"):
        write_tables(report, tmp_path / "taken")
