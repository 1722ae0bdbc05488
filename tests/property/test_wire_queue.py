"""Whatever lines do and whatever is sent: no packet is forgotten, none comes early, none overtakes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.wire_columns import HELD_TOTAL
from skycommons.emulation.wire_queue_kernel import SERVE_LAG_NS
from skycommons.model.emulation_rules import Discipline
from tests.support.wires import MS, Lines, gso_packet

LARGE_SLOT = 66_048

ROWS = st.builds(
    LineRow,
    delay_ns=st.floats(0.0, 30.0 * MS),
    delay_slope=st.floats(-0.1, 0.1),
    ns_per_byte=st.sampled_from([0.0, 80.0, 800.0]),
    loss=st.sampled_from([0.0, 0.1, 1.0]),
    wait_ns=st.sampled_from([0.0, 2.0 * MS]),
    extra_ns=st.sampled_from([0.0, 1.0 * MS]),
    queue_bytes=st.sampled_from([0, 5_000, 1 << 30]),
    state=st.sampled_from(list(LineState)),
)
LINES = st.lists(st.tuples(st.integers(1, 20 * MS), ROWS), min_size=1, max_size=5).map(
    lambda gaps: [(sum(gap for gap, _ in gaps[: place + 1]), row) for place, (_, row) in enumerate(gaps)]
)
PACKETS = st.lists(
    st.tuples(
        st.integers(0, 3 * MS),
        st.one_of(st.integers(40, 1_500), st.integers(1_001, 6_000).map(gso_packet)),
        st.integers(0, 1),
        st.booleans(),
    ),
    max_size=40,
)


@given(st.tuples(LINES, LINES), PACKETS, st.integers(0, 100 * MS), st.sampled_from(list(Discipline)), st.booleans())
def test_every_packet_is_somewhere(
    lines: tuple[list[tuple[int, LineRow]], list[tuple[int, LineRow]]],
    packets: list[tuple[int, int | bytes, int, bool]],
    end_ns: int,
    queue: Discipline,
    publishes: bool,
) -> None:
    """Sent is delivered, lost, dropped, waiting or on its way; and its memory is free again once it is gone."""
    wire = Lines.of(*lines, queue=queue, arena_bytes=1 << 19)
    clock = 0
    for gap_ns, packet, line, is_echo in packets:
        clock += gap_ns
        wire.send(packet, clock, line=line, is_echo=is_echo)
    if publishes:
        wire.publish(*lines)
    wire.run(max(clock, end_ns))
    counted = wire.counters()
    for line in (0, 1):
        gone = counted.delivered_packets + counted.lost_packets + counted.queue_packets + counted.gap_packets
        held = sum(wire.in_flight(2 * line + lane) + wire.waiting(2 * line + lane) for lane in (0, 1))
        assert counted.sent_packets[line] == gone[line] + counted.host_packets[line] + held
        for lane in (2 * line, 2 * line + 1):
            assert wire.numbers(lane) == sorted(wire.numbers(lane))
            due = [delivery.due_ns for delivery in wire.delivered if delivery.lane == lane]
            assert due == sorted(due)
    assert all(0 <= delivery.at_ns - delivery.due_ns <= SERVE_LAG_NS for delivery in wire.delivered)
    if not any(wire.in_flight(lane) + wire.waiting(lane) for lane in range(4)):
        assert wire.state.own[HELD_TOTAL] == LARGE_SLOT
        assert not wire.counters().queued_bytes.any()


@pytest.mark.parametrize("rate", [0.0, 800.0])
@given(st.lists(st.tuples(st.integers(0, 2 * MS), st.integers(40, 1_500)), min_size=1, max_size=30))
def test_no_packet_is_there_before_it_can_be(rate: float, packets: list[tuple[int, int]]) -> None:
    """Its arrival, its own bytes and the line's delay come first; on a line that never stops it is exactly the queue's sum."""
    wire = Lines.of(LineRow(delay_ns=7.0 * MS, ns_per_byte=rate))
    clock, free_ns, right = 0, 0, []
    for gap_ns, length in packets:
        clock += gap_ns
        wire.send(length, clock)
        free_ns = max(clock, free_ns) + int(length * rate)
        right.append(free_ns + 7 * MS)
    wire.run(1 << 50)
    assert [delivery.at_ns for delivery in wire.delivered] == right
