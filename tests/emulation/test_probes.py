"""What probes share: results, the map from the wall clock to emulated time, and running side by side."""

import time

import numpy as np
import pytest

from skycommons.base.errors import HostError, InputError, ShapeError
from skycommons.emulation.probes import (
    Clock,
    HostLike,
    IpVersion,
    ProbeResult,
    ProbeTask,
    Reading,
    TimeMap,
    address_of,
    run_together,
    without_result,
)
from tests.support.loopback_host import LoopbackHost

HERE = LoopbackHost("zurich", "127.0.0.1")
THERE = LoopbackHost("internet", "127.0.0.2")


class Steady:
    """A probe that measures three rows."""

    name = "steady"

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        series = {"time_ns": np.arange(3) + clock(), "rtt_s": np.ones(3)}
        return ProbeResult(
            probe=self.name, source=source.name, target=target.name, begin_ns=clock(), summary={}, series=series
        )


class Broken:
    """A probe whose machine refuses."""

    name = "broken"

    def run(self, source: HostLike, target: HostLike, clock: Clock) -> ProbeResult:
        raise HostError("the namespace is gone")


def test_a_result_holds_columns_of_one_length_with_the_time_first() -> None:
    """Else nobody could write it as a table."""
    result = Steady().run(HERE, THERE, lambda: 7)
    assert (len(result), result.label) == (3, "steady zurich to internet")
    with pytest.raises(InputError, match="first column of a series is time_ns"):
        ProbeResult(probe="x", source="a", target="b", begin_ns=0, summary={}, series={"rtt_s": np.ones(1)})
    with pytest.raises(ShapeError):
        ProbeResult(
            probe="x",
            source="a",
            target="b",
            begin_ns=0,
            summary={},
            series={"time_ns": np.arange(2), "rtt_s": np.ones(1)},
        )


def test_series_cannot_be_written() -> None:
    """A result is a value."""
    result = Steady().run(HERE, THERE, lambda: 0)
    with pytest.raises(ValueError, match="read-only"):
        result.series["rtt_s"][0] = 2.0


def test_wall_clock_maps_to_emulated_time_at_any_speed() -> None:
    """Exactly at both readings, and evenly between and beyond."""
    begin = Reading(wall_ns=1_795_359_463_000_000_001, time_ns=1_000_000_000_000_000_000)
    end = Reading(wall_ns=begin.wall_ns + 2_000_000_000, time_ns=begin.time_ns + 20_000_000_000)
    times = TimeMap(begin=begin, end=end)
    walls = begin.wall_ns + np.array([0, 1_000_000_000, 2_000_000_000, 3_000_000_000])
    assert (times.at(walls) - begin.time_ns).tolist() == [0, 10_000_000_000, 20_000_000_000, 30_000_000_000]


def test_one_reading_twice_maps_at_the_wall_clock_s_speed() -> None:
    """A probe that ended at once still has instants."""
    same = Reading(wall_ns=100, time_ns=5_000)
    assert TimeMap(begin=same, end=same).at(np.array([130])).tolist() == [5_030]


def test_a_reading_takes_both_clocks() -> None:
    """The wall clock of the machine and the clock that was given."""
    before = time.time_ns()
    reading = Reading.of(lambda: 42)
    assert reading.time_ns == 42
    assert before <= reading.wall_ns <= time.time_ns()


def test_addresses_go_by_version() -> None:
    """Four and six."""
    assert (address_of(HERE, IpVersion.IPV4), address_of(HERE, IpVersion.IPV6)) == ("127.0.0.1", "::1")


def test_probes_run_side_by_side_and_one_that_breaks_says_so() -> None:
    """Results come in the order of the tasks, and each waits for its turn."""
    waited: list[float] = []
    tasks = [
        ProbeTask(probe=Broken(), source=HERE, target=THERE, after_s=1.5),
        ProbeTask(probe=Steady(), source=HERE, target=THERE),
    ]
    broken, steady = run_together(tasks, lambda: 9, sleep=waited.append)
    assert sorted(waited) == [0.0, 1.5]
    assert broken.notes == ("broken could not run: the namespace is gone",)
    assert (len(broken), len(steady), steady.notes) == (0, 3, ())
    assert run_together([], lambda: 9) == ()


def test_nothing_measured_is_a_result_too() -> None:
    """With its reason and what the program printed."""
    result = without_result("ping", HERE, THERE, begin_ns=3, notes=["no route"], raw=b"said")
    assert (len(result), result.begin_ns, result.notes, result.raw) == (0, 3, ("no route",), b"said")
