"""System calls, as the loop makes them."""

import errno
import os
import select
import time

import numpy as np
import pytest

from skycommons.emulation import wire_system_kernel
from skycommons.emulation.wire_system_kernel import (
    AGAIN,
    INTERRUPTED,
    NO_CALL,
    copy_within,
    forget_port,
    monotonic_ns,
    read_into,
    wait_for_ports,
    write_from,
)

pytestmark = pytest.mark.kernel


def test_error_numbers_are_the_systems() -> None:
    """As Python names them."""
    assert (AGAIN, INTERRUPTED, NO_CALL) == (errno.EAGAIN, errno.EINTR, errno.ENOSYS)


def test_the_clock_is_the_monotonic_one() -> None:
    """In ns, rising."""
    scratch = np.zeros(2, np.int64)
    before = time.monotonic_ns()
    found = [monotonic_ns(scratch) for _ in range(3)]
    assert before <= found[0] <= found[1] <= found[2] <= time.monotonic_ns()


def test_bytes_pass_and_errors_come_below_zero() -> None:
    """From a place in memory to another."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    memory = np.arange(40, dtype=np.uint8)
    assert read_into(reading, memory, 20, 8) == -AGAIN
    assert write_from(writing, memory, 3, 5) == 5
    assert read_into(reading, memory, 20, 8) == 5
    assert memory[20:26].tolist() == [3, 4, 5, 6, 7, 25]
    assert write_from(reading, memory, 0, 1) == -errno.EBADF
    copy_within(memory, 20, 0, 5)
    assert memory[:5].tolist() == [3, 4, 5, 6, 7]
    os.close(reading)
    os.close(writing)


def test_waiting_ends_with_a_packet_or_with_time() -> None:
    """To the ns where the kernel counts them."""
    events, scratch = np.zeros(8, np.int64), np.zeros(2, np.int64)
    reading, writing = os.pipe()
    with select.epoll() as epoll:
        epoll.register(reading, select.EPOLLIN)
        began = time.monotonic_ns()
        assert wait_for_ports(epoll.fileno(), events, 2, 3_000_000, scratch) == 0
        assert time.monotonic_ns() - began >= 3_000_000
        os.write(writing, b"x")
        assert wait_for_ports(epoll.fileno(), events, 2, 10_000_000_000, scratch) == 1
        forget_port(epoll.fileno(), reading)
        assert wait_for_ports(epoll.fileno(), events, 2, 0, scratch) == 0
    assert wait_for_ports(-1, events, 2, 0, scratch) == -errno.EBADF
    os.close(reading)
    os.close(writing)


def test_a_kernel_that_counts_no_ns_waits_at_least_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The older call stands in, rounded up to a ms."""
    asked = []

    def older(epoll: int, _events: int, _most: int, timeout_ms: int) -> int:
        asked.append((epoll, timeout_ms))
        return 0

    monkeypatch.setattr(wire_system_kernel, "_syscall", lambda *_: -1)
    monkeypatch.setattr(wire_system_kernel, "_errno", lambda: NO_CALL)
    monkeypatch.setattr(wire_system_kernel, "_wait", older)
    plain = getattr(wait_for_ports, "py_func", wait_for_ports)
    assert plain(5, np.zeros(2, np.int64), 1, 1_000_001, np.zeros(2, np.int64)) == 0
    assert asked == [(5, 2)]
