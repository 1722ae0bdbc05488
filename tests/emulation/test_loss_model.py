"""What an idle line loses: evenly without lasers, in gaps about boundaries over them."""

from dataclasses import replace

import pytest

from skycommons.base.constants import NS_PER_S
from skycommons.base.errors import InputError
from skycommons.emulation.loss_model import MEASURED_LOSSES

SLOT_NS = 15 * NS_PER_S
MANY = 4_000


def test_each_direction_and_kind_of_way_has_its_own_share() -> None:
    """The uplink loses most; over lasers what is not a gap is little."""
    shares = {
        (is_up, is_over_lasers): MEASURED_LOSSES.share(is_up=is_up, is_over_lasers=is_over_lasers)
        for is_up in (True, False)
        for is_over_lasers in (True, False)
    }
    assert shares == {(True, False): 0.0035, (False, False): 0.0001, (True, True): 0.00085, (False, True): 0.0}


def test_gaps_come_as_often_as_they_were_seen_and_anew_in_no_run() -> None:
    """Their share is that of the model within four standard errors; the same seed, terminal and slot bring the same."""
    drawn = [MEASURED_LOSSES.has_gap(7, terminal=3, begin_ns=row * SLOT_NS) for row in range(MANY)]
    share = MEASURED_LOSSES.gap_share
    assert abs(sum(drawn) / MANY - share) < 4.0 * (share * (1.0 - share) / MANY) ** 0.5
    assert drawn == [MEASURED_LOSSES.has_gap(7, terminal=3, begin_ns=row * SLOT_NS) for row in range(MANY)]
    for seed, terminal in ((8, 3), (7, 4)):
        assert drawn != [
            MEASURED_LOSSES.has_gap(seed, terminal=terminal, begin_ns=row * SLOT_NS) for row in range(MANY)
        ]


def test_always_and_never_are_possible() -> None:
    """Shares of 1 and of 0."""
    for share in (0.0, 1.0):
        model = replace(MEASURED_LOSSES, gap_share=share)
        assert {model.has_gap(1, terminal=0, begin_ns=row) for row in range(50)} == {bool(share)}


def test_gaps_over_lasers_lose_what_was_measured() -> None:
    """0.47 % of a dish's pings were lost, 82 % of these about boundaries: gaps and even losses add up to that."""
    in_gaps = MEASURED_LOSSES.gap_s * MEASURED_LOSSES.gap_share / 15.0
    evenly = MEASURED_LOSSES.laser_up_share + MEASURED_LOSSES.laser_down_share
    assert in_gaps + evenly == pytest.approx(0.0047, abs=2e-4)
    assert in_gaps / (in_gaps + evenly) == pytest.approx(0.82, abs=0.02)


@pytest.mark.parametrize(
    "wrong", [{"up_share": -0.1}, {"gap_share": 1.1}, {"laser_down_share": float("nan")}, {"gap_s": -1.0}]
)
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    """Shares lie between 0 and 1."""
    with pytest.raises(InputError, match="losses"):
        replace(MEASURED_LOSSES, **wrong)  # type: ignore[arg-type] # floats alone
