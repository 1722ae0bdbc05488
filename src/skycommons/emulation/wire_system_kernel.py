"""The system calls of the wire, for compiled code; with the compiler off the same through ctypes.

Rules: calls are by symbol, never by address, so that the compiled code can be cached. Each gives what the system gives, or the error
number below zero. The compiler knows nothing of what a call does, so memory is read anew after each: shared memory needs no more.

Source: Linux manual pages, section 2: read, write, epoll_wait, epoll_ctl, clock_gettime.
"""

import ctypes
from typing import Any, Final

import numba
from numba import njit, types

from skycommons.base.arrays import Bytes, Ints

AGAIN, INTERRUPTED, NO_CALL = 11, 4, 38
_MONOTONIC: Final = 1
_EPOLL_PWAIT2: Final = 441  # the same number on every machine, since Linux 5.11
_DELETE: Final = 2

# Compiled code calls through declarations, interpreted code through ctypes; neither has a type that the other knows.
_errno: Any
_declared: Any
_int: Any
_word: Any
_errno_place: Any
if numba.config.DISABLE_JIT:  # type: ignore[attr-defined] # set while it is imported
    _libc = ctypes.CDLL(None, use_errno=True)
    _errno = ctypes.get_errno

    def _declared(name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - a function of the C library
        """A function of the C library, for interpreted code."""
        function = getattr(_libc, name)
        function.restype, function.argtypes = result, arguments
        return function

    _int, _word = ctypes.c_int, ctypes.c_ssize_t
else:
    _int, _word = types.int32, types.intp
    _errno_place = types.ExternalFunction("__errno_location", types.CPointer(_int)())  # type: ignore[no-untyped-call] # numba's

    def _declared(name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - likewise
        """A function of the C library, for compiled code."""
        return types.ExternalFunction(name, result(*arguments))

    @njit(nogil=True, cache=True)
    def _errno() -> int:
        """Error number of this thread's last call."""
        return int(numba.carray(_errno_place(), 1)[0])  # type: ignore[attr-defined] # exported, but not by name


_read, _write = (_declared(name, _word, _int, _word, _word) for name in ("read", "write"))
_copy = _declared("memcpy", _word, _word, _word, _word)
_clock = _declared("clock_gettime", _int, _int, _word)
_control = _declared("epoll_ctl", _int, _int, _int, _int, _word)
_wait = _declared("epoll_wait", _int, _int, _word, _int, _int)
_syscall = _declared("syscall", _word, *(_word,) * 7)


@njit(nogil=True, cache=True)
def monotonic_ns(scratch: Ints) -> int:
    """Now; ``scratch`` is two numbers for the call's use."""
    _clock(_MONOTONIC, scratch.ctypes.data)
    return int(scratch[0] * 1_000_000_000 + scratch[1])


@njit(nogil=True, cache=True)
def read_into(port: int, memory: Bytes, at: int, count: int) -> int:
    """Read into the memory from a place on."""
    result = _read(port, memory.ctypes.data + at, count)
    return int(result) if result >= 0 else -_errno()


@njit(nogil=True, cache=True)
def write_from(port: int, memory: Bytes, at: int, count: int) -> int:
    """Write what lies at a place of the memory."""
    result = _write(port, memory.ctypes.data + at, count)
    return int(result) if result >= 0 else -_errno()


@njit(nogil=True, cache=True)
def copy_within(memory: Bytes, source: int, into: int, count: int) -> None:
    """Copy bytes to a place that does not overlap."""
    _copy(memory.ctypes.data + into, memory.ctypes.data + source, count)


@njit(nogil=True, cache=True)
def forget_port(epoll: int, port: int) -> None:
    """Wait for a port no longer."""
    _control(epoll, _DELETE, port, 0)


@njit(nogil=True, cache=True)
def wait_for_ports(epoll: int, events: Ints, most: int, timeout_ns: int, scratch: Ints) -> int:
    """How many ports can be read, after at most a while; where the kernel counts no ns, after at most a ms more."""
    scratch[0], scratch[1] = timeout_ns // 1_000_000_000, timeout_ns % 1_000_000_000
    result = _syscall(_EPOLL_PWAIT2, epoll, events.ctypes.data, most, scratch.ctypes.data, 0, 0)
    if result < 0 and _errno() == NO_CALL:
        result = _wait(epoll, events.ctypes.data, most, (timeout_ns + 999_999) // 1_000_000)
    return int(result) if result >= 0 else -_errno()
