"""What the loop works on, when it begins."""

import mmap
import os
import select

import numpy as np
import pytest

from skycommons.base.errors import HostError
from skycommons.emulation.line_rows import LineRow
from skycommons.emulation.wire_columns import (
    FLIGHT_HEAD,
    IS_CODEL,
    IS_ECHO_APART,
    LANDING,
    MTU,
    NEVER,
    NO_SLOT,
    OFFSET,
    QUEUE_HEAD,
    ROW,
    SLOT_BYTES,
    SLOT_COUNT,
    WAIT_HOLD_NS,
    WORD_ACTIVE,
)
from skycommons.emulation.wire_loop_kernel import KIND_LIFELINE, KIND_POP, KIND_TERMINAL, KIND_WAKE_UP, terminal_of
from skycommons.emulation.wire_state import places_of, state_of
from skycommons.model.emulation_rules import Discipline
from tests.support.wires import SOMEBODY_V4, TERMINAL_V4, TERMINAL_V6, Ends, memory_of, rows_of, settings

pytestmark = pytest.mark.kernel


def test_all_queues_are_empty_and_know_their_rows() -> None:
    """Those of the table that is active."""
    given = settings(queue=Discipline.CODEL, separate_icmp=False, wait_hold_ns=7, mtu=1_400)
    memory = memory_of(rows_of([(1, LineRow()), (2, LineRow())], LineRow()), given)
    memory.write_rows(1, rows_of(LineRow(), LineRow()))
    memory.words[WORD_ACTIVE] = 1
    state = state_of(memory)
    os.close(memory.fd)
    assert (state.lanes[:, [QUEUE_HEAD, FLIGHT_HEAD]] == NO_SLOT).all()
    assert (state.wake_ns == NEVER).all()
    assert state.lanes[:, ROW].tolist() == np.repeat(memory.first[1, :-1], 2).tolist()
    assert state.own[[IS_CODEL, IS_ECHO_APART, WAIT_HOLD_NS, MTU]].tolist() == [1, 0, 7, 1_400]
    assert state.own[LANDING] >= 0
    classes = state.classes
    assert classes[-1, OFFSET] + classes[-1, SLOT_COUNT] * classes[-1, SLOT_BYTES] == len(state.memory)


def test_memory_for_packets_costs_nothing_until_it_is_used() -> None:
    """A gibibyte for each size of slots is asked for."""
    memory = memory_of(rows_of(LineRow(), LineRow()), arena_bytes=1 << 30)
    state = state_of(memory)
    os.close(memory.fd)
    assert len(state.memory) > 4 << 30


def test_a_system_without_address_space_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what can be done."""
    memory = memory_of(rows_of(LineRow(), LineRow()))
    os.close(memory.fd)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", refuse)
    with pytest.raises(HostError, match="less arena_bytes"):
        state_of(memory)


def test_every_descriptor_is_known_and_waited_for() -> None:
    """Terminals, PoPs, and those that end or wake the loop."""
    with Ends.of(2, pop=(1, 0)) as ends, select.epoll() as epoll:
        memory = memory_of(rows_of(*[LineRow()] * 4), ports=ends.ports)
        os.close(memory.fd)
        wake, life = os.pipe(), os.pipe()
        places = places_of(memory, epoll, wake_fd=wake[0], lifeline_fd=life[0])
        known = {int(fd): (int(places.kind[fd]), int(places.number[fd])) for fd in (*ends.ports.terminal_fd, wake[0])}
        assert list(known.values()) == [(KIND_TERMINAL, 0), (KIND_TERMINAL, 1), (KIND_WAKE_UP, 0)]
        assert [int(places.kind[fd]) for fd in (*ends.ports.pop_fd, life[0])] == [KIND_POP, KIND_POP, KIND_LIFELINE]
        assert places.pop.tolist() == [1, 0]
        ends.terminals[1].send(b"x")
        os.write(wake[1], b"x")
        assert {fd for fd, _ in epoll.poll(5.0)} == {ends.ports.terminal_fd[1], wake[0]}
        for fd in (*wake, *life):
            os.close(fd)


@pytest.mark.parametrize("terminals", [1, 2, 37])
def test_every_address_is_found_and_no_other(terminals: int) -> None:
    """In a table that is never full."""
    memory = memory_of(rows_of(*[LineRow()] * (2 * terminals)))
    os.close(memory.fd)
    with select.epoll() as epoll:
        pipes = [os.pipe() for _ in range(terminals + 3)]
        reading = [pipe[0] for pipe in pipes]
        memory.ports[:, 0], memory.pop_fd[:] = reading[:terminals], reading[terminals]
        places = places_of(memory, epoll, wake_fd=reading[-2], lifeline_fd=reading[-1])
        for pipe in pipes:
            os.close(pipe[0])
            os.close(pipe[1])
    for terminal in range(terminals):
        assert terminal_of(places, TERMINAL_V4 + terminal) == terminal
        assert terminal_of(places, (TERMINAL_V6 >> 8) + terminal | 1 << 56) == terminal
    strangers = [SOMEBODY_V4, TERMINAL_V4 + terminals, TERMINAL_V4 - 1, (TERMINAL_V6 >> 8) + terminals | 1 << 56, -1]
    assert [terminal_of(places, stranger) for stranger in strangers] == [-1] * 5
