"""A dish remembers fifteen minutes second by second, its outages, and what it was told."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skycommons.base.constants import NS_PER_S
from skycommons.emulation.dish_codes import OutageCause
from skycommons.emulation.dish_history import MOST_OUTAGES, RING_S, Event, History, Outage, Sample
from tests.support.dishes import NOON_NS, at


def sample(number: float) -> Sample:
    """A second that can be told from others."""
    return Sample(ping_drop_rate=0.0, ping_latency_s=number, down_bps=0.0, up_bps=0.0)


def test_a_sample_stands_for_each_whole_second() -> None:
    """Half a second makes no sample, and a second report within one changes nothing."""
    history = History(NOON_NS)
    history.fill(at(0.5), sample(1.0))
    assert history.recall().current == 0
    history.fill(at(1.0), sample(2.0))
    history.fill(at(1.9), sample(3.0))
    memory = history.recall()
    assert memory.current == 1
    assert memory.ping_latency_s[0] == 2.0
    assert memory.begin_ns == NOON_NS


def test_seconds_that_nobody_reported_take_the_next_report() -> None:
    """A run ten times as fast as time reports every tenth second."""
    history = History(NOON_NS)
    history.fill(at(3), sample(1.0))
    history.fill(at(6), sample(2.0))
    assert history.recall().ping_latency_s[:7].tolist() == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 0.0]


def test_the_ring_goes_round() -> None:
    """Sample n stands at n modulo 900, and the newest come last."""
    history = History(NOON_NS)
    for second in range(1, RING_S + 6):
        history.fill(at(second), sample(float(second)))
    memory = history.recall()
    assert memory.current == RING_S + 5
    assert memory.ping_latency_s[4] == RING_S + 5
    assert memory.ping_latency_s[5] == 6
    assert memory.last("ping_latency_s", 3).tolist() == [903.0, 904.0, 905.0]
    assert len(memory.last("ping_latency_s", 5_000)) == RING_S


def test_a_long_silence_fills_the_whole_ring_once() -> None:
    """More than fifteen minutes in one step."""
    history = History(NOON_NS)
    history.fill(at(10_000), sample(7.0))
    memory = history.recall()
    assert memory.current == 10_000
    assert (memory.ping_latency_s == 7.0).all()


@given(steps=st.lists(st.integers(1, 400), min_size=1, max_size=30))
def test_the_ring_holds_the_newest_seconds_whatever_the_steps(steps: list[int]) -> None:
    """As a list that is cut to its last 900 would."""
    history, plain = History(NOON_NS), []
    for number, step in enumerate(steps):
        plain += [float(number)] * step
        history.fill(NOON_NS + len(plain) * NS_PER_S, sample(float(number)))
    memory = history.recall()
    assert memory.current == len(plain)
    np.testing.assert_array_equal(memory.last("ping_latency_s", RING_S), plain[-RING_S:])


def test_outages_and_commands_stand_in_one_log() -> None:
    """In their order; an outage is listed twice, once among its kind."""
    history = History(NOON_NS)
    history.note(at(1), "dish_stow")
    history.end_outage(Outage(cause=OutageCause.STOWED, begin_ns=at(1), duration_ns=5 * NS_PER_S))
    memory = history.recall()
    assert memory.events == (
        Event(begin_ns=at(1), command="dish_stow"),
        Event(begin_ns=at(1), duration_ns=5 * NS_PER_S, outage=OutageCause.STOWED),
    )
    assert [outage.cause for outage in memory.outages] == [OutageCause.STOWED]


def test_old_outages_are_forgotten() -> None:
    """A run of weeks does not fill the memory."""
    history = History(NOON_NS)
    for second in range(MOST_OUTAGES + 10):
        history.end_outage(Outage(cause=OutageCause.NO_SATS, begin_ns=at(second), duration_ns=1))
    outages = history.recall().outages
    assert len(outages) == MOST_OUTAGES
    assert outages[0].begin_ns == at(10)


def test_a_copy_stays_what_it_was() -> None:
    """What is remembered later does not reach it."""
    history = History(NOON_NS)
    before = history.recall()
    history.fill(at(5), sample(1.0))
    assert before.current == 0
    assert (before.ping_latency_s == 0.0).all()
