"""What a viewer sees."""

from collections.abc import Sequence
from math import isnan

import numpy as np
import pytest

from skycommons.base.arrays import Ints
from skycommons.base.errors import InputError, ShapeError
from skycommons.emulation.video_stalls import Arrivals, Viewing, find_stalls, first_of, newer, view

PICTURE_NS = 40_000_000
MS = 1_000_000


NOTHING = np.empty(0, dtype=np.int64)


def made(count: int) -> Ints:
    """Instants of pictures, from one second on."""
    return 10**9 + PICTURE_NS * np.arange(count, dtype=np.int64)


def seen_of(count: int, came: Arrivals, *, unknown_mono_ns: Ints = NOTHING) -> Viewing:
    """What a viewer saw of so many pictures."""
    return view(made(count), came, unknown_mono_ns=unknown_mono_ns, picture_ns=PICTURE_NS)


def coming(
    numbers: Sequence[int], delays_ms: Sequence[float] | float = 100.0, *, damaged: Sequence[int] = ()
) -> Arrivals:
    """Pictures with these numbers, each this much after it was made."""
    number = np.array(numbers, dtype=np.int64)
    made_ns = 10**9 + PICTURE_NS * number
    return Arrivals(
        number=number,
        made_mono_ns=made_ns,
        shown_mono_ns=made_ns + (np.broadcast_to(delays_ms, number.shape) * MS).astype(np.int64),
        is_whole=~np.isin(number, damaged),
    )


def test_a_stream_that_comes_whole_has_no_stall() -> None:
    """All arrive, all are seen, and each is as old as the path makes it."""
    seen = seen_of(50, coming(range(50)))
    assert (seen.made, seen.arrived, len(seen.shown), len(seen.stalls)) == (50, 50, 50, 0)
    assert seen.share() == 1.0
    np.testing.assert_allclose(seen.delay_s(), 0.1)
    assert seen.start_up_s == pytest.approx(0.1)


@pytest.mark.parametrize(("missing", "stalls"), [(0, 0), (1, 0), (2, 0), (3, 1), (24, 1)])
def test_more_than_two_pictures_that_do_not_come_are_a_stall(missing: int, stalls: int) -> None:
    """It begins when the first of them was due and lasts until the next one comes."""
    numbers = [*range(10), *range(10 + missing, 60)]
    seen = seen_of(60, coming(numbers))
    assert len(seen.stalls) == stalls
    assert seen.arrived == 60 - missing
    if stalls:
        assert seen.stalls.begin_mono_ns.tolist() == [10**9 + 10 * PICTURE_NS + 100 * MS]
        assert seen.stalls.length_ns.tolist() == [missing * PICTURE_NS]
        assert seen.stalls.total_s() == seen.stalls.longest_s() == pytest.approx(0.04 * missing)


def test_pictures_that_come_late_all_at_once_are_a_stall_too() -> None:
    """They arrive, but for a while nothing moved."""
    delays = [100.0] * 10 + [100.0 + 40.0 * (20 - n) for n in range(10, 20)] + [100.0] * 20
    seen = seen_of(40, coming(range(40), delays))
    assert seen.share() == 1.0
    assert seen.stalls.total_s() == pytest.approx(0.4)


def test_a_stream_that_ends_too_early_stalls_to_its_end() -> None:
    """Until the last picture would have been shown, with the usual delay."""
    seen = seen_of(100, coming(range(75)))
    assert seen.stalls.length_ns.tolist() == [24 * PICTURE_NS]
    assert seen.share() == 0.75


def test_a_stream_that_never_comes_has_no_numbers() -> None:
    """Neither delay nor start-up; nothing arrived."""
    seen = seen_of(10, coming([]))
    assert seen.share() == 0.0
    assert isnan(seen.start_up_s)
    assert isnan(seen.delay_quantile_s(0.5))
    assert len(seen.stalls) == 0
    assert seen.figures()["pictures_arrived"] == 0.0


def test_nothing_made_is_nothing_to_share() -> None:
    """A run that was ended at once."""
    assert isnan(seen_of(0, coming([])).share())


def test_pictures_after_those_that_count_are_passed_over() -> None:
    """They were filmed to push the others through."""
    seen = seen_of(10, coming(range(30)))
    assert (seen.arrived, len(seen.shown)) == (10, 10)


def test_the_start_up_is_not_in_the_delays() -> None:
    """Pictures that waited for the connection came all at once; what counts are those made after the first was shown."""
    delays = [900.0 - 40.0 * n for n in range(20)] + [100.0] * 80
    seen = seen_of(100, coming(range(100), delays))
    assert seen.start_up_s == pytest.approx(0.9)
    assert seen.delay_quantile_s(1.0) == pytest.approx(0.1)
    short = seen_of(5, coming(range(5), delays[:5]))
    assert short.delay_quantile_s(1.0) == pytest.approx(0.9)


def test_a_viewer_never_goes_back() -> None:
    """A picture that comes after a newer one, or twice, has arrived and is not seen."""
    came = Arrivals(
        number=np.array([0, 2, 1, 2, 3]),
        made_mono_ns=np.arange(5),
        shown_mono_ns=10 + np.arange(5, dtype=np.int64),
        is_whole=np.ones(5, dtype=np.bool_),
    )
    assert newer(came).number.tolist() == [0, 2, 3]
    assert seen_of(4, came).arrived == 4


def test_the_first_copy_of_each_picture_counts() -> None:
    """Over one path faster, over the other while the first is interrupted."""
    fast = coming([*range(20), *range(50, 80)], 60.0)
    slow = coming(range(80), 140.0)
    both = first_of([fast, slow])
    assert sorted(both.number.tolist()) == list(range(80))
    delays_ms = (both.shown_mono_ns - both.made_mono_ns) // MS
    assert set(delays_ms[(both.number >= 20) & (both.number < 50)].tolist()) == {140}
    assert set(delays_ms[(both.number < 20) | (both.number >= 50)].tolist()) == {60}
    alone, together = (seen_of(80, came) for came in (fast, both))
    assert alone.stalls.total_s() == pytest.approx(1.2)
    assert together.stalls.total_s() == 0.0
    assert together.share() == 1.0


def test_damage_is_told_and_is_no_stall() -> None:
    """Also of pictures that do not tell which they are; after the last one was due nothing counts."""
    came = coming([*range(20), *range(40, 60)], damaged=[41, 42])
    unknown_mono_ns = 10**9 + PICTURE_NS * np.array([*range(22, 40), 99], dtype=np.int64) + 100 * MS
    seen = seen_of(60, came, unknown_mono_ns=unknown_mono_ns)
    assert len(seen.stalls) == 0
    assert (seen.arrived, len(seen.unknown_mono_ns), len(seen.damaged_mono_ns())) == (40, 18, 20)
    assert seen.whole_share() == pytest.approx(38 / 60)
    assert seen.figures()["pictures_damaged"] == 2.0
    assert isnan(seen_of(0, coming([])).whole_share())


def test_a_whole_copy_counts_before_a_damaged_one_that_came_first() -> None:
    """If there is none, the damaged one is better than nothing."""
    fast, slow = coming(range(30), 60.0, damaged=range(10, 20)), coming(range(15), 140.0)
    both = first_of([fast, slow])
    assert both.number[~both.is_whole].tolist() == [15, 16, 17, 18, 19]
    assert (np.diff(both.shown_mono_ns) >= 0).all()


def test_streams_of_which_none_comes_make_none() -> None:
    """No picture of either."""
    assert len(first_of([coming([]), coming([])])) == 0


def test_stalls_of_nothing_are_none() -> None:
    """No picture was shown."""
    assert len(find_stalls(np.empty(0, dtype=np.int64), picture_ns=PICTURE_NS, end_mono_ns=10**12)) == 0


def test_arrivals_that_make_no_sense_are_refused() -> None:
    """Columns of different lengths, or time that runs back."""
    with pytest.raises(ShapeError):
        Arrivals(number=np.arange(3), made_mono_ns=np.arange(2), shown_mono_ns=np.arange(3), is_whole=np.ones(3, bool))
    with pytest.raises(InputError, match="must not fall"):
        Arrivals(
            number=np.arange(2), made_mono_ns=np.arange(2), shown_mono_ns=np.array([5, 4]), is_whole=np.ones(2, bool)
        )
