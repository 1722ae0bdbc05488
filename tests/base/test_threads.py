"""Work split over processors."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base import threads
from skycommons.base.threads import in_parallel, processors, ranges


def test_there_is_at_least_one_processor() -> None:
    """Otherwise nobody would ask."""
    assert processors() >= 1


@pytest.mark.parametrize("available", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_results_come_in_the_order_of_the_parts(available: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one processor or many, and for no part at all."""
    monkeypatch.setattr(threads, "processors", lambda: available)
    assert in_parallel(lambda part: part * part, list(range(count))) == [part * part for part in range(count)]


def test_two_parts_run_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the other, which one thread alone could not do."""
    monkeypatch.setattr(threads, "processors", lambda: 2)
    both = threading.Barrier(2, timeout=30)
    assert sorted(in_parallel(lambda _: both.wait(), ["a", "b"])) == [0, 1]


def test_an_error_of_a_part_is_raised_when_all_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs on behind the caller's back."""
    monkeypatch.setattr(threads, "processors", lambda: 2)
    ended = []

    def work(part: int) -> None:
        ended.append(part)
        if part == 0:
            raise ValueError("part 0")

    with pytest.raises(ValueError, match="part 0"):
        in_parallel(work, [0, 1, 2])
    assert sorted(ended) == [0, 1, 2]


@given(st.integers(0, 10_000), st.integers(1, 64))
def test_ranges_cover_everything_once_in_nearly_equal_runs(count: int, parts: int) -> None:
    """End to end, and no run is more than one longer than another."""
    runs = ranges(count, parts)
    assert [number for start, stop in runs for number in range(start, stop)] == list(range(count))
    lengths = [stop - start for start, stop in runs]
    assert len(runs) <= parts
    assert max(lengths) - min(lengths) <= 1
