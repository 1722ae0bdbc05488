"""Real choices beside those of policies."""

from pathlib import Path

import numpy as np
import pytest

from skycommons.base.errors import InputError
from skycommons.studies.serving_runs import Surroundings
from skycommons.studies.validate_serving import ALONE_RUNS, ServingComparison, stays, validate_serving
from tests.support.choices import write_measurement
from tests.support.element_texts import Sample, tle_text

EPOCH_NS = 1_721_239_200_000_000_000  # 2024-07-17 18:00
A, B, C = "STARLINK-1008", "STARLINK-30123", "STARLINK-1010"
SLOTS = [[(A, 40.0), (B, 50.0), (C, 30.0)], [(A, 45.0), (B, 45.0)], [(B, 40.0), (C, 60.0)], [(C, 70.0)]]


def compare(folder: Path, served: list[str], *, names: tuple[str, ...] = (A, B)) -> ServingComparison:
    """Of the slots above; nobody but the dish asks, and what is listed does not fly there."""
    catalogue = folder / "fleet.tle"
    samples = [Sample(name=name, number=44714 + row, epoch_ns=EPOCH_NS) for row, name in enumerate(names)]
    catalogue.write_text(tle_text(samples), encoding="utf-8")
    serving, candidates = write_measurement(folder, SLOTS, served)
    return validate_serving(
        *(serving, candidates),
        catalogue=catalogue,
        latitude_deg=50.0,
        longitude_deg=5.0,
        surroundings=Surroundings(radius_m=0.0, seed=7),
    )


def test_real_choices_are_described(tmp_path: Path) -> None:
    """By elevation, rank, stay, generation and inclination; the slot that cannot be scored is counted."""
    result = compare(tmp_path, [B, B, C, A])
    assert (result.slots, result.unmatched, result.left_out) == (4, 1, 0)
    real = result.real
    assert real.slots == 3
    np.testing.assert_allclose(np.degrees(real.elevation_rad[[0, 3, 6]]), [45.0, 50.0, 60.0])
    assert (real.rank_median, real.poleward_share) == (1.0, 1.0)
    assert [real.top1_share, real.top3_share] == pytest.approx([2 / 3, 1.0])  # of two at 45° the first is the higher
    assert real.kept_share == pytest.approx(1 / 3)
    assert real.slots_per_satellite == pytest.approx(4 / 3)
    assert real.generation_shares == {"v1": pytest.approx(1 / 3), "v2-mini": pytest.approx(2 / 3)}
    assert real.inclination_shares == {"53": 1.0}


def test_policies_are_scored(tmp_path: Path) -> None:
    """Uniform by hand; those that are not random have no likelihood but a share of hits."""
    uniform, highest, nearest, observed = compare(tmp_path, [B, B, C, C]).policies
    assert [row.policy for row in (highest, nearest)] == ["highest_elevation", "nearest_range"]
    assert uniform.slots == 4
    assert uniform.log_likelihood_per_slot == pytest.approx(-np.log(3 * 2 * 2 * 1) / 4)
    assert uniform.top1_share == pytest.approx((1 / 3 + 1 / 2 + 1 / 2 + 1) / 4)
    assert highest.log_likelihood_per_slot is None
    assert [highest.top1_share, highest.top3_share] == pytest.approx([3.5 / 4, 1.0])
    assert observed.log_likelihood_per_slot is not None
    assert observed.log_likelihood_per_slot > -1.0


def test_who_is_never_served_has_no_distribution(tmp_path: Path) -> None:
    """The listed satellites fly elsewhere, so the scheduler serves nobody: undefined, not zero."""
    result = compare(tmp_path, [B, B, C, C])
    assert result.unserved_share == 1.0
    assert result.scheduled.slots == 0
    assert np.isnan(result.scheduled.elevation_rad).all()
    assert np.isnan([result.scheduled.top1_share, result.scheduled.kept_share, result.scheduled.rank_median]).all()
    assert result.scheduled.generation_shares == {}
    assert np.isnan(result.runs.load_mean)


def test_the_policy_alone_serves_the_dish_all_the_same(tmp_path: Path) -> None:
    """It chooses among what is listed, wherever it flies; the same again."""
    first, again = (compare(tmp_path, [B, B, C, C]).alone for _ in range(2))
    assert first.slots == 4 * ALONE_RUNS
    np.testing.assert_array_equal(first.elevation_rad, again.elevation_rad)
    assert sum(first.generation_shares.values()) == pytest.approx(1.0)


def test_stays_count_only_slots_that_follow_each_other() -> None:
    """Two runs; nobody known is no stay, and a gap ends one."""
    slot = np.array([1, 2, 3, 7, 8])
    satellite = np.array([[4, 4, 5, 5, 5], [4, -1, -1, 6, 6]])
    kept_share, length = stays(slot, satellite)
    assert kept_share == pytest.approx(3 / 4)  # 4 4, 5 5 and 6 6; not 4 5
    assert length == pytest.approx(8 / 5)


def test_the_catalogue_checks_directions(tmp_path: Path) -> None:
    """Two of three satellites are in it; made-up directions are far from theirs."""
    result = compare(tmp_path, [B, B, C, C])
    assert result.in_catalogue == pytest.approx(5 / 8)
    assert result.direction_error_rad[0] > 0.1


def test_a_catalogue_of_others_checks_nothing(tmp_path: Path) -> None:
    """No inclinations, no directions, but scores."""
    result = compare(tmp_path, [B, B, C, C], names=("STARLINK-5",))
    assert result.in_catalogue == 0.0
    assert np.isnan(result.direction_error_rad).all()
    assert result.real.inclination_shares == {}


def test_names_that_never_meet_are_refused(tmp_path: Path) -> None:
    """One spelling in one file, another in the other."""
    with pytest.raises(InputError, match="names must be spelt alike"):
        compare(tmp_path, ["Starlink 1008"] * 4)


def test_slots_that_never_follow_each_other_have_no_stays(tmp_path: Path) -> None:
    """Undefined, not zero."""
    result = compare(tmp_path, [B, "", C, ""])
    assert np.isnan(result.real.kept_share)
    assert np.isnan(result.real.slots_per_satellite)
