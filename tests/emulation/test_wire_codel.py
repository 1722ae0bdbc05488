"""CoDel against the RFC's own words."""

import numpy as np
import pytest

from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.wire_codel_kernel import INTERVAL_NS, TARGET_NS, codel_drops
from skycommons.emulation.wire_columns import WAITING_BYTES
from skycommons.model.emulation_rules import Discipline
from tests.support.plain_codel import PlainCodel
from tests.support.wires import MS, Lines

pytestmark = pytest.mark.kernel

BYTES, SERVICE_NS = 1_000, 1 * MS


def overloaded(spans: list[tuple[int, float]]) -> list[tuple[int, int]]:
    """Arrivals at one a millisecond times a load, for some spans of milliseconds; and their lengths."""
    found, clock = [], 0.0
    for milliseconds, load in spans:
        end = clock + milliseconds
        while clock < end:
            found.append((int(clock * MS), BYTES))
            clock += 1.0 / load
        clock = end
    return found


@pytest.mark.parametrize(
    "spans",
    [
        [(900, 1.5)],
        [(400, 1.4), (300, 0.2), (400, 1.4)],
        [(600, 2.0), (30, 0.1), (400, 2.0), (2_000, 0.05), (400, 2.0)],
        [(200, 1.01), (500, 1.1)],
    ],
)
def test_the_same_packets_are_dropped(spans: list[tuple[int, float]]) -> None:
    """Standing queues, pauses that are short and long, and loads just above what is carried."""
    plain, free_ns = PlainCodel(longest=1_500), 0
    lines = Lines.of(LineRow(ns_per_byte=SERVICE_NS / BYTES), queue=Discipline.CODEL)
    sent = overloaded(spans)
    carried = []

    def served(until_ns: int) -> None:
        nonlocal free_ns
        while plain.queue and max(free_ns, plain.queue[0][0]) <= until_ns:
            start_ns = max(free_ns, plain.queue[0][0])
            packet = plain.dequeue(start_ns)
            if packet is not None:
                carried.append(packet[0])
                free_ns = start_ns + SERVICE_NS

    for arrival_ns, length in sent:
        served(arrival_ns)
        plain.enqueue(arrival_ns, length)
        lines.send(length, arrival_ns)
    served(1 << 60)
    lines.run(1 << 50)
    arrivals = [arrival_ns for arrival_ns, _ in sent]
    assert [arrivals[number] for number in lines.numbers()] == carried
    assert lines.counters().queue_packets[0] == len(plain.dropped)
    assert len(plain.dropped) > 0 or spans[0][1] < 1.1


def test_packets_that_wait_less_than_the_target_are_never_dropped() -> None:
    """Nor the last ones of a queue."""
    lines = Lines.of(LineRow(), queue=Discipline.CODEL)
    state = lines.state
    state.lanes[0, WAITING_BYTES] = 100_000
    clock = 10 * INTERVAL_NS
    assert not any(codel_drops(state, 0, at - TARGET_NS + 1, at) for at in range(clock, 2 * clock, MS))
    state.lanes[0, WAITING_BYTES] = 1_500
    assert not any(codel_drops(state, 0, at - 9 * TARGET_NS, at) for at in range(clock, 2 * clock, MS))
    state.lanes[0, WAITING_BYTES] = 1_501
    found = np.array([codel_drops(state, 0, at - TARGET_NS, at) for at in range(clock, 2 * clock, MS)])
    assert np.flatnonzero(found)[0] == INTERVAL_NS // MS
    assert (np.diff(np.flatnonzero(found)) <= INTERVAL_NS // MS).all()
