"""Shared memory: what one side writes the other one reads."""

import os

import numpy as np
import pytest

from skycommons.base.errors import HostError, InputError
from skycommons.emulation.line_rows import LineRow, LineState
from skycommons.emulation.wire_columns import (
    DELAY_NS,
    EXTRA_NS,
    LOST_PACKETS,
    MONO_NS,
    QUEUE_BYTES,
    QUEUED_BYTES,
    STATE,
)
from skycommons.emulation.wire_memory import WireMemory, WireSizes
from tests.support.wires import memory_of, rows_of

SIZES = WireSizes(terminals=2, pops=1, rows=9, quantiles=3)
ROW = LineRow(delay_ns=5.0, extra_ns=2.0, queue_bytes=77, state=LineState.HOLD)


def test_another_mapping_of_it_shows_the_same() -> None:
    """Sizes are in its head, so that a descriptor is all that is handed over."""
    memory = WireMemory.create(SIZES)
    memory.words[3], memory.counters[3, LOST_PACKETS], memory.quantiles[:] = 8, 5, [0.0, 1.0, 2.0]
    other = WireMemory.attach(memory.fd)
    assert other.sizes == SIZES
    assert other.words[3] == 8
    assert other.quantiles.tolist() == [0.0, 1.0, 2.0]
    other.counters[3, QUEUED_BYTES] = 6
    counted = memory.read_counters()
    assert counted.lost_packets.tolist() == [0, 0, 0, 5]
    assert counted.queued_bytes.tolist() == [0, 0, 0, 6]
    os.close(memory.fd)


def test_rows_lie_in_two_tables() -> None:
    """One is written while the other is read; both are found through their first rows."""
    memory = memory_of(rows_of(ROW, ROW))
    rows = rows_of([(1, LineRow()), (2, ROW)], [(3, ROW)])
    memory.write_rows(1, rows)
    assert memory.first[0].tolist() == [0, 1, 2]
    begin, second, end = memory.first[1].tolist()
    assert memory.when[begin:end, MONO_NS].tolist() == [1, 2, 3]
    assert memory.when[second, [QUEUE_BYTES, STATE]].tolist() == [77, LineState.HOLD]
    np.testing.assert_array_equal(memory.shape[begin:end, DELAY_NS], rows.delay_ns)
    np.testing.assert_array_equal(memory.shape[begin:end, EXTRA_NS], rows.extra_ns)
    os.close(memory.fd)


def test_what_the_machine_takes_is_taken_off_delays() -> None:
    """Of those that are as long; nothing else changes."""
    memory = memory_of(rows_of(ROW, ROW))
    rows = rows_of([(1, LineRow(delay_ns=500.0, extra_ns=9.0)), (2, LineRow(delay_ns=50.0))], LineRow(delay_ns=100.0))
    memory.write_rows(0, rows, excess_ns=100)
    begin, end = memory.first[0, [0, 2]].tolist()
    assert memory.shape[begin:end, DELAY_NS].tolist() == [400.0, 0.0, 0.0]
    np.testing.assert_array_equal(memory.shape[begin:end, EXTRA_NS], rows.extra_ns)
    np.testing.assert_array_equal(memory.when[begin:end, MONO_NS], rows.mono_ns)
    os.close(memory.fd)


def test_rows_that_do_not_fit_are_refused() -> None:
    """Of another number of lines, or too many."""
    memory = memory_of(rows_of(ROW, ROW))
    with pytest.raises(InputError, match="of 4 lines, and the wire has 2"):
        memory.check(rows_of(*[ROW] * 4))
    with pytest.raises(InputError, match="the wire holds 10"):
        memory.check(rows_of([(at, ROW) for at in range(10)], ROW))
    memory.check(rows_of([(at, ROW) for at in range(9)], ROW))
    os.close(memory.fd)


def test_another_descriptor_is_noticed() -> None:
    """Before anything is believed of it."""
    fd = os.memfd_create("other")
    with pytest.raises(InputError, match="no memory of a wire"):
        WireMemory.attach(fd)
    os.close(fd)


def test_a_system_without_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sentence."""

    def refuse(_: str) -> int:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(os, "memfd_create", refuse)
    with pytest.raises(HostError, match="Cannot allocate memory"):
        WireMemory.create(SIZES)
