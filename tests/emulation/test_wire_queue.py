"""What becomes of packets on a line, under a clock of the test's own."""

from typing import Any

import numpy as np
import pytest

from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.wire_columns import HELD_TOTAL, MOST_HELD
from skycommons.emulation.wire_draws import added_ns, is_lost
from skycommons.emulation.wire_queue_kernel import SERVE_LAG_NS, count_anew
from skycommons.model.emulation_rules import Discipline
from tests.support.wires import MS, Lines, gso_packet, settings

pytestmark = pytest.mark.kernel

KB = 1_000
ONE_A_MS = 1_000.0  # ns a byte: a packet of KB takes a millisecond
DROP, HOLD = LineRow(state=LineState.DROP), LineRow(state=LineState.HOLD)


def test_an_idle_line_adds_its_delay_and_nothing_else() -> None:
    """Without a limit a packet takes no time of its own."""
    lines = Lines.of(LineRow(delay_ns=25.0 * MS), LineRow(delay_ns=10.0 * MS))
    lines.send(KB, 3 * MS)
    lines.send(KB, 4 * MS, line=1)
    lines.run(100 * MS)
    assert lines.due_ms(0) == [28.0]
    assert lines.due_ms(2) == [14.0]
    counted = lines.counters()
    assert counted.sent_packets.tolist() == counted.delivered_packets.tolist() == [1, 1]
    assert counted.sent_bytes.tolist() == counted.delivered_bytes.tolist() == [KB, KB]


def test_packets_leave_at_the_rate_of_the_line() -> None:
    """Sent at once, they come one after the other; sent slowly, they do not wait."""
    lines = Lines.of(LineRow(delay_ns=5.0 * MS, ns_per_byte=ONE_A_MS))
    for _ in range(4):
        lines.send(KB, 0)
    lines.send(KB // 2, 20 * MS)
    assert lines.run(100 * MS).due_ms() == [6.0, 7.0, 8.0, 9.0, 25.5]


def test_a_queue_that_is_full_drops_what_comes() -> None:
    """The packet that is served does not wait; two wait, the others are dropped."""
    lines = Lines.of(LineRow(ns_per_byte=ONE_A_MS, queue_bytes=2 * KB))
    for _ in range(5):
        lines.send(KB, 0)
    assert lines.counters().queued_bytes[0] == 2 * KB
    lines.send(KB, int(1.5 * MS))
    lines.run(100 * MS)
    assert lines.numbers() == [0, 1, 2, 5]
    assert lines.counters().queue_packets[0] == 2
    assert lines.counters().queued_bytes[0] == 0


def test_what_was_counted_can_be_forgotten() -> None:
    """But for what waits; packets are numbered from 0 again."""
    lines = Lines.of(LineRow(ns_per_byte=ONE_A_MS, queue_bytes=2 * KB))
    for _ in range(5):
        lines.send(KB, 0)
    lateness = np.arange(64)
    count_anew(lines.state, lateness)
    counted = lines.counters()
    assert counted.sent_packets.tolist() == counted.queue_packets.tolist() == [0, 0]
    assert counted.queued_bytes[0] == 2 * KB
    assert not lateness.any()
    lines.run(50 * MS)
    lines.send(KB, 60 * MS)
    lines.run(100 * MS)
    assert lines.numbers()[-1] == 0
    assert lines.counters().queued_bytes[0] == 0


def test_without_a_queue_only_what_need_not_wait_passes() -> None:
    """A packet on an idle line does not wait."""
    lines = Lines.of(LineRow(ns_per_byte=ONE_A_MS, queue_bytes=0))
    for at_ns in (0, MS // 2, MS, 2 * MS):
        lines.send(KB, at_ns)
    assert lines.run(100 * MS).numbers() == [0, 2, 3]


def test_packets_that_wait_see_the_rate_change() -> None:
    """A packet is served by the row of the instant at which its service begins."""
    slow, fast = LineRow(ns_per_byte=ONE_A_MS), LineRow(ns_per_byte=ONE_A_MS / 4.0)
    lines = Lines.of([(0, slow), (int(2.5 * MS), fast), (int(3.6 * MS), slow)])
    for _ in range(6):
        lines.send(KB, 0)
    assert lines.run(100 * MS).due_ms() == [1.0, 2.0, 3.0, 3.25, 3.5, 3.75]


def test_a_drop_loses_what_it_would_serve_and_not_what_is_on_its_way() -> None:
    """In no time, so that nothing is left of the queue."""
    up = LineRow(delay_ns=50.0 * MS, ns_per_byte=ONE_A_MS)
    lines = Lines.of([(0, up), (2 * MS, DROP), (10 * MS, up)])
    for _ in range(5):
        lines.send(KB, 0)
    lines.send(KB, 5 * MS)
    lines.send(KB, 10 * MS)
    assert lines.run(200 * MS).due_ms() == [51.0, 52.0, 61.0]
    assert lines.counters().gap_packets[0] == 4


def test_a_hold_keeps_what_comes_and_serves_it_afterwards() -> None:
    """Two rows that hold are one gap; what departed before arrives in it."""
    up = LineRow(delay_ns=3.0 * MS, ns_per_byte=ONE_A_MS)
    lines = Lines.of([(0, up), (2 * MS, HOLD), (6 * MS, HOLD), (10 * MS, up)])
    for _ in range(4):
        lines.send(KB, 0)
    lines.send(KB, 7 * MS)
    assert lines.run(100 * MS).due_ms() == [4.0, 5.0, 14.0, 15.0, 16.0]


def test_a_hold_fills_the_queue_and_no_more() -> None:
    """Packets that come in a gap wait, even on an idle line."""
    lines = Lines.of([(0, LineRow(state=LineState.HOLD, queue_bytes=2 * KB)), (10 * MS, LineRow())])
    for _ in range(4):
        lines.send(KB, MS)
    lines.run(100 * MS)
    assert lines.numbers() == [0, 1]
    assert lines.due_ms() == [10.0, 10.0]
    assert lines.counters().queue_packets[0] == 2


def test_a_line_that_holds_for_ever_delivers_nothing() -> None:
    """And wants nothing to be done."""
    lines = Lines.of(HOLD)
    lines.send(KB, 0)
    lines.run(1 << 60)
    assert lines.delivered == []
    assert lines.waiting() == 1


def test_nothing_overtakes_when_the_delay_falls() -> None:
    """A packet is due no earlier than the one ahead."""
    lines = Lines.of([(0, LineRow(delay_ns=30.0 * MS)), (10 * MS, LineRow(delay_ns=5.0 * MS))])
    for at_ms in (0, 9, 10, 20, 36):
        lines.send(KB, at_ms * MS)
    lines.run(100 * MS)
    assert lines.numbers() == [0, 1, 2, 3, 4]
    assert lines.due_ms() == [30.0, 39.0, 39.0, 39.0, 41.0]


def test_delay_moves_with_its_slope() -> None:
    """From the row's instant on, at the instant of the departure."""
    lines = Lines.of([(10 * MS, LineRow(delay_ns=5.0 * MS, delay_slope=0.5))])
    for at_ms in (0, 10, 20, 30):
        lines.send(KB, at_ms * MS)
    assert lines.run(100 * MS).due_ms() == [5.0, 15.0, 30.0, 45.0]


def test_a_delay_that_falls_while_a_packet_is_served_does_not_make_it_late() -> None:
    """The line is looked at before the packet could be due."""
    lines = Lines.of([(0, LineRow(delay_ns=30.0 * MS, ns_per_byte=ONE_A_MS)), (MS // 2, LineRow())])
    lines.send(KB, 0)
    lines.send(KB, 0)
    assert lines.run(100 * MS).due_ms() == [1.0, 1.0]


def test_echoes_do_not_wait_for_other_packets() -> None:
    """Unless the settings put all in one queue."""
    row = LineRow(delay_ns=1.0 * MS, ns_per_byte=ONE_A_MS)
    lines = Lines.of(row)
    for _ in range(10):
        lines.send(KB, 0)
    lines.send(100, MS, is_echo=True)
    lines.send(100, MS, is_echo=True)
    lines.run(100 * MS)
    assert lines.due_ms(1) == [2.1, 2.2]
    assert lines.counters().delivered_packets[0] == 12
    assert lines.numbers(1) == [10, 11]


def test_losses_are_those_that_were_predicted() -> None:
    """By the running number of the packet on its line; other seeds and lines lose others."""
    found = []
    for seed in (1, 1, 2):
        lines = Lines.of(LineRow(loss=0.2), LineRow(loss=0.2), seed=seed)
        for _ in range(200):
            lines.send(KB, 0)
            lines.send(KB, 0, line=1)
        lines.run(MS)
        found += [lines.numbers(0), lines.numbers(2)]
        kept = np.flatnonzero(~is_lost(settings(seed=seed), 0, np.arange(200), loss=0.2))
        assert lines.numbers(0) == kept.tolist()
        assert lines.counters().lost_packets[0] == 200 - len(kept)
    assert found[0] == found[2]
    assert len({tuple(numbers) for numbers in found}) == 4


def test_what_chance_adds_is_what_was_predicted() -> None:
    """Drawn for the stretch of time in which a packet departs."""
    given: dict[str, Any] = {"seed": 5, "wait_quantiles": np.array([0.0, 0.5, 2.0]), "wait_hold_ns": 2 * MS}
    row = LineRow(delay_ns=4.0 * MS, ns_per_byte=ONE_A_MS, wait_ns=3.0 * MS, extra_ns=1.0 * MS)
    lines = Lines.of(row, **given)
    for at_ms in range(0, 4_000, 40):
        lines.send(KB, at_ms * MS)
    lines.run(10_000 * MS)
    departures = np.arange(0, 4_000, 40) * MS + MS
    added = added_ns(settings(**given), 0, departures, wait_ns=3 * MS, extra_ns=MS)
    due_ns = [delivery.due_ns for delivery in lines.delivered]
    np.testing.assert_allclose(due_ns, np.maximum.accumulate(departures + 4 * MS + added), atol=1.0)


def test_rows_that_are_published_hold_from_then_on() -> None:
    """What could be served before is served by the old ones, even if nobody looked."""
    slow = LineRow(delay_ns=50.0 * MS, ns_per_byte=ONE_A_MS)
    lines = Lines.of(slow)
    for _ in range(6):
        lines.send(KB, 0)
    lines.now_ns = int(2.5 * MS)
    lines.publish(LineRow(delay_ns=50.0 * MS, ns_per_byte=ONE_A_MS / 10.0))
    assert lines.in_flight() == 3
    np.testing.assert_allclose(lines.run(200 * MS).due_ms(), [51.0, 52.0, 53.0, 53.1, 53.2, 53.3])


def test_packets_that_were_held_are_not_served_in_the_past() -> None:
    """Even if rows that are published later say that the line was never held."""
    lines = Lines.of(HOLD)
    lines.send(KB, 0)
    lines.run(30 * MS)
    lines.publish(LineRow(delay_ns=1.0 * MS, ns_per_byte=ONE_A_MS))
    assert lines.run(200 * MS).due_ms() == [32.0]


def test_a_gso_packet_is_as_long_as_its_segments() -> None:
    """Three segments with headers of 52 bytes each."""
    lines = Lines.of(LineRow(ns_per_byte=ONE_A_MS))
    lines.send(gso_packet(2_500), 0)
    assert lines.run(100 * MS).due_ms() == [2.5 + 3 * 0.052]
    counted = lines.counters()
    assert counted.sent_packets[0] == counted.delivered_packets[0] == 3
    assert counted.sent_bytes[0] == counted.delivered_bytes[0] == 2_500 + 3 * 52


def test_single_segments_are_lost_out_of_a_gso_packet() -> None:
    """The runs between them are delivered, in order and at the same instant."""
    lines = Lines.of(LineRow(delay_ns=1.0 * MS, loss=0.3), seed=8)
    for _ in range(20):
        lines.send(gso_packet(10_000), 0)
    lines.run(100 * MS)
    kept = ~is_lost(settings(seed=8), 0, np.arange(200), loss=0.3)
    counted = lines.counters()
    assert counted.delivered_packets[0] == kept.sum()
    assert counted.lost_packets[0] == (~kept).sum()
    starts = np.flatnonzero(kept & (np.arange(200) % 10 == 0) | np.diff(kept.astype(int), prepend=0) > 0)
    assert len(lines.delivered) == len(starts)
    assert lines.due_ms() == [1.0] * len(starts)
    assert sum(delivery.segments for delivery in lines.delivered) == kept.sum()


def test_a_gso_packet_may_be_lost_as_a_whole() -> None:
    """If all of its segments are."""
    lines = Lines.of(LineRow(loss=1.0))
    lines.send(gso_packet(3_000), 0)
    assert lines.run(MS).delivered == []
    assert lines.counters().lost_packets[0] == 3


def test_segments_that_cannot_be_cut_share_their_fate() -> None:
    """Here because their checksum is there already."""
    packet = bytearray(gso_packet(4_000))
    packet[0] = 0
    lines = Lines.of(LineRow(loss=0.5))
    for _ in range(40):
        lines.send(bytes(packet), 0)
    lines.run(MS)
    assert {delivery.segments for delivery in lines.delivered} == {4}
    assert 0 < lines.counters().lost_packets[0] < 160
    assert lines.counters().lost_packets[0] % 4 == 0


def test_runs_for_which_there_is_no_place_are_the_emulators_loss() -> None:
    """They are never counted as the network's."""
    lines = Lines.of(LineRow(delay_ns=1.0 * MS, loss=0.3), seed=8)
    lines.state.own[MOST_HELD] = lines.state.own[HELD_TOTAL] + 32_768  # room for the packet alone
    lines.send(gso_packet(10_000), 0)
    counted = lines.counters()
    assert counted.lost_packets[0] == is_lost(settings(seed=8), 0, np.arange(10), loss=0.3).sum() > 0
    assert counted.host_packets[0] == 10 - counted.lost_packets[0]
    assert lines.run(10 * MS).delivered == []
    assert lines.state.own[HELD_TOTAL] == lines.state.own[MOST_HELD] - 32_768


def test_a_lane_may_hold_half_of_the_memory() -> None:
    """More is the emulator's loss, and other lines still have room."""
    lines = Lines.of(HOLD, LineRow(), arena_bytes=1 << 18)
    for _ in range(70):
        lines.send(KB, 0)
    lines.send(KB, 0, line=1)
    lines.run(MS)
    counted = lines.counters()
    assert counted.host_packets.tolist() == [70 - (1 << 17) // 2_048, 0]
    assert counted.delivered_packets.tolist() == [0, 1]


def test_codel_keeps_the_wait_short() -> None:
    """Where a queue without it would stay full."""
    waits = {}
    for queue in Discipline:
        lines = Lines.of(LineRow(ns_per_byte=ONE_A_MS, queue_bytes=100 * KB), queue=queue)
        for at_us in range(0, 3_000_000, 950):
            lines.send(KB, at_us * 1_000)
        lines.run(4_000 * MS)
        sent = np.arange(0, 3_000_000, 950) / 1e3
        waits[queue] = np.array(lines.due_ms()) - sent[lines.numbers()]
    assert waits[Discipline.DROP_TAIL][-500:].min() > 90.0
    assert np.median(waits[Discipline.CODEL][-500:]) < 30.0


def test_a_line_is_looked_at_late_but_never_too_late() -> None:
    """With a long delay it sleeps; the queue is served as of the instants at which it would have been."""
    lines = Lines.of(LineRow(delay_ns=50.0 * MS, ns_per_byte=ONE_A_MS))
    lines.send(KB, 0)
    lines.send(KB, 0)
    assert lines.state.wake_ns[0] == MS + SERVE_LAG_NS
    assert lines.run(100 * MS).due_ms() == [51.0, 52.0]


def hostile(draw: np.random.Generator) -> bytes:
    """A packet, often a GSO one, some of whose first bytes say something else."""
    packet = bytearray(gso_packet(int(draw.choice([1, 999, 3_000, 60_000])), size=int(draw.choice([1, 500, 1_448]))))
    for place in draw.integers(0, 64, draw.integers(0, 5)).tolist():
        packet[place] = int(draw.choice([0, 1, 4, 5, 0x45, 0x4F, 0x80, 0xFF, int(draw.integers(256))]))
    return bytes(packet[: draw.integers(1, len(packet) + 1)]) if draw.random() < 0.1 else bytes(packet)


@pytest.mark.parametrize("seed", range(3))
def test_packets_that_lie_are_accounted_for_to_the_last_segment(seed: int) -> None:
    """Whatever their headers say, and whatever is lost of them; and all memory comes back."""
    draw = np.random.default_rng(seed)
    lines = Lines.of(LineRow(delay_ns=3.0 * MS, ns_per_byte=10.0, loss=0.3, queue_bytes=200_000), seed=seed)
    held = int(lines.state.own[HELD_TOTAL])
    for number in range(60):
        lines.send(hostile(draw), number * MS // 2)
        counted = lines.counters()
        ended = (counted.delivered_packets, counted.lost_packets, counted.queue_packets, counted.host_packets)
        assert sum(int(each[0]) for each in ended) + lines.in_flight() + lines.waiting() == counted.sent_packets[0]
    lines.run(10**15)
    assert lines.state.own[HELD_TOTAL] == held
    assert lines.waiting() == lines.in_flight() == 0


def test_a_rate_of_next_to_nothing_and_a_delay_without_end_are_some_days() -> None:
    """Instants stay instants: nothing comes before its time."""
    slow = LineRow(ns_per_byte=8e12, delay_ns=MS)
    lines = Lines.of(slow, LineRow(delay_slope=1e14))
    lines.send(gso_packet(60_000, size=1), 0)
    lines.send(KB, 0, line=1)
    lines.run(5 * MS)
    lines.send(KB, 6 * MS, line=1)
    assert lines.run(10**14).due_ms() == []
    assert lines.numbers(2) == [0]
    assert lines.run(2 * 10**15).due_ms(2) == [0.0, 1e9 + 6.0]
    assert lines.due_ms(0) == [1e9 + 1.0]
